import type Koa from 'koa';
import { CacheControl, Context, ETag, GET, Languages, LastModified, Path, Produces, Reply } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const CHANGED = new Date('2020-03-01T12:00:00.750Z');
const CHANGED_HTTP = 'Sun, 01 Mar 2020 12:00:00 GMT';
const LONG = 'x'.repeat(5000);

@Path('/v')
class AnswerController {
  @GET('/full') @ETag(() => 7) @LastModified(() => CHANGED) full() {
    return Reply.ok({})
      .cacheControl({ maxAge: 5 })
      .header('Content-Location', '/v/full.json')
      .header('Expires', 'Sun, 01 Mar 2099 12:00:00 GMT')
      .vary('X-A')
      .language('de')
      .link('/v', { rel: 'up' })
      .cookie('a', 'b')
      .header('X-Trace', '1');
  }
  @GET('/date') @LastModified(() => CHANGED) date() {
    return {};
  }
  @GET('/future') @LastModified(() => new Date(Date.now() + 3_600_000)) future() {
    return {};
  }
  @GET('/invalid') @LastModified(() => new Date(Number.NaN)) invalid() {
    return {};
  }
  @GET('/class') @ETag(() => 7) @CacheControl({ noCache: true }) class() {
    return {};
  }
  @GET('/koa') koa(@Context() ctx: Koa.Context) {
    ctx.set({ ETag: '"k"', 'Cache-Control': 'max-age=1', 'Content-Language': 'de', Vary: 'X-B' });
    return { a: 1 };
  }
  @GET('/long') @ETag(() => 7) long() {
    return { text: LONG };
  }
  @GET('/weak') @ETag(() => 7, { weak: true }) weak() {
    return { text: LONG };
  }
  @GET('/bytes') @ETag bytes() {
    return { text: LONG };
  }
  @GET('/languages') @ETag(() => 7) @Languages('en', 'de') languages() {
    return { a: 1 };
  }
  @GET('/types') @ETag(() => 7) @Produces('application/json', 'application/yaml', 'text/csv') types() {
    return [{ a: 1 }];
  }
  @GET('/tag/text') @ETag(() => 'a b"c') text() {
    return {};
  }
  @GET('/tag/wide') @ETag(() => 'größe ☃') wide() {
    return {};
  }
  @GET('/tag/line') @ETag(() => 'a\r\nX-Evil: 1') line() {
    return {};
  }
  @GET('/tag/date') @ETag(() => CHANGED) tagDate() {
    return {};
  }
  @GET('/tag/big') @ETag(() => 12345678901234567890n) big() {
    return {};
  }
  @GET('/tag/zero') @ETag(() => 0) zero() {
    return {};
  }
  @GET('/tag/empty') @ETag(() => '') empty() {
    return {};
  }
  @GET('/tag/comma') @ETag(() => 'a, b') comma() {
    return {};
  }
  @GET('/tag/whole') @ETag(() => 'W/"7"') whole() {
    return {};
  }
}

const http = await serve(AnswerController);
const get = (path: string, headers: Record<string, string> = {}) =>
  http.get(path).set({ 'Accept-Encoding': 'identity', ...headers });

describe('304, RFC 9110 §15.4.5', () => {
  it.each([
    ['ETag', '"7"'],
    ['Cache-Control', 'max-age=5'],
    ['Content-Location', '/v/full.json'],
    ['Expires', 'Sun, 01 Mar 2099 12:00:00 GMT'],
  ])('has the %s that 200 would have', async (name, value) => {
    const answer = await get('/v/full', { 'If-None-Match': '"7"' });
    expect([answer.status, answer.headers[name.toLowerCase()]]).toEqual([304, value]);
  });

  it.each([
    'content-type',
    'content-length',
    'content-language',
    'content-encoding',
    'last-modified',
    'transfer-encoding',
  ])('has no %s, which is about content', async (name) => {
    const answer = await get('/v/full', { 'If-None-Match': '"7"', 'Accept-Encoding': 'gzip' });
    expect([answer.status, answer.headers[name]]).toEqual([304, undefined]);
  });

  it('has Date and Vary', async () => {
    const { headers } = await get('/v/full', { 'If-None-Match': '"7"' });
    expect(headers.date).toMatch(/GMT$/);
    expect(headers.vary?.toLowerCase()).toContain('x-a');
  });

  it('has Last-Modified where there is no tag', async () => {
    const { headers } = await get('/v/date', { 'If-Modified-Since': CHANGED_HTTP });
    expect(headers['last-modified']).toBe(CHANGED_HTTP);
  });

  it('has what @CacheControl says', async () => {
    const { headers } = await get('/v/class', { 'If-None-Match': '*' });
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('has what Koa’s context was told', async () => {
    const answer = await get('/v/koa', { 'If-None-Match': '"k"' });
    expect(answer.status).toBe(304);
    expect(answer.headers).toMatchObject({ etag: '"k"', 'cache-control': 'max-age=1' });
    expect(answer.headers.vary).toMatch(/X-B/i);
    expect(answer.headers['content-language']).toBeUndefined();
  });

  it.each([
    '/v/full',
    '/v/long',
    '/v/languages',
    '/v/types',
    '/v/koa',
  ])('%s has the Vary and ETag of its 200', async (path) => {
    const sent = { 'Accept-Encoding': 'gzip', 'Accept-Language': 'de', Accept: '*/*' };
    const whole = await get(path, sent);
    const none = await get(path, { ...sent, 'If-None-Match': String(whole.headers.etag) });
    expect([whole.status, none.status]).toEqual([200, 304]);
    expect([none.headers.vary, none.headers.etag]).toEqual([whole.headers.vary, whole.headers.etag]);
  });
});

describe('tags of representations, RFC 9110 §8.8.3.3', () => {
  it.each([
    ['/v/long', { 'Accept-Encoding': 'gzip' }],
    ['/v/long', { 'Accept-Encoding': 'br' }],
    ['/v/bytes', { 'Accept-Encoding': 'gzip' }],
    ['/v/types', { Accept: 'application/yaml' }],
    ['/v/types', { Accept: 'text/csv' }],
    ['/v/languages', { 'Accept-Language': 'de' }],
  ])('%s with %o has another strong tag, and both HEAD and 304 have it', async (path, headers) => {
    const plain = String((await get(path)).headers.etag);
    const other = String((await get(path, headers)).headers.etag);
    expect(other).toMatch(/^"/);
    expect(other).not.toBe(plain);
    expect((await http.head(path).set({ 'Accept-Encoding': 'identity', ...headers })).headers.etag).toBe(
      other,
    );
    expect((await get(path, { ...headers, 'If-None-Match': other })).status).toBe(304);
    expect((await get(path, { 'If-None-Match': other })).status).toBe(200);
    expect((await get(path, { ...headers, 'If-None-Match': `${plain}, ${other}` })).status).toBe(304);
  });

  it('weak ones may be shared by codings', async () => {
    const plain = String((await get('/v/weak')).headers.etag);
    expect(plain).toBe('W/"7"');
    expect((await get('/v/weak', { 'Accept-Encoding': 'gzip', 'If-None-Match': plain })).status).toBe(304);
  });

  it.each([
    'text',
    'wide',
    'date',
    'big',
    'zero',
    'empty',
    'comma',
    'whole',
  ])('§8.8.3 a version that is %s makes a well-formed tag, which matches itself', async (name) => {
    const { etag } = (await get(`/v/tag/${name}`)).headers;
    expect(etag).toMatch(/^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/);
    expect((await get(`/v/tag/${name}`, { 'If-None-Match': `"x", ${etag}` })).status).toBe(304);
  });

  it('§5.5 a version with a line break adds no header', async () => {
    const answer = await get('/v/tag/line');
    expect(answer.headers['x-evil']).toBeUndefined();
  });
});

describe('Last-Modified, RFC 9110 §8.8.2', () => {
  it('is never later than Date', async () => {
    const { headers } = await get('/v/future');
    expect(Date.parse(String(headers['last-modified']))).toBeLessThanOrEqual(
      Date.parse(String(headers.date)),
    );
  });
  it('is absent where the date is none', async () => {
    const answer = await get('/v/invalid');
    expect(answer.headers['last-modified'] ?? 'absent').not.toMatch(/Invalid|NaN/);
  });
});
