import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import Koa, { type Context as KoaContext } from 'koa';
import helmet from 'koa-helmet';
import {
  ApiError,
  type ApplicationOptions,
  Authenticated,
  Body,
  basic,
  Context,
  createApp,
  ETag,
  GET,
  Path,
  POST,
  Reply,
  rest,
  StartupError,
} from 'koanatomy';
import { Header } from 'routing-controllers';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Path('/h')
class HeaderController {
  @GET value() {
    return { a: 1 };
  }
  @GET('/nothing') nothing() {
    return null;
  }
  @GET('/reply') reply() {
    return Reply.ok({ a: 1 }).header('X-Frame-Options', 'SAMEORIGIN');
  }
  @GET('/declared') @Header('X-Frame-Options', 'SAMEORIGIN') declared() {
    return { a: 1 };
  }
  @GET('/context') context(@Context('koa') ctx: KoaContext) {
    ctx.set('X-Frame-Options', 'SAMEORIGIN');
    return { a: 1 };
  }
  @GET('/thrown') thrown() {
    throw new ApiError(409, 'x', { headers: { 'X-Frame-Options': 'SAMEORIGIN' } });
  }
  @GET('/stream') stream() {
    return Readable.from([Buffer.from('a')]);
  }
  @GET('/list') async *list() {
    yield 1;
  }
  @GET('/web') web() {
    return new Response('a');
  }
  @GET('/tagged') @ETag tagged() {
    return { a: 1 };
  }
  @GET('/bytes') bytes() {
    return Buffer.from('abc');
  }
  @GET('/secret') @Authenticated secret() {
    return { a: 1 };
  }
  @GET('/crash') crash() {
    throw new Error('x');
  }
  @POST post(@Body() body: unknown) {
    return body;
  }
}

const OPTIONS = {
  controllers: HeaderController,
  logger: false,
  authenticators: [basic(() => null)],
} as const;

const ALL = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

let server: Server;
let port: number;

beforeAll(async () => {
  const app = await createApp({ ...OPTIONS, securityHeaders: true, limits: { body: 10 } });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function raw(...lines: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write([...lines, '', ''].join('\r\n'));
  await once(socket, 'close');
  return text;
}

const HOST = ['Host: a', 'Connection: close'];

describe('every answer has them', () => {
  it.each<[number, string, ...string[]]>([
    [200, 'GET /h HTTP/1.1'],
    [200, 'HEAD /h HTTP/1.1'],
    [204, 'OPTIONS /h HTTP/1.1'],
    [204, 'OPTIONS * HTTP/1.1'],
    [204, 'GET /h/nothing HTTP/1.1'],
    [200, 'GET /h/stream HTTP/1.1'],
    [200, 'GET /h/list HTTP/1.1'],
    [200, 'GET /h/web HTTP/1.1'],
    [200, 'GET /h/tagged HTTP/1.1'],
    [304, 'GET /h/tagged HTTP/1.1', 'If-None-Match: *'],
    [206, 'GET /h/bytes HTTP/1.1', 'Range: bytes=0-0'],
    [416, 'GET /h/bytes HTTP/1.1', 'Range: bytes=9-'],
    [401, 'GET /h/secret HTTP/1.1'],
    [404, 'GET /nowhere HTTP/1.1'],
    [404, 'HEAD /nowhere HTTP/1.1'],
    [405, 'DELETE /h HTTP/1.1'],
    [406, 'GET /h HTTP/1.1', 'Accept: image/png'],
    [400, 'GET /%zz HTTP/1.1'],
    [413, 'POST /h HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 11'],
    [415, 'POST /h HTTP/1.1', 'Content-Type: text/plain', 'Content-Length: 1'],
    [417, 'GET /h HTTP/1.1', 'Expect: tea'],
    [431, 'GET /h HTTP/1.1', `X: ${'x'.repeat(20_000)}`],
    [500, 'GET /h/crash HTTP/1.1'],
    [501, 'PURGE /h HTTP/1.1'],
    [501, 'CONNECT a:1 HTTP/1.1'],
    [400, 'GET /h HTTP/1.1', 'Host: b'],
    [400, 'nonsense'],
  ])('%i %s', async (status, ...lines) => {
    const answer = await raw(...lines, ...HOST);
    const [head = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    for (const [name, value] of Object.entries(ALL)) {
      const values = [...head.matchAll(new RegExp(`^${name}: (.*?)\\r?$`, 'gim'))].map((match) => match[1]);
      expect([name, ...values]).toEqual([name, value]);
    }
    // RFC 6797 §7.2
    expect(head).not.toMatch(/strict-transport-security/i);
  });

  it('one that middleware gives too, whatever becomes of it', async () => {
    const app = await createApp({ ...OPTIONS, securityHeaders: true });
    app.use(async (ctx, next) => {
      if (ctx.path === '/own') ctx.body = 'own';
      else if (ctx.path === '/stream') ctx.body = Readable.from(['own']);
      else if (ctx.path === '/raw') {
        ctx.respond = false;
        ctx.res.end('own');
      } else if (ctx.path === '/thrown') ctx.throw(418);
      else await next();
    });
    for (const path of ['/own', '/stream', '/raw', '/thrown', '/h', '/h/crash', '/h/secret', '/nowhere']) {
      const { headers } = await request(app.callback()).get(path);
      expect([path, headers]).toEqual([path, expect.objectContaining(ALL)]);
    }
  });

  it("in somebody else's application those of the controllers", async () => {
    const app = new Koa();
    app.use(await rest({ ...OPTIONS, securityHeaders: true }));
    app.use((ctx) => {
      ctx.body = 'theirs';
    });
    for (const path of ['/h', '/h/crash', '/h/secret', '/h/stream']) {
      expect((await request(app.callback()).get(path)).headers).toMatchObject(ALL);
    }
    const { headers } = await request(app.callback()).get('/nowhere');
    for (const name of Object.keys(ALL)) expect(headers).not.toHaveProperty(name);
  });
});

describe('what is said for one answer wins', () => {
  it.each(['/h/reply', '/h/declared', '/h/context', '/h/thrown'])('%s', async (path) => {
    for (const front of [false, true]) {
      const app = await createApp({ ...OPTIONS, securityHeaders: true });
      if (front) app.use((_ctx, next) => next());
      const { headers } = await request(app.callback()).get(path);
      expect(headers).toMatchObject({ ...ALL, 'x-frame-options': 'SAMEORIGIN' });
    }
  });

  it('of middleware before and after', async () => {
    const app = await createApp({ ...OPTIONS, securityHeaders: true });
    app.use(helmet({ frameguard: { action: 'sameorigin' } }) as Koa.Middleware);
    app.use(async (ctx, next) => {
      await next();
      ctx.set('Referrer-Policy', 'origin');
      ctx.remove('Cross-Origin-Resource-Policy');
    });
    for (const path of ['/h', '/h/crash']) {
      const { headers } = await request(app.callback()).get(path);
      expect(headers).toMatchObject({ 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'origin' });
      expect(headers).not.toHaveProperty('cross-origin-resource-policy');
    }
  });
});

async function headersOf(options: Partial<ApplicationOptions>, sent = {}) {
  const app = await createApp({ ...OPTIONS, ...options });
  const { headers } = await request(app.callback()).get('/h').set(sent);
  return headers as Record<string, string>;
}

describe('the option', () => {
  it('is nosniff alone where nothing is said', async () => {
    const headers = await headersOf({});
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers).not.toHaveProperty('x-frame-options');
  });

  it('is nothing with false', async () => {
    expect(await headersOf({ securityHeaders: false })).not.toHaveProperty('x-content-type-options');
  });

  it('replaces and leaves out', async () => {
    const headers = await headersOf({
      securityHeaders: {
        'X-Frame-Options': 'SAMEORIGIN',
        'Referrer-Policy': false,
        'Permissions-Policy': 'camera=(), microphone=()',
      },
    });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'permissions-policy': 'camera=(), microphone=()',
    });
    expect(headers).not.toHaveProperty('referrer-policy');
  });

  it('sends Strict-Transport-Security over TLS alone, also where a trusted proxy says so', async () => {
    const sent = { 'X-Forwarded-Proto': 'https' };
    const proxy = ['loopback'];
    const strict = 'strict-transport-security';
    expect((await headersOf({ securityHeaders: true, proxy }, sent))[strict]).toBe('max-age=31536000');
    expect(await headersOf({ securityHeaders: true, proxy })).not.toHaveProperty(strict);
    expect(await headersOf({ securityHeaders: true }, sent)).not.toHaveProperty(strict);
    const own = { 'Strict-Transport-Security': 'max-age=1; includeSubDomains' } as const;
    expect((await headersOf({ securityHeaders: own, proxy }, sent))[strict]).toBe(
      own['Strict-Transport-Security'],
    );
    const none = { 'Strict-Transport-Security': false } as const;
    expect(await headersOf({ securityHeaders: none, proxy }, sent)).not.toHaveProperty(strict);
  });

  it.each<[unknown, string, string]>([
    ['all', 'securityHeaders', 'string is none of its values'],
    [null, 'securityHeaders', 'object is none of its values'],
    [{ 'X-Frame-Option': 'DENY' }, 'securityHeaders.X-Frame-Option', 'did you mean X-Frame-Options?'],
    [{ 'x-frame-options': 'DENY' }, 'securityHeaders.x-frame-options', 'did you mean X-Frame-Options?'],
    [{ 'X-Frame-Options': 'NEVER' }, 'securityHeaders.X-Frame-Options', 'browsers would ignore "NEVER"'],
    [{ 'X-Frame-Options': true }, 'securityHeaders.X-Frame-Options', 'browsers would ignore boolean'],
    [
      { 'Content-Security-Policy': "default-src 'none'\r\nSet-Cookie: a=b" },
      'securityHeaders.Content-Security-Policy',
      'browsers would ignore',
    ],
    [{ 'Strict-Transport-Security': '1 year' }, 'securityHeaders.Strict-Transport-Security', '"1 year"'],
    [JSON.parse('{"__proto__":"x"}'), 'securityHeaders.__proto__', 'no security header of this name'],
  ])('%j keeps the application from starting', async (securityHeaders, where, text) => {
    const options = { ...OPTIONS, securityHeaders } as unknown as ApplicationOptions;
    const error: unknown = await createApp(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartupError);
    const [first] = (error as StartupError).findings;
    expect(first).toMatchObject({ code: 'bad-option', where });
    expect(`${first?.message} ${first?.remedy}`).toContain(text);
  });
});
