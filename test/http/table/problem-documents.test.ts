import { ApiError, GET, Path, Produces } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const ANYTHING = [
  'application/json',
  'application/problem+json',
  'application/xml',
  'application/problem+xml',
] as const;

@Path('/e')
class ProblemController {
  @GET('/problem') @Produces(...ANYTHING, 'text/html', 'text/plain', 'image/png') problem() {
    throw new ApiError(422, 'a <b>&"bold"\' claim', {
      details: { n: 1, s: '<script>', big: 12345678901234567890n, at: new Date(0) },
      type: 'https://errors.example/claim',
      title: 'A claim',
      headers: { 'Retry-After': '5', 'X-Many': ['1', '2'] },
      cause: new Error('hunter2'),
    });
  }
  @GET('/foreign') @Produces(...ANYTHING, 'text/html', 'text/plain', 'image/png') foreign() {
    throw new Error('hunter2');
  }
  @GET('/typed') @Produces('text/csv') typed() {
    throw new ApiError(404, 'shown');
  }
}

const http = await serve(ProblemController);

describe('a problem document, RFC 9457', () => {
  it.each([
    ['*/*', 'application/problem+json'],
    ['', 'application/problem+json'],
    ['application/json', 'application/problem+json'],
    ['application/problem+json', 'application/problem+json'],
    ['application/*', 'application/problem+json'],
    ['application/problem+xml', 'application/problem+xml'],
    ['application/xml', 'application/problem+xml'],
    ['text/html', 'text/html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/plain', 'text/plain'],
    ['image/png', 'application/problem+json'],
    ['application/problem+json;q=0', ''],
    ['application/problem+xml, application/problem+json;q=0.5', 'application/problem+xml'],
    ['application/problem+xml;q=0.1, application/problem+json;q=0.5', 'application/problem+json'],
    ['nonsense', 'application/problem+json'],
    ['APPLICATION/PROBLEM+XML', 'application/problem+xml'],
  ])('§3 with Accept: %j is %s, and the status stays', async (accept, type) => {
    for (const path of accept.includes('q=0') ? ['/e/nowhere'] : ['/e/problem', '/e/foreign', '/e/nowhere']) {
      const answer = await http.get(path).set('Accept', accept).buffer(true);
      expect(answer.status).toBe({ '/e/problem': 422, '/e/foreign': 500 }[path] ?? 404);
      expect(answer.headers['content-type']).toContain(type);
      expect(answer.headers.vary).toMatch(/accept/i);
      if (type === 'text/html') expect(answer.text).not.toMatch(/<script>|<b>&/);
    }
  });

  it('§3.1, §3.2 has its members', async () => {
    const { body, headers } = await http.get('/e/problem');
    expect(body).toMatchObject({
      type: 'https://errors.example/claim',
      title: 'A claim',
      status: 422,
      detail: 'a <b>&"bold"\' claim',
      details: { n: 1, s: '<script>', big: '12345678901234567890', at: '1970-01-01T00:00:00.000Z' },
    });
    expect(headers).toMatchObject({ 'retry-after': '5', 'x-many': '1, 2' });
  });

  it.each(['text/html', 'application/xml'])('%s has no markup of the message', async (accept) => {
    const { text, headers } = await http.get('/e/problem').set('Accept', accept).buffer(true);
    expect(text).toMatch(/a (&lt;|&#60;)b(&gt;|&#62;)(&amp;|&#38;)/);
    expect(text).not.toContain('<b>');
    expect(accept === 'text/html' ? headers['content-type'] : text).toMatch(/utf-8/i);
  });

  it('what @Produces says is no matter of errors', async () => {
    const answer = await http.get('/e/typed').set('Accept', 'text/csv');
    expect([answer.status, answer.headers['content-type']]).toEqual([
      404,
      expect.stringMatching(/problem\+json/),
    ]);
  });
});
