import createHttpError from 'http-errors';
import type Koa from 'koa';
import { ApiError, Context, GET, Path, PathParam, Reply } from 'koanatomy';
import { HttpError, NotFoundError } from 'routing-controllers';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const SECRET = 'hunter2';

class StatusError extends Error {
  constructor(
    readonly status: unknown,
    readonly expose = true,
  ) {
    super(SECRET);
  }
}

const fail = (): never => {
  throw new Error(SECRET);
};
const cyclic = Object.assign(new Error(SECRET), { cause: null as unknown });
cyclic.cause = cyclic;

/** What is thrown, and nothing of it may be seen: all of it is 500. */
const FOREIGN: Record<string, () => unknown> = {
  null: () => null,
  undefined: () => undefined,
  false: () => false,
  zero: () => 0,
  number: () => 404,
  text: () => SECRET,
  empty: () => '',
  symbol: () => Symbol(SECRET),
  bigint: () => 404n,
  function: () => () => SECRET,
  class: () => class Hunter2 {},
  array: () => [404, SECRET],
  date: () => new Date(),
  map: () => new Map([['status', 404]]),
  promise: () => Promise.resolve(SECRET),
  response: () => new Response(SECRET, { status: 404 }),
  reply: () => Reply.status(404, SECRET),
  'null-prototype': () => Object.assign(Object.create(null), { status: 404, message: SECRET, expose: true }),
  'plain-object': () => ({ status: 404, message: SECRET, expose: true, headers: { 'X-Evil': '1' } }),
  frozen: () => Object.freeze(new Error(SECRET)),
  'status-404': () => new StatusError(404),
  'status-text': () => new StatusError('404'),
  'status-nan': () => new StatusError(Number.NaN),
  'status-200': () => new StatusError(200),
  'status-99': () => new StatusError(99),
  'status-1000': () => new StatusError(1000),
  'status-negative': () => new StatusError(-404),
  'status-object': () => new StatusError({ valueOf: () => 404 }),
  'status-code': () => Object.assign(new Error(SECRET), { statusCode: 404, expose: true }),
  headers: () => Object.assign(new Error(SECRET), { status: 404, headers: { 'X-Evil': '1' }, expose: true }),
  enoent: () => Object.assign(new Error(SECRET), { code: 'ENOENT' }),
  getter: () =>
    Object.defineProperties(new Error(SECRET), {
      status: { get: fail },
      expose: { get: fail },
      cause: { get: fail },
    }),
  'getter-message': () => Object.defineProperty(new Error(), 'message', { get: fail }),
  'getter-stack': () => Object.defineProperty(new Error(SECRET), 'stack', { get: fail }),
  'getter-name': () => Object.defineProperty(new Error(SECRET), 'name', { get: fail }),
  cyclic: () => cyclic,
  aggregate: () => new AggregateError([new ApiError(404, SECRET)], SECRET),
  abort: () => new DOMException(SECRET, 'AbortError'),
  'api-error-name': () => Object.assign(new Error(SECRET), { name: 'ApiError', status: 404 }),
  'no-prototype-error': () => Object.setPrototypeOf(new Error(SECRET), null),
  'to-string': () => ({ toString: fail, [Symbol.toPrimitive]: fail }),
};

/** What keeps its status. */
const KNOWN: Record<string, readonly [make: () => unknown, status: number, detail: string | undefined]> = {
  api: [() => new ApiError(404, 'shown'), 404, 'shown'],
  'api-500': [() => new ApiError(503, 'shown'), 503, 'shown'],
  'api-frozen': [() => Object.freeze(new ApiError(404, 'shown')), 404, 'shown'],
  'api-sub': [() => new (class Mine extends ApiError {})(409, 'shown'), 409, 'shown'],
  'api-418': [() => new ApiError(418, 'shown'), 418, 'shown'],
  'api-599': [() => new ApiError(599, 'shown'), 599, 'shown'],
  'http-404': [() => createHttpError(404, 'shown'), 404, 'shown'],
  'http-500': [() => createHttpError(500, SECRET), 500, undefined],
  'http-hidden': [() => createHttpError(404, SECRET, { expose: false }), 404, undefined],
  'http-shown': [() => createHttpError(502, 'shown', { expose: true }), 502, 'shown'],
  'rc-404': [() => new NotFoundError('shown'), 404, 'shown'],
  'rc-402': [() => new HttpError(402, 'shown'), 402, 'shown'],
};

const thrown = (name: string): unknown => {
  const known = KNOWN[name];
  return known ? known[0]() : FOREIGN[name]?.();
};

@Path('/e')
class ErrorController {
  @GET('/now/{name}') now(@PathParam('name') name: string): unknown {
    throw thrown(name);
  }
  @GET('/later/{name}') async later(@PathParam('name') name: string): Promise<unknown> {
    await Promise.resolve();
    throw thrown(name);
  }
  @GET('/rejected/{name}') rejected(@PathParam('name') name: string): Promise<unknown> {
    return Promise.reject(thrown(name));
  }
  @GET('/iterated/{name}') async *iterated(@PathParam('name') name: string) {
    if (name !== '') throw thrown(name);
    yield 1;
  }
  @GET('/json/{name}') json(@PathParam('name') name: string) {
    return {
      toJSON: () => {
        throw thrown(name);
      },
    };
  }
  @GET('/koa/{name}') koa(@PathParam('name') name: string, @Context() ctx: Koa.Context): unknown {
    ctx.status = 201;
    ctx.set({
      ETag: '"7"',
      'Last-Modified': new Date(0).toUTCString(),
      'Cache-Control': 'public, max-age=99',
      'Content-Encoding': 'gzip',
      'Content-Language': 'de',
      'Content-Range': 'bytes 0-1/2',
      'Content-Disposition': 'attachment',
      'Content-Location': '/x',
      'Accept-Ranges': 'bytes',
      Location: '/x',
      Expires: new Date().toUTCString(),
      Link: '</x>; rel=next',
    });
    ctx.type = 'text/plain';
    ctx.body = SECRET;
    throw thrown(name);
  }
}

const http = await serve(ErrorController);

/** Nor are these answered where an iterable throws them. */
const NOT_ITERATED = new Set(['getter-message', 'getter-stack', 'getter-name']);

const SUCCESS_HEADERS = [
  'etag',
  'last-modified',
  'content-encoding',
  'content-language',
  'content-range',
  'content-disposition',
  'content-location',
  'accept-ranges',
  'location',
  'expires',
];

describe.each(['now', 'later', 'rejected', 'iterated', 'json', 'koa'])('thrown %s', (where) => {
  const names = Object.keys(FOREIGN).filter((name) => where !== 'iterated' || !NOT_ITERATED.has(name));

  it.each(names)('%s is 500 and shows nothing, RFC 9457 §5', async (name) => {
    const answer = await http.get(`/e/${where}/${name}`);
    expect(answer.status).toBe(500);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Object.keys(answer.body).sort()).toEqual(['detail', 'instance', 'status', 'title', 'type']);
    expect(answer.body).toMatchObject({ type: 'urn:koanatomy:internal-error', status: 500 });
    expect(JSON.stringify([answer.headers, answer.text])).not.toContain(SECRET);
    expect(answer.headers['x-evil']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-store');
    for (const header of SUCCESS_HEADERS)
      expect([header, answer.headers[header]]).toEqual([header, undefined]);
  });

  it.each(Object.entries(KNOWN))('%s keeps its status, RFC 9457 §3.1', async (name, [, status, detail]) => {
    const answer = await http.get(`/e/${where}/${name}`);
    expect([answer.status, answer.body.status]).toEqual([status, status]);
    if (detail !== undefined) expect(answer.body.detail).toBe(detail);
    expect(JSON.stringify([answer.headers, answer.text])).not.toContain(SECRET);
    for (const header of SUCCESS_HEADERS)
      expect([header, answer.headers[header]]).toEqual([header, undefined]);
    const head = await http.head(`/e/${where}/${name}`);
    expect([head.status, head.headers['content-type']]).toEqual([status, answer.headers['content-type']]);
  });
});
