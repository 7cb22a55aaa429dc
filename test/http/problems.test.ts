import fc from 'fast-check';
import { ApiError, GET, Path } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

@Path('/e')
class ErrorController {
  @GET teapot() {
    throw new ApiError(409, 'no <b>tea</b> & "milk"\u0001', {
      details: { a: [1, { b: 2 }], 'not a name': 3 },
    });
  }
}

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';

describe('an error is answered in the format that the client likes best, RFC 9457 §3', async () => {
  const http = await serve(ErrorController);

  it.each([
    [undefined, 'application/problem+json'],
    ['*/*', 'application/problem+json'],
    ['application/json', 'application/problem+json'],
    ['application/problem+json', 'application/problem+json'],
    ['application/problem+xml', 'application/problem+xml'],
    ['application/xml', 'application/problem+xml'],
    ['text/html', 'text/html; charset=utf-8'],
    [BROWSER, 'text/html; charset=utf-8'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['text/plain;q=0.1, application/xml;q=0.2', 'application/problem+xml'],
    ['image/png', 'application/problem+json'],
    ['application/json;q=0, text/plain', 'text/plain; charset=utf-8'],
    ['nonsense', 'application/problem+json'],
  ])('Accept: %s gets %s, and the status stays', async (accept, type) => {
    for (const path of ['/e', '/none']) {
      const sent = http.get(path);
      if (accept !== undefined) sent.set('Accept', accept);
      const answer = await sent;
      const expected = path === '/none' ? 404 : 409;
      // With an Accept that the method can't meet, 406 comes before it is called.
      const isRefused = path === '/e' && answer.status === 406;
      if (!isRefused) expect(answer.status).toBe(expected);
      expect(answer.headers['content-type']).toBe(type);
      expect(answer.headers.vary).toContain('Accept');
    }
  });

  it('is escaped where it is a page, and the page can do nothing', async () => {
    const { text, headers } = await http.get('/e').set('Accept', BROWSER);
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(text).toContain('&#60;b&#62;tea');
    expect(text).not.toContain('<b>');
    expect(text).not.toContain('\u0001');
  });

  it('is a document of RFC 9457 appendix B where it is XML', async () => {
    const { text } = await http
      .get('/e')
      .set('Accept', 'application/xml, application/json;q=0.1')
      .buffer(true);
    expect(text).toContain('<problem xmlns="urn:ietf:rfc:7807"><type>');
    expect(text).toContain('<status>409</status>');
    expect(text).toContain('<details><a><i>1</i><i><b>2</b></i></a></details>');
  });

  it('is a problem whatever is in Accept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\x20-\x7e]{0,40}$/), async (accept) => {
        const answer = await http.get('/none').set('Accept', accept);
        expect(answer.status).toBe(404);
      }),
      { numRuns: 100 },
    );
  });
});
