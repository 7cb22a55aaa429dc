import { Context, GET, Languages, Path, PUT } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

@Path('/l')
@Languages('en', 'de-CH', 'fr')
class LanguageController {
  @GET greet(@Context('language') language: string) {
    return { language };
  }
  @GET('/one') @Languages('it') one(@Context('language') language: string) {
    return { language };
  }
  @PUT nothing() {}
}

describe('the language of an answer, RFC 9110 §12.5.4', async () => {
  const http = await serve(LanguageController);

  it.each([
    [undefined, 'en'],
    ['de-CH', 'de-CH'],
    ['de', 'de-CH'],
    ['DE', 'de-CH'],
    ['fr-CA, de;q=0.5', 'fr'],
    ['fr;q=0.2, de;q=0.8', 'de-CH'],
    ['*', 'en'],
    ['en;q=0, *', 'de-CH'],
    ['ja', 'en'],
    ['%%%', 'en'],
  ])('for %s is %s', async (accept, language) => {
    const sent = http.get('/l');
    if (accept !== undefined) sent.set('Accept-Language', accept);
    const { body, headers } = await sent;
    expect([body.language, headers['content-language']]).toEqual([language, language]);
    expect(headers.vary).toContain('Accept-Language');
  });

  it('is no choice where there is one alone', async () => {
    const { headers } = await http.get('/l/one').set('Accept-Language', 'en');
    expect([headers['content-language'], headers.vary]).toEqual(['it', undefined]);
  });

  it('is not that of no content', async () => {
    expect((await http.put('/l')).headers['content-language']).toBeUndefined();
  });

  it('is a tag: another one is refused where it is declared', () => {
    expect(() => Languages('en_US')).toThrow(RangeError);
    expect(() => Languages()).toThrow(RangeError);
  });
});
