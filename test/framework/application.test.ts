import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Context as KoaContext } from 'koa';
import Koa from 'koa';
import { type Application, Context, createApp, GET, Path, PathParam, rest } from 'koanatomy';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';

@Path('/hello')
class HelloController {
  @GET get() {
    return { hello: 'world' };
  }
  @GET('/koa') koa(@Context() ctx: KoaContext) {
    ctx.status = 202;
    ctx.type = 'text/css';
    ctx.body = `state ${String(ctx.state.user)}`;
  }
  @GET('/status') status(@Context() ctx: KoaContext) {
    ctx.status = 203;
    return { a: 1 };
  }
  @GET('/raw') raw(@Context() ctx: KoaContext) {
    ctx.respond = false;
    ctx.res.writeHead(200, { 'Content-Type': 'text/plain' }).end('by hand');
  }
  @GET('/fail/{text}') fail(@PathParam('text') text: string) {
    throw new Error(text);
  }
}

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function make() {
  return createApp({ controllers: HelloController, logger: false });
}

describe('the application is a Koa application', () => {
  it('by type, with `use`, `callback` and `listen`', async () => {
    const app = await make();
    expect(app).toBeInstanceOf(Koa);
    const server = app.listen(0);
    servers.push(server);
    expect((await request(server).get('/hello')).body).toEqual({ hello: 'world' });
  });

  it('runs middleware before the controllers, in order, and hands it what they answered', async () => {
    const app = await make();
    const seen: unknown[] = [];
    app.use(async (ctx, next) => {
      seen.push('first');
      await next();
      seen.push(ctx.status, ctx.body);
      ctx.set('X-Seen', 'yes');
    });
    app.use(async (ctx, next) => {
      ctx.state.user = 'ann';
      seen.push('second');
      await next();
    });
    const http = request(app.callback());
    expect((await http.get('/hello')).headers['x-seen']).toBe('yes');
    expect(seen).toEqual(['first', 'second', 200, '{"hello":"world"}']);
    expect((await http.get('/hello/koa')).text).toBe('state ann');
  });

  it('lets middleware answer by itself, replace a body, and see errors as answers', async () => {
    const app = await make();
    app.use(async (ctx, next) => {
      if (ctx.path === '/own') ctx.body = 'own';
      else {
        await next();
        if (ctx.path === '/hello') {
          ctx.type = 'text/plain';
          ctx.body = 'replaced';
        }
        ctx.set('X-Status', String(ctx.status));
      }
    });
    const http = request(app.callback());
    expect((await http.get('/own')).text).toBe('own');
    expect((await http.get('/hello')).text).toBe('replaced');
    expect((await http.get('/hello/fail/x')).headers['x-status']).toBe('500');
  });

  it('lets a method write to the context as Koa’s handlers do', async () => {
    const http = request((await make()).callback());
    const answer = await http.get('/hello/koa');
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
      202,
      'text/css; charset=utf-8',
      'state undefined',
    ]);
    expect((await http.get('/hello/status')).status).toBe(203);
    expect((await http.get('/hello/raw')).text).toBe('by hand');
  });

  it('keeps a 404 that middleware decided, and answers one that nobody did', async () => {
    const app = await make();
    app.use(async (ctx, next) => {
      if (ctx.path === '/decided') {
        ctx.status = 404;
        return;
      }
      await next();
    });
    const http = request(app.callback());
    expect((await http.get('/decided')).text).toBe('Not Found');
    expect((await http.get('/nowhere')).body).toMatchObject({ type: 'urn:koanatomy:not-found', status: 404 });
  });

  it('emits Koa’s error event for each server’s error, once, with the context', async () => {
    const app = await make();
    const heard: [string, string][] = [];
    app.on('error', (error: Error, ctx: KoaContext) => heard.push([error.message, ctx.path]));
    const http = request(app.callback());
    await http.get('/hello/fail/boom');
    await http.get('/hello/nowhere');
    expect(heard).toEqual([['boom', '/hello/fail/boom']]);
  });

  it('gives each request an id, and takes one from the request only behind a trusted proxy', async () => {
    const ids = async (app: Application, sent: string) => {
      const answer = await request(app.callback()).get('/nowhere').set('X-Request-Id', sent);
      return answer.body.instance as string;
    };
    expect(await ids(await make(), 'mine')).toMatch(/^[0-9a-f-]{36}$/);
    const proxied = await createApp({ controllers: HelloController, logger: false, proxy: true });
    expect(await ids(proxied, 'mine')).toBe('mine');
    expect(await ids(proxied, 'a'.repeat(200))).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ids(proxied, 'a b<script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs one line a request where a logger is given, without the query', async () => {
    const lines: object[] = [];
    const info = (fields: object): void => void lines.push(fields);
    const app = await createApp({ controllers: HelloController, logger: { info, warn() {}, error() {} } });
    const http = request(app.callback());
    await http.get('/hello?password=secret');
    await http.get('/nowhere');
    expect(lines).toEqual([
      {
        id: expect.any(String),
        method: 'GET',
        path: '/hello',
        status: 200,
        ms: expect.any(Number),
        handler: 'HelloController.get',
      },
      { id: expect.any(String), method: 'GET', path: '/nowhere', status: 404, ms: expect.any(Number) },
    ]);
  });

  it('lists its routes', async () => {
    expect((await make()).routes[0]).toEqual({
      method: 'GET',
      path: '/hello',
      handler: 'HelloController.get',
      consumes: [],
      produces: ['application/json'],
      access: 'everybody',
    });
  });
});

describe('requests that are no HTTP', () => {
  it.each([
    ['a malformed request line', 'NONSENSE\r\n\r\n', 400],
    [
      'two lengths',
      'POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      'POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['headers over the limit', `GET /hello HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
  ])('%s are answered with a problem document', async (_, text, status) => {
    const server = (await make()).listen(0);
    servers.push(server);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.write(text);
    await once(socket, 'close');
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({
      status,
      instance: expect.any(String),
    });
  });
});

describe('rest() is one Koa middleware', () => {
  it('that answers its paths, and leaves others to the middleware after it', async () => {
    const app = new Koa();
    app.use(await rest({ controllers: HelloController, prefix: '/api', logger: false }));
    app.use((ctx) => {
      ctx.body = 'after';
    });
    const http = request(app.callback());
    expect((await http.get('/api/hello')).body).toEqual({ hello: 'world' });
    expect((await http.put('/api/hello')).body.status).toBe(405);
    expect((await http.get('/hello')).text).toBe('after');
  });

  it('that lets errors of the middleware after it pass', async () => {
    const app = new Koa();
    app.silent = true;
    app.use(await rest({ controllers: HelloController, logger: false }));
    app.use((ctx) => ctx.throw(402, 'theirs'));
    expect((await request(app.callback()).get('/other')).text).toBe('theirs');
  });

  it('that reports server errors to the logger', async () => {
    const errors: object[] = [];
    const app = new Koa();
    const logger = { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
    app.use(await rest({ controllers: HelloController, logger }));
    await request(app.callback()).get('/hello/fail/x');
    expect(errors).toHaveLength(1);
  });
});
