import { Readable } from 'node:stream';
import createHttpError from 'http-errors';
import type Koa from 'koa';
import { ApiError, type ApiErrorOptions, Context, createApp, GET, Path, PathParam } from 'koanatomy';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
const fail = (): never => {
  throw new Error('hunter2');
};
const deep = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as unknown;

const DETAILS: Record<string, unknown> = {
  cycle,
  getter: Object.defineProperty({}, 'a', { get: fail, enumerable: true }),
  'to-json': { toJSON: fail },
  function: () => 1,
  symbol: Symbol('a'),
  nan: Number.NaN,
  deep,
  map: new Map([['a', 1]]),
  set: new Set([1]),
  error: new Error('hunter2'),
  buffer: Buffer.from('a'),
  surrogate: '\ud800',
  proto: JSON.parse('{"__proto__": {"a": 1}}') as unknown,
  revoked: (() => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  })(),
};

const OPTIONS: Record<string, ApiErrorOptions> = {
  'header-break': { headers: { 'X-A': 'a\r\nX-Evil: 1' } },
  'header-name': { headers: { 'X A': '1' } },
  'header-nul': { headers: { 'X-A': 'a\0' } },
  'header-length': { headers: { 'Content-Length': '1' } },
  'header-coding': { headers: { 'Transfer-Encoding': 'chunked' } },
  'header-type': { headers: { 'Content-Type': 'text/html' } },
  'header-many': { headers: { 'Set-Cookie': ['a=1', 'b=2'] } },
  'title-break': { title: 'a\r\nb <b>' },
  'type-break': { type: 'urn:x\r\ny' },
};

@Path('/o')
class OddController {
  @GET('/details/{name}') details(@PathParam('name') name: string) {
    throw new ApiError(422, 'shown', { details: DETAILS[name] });
  }
  @GET('/options/{name}') options(@PathParam('name') name: string) {
    throw new ApiError(422, 'shown', OPTIONS[name]);
  }
  @GET('/status/{status}') status(@PathParam('status') status: number) {
    throw new ApiError(status, 'shown');
  }
  @GET('/http/{status}') http(@PathParam('status') status: number) {
    throw Object.assign(createHttpError(404, 'shown'), { status, statusCode: status });
  }
  @GET('/message/{message}') message(@PathParam('message') message: string) {
    throw new ApiError(422, message);
  }
  @GET('/ctx-throw') ctxThrow(@Context() ctx: Koa.Context) {
    ctx.throw(409, 'shown', { headers: { 'X-A': '1' }, secret: 'hunter2' });
  }
  @GET('/ctx-assert') ctxAssert(@Context() ctx: Koa.Context) {
    ctx.assert(false, 404, 'shown');
  }
  @GET('/ctx-status') ctxStatus(@Context() ctx: Koa.Context) {
    ctx.status = 418;
    ctx.body = { tea: true };
  }
  @GET('/ctx-redirect') ctxRedirect(@Context() ctx: Koa.Context) {
    ctx.redirect('/o/größe\r\nX-Evil: 1');
  }
  @GET('/web/{name}') web(@PathParam('name') name: string) {
    const headers = new Headers({ 'X-A': '1' });
    headers.append('Set-Cookie', 'a=1');
    headers.append('Set-Cookie', 'b=2');
    if (name === 'cookies') return new Response('x', { headers });
    if (name === 'redirect') return Response.redirect('https://a.example/b', 307);
    if (name === 'json') return Response.json({ a: 1 }, { status: 201 });
    if (name === 'error') return Response.error();
    return new Response('hunter2', { headers: { 'Content-Length': '3', 'Content-Type': 'text/plain' } });
  }
  @GET('/function') function() {
    return () => 1;
  }
  @GET('/symbol') symbol() {
    return Symbol('a');
  }
  @GET('/cycle') cycle() {
    return cycle;
  }
  @GET('/deep') deep() {
    return deep;
  }
}

const http = await serve(OddController);

describe('errors of an odd shape, RFC 9457 §3', () => {
  it.each(Object.keys(DETAILS))('details that are %s: the status stays, and nothing breaks', async (name) => {
    for (const accept of ['application/json', 'application/json, text/html;q=0.5', '*/*']) {
      const answer = await http.get(`/o/details/${name}`).set('Accept', accept);
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({ status: 422, detail: 'shown' });
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it.each(Object.keys(OPTIONS))('options with %s add no header and break nothing', async (name) => {
    const answer = await http.get(`/o/options/${name}`);
    expect([422, 500]).toContain(answer.status);
    expect(answer.headers['x-evil']).toBeUndefined();
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body.status).toBe(answer.status);
  });

  it.each([
    0, 1, 99, 100, 101, 199, 200, 204, 301, 304, 399, 600, 999, 1000, -404, 404.5,
  ])('§3.1.3 %d is no status of an error: 500', async (status) => {
    for (const kind of ['status', 'http']) {
      const answer = await http.get(`/o/${kind}/${status}`);
      expect([answer.status, answer.body.status]).toEqual([500, 500]);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it.each([400, 418, 422, 499, 500, 599])('§3.1.3 %d is one', async (status) => {
    const answer = await http.get(`/o/status/${status}`);
    expect([answer.status, answer.body.status, answer.body.detail]).toEqual([status, status, 'shown']);
  });

  it.each([
    '%00',
    '%0d%0a',
    '%F0%9F%98%80',
    '%22%5C',
    '%3C%2Fscript%3E',
    '%7F',
    '%E2%80%A8',
    'x'.repeat(4000),
  ])('a message with %s is valid in JSON, XML and HTML', async (message) => {
    const text = decodeURIComponent(message);
    const json = await http.get(`/o/message/${message}`);
    expect([json.status, json.body.detail]).toEqual([422, text]);
    const html = await http.get(`/o/message/${message}`).set('Accept', 'text/html, */*;q=0.1').buffer(true);
    expect(html.text).not.toMatch(/<\/script>|\0/);
    const xml = await http
      .get(`/o/message/${message}`)
      .set('Accept', 'application/xml, */*;q=0.1')
      .buffer(true);
    expect(xml.text).not.toMatch(/\0/);
  });

  it.each([
    ['/o/ctx-throw', 409, 'shown'],
    ['/o/ctx-assert', 404, 'shown'],
    ['/o/symbol', 500, undefined],
    ['/o/function', 500, undefined],
    ['/o/cycle', 500, undefined],
    ['/o/web/error', 500, undefined],
  ])('%s is %i', async (path, status, detail) => {
    const answer = await http.get(path);
    expect([answer.status, answer.body.status]).toEqual([status, status]);
    if (detail !== undefined) expect(answer.body.detail).toBe(detail);
    expect(JSON.stringify([answer.headers, answer.text])).not.toContain('hunter2');
  });
});

describe('answers of an odd shape', () => {
  it.each([
    ['/o/ctx-status', 418, '{"tea":true}'],
    ['/o/web/json', 201, '{"a":1}'],
    ['/o/web/redirect', 307, ''],
    ['/o/web/cookies', 200, 'x'],
  ])('RFC 9110 §15 %s is %i', async (path, status, text) => {
    const answer = await http.get(path).redirects(0).buffer(true);
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  it('RFC 6265 §3 two cookies of a web Response are two lines', async () => {
    expect((await http.get('/o/web/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('RFC 9110 §8.6 a wrong Content-Length never makes a message of another length', async () => {
    const answer = await http
      .get('/o/web/length')
      .set('Accept-Encoding', 'identity')
      .buffer(true)
      .catch(() => null);
    if (answer?.status === 200)
      expect(answer.headers['content-length'] ?? '7').toBe(String(answer.text.length));
  });

  it('RFC 9110 §10.2.2 ctx.redirect adds no header', async () => {
    const answer = await http.get('/o/ctx-redirect').redirects(0);
    expect(answer.headers['x-evil']).toBeUndefined();
  });
});

describe('middleware, RFC 9457', () => {
  it.each<[name: string, middleware: Koa.Middleware, status: number]>([
    ['throws before', () => fail(), 500],
    [
      'throws an ApiError',
      () => {
        throw new ApiError(429, 'slow', { headers: { 'Retry-After': '1' } });
      },
      429,
    ],
    [
      'throws null',
      () => {
        throw null;
      },
      500,
    ],
    [
      'throws after',
      async (_ctx, next) => {
        await next();
        fail();
      },
      500,
    ],
    [
      'throws after a stream',
      async (ctx) => {
        ctx.body = Readable.from(['x']);
        fail();
      },
      500,
    ],
    ['throws http-errors', (ctx) => ctx.throw(403, 'no'), 403],
    [
      'answers itself',
      (ctx) => {
        ctx.status = 202;
        ctx.body = { a: 1 };
      },
      202,
    ],
    [
      'calls next twice',
      async (_ctx, next) => {
        await next();
        await next();
      },
      500,
    ],
  ])('%s: a problem document', async (_name, middleware, status) => {
    const app = await createApp({ controllers: OddController, logger: false });
    app.use(middleware);
    const answer = await request(app.callback()).get('/o/web/json');
    expect(answer.status).toBe(status);
    if (status >= 400) expect(answer.headers['content-type']).toMatch(/problem\+json/);
  });
});
