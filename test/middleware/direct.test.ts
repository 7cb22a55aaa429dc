import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Exclude } from 'class-transformer';
import type { Context as KoaContext } from 'koa';
import {
  ApiError,
  CacheControl,
  Context,
  createApp,
  DELETE,
  ETag,
  GET,
  Languages,
  Path,
  PathParam,
  POST,
  Produces,
  Reply,
  Status,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Secret {
  name = 'ann';
  @Exclude() password = 'x';
}

const LONG = { text: 'abc '.repeat(1000) };

@Path('/d')
class DirectController {
  @GET('/object') object() {
    return { a: 1, b: undefined, c: new Date(0), d: 5n };
  }
  @GET('/later') async later() {
    return [1, 'ü', null];
  }
  @GET('/long') long() {
    return LONG;
  }
  @GET('/class') secret() {
    return new Secret();
  }
  @GET('/text') text(): string {
    return 'grüß';
  }
  @GET('/number') number() {
    return 0;
  }
  @GET('/none') none() {}
  @GET('/null') nothing() {
    return null;
  }
  @POST('/created') @Status(201) created() {
    return { id: 1 };
  }
  @GET('/odd') @Status(299) odd() {
    return true;
  }
  @GET('/xml') @Produces('application/xml') xml() {
    return { a: 1 };
  }
  @GET('/cbor') @Produces('application/cbor') cbor() {
    return { a: 1 };
  }
  @GET('/two') @Produces('application/json', 'text/plain') two() {
    return 'x';
  }
  @GET('/tagged') @ETag tagged() {
    return { a: 1 };
  }
  @GET('/kept') @CacheControl('max-age=1') kept() {
    return { a: 1 };
  }
  @GET('/spoken') @Languages('en', 'de') spoken() {
    return { a: 1 };
  }
  @GET('/reply') reply() {
    return Reply.ok({ a: 1 }).header('X-A', 'b');
  }
  @GET('/nested') nested() {
    return [Reply.ok({ a: 1 })];
  }
  @GET('/bytes') bytes() {
    return Buffer.from('x');
  }
  @GET('/items') async *items() {
    yield 1;
  }
  @GET('/sync') *sync() {
    yield 1;
  }
  @GET('/map') map() {
    return new Map([['a', new Set([1])]]);
  }
  @GET('/koa') koa(@Context('koa') ctx: KoaContext) {
    ctx.set('X-Koa', '1');
    ctx.status = 202;
    return { a: 1 };
  }
  @GET('/throws') throws() {
    throw new ApiError(418, 'tea');
  }
  @GET('/foreign') foreign() {
    throw new Error('x');
  }
  @GET('/unwritable') unwritable() {
    const value: Record<string, unknown> = {};
    value.self = value;
    return value;
  }
  @GET('/{id}/x') find(@PathParam('id') id: number) {
    return { id };
  }
  @DELETE('/{id}') remove(@PathParam('id') _id: number) {}
}

const servers: Server[] = [];
let ports: readonly number[];

beforeAll(async () => {
  const apps = await Promise.all(
    [0, 1].map(() => createApp({ controllers: DirectController, logger: false })),
  );
  apps[1]?.use((_ctx, next) => next());
  for (const app of apps) servers.push(app.listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  ports = servers.map((server) => (server.address() as AddressInfo).port);
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function raw(port: number, method: string, path: string, headers: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(
    [`${method} ${path} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', ''].join('\r\n'),
  );
  await once(socket, 'close');
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [status, ...fields] = head.split('\r\n').filter((line) => !line.startsWith('Date:'));
  const content = body.join('\r\n\r\n').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  return [status, ...fields.sort(), '', content].join('\n');
}

const PATHS = [
  ...'object later long class text number none null odd xml cbor two tagged kept spoken reply nested bytes'.split(
    ' ',
  ),
  ...'items sync map koa throws foreign unwritable 7/x x/x missing'.split(' '),
];
const HEADERS = [
  [],
  ['Accept-Encoding: gzip'],
  ['Accept-Encoding: identity;q=0, gzip'],
  ['Accept-Encoding: br;q=0, identity'],
  ['Accept: text/plain'],
  ['If-None-Match: *'],
  ['If-Match: "x"'],
  ['If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT'],
];

describe('what is answered without middleware in front is answered as with it', () => {
  it.each(PATHS)('%s', async (name) => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']) {
      for (const headers of method === 'GET' || method === 'HEAD' ? HEADERS : [[]]) {
        const [alone, behind] = await Promise.all(
          ports.map((port) => raw(port, method, `/d/${name}`, headers)),
        );
        expect(alone).toBe(behind);
        expect(alone).toMatch(/^HTTP\/1\.1 \d{3} /);
      }
    }
  });

  it('created', async () => {
    const [alone, behind] = await Promise.all(ports.map((port) => raw(port, 'POST', '/d/created', [])));
    expect(alone).toBe(behind);
    expect(alone).toContain('{"id":1}');
  });
});
