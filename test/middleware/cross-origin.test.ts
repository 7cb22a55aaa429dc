import { IsString } from 'class-validator';
import fc from 'fast-check';
import Koa, { type Context as KoaContext } from 'koa';
import {
  ApiError,
  type ApplicationOptions,
  Authenticated,
  Body,
  basic,
  Context,
  CrossOrigin,
  type CrossOriginOptions,
  createApp,
  DELETE,
  DenyAll,
  ETag,
  GET,
  MaxBody,
  OPTIONS,
  Path,
  PathParam,
  POST,
  Preconditions,
  Produces,
  PUT,
  Reply,
  rest,
  StartupError,
} from 'koanatomy';
import request from 'supertest';
import { describe, expect, it } from 'vitest';

const APP = 'https://app.example.com';
const OTHER = 'https://other.example';

class Draft {
  @IsString() title!: string;
}

let calls = 0;

@Path('/notes')
class NoteController {
  @GET list() {
    calls += 1;
    return [1];
  }
  @GET('/tagged') @ETag tagged() {
    return { a: 1 };
  }
  @GET('/asked') asked(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 1 });
    return { a: 1 };
  }
  @GET('/long') @Produces('text/plain') long() {
    return 'long '.repeat(1000);
  }
  @GET('/reply') reply() {
    return Reply.ok({ a: 1 }).header('Access-Control-Allow-Origin', 'https://own.example');
  }
  @GET('/context') context(@Context('koa') ctx: KoaContext) {
    ctx.vary('X-Own');
    return { a: 1 };
  }
  @POST @MaxBody(20) create(@Body() draft: Draft) {
    return draft;
  }
  @DELETE('/{id}') @Authenticated remove(@PathParam('id') id: string) {
    return { id };
  }
  @PUT('/{id}') @DenyAll deny(@PathParam('id') id: string) {
    return { id };
  }
  @GET('/{id}') find(@PathParam('id') id: string) {
    if (id === 'crash') throw new Error('x');
    throw new ApiError(404, 'none');
  }
}

@Path('/own')
@CrossOrigin({ origins: OTHER })
class OwnController {
  @GET list() {
    return [];
  }
  @POST('') @CrossOrigin(false) create() {
    return {};
  }
  @PUT('') @CrossOrigin({ origins: '*' }) replace() {
    return {};
  }
  @DELETE('') remove() {
    return {};
  }
}

@Path('/hand')
class HandMadeController {
  @OPTIONS @CrossOrigin({ origins: APP }) options() {
    return { mine: true };
  }
  @GET @CrossOrigin({ origins: APP }) get() {
    return {};
  }
}

class Part {
  @GET get() {
    return { part: true };
  }
  @DELETE @CrossOrigin({ origins: OTHER }) remove() {
    return {};
  }
}

@Path('/parts')
class PartController {
  @Path('/declared') declared(): Part {
    return new Part();
  }
  @Path('/found') async found() {
    return new Part();
  }
  @Path('/none') async none() {
    return null;
  }
  @Path('/secret') @Authenticated async secret() {
    calls += 1;
    return new Part();
  }
}

const CONTROLLERS = [NoteController, OwnController, HandMadeController, PartController];
const AUTHENTICATORS = [basic(() => null)];

async function serve(cors?: CrossOriginOptions | false, options: Partial<ApplicationOptions> = {}) {
  const app = await createApp({
    controllers: CONTROLLERS,
    authenticators: AUTHENTICATORS,
    logger: false,
    ...(cors === undefined ? null : { cors }),
    ...options,
  });
  return request(app.callback());
}

type Answer = request.Response;

/** The fields that are about other origins. */
function said({ headers }: Answer): Record<string, string> {
  const found = Object.entries(headers as Record<string, string>).filter(([name]) =>
    name.startsWith('access-control-'),
  );
  return Object.fromEntries(found.map(([name, value]) => [name.slice('access-control-'.length), value]));
}

function varies({ headers }: Answer): readonly string[] {
  return String((headers as Record<string, string>).vary ?? '').split(/, */);
}

const PREFLIGHT = ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers'];

function preflight(
  http: Awaited<ReturnType<typeof serve>>,
  path: string,
  method: string,
  origin = APP,
  headers: object = {},
) {
  return http.options(path).set({ Origin: origin, 'Access-Control-Request-Method': method, ...headers });
}

describe('an answer', () => {
  const cors = { origins: [APP, OTHER], credentials: true, exposeHeaders: ['Location', 'ETag'] };

  it('names the origin that may read it, and says that it depends on it', async () => {
    const http = await serve(cors);
    const answer = await http.get('/notes').set('Origin', APP);
    expect(said(answer)).toEqual({
      'allow-origin': APP,
      'allow-credentials': 'true',
      'expose-headers': 'Location, ETag',
    });
    expect(varies(answer)).toContain('Origin');
  });

  it.each([
    undefined,
    'https://evil.example',
    'null',
    'http://app.example.com',
    `${APP}.evil.net`,
    `${APP}:444`,
    '',
    '*',
  ])('names none that may not, and depends on it all the same: %s', async (origin) => {
    const http = await serve(cors);
    const answer = await http.get('/notes').set(origin === undefined ? {} : { Origin: origin });
    expect(answer.status).toBe(200);
    expect(said(answer)).toEqual({});
    expect(varies(answer)).toContain('Origin');
  });

  it('is the same for all where all may read it', async () => {
    const http = await serve({ origins: '*' });
    for (const origin of [APP, 'null', undefined]) {
      const answer = await http.get('/notes').set(origin === undefined ? {} : { Origin: origin });
      expect(said(answer)).toEqual({ 'allow-origin': '*' });
      expect(varies(answer)).not.toContain('Origin');
    }
  });

  it.each<[number, string, string, object?, (object | string)?]>([
    [304, 'get', '/notes/tagged', { 'If-None-Match': '*' }],
    [304, 'get', '/notes/asked', { 'If-None-Match': '"1"' }],
    [200, 'get', '/notes/long', { 'Accept-Encoding': 'gzip' }],
    [200, 'head', '/notes'],
    [200, 'get', '/notes/context'],
    [204, 'options', '/notes'],
    [400, 'post', '/notes', { 'Content-Type': 'application/json' }, { title: 5 }],
    [400, 'get', '/%zz'],
    [401, 'delete', '/notes/5'],
    [403, 'put', '/notes/5'],
    [404, 'get', '/notes/5'],
    [404, 'get', '/nowhere'],
    [404, 'get', '/parts/none'],
    [401, 'get', '/parts/secret'],
    [405, 'patch', '/notes'],
    [406, 'get', '/notes', { Accept: 'image/png' }],
    [413, 'post', '/notes', { 'Content-Type': 'application/json' }, { title: 'more than twenty bytes' }],
    [415, 'post', '/notes', { 'Content-Type': 'text/plain' }, 'x'],
    [500, 'get', '/notes/crash'],
    [501, 'purge', '/notes'],
  ])('of %i can be read: %s %s', async (status, method, path, headers = {}, body?) => {
    for (const front of [false, true]) {
      const app = await createApp({
        controllers: CONTROLLERS,
        authenticators: AUTHENTICATORS,
        logger: false,
        cors,
      });
      if (front) app.use((_ctx, next) => next());
      const asked = (request(app.callback()) as unknown as Record<string, (path: string) => request.Test>)[
        method
      ];
      if (asked === undefined) throw new Error(method);
      const answer = await asked(path)
        .set({ Origin: APP, ...headers })
        .send(body as object);
      expect(answer.status).toBe(status);
      expect(said(answer)).toMatchObject({ 'allow-origin': APP, 'allow-credentials': 'true' });
      expect(varies(answer)).toContain('Origin');
    }
  });

  it('of middleware that failed can be read', async () => {
    const app = await createApp({
      controllers: NoteController,
      authenticators: AUTHENTICATORS,
      logger: false,
      cors,
    });
    app.use((ctx, next) => (ctx.path === '/thrown' ? ctx.throw(429) : next()));
    const answer = await request(app.callback()).get('/thrown').set('Origin', APP);
    expect([answer.status, said(answer)['allow-origin']]).toEqual([429, APP]);
  });

  it("keeps a method's own word, and grows what it varies by", async () => {
    const http = await serve(cors);
    const own = await http.get('/notes/reply').set('Origin', APP);
    expect(said(own)['allow-origin']).toBe('https://own.example');
    expect(varies(await http.get('/notes/context').set('Origin', APP))).toEqual(
      expect.arrayContaining(['X-Own', 'Origin']),
    );
  });

  it('says nothing where nobody has said anything', async () => {
    const http = await serve();
    for (const path of ['/notes', '/nowhere', '/notes/crash']) {
      const answer = await http.get(path).set('Origin', APP);
      expect(said(answer)).toEqual({});
      expect(varies(answer)).not.toContain('Origin');
    }
  });
});

describe('a preflight', () => {
  const cors = { origins: APP, credentials: true, maxAge: 600, exposeHeaders: ['Location'] };

  it('is answered by the route table', async () => {
    const answer = await preflight(await serve(cors), '/notes', 'POST', APP, {
      'Access-Control-Request-Headers': 'content-type, x-trace',
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(said(answer)).toEqual({
      'allow-origin': APP,
      'allow-credentials': 'true',
      'allow-methods': 'GET, HEAD, POST, OPTIONS',
      'allow-headers': 'content-type, x-trace',
      'max-age': '600',
    });
    expect(varies(answer)).toEqual(expect.arrayContaining(PREFLIGHT));
  });

  it('asks for no credentials, and calls nothing', async () => {
    calls = 0;
    const http = await serve(cors);
    expect(said(await preflight(http, '/notes/5', 'DELETE'))['allow-methods']).toContain('DELETE');
    expect(said(await preflight(http, '/notes', 'GET'))['allow-origin']).toBe(APP);
    expect(calls).toBe(0);
  });

  it.each([
    ['a method that the resource lacks', '/notes', 'DELETE', APP],
    ['a method in small letters', '/notes', 'post', APP],
    ['a method that is none', '/notes', 'constructor', APP],
    ['an origin that may not', '/notes', 'POST', OTHER],
    ['no origin', '/notes', 'POST', 'null'],
    ['a method that is switched off', '/own', 'POST', OTHER],
  ])('about %s gets no yes', async (_, path, method, origin) => {
    const answer = await preflight(await serve(cors), path, method, origin);
    expect(answer.status).toBe(204);
    expect(said(answer)).toEqual({});
    expect(varies(answer)).toEqual(expect.arrayContaining(PREFLIGHT));
  });

  it('of a path that nobody has is 404', async () => {
    expect((await preflight(await serve(cors), '/nowhere', 'GET')).status).toBe(404);
  });

  it('lists the methods alone that the same origins may use', async () => {
    const http = await serve();
    expect(said(await preflight(http, '/own', 'DELETE', OTHER))['allow-methods']).toBe('GET, HEAD, DELETE');
    expect(said(await preflight(http, '/own', 'PUT', APP))).toMatchObject({
      'allow-origin': '*',
      'allow-methods': 'PUT',
    });
  });

  it('names the headers that are declared, whatever it asks for', async () => {
    const http = await serve({ origins: APP, allowHeaders: ['Content-Type', 'X-One'] });
    const answer = await preflight(http, '/notes', 'POST', APP, {
      'Access-Control-Request-Headers': 'x-two',
    });
    expect(said(answer)['allow-headers']).toBe('Content-Type, X-One');
    const none = await serve({ origins: APP, allowHeaders: [] });
    expect(
      said(await preflight(none, '/notes', 'POST', APP, { 'Access-Control-Request-Headers': 'x' })),
    ).not.toHaveProperty('allow-headers');
  });

  it.each(['a b', 'a,,b', 'a:b', ',', 'x\u00e9'])('repeats no names that are none: %j', async (names) => {
    const answer = await preflight(await serve(cors), '/notes', 'POST', APP, {
      'Access-Control-Request-Headers': names,
    });
    expect(said(answer)).not.toHaveProperty('allow-headers');
  });

  it("leaves a method's own OPTIONS what is none", async () => {
    const http = await serve();
    expect((await http.options('/hand').set('Origin', APP)).body).toEqual({ mine: true });
    expect((await http.options('/hand').set('Access-Control-Request-Method', 'GET')).body).toEqual({
      mine: true,
    });
    expect((await preflight(http, '/hand', 'GET')).status).toBe(204);
  });

  it('is an ordinary OPTIONS where other origins have no part', async () => {
    const answer = await preflight(await serve(), '/notes', 'POST');
    expect([answer.status, answer.headers.allow, said(answer)]).toEqual([
      204,
      'GET, HEAD, POST, OPTIONS',
      {},
    ]);
  });
});

describe('the nearest word counts', () => {
  it("a method's, its class's, the application's", async () => {
    const http = await serve({ origins: APP });
    const origin = async (method: 'get' | 'post' | 'put' | 'delete', path: string, from: string) =>
      said(await http[method](path).set('Origin', from))['allow-origin'];
    expect(await origin('get', '/notes', APP)).toBe(APP);
    expect(await origin('get', '/own', APP)).toBeUndefined();
    expect(await origin('get', '/own', OTHER)).toBe(OTHER);
    expect(await origin('put', '/own', APP)).toBe('*');
    expect(await origin('post', '/own', OTHER)).toBeUndefined();
    expect(await origin('post', '/own', APP)).toBeUndefined();
  });

  it('one that is switched off stays so where middleware fails afterwards', async () => {
    const app = await createApp({ controllers: OwnController, logger: false, cors: { origins: APP } });
    app.use(async (ctx, next) => {
      await next();
      ctx.throw(503);
    });
    const answer = await request(app.callback()).post('/own').set('Origin', APP);
    expect([answer.status, said(answer)]).toEqual([503, {}]);
  });

  it.each(['/parts/declared', '/parts/found'])('of what a locator leads to: %s', async (path) => {
    const http = await serve({ origins: APP });
    expect(said(await http.get(path).set('Origin', APP))).toEqual({ 'allow-origin': APP });
    expect(said(await preflight(http, path, 'GET'))['allow-methods']).toBe('GET, HEAD');
    expect(said(await preflight(http, path, 'DELETE'))).toEqual({});
    expect(said(await preflight(http, path, 'DELETE', OTHER))['allow-methods']).toBe('DELETE');
  });

  it('a locator that asks who calls is not called for a preflight', async () => {
    calls = 0;
    const answer = await preflight(await serve({ origins: APP }), '/parts/secret', 'DELETE');
    expect([answer.status, calls]).toEqual([401, 0]);
  });

  it("in somebody else's application, too", async () => {
    const app = new Koa();
    app.use(await rest({ controllers: OwnController, logger: false, cors: { origins: APP } }));
    app.use((ctx) => {
      ctx.body = 'theirs';
    });
    const http = request(app.callback());
    expect(said(await http.get('/own').set('Origin', OTHER))).toEqual({ 'allow-origin': OTHER });
    expect(said(await http.get('/theirs').set('Origin', APP))).toEqual({});
  });
});

describe('who may', () => {
  it.each<[CrossOriginOptions['origins'], string, boolean]>([
    [/https:\/\/[a-z]+\.example\.com/, APP, true],
    [/https:\/\/app\.example\.com/, `${APP}.evil.net`, false],
    [/app\.example\.com/, APP, false],
    [/https:\/\/APP\.example\.com/i, APP, true],
    [/https:\/\/app\.example\.com/gy, APP, true],
    [[OTHER, /https:\/\/app\..*/], APP, true],
    [/.*/, 'null', false],
    [() => true, 'null', false],
    [() => true, 'https://a.example/path', false],
    [() => true, `https://${'a'.repeat(300)}`, false],
    ['null', 'null', true],
    [(origin) => origin === APP, APP, true],
    [(origin) => origin === APP, OTHER, false],
    [(() => Promise.resolve(true)) as unknown as () => boolean, APP, false],
    [(() => 'yes') as unknown as () => boolean, APP, false],
    ['capacitor://localhost', 'capacitor://localhost', true],
    ['http://[::1]:3000', 'http://[::1]:3000', true],
  ])('%s: %s %s', async (origins, origin, expected) => {
    const http = await serve({ origins });
    // Twice, since an expression may remember where it was.
    for (let i = 0; i < 2; i++) {
      expect(said(await http.get('/notes').set('Origin', origin))).toEqual(
        expected ? { 'allow-origin': origin } : {},
      );
    }
  });

  it('a function that fails is a fault of the server, and lets nobody in', async () => {
    const http = await serve({
      origins: () => {
        throw new Error('x');
      },
    });
    const answer = await http.get('/notes').set('Origin', APP);
    expect([answer.status, said(answer)]).toEqual([500, {}]);
    expect((await preflight(http, '/notes', 'GET')).status).toBe(500);
  });

  it('nobody but those that are named, whatever is sent', async () => {
    const http = await serve({ origins: [APP, /https:\/\/[a-z]+\.example\.org/], credentials: true });
    const part = fc.constantFrom(
      'https://',
      'http://',
      'app',
      '.',
      'example',
      'com',
      'org',
      ':443',
      '/',
      '@',
      ',',
      ' ',
      '*',
      'null',
      '%',
      '\\',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 9 }), fc.boolean(), async (parts, asks) => {
        const origin = parts.join('');
        const answer = asks
          ? await preflight(http, '/notes', 'POST', origin)
          : await http.get('/notes').set('Origin', origin);
        const isNamed = origin === APP || /^https:\/\/[a-z]+\.example\.org$/.test(origin);
        expect(said(answer)['allow-origin']).toBe(isNamed ? origin : undefined);
        expect(varies(answer)).toContain('Origin');
      }),
      { numRuns: 200 },
    );
  });
});

describe('rules that mean nothing keep the application from starting', () => {
  const fetched = "give { origins: ['https://app.example.com'] }";
  it.each<[unknown, string, string]>([
    [true, '', fetched],
    ['*', '', fetched],
    [[APP], '', fetched],
    [null, '', fetched],
    [{}, 'origins', 'undefined is no origin'],
    [{ origins: [] }, 'origins', 'it names nobody'],
    [{ origins: `${APP}/` }, 'origins', `write '${APP}'`],
    [{ origins: `${APP}/path` }, 'origins', `write '${APP}'`],
    [{ origins: 'https://App.example.com' }, 'origins', `write '${APP}'`],
    [{ origins: `${APP}:443` }, 'origins', `write '${APP}'`],
    [{ origins: 'app.example.com' }, 'origins', '"app.example.com" is no origin'],
    [{ origins: 'https://*.example.com' }, 'origins', 'is no origin'],
    [{ origins: ['*', APP] }, 'origins', "'*' is everybody"],
    [{ origins: [APP, 5] }, 'origins', '5 is no origin'],
    [{ origins: [APP, undefined, OTHER] }, 'origins', 'undefined is no origin'],
    [{ origins: '*', credentials: true }, 'credentials', "can't be for every origin"],
    [{ origins: APP, credentials: 'yes' }, 'credentials', '"yes" is none'],
    [{ origins: APP, allowHeaders: 'X' }, 'allowHeaders', 'no list of header names'],
    [{ origins: APP, exposeHeaders: ['a b'] }, 'exposeHeaders', 'no list of header names'],
    [
      { origins: APP, exposeHeaders: ['*'], credentials: true },
      'exposeHeaders',
      'means nothing with credentials',
    ],
    [{ origins: APP, maxAge: -1 }, 'maxAge', '-1 is no number of seconds'],
    [{ origins: APP, maxAge: '10' }, 'maxAge', '"10" is no number'],
    [{ origins: APP, origin: APP }, 'origin', 'did you mean origins?'],
    [JSON.parse(`{"origins":"${APP}","__proto__":1}`), '__proto__', 'there is no such rule'],
  ])('%j', async (cors, member, text) => {
    const told = async (options: object) => {
      const error: unknown = await createApp({
        controllers: NoteController,
        authenticators: AUTHENTICATORS,
        logger: false,
        ...options,
      }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StartupError);
      return (error as StartupError).findings.map(({ code, where, message, remedy }) => [
        code,
        where,
        `${message}; ${remedy}`,
      ]);
    };
    expect(await told({ cors })).toEqual([
      ['bad-option', member === '' ? 'cors' : `cors.${member}`, expect.stringContaining(text)],
    ]);

    @Path('/declared')
    @CrossOrigin(cors as CrossOriginOptions)
    class DeclaredController {
      @GET get() {
        return {};
      }
    }
    expect(await told({ controllers: DeclaredController })).toEqual([
      ['bad-cross-origin', 'DeclaredController', expect.stringContaining(text)],
    ]);
  });

  it('two methods that a browser can not tell apart have one word', async () => {
    @Path('/two')
    class TwoController {
      @GET @Produces('application/json') json() {
        return {};
      }
      @GET @Produces('text/plain') @CrossOrigin({ origins: APP }) text() {
        return '';
      }
    }
    const error: unknown = await createApp({ controllers: TwoController, logger: false }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as StartupError).findings.map(({ code, where }) => [code, where])).toEqual([
      ['mixed-cross-origin', 'TwoController.text'],
    ]);
  });
});
