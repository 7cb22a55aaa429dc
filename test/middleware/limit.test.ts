import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IsInt } from 'class-validator';
import Koa from 'koa';
import {
  Authenticated,
  basic,
  Context,
  createApp,
  DELETE,
  GET,
  memoryStore,
  Path,
  PathParam,
  POST,
  Principal,
  PUT,
  RateLimit,
  type RateLimitOption,
  RequirePrecondition,
  RolesAllowed,
  rest,
  StartupError,
} from 'koanatomy';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

class Draft {
  @IsInt() n!: number;
}

@Path('/things')
class ThingController {
  @GET
  all() {
    return [1, 2];
  }
  @GET('/fail') fail() {
    throw new Error('deep within');
  }
  @GET('/stream') async *stream() {
    yield 1;
  }
  @GET('/own') own(@Context('koa') ctx: Koa.Context) {
    ctx.body = 'own';
  }
  @POST create(draft: Draft) {
    return draft;
  }
}

/** Two at once, and one more every ten seconds, on a clock of its own. */
function limited(more: Partial<RateLimitOption> = {}) {
  const clock = { now: 0 };
  const store = memoryStore({ now: () => clock.now });
  return { clock, rateLimit: { limit: 6, window: 60, burst: 2, store, ...more } };
}

/** The option for one, and one more every ten seconds. */
const single = (more: Partial<RateLimitOption> = {}) => ({
  rateLimit: limited({ burst: 1, ...more }).rateLimit,
});

describe('the limit of a client', () => {
  it('answers 429 when it is used up, and says when to come again', async () => {
    const { clock, rateLimit } = limited();
    const http = await serve(ThingController, { rateLimit });
    const [first, second, third] = [
      await http.get('/things'),
      await http.get('/things'),
      await http.get('/things'),
    ];
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect([first, second, third].map(({ headers }) => headers.ratelimit)).toEqual([
      '"default";r=1;t=10',
      '"default";r=0;t=10',
      '"default";r=0;t=10',
    ]);
    expect(third.headers).toMatchObject({
      'retry-after': '10',
      'ratelimit-policy': '"default";q=2;w=20',
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(third.body).toMatchObject({
      type: 'urn:koanatomy:too-many-requests',
      title: 'Too many requests',
      status: 429,
      detail: 'There were too many requests; try again in 10 s',
    });
    clock.now = 9001;
    expect((await http.get('/things')).headers).toMatchObject({ 'retry-after': '1' });
    clock.now = 9999;
    expect((await http.get('/things')).status).toBe(429);
    clock.now = 10_000;
    expect((await http.get('/things')).status).toBe(200);
    expect((await http.get('/things')).status).toBe(429);
  });

  it('is told as it was declared where nothing is said of a burst', async () => {
    const http = await serve(ThingController, { rateLimit: { limit: 100, window: 60, name: 'all.of-it_1' } });
    const { headers } = await http.get('/things');
    expect(headers['ratelimit-policy']).toBe('"all.of-it_1";q=100;w=60');
    expect(headers.ratelimit).toBe('"all.of-it_1";r=99;t=1');
  });

  const ANSWERS = [
    ['get', '/things', 200],
    ['head', '/things', 200],
    ['options', '/things', 204],
    ['get', '/things/stream', 200],
    ['get', '/things/own', 200],
    ['get', '/things/fail', 500],
    ['post', '/things', 400],
    ['put', '/things', 405],
    ['get', '/nothing', 404],
    ['get', '/things/%ff', 400],
    ['options', '/nothing', 404],
  ] as const;

  it.each([
    ['alone', []],
    ['behind middleware', [(_: Koa.Context, next: Koa.Next) => next()]],
  ])('stands on each answer, and counts each request, %s', async (_, middleware: Koa.Middleware[]) => {
    const rateLimit = { limit: ANSWERS.length + 1, window: 3600 };
    const app = await createApp({ controllers: ThingController, logger: false, rateLimit });
    for (const each of middleware) app.use(each);
    const http = request(app.callback());
    let left = ANSWERS.length + 1;
    for (const [method, path, status] of ANSWERS) {
      const answer = await http[method](path);
      left--;
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.ratelimit).toMatch(new RegExp(`^"default";r=${left};t=\\d+$`));
      expect(answer.headers['ratelimit-policy']).toBe(`"default";q=${ANSWERS.length + 1};w=3600`);
    }
  });

  it('stands on answers of the controllers in an application that was there before', async () => {
    const { rateLimit } = limited();
    const koa = new Koa().use(await rest({ controllers: ThingController, logger: false, rateLimit }));
    const http = request(koa.callback());
    expect((await http.get('/things')).headers.ratelimit).toBe('"default";r=1;t=10');
    expect((await http.get('/things')).status).toBe(200);
    expect((await http.get('/things')).headers).toMatchObject({
      ratelimit: '"default";r=0;t=10',
      'retry-after': '10',
    });
  });

  it('refuses with the same fields whether it is alone or not, and in the format that is asked for', async () => {
    const plain = await createApp({ controllers: ThingController, logger: false, ...single() });
    const behind = await createApp({ controllers: ThingController, logger: false, ...single() });
    behind.use((_, next) => next());
    const [one, other] = [request(plain.callback()), request(behind.callback())];
    await one.get('/things');
    await other.get('/things');
    const without = ({ headers: { date: _, ...headers } }: request.Response) => ({
      ...headers,
    });
    expect(without(await one.get('/things'))).toEqual(without(await other.get('/things')));
    expect((await one.head('/things')).status).toBe(429);
    const xml = await one.get('/things').set('Accept', 'application/xml');
    expect(xml.headers).toMatchObject({
      'content-type': 'application/problem+xml',
      'retry-after': '10',
      ratelimit: '"default";r=0;t=10',
    });
  });

  it('comes after the limit of the server, and before anything that the request asks for', async () => {
    const http = await serve(ThingController, single());
    await http.get('/things');
    for (const path of ['/things/%ff', '/nothing', '/../x']) expect((await http.get(path)).status).toBe(429);
    expect((await http.put('/things')).status).toBe(429);
    const { rateLimit } = limited({ burst: 1, key: () => 'everybody' });
    const app = await createApp({ controllers: Waiting, logger: false, rateLimit, limits: { inFlight: 1 } });
    const server = createServer(app.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/waiting`;
    const entered = new Promise<void>((resolve) => {
      Waiting.entered = resolve;
    });
    const first = fetch(url);
    await entered;
    expect((await fetch(url)).status).toBe(503);
    Waiting.release();
    expect((await first).status).toBe(200);
    expect((await fetch(url)).status).toBe(429);
    server.close();
  });

  it('has a body that was not read out of the way: the next request on the connection is answered', async () => {
    const app = await createApp({ controllers: ThingController, logger: false, ...single() });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = request.agent(server).set('Connection', 'keep-alive');
    await agent.get('/things');
    for (let i = 0; i < 3; i++) {
      const answer = await agent.post('/things').send({ n: 1, text: 'x'.repeat(20_000) });
      expect(answer.status).toBe(429);
    }
    server.close();
  });
});

@Path('/waiting')
class Waiting {
  static entered: () => void = () => {};
  static release: () => void = () => {};
  @GET wait() {
    Waiting.entered();
    return new Promise<{ a: number }>((resolve) => {
      Waiting.release = () => resolve({ a: 1 });
    });
  }
}

describe('a client', () => {
  const key = (rateLimit: Partial<RateLimitOption>) => serve(ThingController, single(rateLimit));

  it('is its address behind a proxy that is trusted, and its /64 where that is IPv6', async () => {
    const http = await serve(ThingController, { proxy: true, ...single() });
    const from = async (address: string) =>
      (await http.get('/things').set('X-Forwarded-For', address)).status;
    expect([await from('203.0.113.195'), await from('203.0.113.196')]).toEqual([200, 200]);
    expect([await from('203.0.113.195'), await from('::ffff:203.0.113.195')]).toEqual([429, 429]);
    expect([await from('2001:db8:1:2::1'), await from('2001:db8:1:2:ffff::9')]).toEqual([200, 429]);
    expect([await from('2001:db8:1:3::1'), await from('2001:DB8:1:2::7')]).toEqual([200, 429]);
  });

  it('can not say who it is where no proxy is trusted', async () => {
    const http = await key({});
    expect((await http.get('/things').set('X-Forwarded-For', '203.0.113.1')).status).toBe(200);
    expect((await http.get('/things').set('X-Forwarded-For', '203.0.113.2')).status).toBe(429);
  });

  it('is what the key says, however long or odd', async () => {
    const http = await key({ key: (ctx) => ctx.get('X-Key') });
    const names = [
      'a',
      'A',
      '',
      'a'.repeat(5000),
      `${'a'.repeat(5000)}b`,
      'a b',
      '__proto__',
      'constructor',
      'ü',
    ];
    for (const name of names) expect((await http.get('/things').set('X-Key', name)).status, name).toBe(200);
    for (const name of names) expect((await http.get('/things').set('X-Key', name)).status, name).toBe(429);
  });

  it('is not counted where the key is null, and the answer says nothing of a limit', async () => {
    const http = await key({ key: (ctx) => (ctx.path === '/things/own' ? null : 'all') });
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await http.get('/things/own');
      expect([status, headers.ratelimit, headers['ratelimit-policy']]).toEqual([200, undefined, undefined]);
    }
    expect((await http.get('/things')).status).toBe(200);
    expect((await http.get('/things')).status).toBe(429);
  });

  it('is the usual one where the key says nothing', async () => {
    const http = await key({ key: (ctx) => (ctx.get('X-Key') === '' ? undefined : ctx.get('X-Key')) });
    expect((await http.get('/things')).status).toBe(200);
    expect((await http.get('/things')).status).toBe(429);
    expect((await http.get('/things').set('X-Key', '127.0.0.1')).status).toBe(200);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no key');
      },
    ],
    ['is a number', () => 5],
    ['is a promise', async () => 'x'],
  ])('whose key %s is an error of the server', async (_, wrong) => {
    const http = await key({ key: wrong as unknown as () => string });
    expect((await http.get('/things')).body).toMatchObject({ type: 'urn:koanatomy:internal-error' });
  });
});

const NOBODY = { limit: 2, window: 3600 };

@Path('/limited')
@RateLimit(NOBODY)
class LimitedController {
  @GET one() {
    return 1;
  }
  @GET('/two') two() {
    return 2;
  }
  @GET('/free') @RateLimit({ ...NOBODY, key: () => null }) free() {
    return 'free';
  }
  @POST @RateLimit({ limit: 1, window: 3600 }) create(draft: Draft) {
    return draft;
  }
  @PUT('/{id}') @RateLimit({ limit: 1, window: 3600 }) @RequirePrecondition put(@PathParam('id') id: number) {
    return id;
  }
  @GET('/mine') @Authenticated @RateLimit(NOBODY) mine(@Context() who: Principal) {
    return who.name;
  }
  @DELETE('/mine') @RolesAllowed('admin') @RateLimit({ limit: 1, window: 3600 }) remove() {
    return 'gone';
  }
  @GET('/shared/a') @RateLimit({ limit: 1, window: 3600, name: 'shared' }) shared() {
    return 1;
  }
  @GET('/shared/b') @RateLimit({ limit: 1, window: 3600, name: 'shared' }) sharedToo() {
    return 1;
  }
  @GET('/by/{id}')
  @RateLimit({ ...NOBODY, key: (ctx, principal) => `${ctx.get('X-Tenant')} ${principal?.name}` })
  @Authenticated
  by(@PathParam('id') id: number) {
    return id;
  }
}

class Sub extends LimitedController {
  override two() {
    return 22;
  }
}
Path('/sub')(Sub);

const authenticators = [
  basic((user, password) => password === 'pw' && new Principal(user, user === 'admin' ? ['admin'] : [])),
];

describe('@RateLimit', () => {
  const statuses = async (...answers: request.Test[]) => {
    const all: number[] = [];
    for (const answer of answers) all.push((await answer).status);
    return all;
  };
  const open = () => serve(LimitedController, { authenticators });

  it('of a class is one limit for all of its methods but those that have their own', async () => {
    const http = await open();
    expect(await statuses(http.get('/limited'), http.get('/limited/two'), http.get('/limited'))).toEqual([
      200, 200, 429,
    ]);
    const refused = await http.get('/limited/two');
    expect(refused.headers).toMatchObject({
      'ratelimit-policy': '"LimitedController";q=2;w=3600',
      ratelimit: '"LimitedController";r=0;t=1800',
      'retry-after': '1800',
    });
    const created = await http.post('/limited').send({ n: 1 });
    expect(created.headers['ratelimit-policy']).toBe('"LimitedController.create";q=1;w=3600');
    for (let i = 0; i < 5; i++) expect((await http.get('/limited/free')).status).toBe(200);
  });

  it('counts HEAD as the GET that answers it, and neither OPTIONS nor what the resource lacks', async () => {
    const http = await open();
    await http.options('/limited');
    await http.delete('/limited');
    expect(await statuses(http.head('/limited'), http.get('/limited'), http.head('/limited'))).toEqual([
      200, 200, 429,
    ]);
  });

  it('is inherited with what it counts', async () => {
    const http = await serve([LimitedController, Sub], { authenticators });
    expect(await statuses(http.get('/sub'), http.get('/limited'), http.get('/sub/two'))).toEqual([
      200, 200, 429,
    ]);
  });

  it('comes before the content is read and a condition is checked', async () => {
    const http = await open();
    await http.post('/limited').send({ n: 1 });
    const refused = http.post('/limited').set('Content-Type', 'application/json').send('{');
    expect((await refused).status).toBe(429);
    expect(await statuses(http.put('/limited/1'), http.put('/limited/1'))).toEqual([428, 429]);
  });

  it('counts a principal by its name, wherever it comes from', async () => {
    const http = await open();
    const as = (user: string) => http.get('/limited/mine').auth(user, 'pw');
    expect(await statuses(as('ann'), as('ann'), as('ann'), as('ben'))).toEqual([200, 200, 429, 200]);
  });

  it('counts nobody who is not let in', async () => {
    const http = await open();
    for (let i = 0; i < 3; i++) {
      expect(await statuses(http.delete('/limited/mine'))).toEqual([401]);
      expect(await statuses(http.delete('/limited/mine').auth('ann', 'pw'))).toEqual([403]);
    }
    expect(await statuses(http.delete('/limited/mine').auth('admin', 'pw'))).toEqual([200]);
    expect(await statuses(http.delete('/limited/mine').auth('admin', 'pw'))).toEqual([429]);
  });

  it('lets several methods share a limit by its name', async () => {
    const http = await open();
    expect(await statuses(http.get('/limited/shared/a'), http.get('/limited/shared/b'))).toEqual([200, 429]);
  });

  it('asks its key with the context and the principal', async () => {
    const http = await open();
    const as = (user: string, tenant: string) =>
      http.get('/limited/by/1').auth(user, 'pw').set('X-Tenant', tenant);
    expect(await statuses(as('ann', 'x'), as('ann', 'x'), as('ann', 'x'))).toEqual([200, 200, 429]);
    expect(await statuses(as('ann', 'y'), as('ben', 'x'))).toEqual([200, 200]);
  });

  it('stands beside the limit of the application: both count, and both are told', async () => {
    const { rateLimit } = limited({ burst: 3 });
    const http = await serve(LimitedController, { rateLimit, authenticators });
    const first = await http.get('/limited');
    expect(first.headers.ratelimit).toBe('"default";r=2;t=10, "LimitedController";r=1;t=1800');
    expect(first.headers['ratelimit-policy']).toBe('"default";q=3;w=30, "LimitedController";q=2;w=3600');
    await http.get('/limited');
    const refused = await http.get('/limited');
    expect(refused.headers).toMatchObject({
      ratelimit: '"default";r=0;t=10, "LimitedController";r=0;t=1800',
      'retry-after': '1800',
    });
    expect((await http.get('/limited')).headers).toMatchObject({
      ratelimit: '"default";r=0;t=10',
      'retry-after': '10',
    });
  });

  it('counts in the store of the application, which needs no limit of its own', async () => {
    const keys: string[] = [];
    const inner = memoryStore();
    const store = {
      take: (...args: Parameters<typeof inner.take>) => {
        keys.push(args[0]);
        return inner.take(...args);
      },
    };
    const http = await serve(LimitedController, { rateLimit: { store }, authenticators });
    expect((await http.get('/nothing')).headers.ratelimit).toBeUndefined();
    await http.get('/limited');
    await http.get('/limited/mine').auth('ann', 'pw');
    expect(keys).toEqual(['LimitedController:a:127.0.0.1', 'LimitedController.mine:u:ann']);
  });
});

describe('a limit that means nothing', () => {
  const found = async (rateLimit: unknown, controllers: object[] = [ThingController]) => {
    const error: unknown = await createApp({
      controllers: controllers as never,
      logger: false,
      rateLimit: rateLimit as RateLimitOption,
    }).then(
      () => new StartupError([]),
      (thrown: unknown) => thrown,
    );
    return (error as StartupError).findings.map(({ code, where }) => `${code} ${where}`);
  };

  it.each<[unknown, string[]]>([
    [5, ['rateLimit']],
    [null, ['rateLimit']],
    [[], ['rateLimit']],
    [{}, ['rateLimit.limit', 'rateLimit.window']],
    [{ limit: 0, window: 60 }, ['rateLimit.limit']],
    [{ limit: '100', window: '1m' }, ['rateLimit.limit', 'rateLimit.window']],
    [{ limit: 10, window: 0.5 }, ['rateLimit.window']],
    [{ limit: 10, window: 60, burst: 0 }, ['rateLimit.burst']],
    [{ limit: 9_999_991, window: 31_536_000 }, ['rateLimit.limit']],
    [{ limit: 10, window: 60, name: 'a"b' }, ['rateLimit.name']],
    [{ limit: 10, window: 60, name: 'a\r\nb' }, ['rateLimit.name']],
    [{ limit: 10, window: 60, key: 'ip' }, ['rateLimit.key']],
    [{ limit: 10, window: 60, store: {} }, ['rateLimit.store']],
    [{ limit: 10, window: 60, store: null }, ['rateLimit.store']],
    [{ limit: 10, windows: 60, window: 60 }, ['rateLimit.windows']],
    [{ store: memoryStore(), name: 'x' }, ['rateLimit.limit', 'rateLimit.window']],
  ])('keeps the application from starting: %j', async (rateLimit, where) => {
    expect(await found(rateLimit)).toEqual(where.map((each) => `bad-option ${each}`));
  });

  it('and so do two of one name that are not the same', async () => {
    @Path('/a')
    class A {
      @GET @RateLimit({ limit: 1, window: 60, name: 'x' }) a() {
        return 1;
      }
      @GET('/b') @RateLimit({ limit: 2, window: 60, name: 'x' }) b() {
        return 1;
      }
      @GET('/c') @RateLimit({ limit: 1, window: 60, name: 'x', key: () => 'c' }) c() {
        return 1;
      }
      @GET('/d') @RateLimit({ limit: 1, window: 60, name: 'default' }) d() {
        return 1;
      }
    }
    expect(await found(undefined, [A])).toEqual(['mixed-limits A.b', 'mixed-limits A.c']);
    expect(await found({ limit: 1, window: 60 }, [A])).toContain('mixed-limits A.d');
  });

  it('and two classes of one name, whose limits nobody has named', async () => {
    const make = (path: string) => {
      @Path(path)
      @RateLimit({ limit: 1, window: 60 })
      class Same {
        @GET get() {
          return 1;
        }
      }
      return Same;
    };
    expect(await found(undefined, [make('/a'), make('/b')])).toEqual(['mixed-limits Same.get']);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /@RateLimit of A\.get takes an object/],
    ['a number', 5, /takes an object/],
    ['no numbers', {}, /@RateLimit of A\.get: limit: undefined is none of its values.*window:/],
    ['a fraction', { limit: 1.5, window: 60 }, /limit: 1\.5/],
    ['a misspelt name', { limit: 1, window: 60, burts: 1 }, /no option burts/],
    ['a store', { limit: 1, window: 60, store: memoryStore() }, /no option store/],
    ['a name for no header', { limit: 1, window: 60, name: 'ä' }, /name: "ä"/],
  ])('is a TypeError of the decorator: %s', (_, options, message) => {
    const declare = () => {
      class A {
        @GET @RateLimit(options as never) get() {
          return 1;
        }
      }
      return A;
    };
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(message);
  });

  it('and so is a second decorator, and one on a locator a finding', async () => {
    expect(() => {
      class A {
        @GET @RateLimit(NOBODY) @RateLimit(NOBODY) get() {
          return 1;
        }
      }
      return A;
    }).toThrow(/@RateLimit of A\.get is a second one/);
    class Below {
      @GET get() {
        return 1;
      }
    }
    @Path('/above')
    class Above {
      @Path('/below') @RateLimit(NOBODY) below(): Below {
        return new Below();
      }
    }
    expect(await found(undefined, [Above])).toEqual(['not-supported Above.below']);
  });
});
