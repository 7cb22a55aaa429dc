import type Koa from 'koa';
import {
  ApiError,
  Authenticated,
  basic,
  CacheControl,
  type CacheDirectives,
  Context,
  DELETE,
  GET,
  HEAD,
  Path,
  POST,
  Produces,
  PUT,
  Reply,
  StartupError,
} from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

async function directives(given: CacheDirectives): Promise<string | undefined> {
  @Path('/c')
  class DirectiveController {
    @GET @CacheControl(given) get() {
      return {};
    }
    @GET('/reply') reply() {
      return Reply.ok({}).cacheControl(given);
    }
  }
  const http = await serve(DirectiveController);
  const [declared, replied] = [await http.get('/c'), await http.get('/c/reply')];
  expect(replied.headers['cache-control']).toBe(declared.headers['cache-control']);
  return declared.headers['cache-control'];
}

describe('@CacheControl and Reply.cacheControl', () => {
  it.each<[name: string, given: CacheDirectives, expected: readonly string[]]>([
    ['RFC 9111 §5.2.2.1 max-age', { maxAge: 0 }, ['max-age=0']],
    ['RFC 9111 §5.2.2.2 must-revalidate', { mustRevalidate: true }, ['must-revalidate']],
    [
      'RFC 9111 §5.2.2.3 must-understand',
      { mustUnderstand: true, noStore: true },
      ['must-understand', 'no-store'],
    ],
    ['RFC 9111 §5.2.2.4 no-cache', { noCache: true }, ['no-cache']],
    ['RFC 9111 §5.2.2.4 no-cache with a field', { noCache: ['Set-Cookie'] }, ['no-cache="Set-Cookie"']],
    ['RFC 9111 §5.2.2.5 no-store', { noStore: true }, ['no-store']],
    ['RFC 9111 §5.2.2.6 no-transform', { noTransform: true }, ['no-transform']],
    ['RFC 9111 §5.2.2.7 private', { private: true }, ['private']],
    ['RFC 9111 §5.2.2.7 private with fields', { private: ['X-A', 'X-B'] }, ['private="X-A, X-B"']],
    ['RFC 9111 §5.2.2.8 proxy-revalidate', { proxyRevalidate: true }, ['proxy-revalidate']],
    ['RFC 9111 §5.2.2.9 public', { public: true }, ['public']],
    ['RFC 9111 §5.2.2.10 s-maxage', { sMaxAge: 5 }, ['s-maxage=5']],
    ['RFC 8246 §2 immutable', { immutable: true, maxAge: 31536000 }, ['immutable', 'max-age=31536000']],
    ['RFC 5861 §3', { staleWhileRevalidate: 5 }, ['stale-while-revalidate=5']],
    ['RFC 5861 §4', { staleIfError: 5 }, ['stale-if-error=5']],
    ['false is nothing', { public: false, maxAge: 1, noStore: false }, ['max-age=1']],
    ['undefined is nothing', { public: undefined, maxAge: 1 }, ['max-age=1']],
    [
      'several',
      { public: true, maxAge: 1, sMaxAge: 2, mustRevalidate: true },
      ['max-age=1', 'must-revalidate', 'public', 's-maxage=2'],
    ],
  ])('%s', async (_name, given, expected) => {
    const header = String(await directives(given));
    const found = header.match(/[a-z-]+(=("[^"]*"|\d+))?/g) ?? [];
    expect([...found].sort()).toEqual([...expected].sort());
  });

  it.each<[name: string, given: CacheDirectives]>([
    ['RFC 9111 §1.2.2 a negative time', { maxAge: -1 }],
    ['RFC 9111 §1.2.2 a fraction', { maxAge: 1.5 }],
    ['RFC 9111 §1.2.2 NaN', { sMaxAge: Number.NaN }],
    ['RFC 9111 §1.2.2 infinity', { staleIfError: Number.POSITIVE_INFINITY }],
    ['RFC 9110 §5.1 no field name', { private: ['X A'] }],
    ['RFC 9110 §5.5 an injection', { noCache: ['X"\r\nX-Evil: 1'] }],
  ])('%s is refused, at startup or in the Reply', async (_name, given) => {
    expect(() => Reply.ok().cacheControl(given)).toThrow();
    const start = async () => {
      @Path('/c')
      class Refused {
        @GET @CacheControl(given) get() {
          return {};
        }
      }
      await serve(Refused);
    };
    await expect(start()).rejects.toThrow();
    expect(StartupError).toBeDefined();
  });
});

@Path('/c')
@CacheControl({ maxAge: 60 })
class CacheController {
  @GET get() {
    return { a: 1 };
  }
  @GET('/own') @CacheControl({ noStore: true }) own() {
    return {};
  }
  @GET('/reply') reply() {
    return Reply.ok({}).cacheControl('max-age=7, community="UCI"');
  }
  @GET('/header') header() {
    return Reply.ok({}).header('Cache-Control', 'private');
  }
  @GET('/koa') koa(@Context() ctx: Koa.Context) {
    ctx.set('Cache-Control', 'private');
    return {};
  }
  @GET('/web') web() {
    return new Response('x', { headers: { 'Cache-Control': 'private' } });
  }
  @GET('/none') none() {}
  @GET('/notFound') notFound() {
    throw new ApiError(404, 'no');
  }
  @GET('/kept') kept() {
    throw new ApiError(404, 'no', { headers: { 'Cache-Control': 'max-age=5' } });
  }
  @GET('/foreign') foreign() {
    throw new Error('no');
  }
  @GET('/failing') failing() {
    return Reply.status(404, { not: 'found' });
  }
  @GET('/age') age() {
    return Reply.ok({}).header('Age', 5).header('Expires', '0');
  }
  @GET('/see') see() {
    return Reply.seeOther('/c');
  }
  @GET('/secret') @Authenticated secret() {
    return {};
  }
  @GET('/types') @Produces('application/json', 'application/xml') types() {
    return { a: 1 };
  }
  @HEAD('/head') head() {}
  @POST post() {
    return {};
  }
  @PUT @CacheControl({ noCache: true }) put() {
    return {};
  }
  @DELETE remove() {}
}

describe('RFC 9111', async () => {
  const http = await serve(CacheController, { authenticators: [basic(() => null)] });

  it.each([
    ['§5.2.2.1 a class’s is that of its GET', 'get', '/c', 200, 'max-age=60'],
    ['§5.2.2.1 HEAD like GET', 'head', '/c', 200, 'max-age=60'],
    ['§5.2.2.5 a method’s replaces it', 'get', '/c/own', 200, 'no-store'],
    ['§5.2.3 a Reply’s, with an extension', 'get', '/c/reply', 200, 'max-age=7, community="UCI"'],
    ['§5.2 a Reply’s header', 'get', '/c/header', 200, 'private'],
    ['§5.2 Koa’s', 'get', '/c/koa', 200, 'private'],
    ['§5.2 a web Response’s', 'get', '/c/web', 200, 'private'],
    ['§4.2.2 204', 'get', '/c/none', 204, 'max-age=60'],
    ['§4.2.2 404', 'get', '/c/notFound', 404, 'no-store'],
    ['§4.2.2 404 that says otherwise', 'get', '/c/kept', 404, 'max-age=5'],
    ['§4.2.2 500', 'get', '/c/foreign', 500, 'no-store'],
    ['§4.2.2 404 without a route', 'get', '/c/nowhere', 404, 'no-store'],
    ['§4.2.2 405', 'patch', '/c', 405, 'no-store'],
    ['§4.2.2 401', 'get', '/c/secret', 401, 'no-store'],
    ['§4.2.2 406', 'get', '/c/types', 406, 'no-store'],
    ['§3 POST has none by itself', 'post', '/c', 200, undefined],
    ['§3 DELETE has none by itself', 'delete', '/c', 204, undefined],
    ['§3 PUT has what it says', 'put', '/c', 200, 'no-cache'],
  ] as const)('%s', async (_name, method, path, status, expected) => {
    const answer = await http[method](path).set('Accept', path === '/c/types' ? 'image/png' : '*/*');
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, expected]);
  });

  it('§4.2.2 an error that was returned and not thrown isn’t cached for the class’s time', async () => {
    const answer = await http.get('/c/failing');
    expect([answer.status, answer.headers['cache-control']]).toEqual([404, 'no-store']);
  });

  it('§5.1, §5.3 Age and Expires are left as they are', async () => {
    expect((await http.get('/c/age')).headers).toMatchObject({ age: '5', expires: '0' });
  });

  it.each([
    ['/c/types', 200, 'Accept'],
    ['/c/types', 406, 'Accept'],
  ])('§4.1 %s %i has Vary: %s', async (path, status, name) => {
    const answer = await http.get(path).set('Accept', status === 406 ? 'image/png' : 'application/xml');
    expect([answer.status, answer.headers.vary]).toEqual([status, expect.stringContaining(name)]);
  });
});
