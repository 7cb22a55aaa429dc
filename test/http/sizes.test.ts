import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import Koa from 'koa';
import { type ApplicationOptions, createApp, GET, Path, PathParam, rest, StartupError } from 'koanatomy';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';

@Path('/s')
class SizedController {
  @GET get() {
    return { ok: true };
  }
  @GET('/{rest: .*}') rest(@PathParam('rest') rest: string) {
    return { length: rest.length };
  }
}

const OPTIONS = { controllers: SizedController, logger: false } as const;

function target(length: number, path = '/s'): string {
  return `${path}?${'q'.repeat(length - path.length - 1)}`;
}

describe('limits.url', () => {
  it.each<[ApplicationOptions['limits'], number]>([
    [{}, 8192],
    [{ url: 100 }, 100],
    [{ url: '1kb' }, 1024],
  ])('%j: that many bytes are taken, one more is 414', async (limits = {}, most) => {
    const http = request((await createApp({ ...OPTIONS, limits })).callback());
    expect((await http.get(target(most))).status).toBe(200);
    const refused = await http.get(target(most + 1));
    expect(refused.status).toBe(414);
    expect(refused.body).toMatchObject({
      type: 'urn:koanatomy:uri-too-long',
      detail: `The request target has more than ${most} bytes`,
    });
  });

  it('counts the path, and bytes rather than characters', async () => {
    const http = request((await createApp({ ...OPTIONS, limits: { url: 40 } })).callback());
    expect((await http.get(`/s/${'%C3%A9'.repeat(6)}x`)).body).toEqual({ length: 7 });
    expect((await http.get(`/s/${'%C3%A9'.repeat(7)}`)).status).toBe(414);
  });

  it('holds for paths that nobody has, before middleware sees them', async () => {
    const app = await createApp(OPTIONS);
    let seen = 0;
    app.use((_ctx, next) => {
      seen += 1;
      return next();
    });
    const { status } = await request(app.callback()).get(target(9000, '/nowhere'));
    expect([status, seen]).toEqual([414, 0]);
  });

  it('leaves the connection as it is: where the request ends is in no doubt', async () => {
    const server = (await createApp(OPTIONS)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    const head = (target: string, more: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    socket.write(head(target(9000), '') + head('/s', 'Connection: close\r\n'));
    await once(socket, 'close');
    server.close();
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['414', '200']);
  });

  it("in somebody else's application holds for the controllers' paths alone", async () => {
    const app = new Koa();
    app.use(await rest(OPTIONS));
    app.use((ctx) => {
      ctx.body = 'theirs';
    });
    const http = request(app.callback());
    expect((await http.get(target(9000))).status).toBe(414);
    expect((await http.get(target(9000, '/s/x'))).status).toBe(414);
    expect((await http.get(target(9000, '/theirs'))).text).toBe('theirs');
  });
});

describe('limits.headers', () => {
  let server: Server | null = null;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function statusOf(limits: ApplicationOptions['limits'], fields: string): Promise<number> {
    const app = await createApp({ ...OPTIONS, ...(limits === undefined ? null : { limits }) });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(`GET /s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`);
    await once(socket, 'close');
    expect(text).toContain(text.startsWith('HTTP/1.1 200') ? '{"ok":true}' : 'headers-too-large');
    return Number(text.slice(9, 12));
  }

  const large = (bytes: number): string => `X: ${'x'.repeat(bytes)}\r\n`;

  it.each<[ApplicationOptions['limits'], number, number]>([
    [undefined, 15_000, 200],
    [undefined, 17_000, 431],
    [{ headers: 1000 }, 800, 200],
    [{ headers: 1000 }, 1100, 431],
    [{ headers: '32kb' }, 30_000, 200],
    [{ headers: '32kb' }, 34_000, 431],
  ])('%j: %i bytes are %i', async (limits, bytes, status) => {
    expect(await statusOf(limits, large(bytes))).toBe(status);
  });

  it('as many fields as Node would leave out in silence are refused', async () => {
    // Host and Connection are two of them.
    expect(await statusOf(undefined, 'a:\r\n'.repeat(997))).toBe(200);
    expect(await statusOf(undefined, 'a:\r\n'.repeat(998))).toBe(431);
    expect(await statusOf({ headers: '1mb' }, 'a:\r\n'.repeat(100_000))).toBe(431);
  });
});

it.each<[object, string, string]>([
  [{ url: 0 }, 'limits.url', 'no request has 0'],
  [{ url: '8 KiB' }, 'limits.url', '8 KiB is no size'],
  [{ headers: -1 }, 'limits.headers', '-1 is no size'],
  [{ headers: '0kb' }, 'limits.headers', 'no request has 0'],
  [{ header: 1 }, 'limits.header', 'no option of this name'],
])('%j keeps the application from starting', async (limits, where, text) => {
  const error: unknown = await createApp({ ...OPTIONS, limits }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartupError);
  const [first] = (error as StartupError).findings;
  expect(first).toMatchObject({ code: 'bad-option', where });
  expect(first?.message).toContain(text);
});
