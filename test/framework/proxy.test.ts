import fc from 'fast-check';
import Koa, { type Context } from 'koa';
import { type ApplicationOptions, createApp, GET, Path, rest, StartupError } from 'koanatomy';
import request from 'supertest';
import { describe, expect, it } from 'vitest';

@Path('/seen')
class SeenController {
  @GET seen() {
    return { unused: true };
  }
}

type Seen = ReturnType<typeof seenBy>;

function seenBy(ctx: Context) {
  const { ip, ips, protocol, secure, host, hostname, requestId } = ctx;
  const { origin } = ctx.URL;
  return { ip, ips, protocol, secure, host, hostname, origin, href: ctx.href, requestId };
}

const FORGED = {
  Host: 'api.example.com',
  'X-Forwarded-For': '203.0.113.7',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'evil.example',
  'X-Request-Id': 'their-own-id',
};

async function ask(proxy: ApplicationOptions['proxy'], headers: object, path = '/seen'): Promise<Seen> {
  const app = await createApp({
    controllers: SeenController,
    logger: false,
    ...(proxy === undefined ? null : { proxy }),
  });
  app.use((ctx) => {
    ctx.body = seenBy(ctx);
  });
  const answer = await request(app.callback())
    .get(path)
    .set({ Host: 'api.example.com', ...headers });
  return answer.body as Seen;
}

describe('who is not on the list', () => {
  it.each([[['192.0.2.1']], [[]], [false], [undefined]])('is not believed: %j', async (proxy) => {
    const seen = await ask(proxy, FORGED);
    expect(seen).toMatchObject({
      ips: [],
      protocol: 'http',
      secure: false,
      host: 'api.example.com',
      hostname: 'api.example.com',
      origin: 'http://api.example.com',
      href: 'http://api.example.com/seen',
    });
    expect(seen.ip).toMatch(/127\.0\.0\.1$/);
    expect(seen.requestId).not.toBe('their-own-id');
  });
});

describe('who is on the list', () => {
  it.each([
    ['loopback'],
    ['127.0.0.1'],
    ['127.0.0.0/8'],
    ['::ffff:127.0.0.1'],
  ])('is believed: %s', async (entry) => {
    expect(await ask(['192.0.2.1', entry, '::1'], FORGED)).toEqual({
      ip: '203.0.113.7',
      ips: ['203.0.113.7'],
      protocol: 'https',
      secure: true,
      host: 'evil.example',
      hostname: 'evil.example',
      origin: 'https://evil.example',
      href: 'https://evil.example/seen',
      requestId: 'their-own-id',
    });
  });

  it('names the client at the right end, where a client can write nothing', async () => {
    const seen = await ask(['loopback', '10.0.0.0/8'], {
      'X-Forwarded-For': '6.6.6.6, 10.6.6.6, 203.0.113.7, 10.0.0.2, 10.0.0.1',
    });
    expect(seen).toMatchObject({ ip: '203.0.113.7', ips: ['203.0.113.7', '10.0.0.2', '10.0.0.1'] });
  });

  it('is the client itself where it names nobody, or nothing that is an address', async () => {
    for (const each of [
      {},
      { 'X-Forwarded-For': 'unknown' },
      { 'X-Forwarded-For': '203.0.113.7, <script>' },
    ]) {
      expect(await ask(['loopback'], each)).toMatchObject({ ip: '127.0.0.1', ips: [] });
    }
  });

  it('names scheme and host in its own entry, the last one', async () => {
    const seen = await ask(['loopback'], {
      'X-Forwarded-Proto': 'https, http',
      'X-Forwarded-Host': 'forged.example, api.example.org:8080',
    });
    expect(seen).toMatchObject({ origin: 'http://api.example.org:8080', hostname: 'api.example.org' });
  });

  it.each(['a b', 'a/b', 'user@host', '[::1', 'a"b', ''])('names no host with %j', async (host) => {
    expect((await ask(['loopback'], { 'X-Forwarded-Host': host })).host).toBe('api.example.com');
  });

  it.each([
    'wss',
    'javascript',
    'HTTPS ',
    'http,https ',
    '',
  ])('names http or https alone: %j', async (proto) => {
    const { protocol } = await ask(['loopback'], { 'X-Forwarded-Proto': proto });
    expect(protocol).toBe(/https\s*$/i.test(proto) ? 'https' : 'http');
  });

  it('names no id that could be more than one', async () => {
    for (const id of ['a b', 'a,b', 'x'.repeat(129), '<b>']) {
      expect((await ask(['loopback'], { 'X-Request-Id': id })).requestId).not.toBe(id);
    }
  });

  it('can let middleware say who the client is', async () => {
    const app = await createApp({ controllers: SeenController, logger: false, proxy: ['loopback'] });
    app.use((ctx) => {
      ctx.request.ip = '198.51.100.1';
      ctx.body = ctx.ip;
    });
    const { text } = await request(app.callback()).get('/').set('X-Forwarded-For', '203.0.113.7');
    expect(text).toBe('198.51.100.1');
  });
});

it('whatever a client sends, the address is the one that the nearest proxy saw', async () => {
  const app = await createApp({
    controllers: SeenController,
    logger: false,
    proxy: ['loopback', '10.0.0.0/8'],
  });
  app.use((ctx) => {
    ctx.body = ctx.ip;
  });
  const server = app.listen(0, '127.0.0.1');
  const sent = fc.stringMatching(/^[ -~]{0,40}$/);
  try {
    await fc.assert(
      fc.asyncProperty(sent, async (made) => {
        const { text } = await request(server).get('/').set('X-Forwarded-For', `${made}, 203.0.113.7`);
        expect(text).toBe('203.0.113.7');
      }),
      { numRuns: 50 },
    );
  } finally {
    server.close();
  }
});

describe('everybody', () => {
  it("is believed with true, as Koa does it: the client's own word comes first", async () => {
    const seen = await ask(true, { ...FORGED, 'X-Forwarded-For': '6.6.6.6, 203.0.113.7' });
    expect(seen).toMatchObject({ ip: '6.6.6.6', origin: 'https://evil.example', requestId: 'their-own-id' });
  });
});

it('Koa can be asked what it is made of', async () => {
  const app = await createApp({ controllers: SeenController, logger: false, proxy: ['loopback'] });
  expect(app.proxy).toBe(false);
  expect(app.request.ip).toBeUndefined();
  expect(JSON.stringify(app)).toContain('"proxy":false');
});

it.each([
  [true, 'their-own-id'],
  [false, null],
])("in somebody else's application its own word counts: %s", async (proxy, expected) => {
  const app = new Koa({ proxy });
  let id: unknown = null;
  app.use(async (ctx, next) => {
    await next();
    id = ctx.requestId;
  });
  app.use(await rest({ controllers: SeenController, logger: false }));
  await request(app.callback()).get('/seen').set('X-Request-Id', 'their-own-id');
  expect(id === 'their-own-id').toBe(expected === 'their-own-id');
});

describe('a list that can not be meant keeps the application from starting', () => {
  it.each<[unknown, string, string]>([
    ['loopback', 'proxy', '"loopback" is none of its values'],
    [1, 'proxy', 'number is none'],
    [['loopback', 'localhost'], 'proxy[1]', '"localhost" is no address and no range'],
    [['10.0.0.0/33'], 'proxy[0]', '"10.0.0.0/33" is no address'],
    [['10.0.0.1 '], 'proxy[0]', 'is no address'],
    [[undefined], 'proxy[0]', 'undefined is no address'],
    [['*'], 'proxy[0]', '"*" is no address'],
  ])('%j', async (proxy, where, text) => {
    const options = { controllers: SeenController, logger: false, proxy } as unknown as ApplicationOptions;
    const error: unknown = await createApp(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartupError);
    const [first] = (error as StartupError).findings;
    expect(first).toMatchObject({ code: 'bad-option', where });
    expect(first?.message).toContain(text);
  });
});
