import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { IsString } from 'class-validator';
import { Authenticated, Body, basic, createApp, GET, MaxBody, Path, POST } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

class Draft {
  @IsString() title!: string;
}

@Path('/m')
class MessageController {
  @GET get() {
    return { ok: true };
  }
  @POST @MaxBody(1000) post(@Body() draft: Draft) {
    return draft;
  }
  @POST('/secret') @Authenticated secret(@Body() draft: Draft) {
    return draft;
  }
}

const authenticators = [basic(() => null)];
let server: Server;
let port: number;

beforeAll(async () => {
  const app = await createApp({
    controllers: MessageController,
    logger: false,
    authenticators,
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What comes back until the server closes. */
async function raw(...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(parts.join('\r\n'));
  await once(socket, 'close');
  return text;
}

describe('Host, RFC 9112 §3.2', () => {
  it.each([
    ['none', ['GET /m HTTP/1.1', 'Connection: close', '', ''], 400],
    ['two', ['GET /m HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close', '', ''], 400],
    ['two that are equal', ['GET /m HTTP/1.1', 'Host: a', 'host: a', 'Connection: close', '', ''], 400],
    ['one that is no host', ['GET /m HTTP/1.1', 'Host: a/b', 'Connection: close', '', ''], 400],
    ['an empty one', ['GET /m HTTP/1.1', 'Host:', 'Connection: close', '', ''], 200],
    ['with a port', ['GET /m HTTP/1.1', 'Host: [::1]:80', 'Connection: close', '', ''], 200],
    ['none in HTTP/1.0', ['GET /m HTTP/1.0', '', ''], 200],
  ])('%s is answered as it says', async (_name, lines, status) => {
    const answer = await raw(...lines);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status === 400) expect(answer).toContain('urn:koanatomy:bad-request');
  });
});

describe('Expect: 100-continue, RFC 9110 §10.1.1', () => {
  const head = (path: string, length: number) => [
    `POST ${path} HTTP/1.1`,
    'Host: a',
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    'Expect: 100-continue',
  ];

  it.each([
    ['no credentials', '/m/secret', 20, 401],
    ['too much', '/m', 1001, 413],
    ['no such path', '/none', 20, 404],
  ])('with %s is refused without asking for the content', async (_name, path, length, status) => {
    const answer = await raw(...head(path, length), '', '');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  it('is answered with 100 where the content is wanted', async () => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write([...head('/m', 13), 'Connection: close', '', ''].join('\r\n'));
    const [first] = (await once(socket, 'data')) as [string];
    expect(first).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{"title":"x"}');
    const [second] = (await once(socket, 'data')) as [string];
    expect(second).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });
});

it('HEAD that the parser refuses gets no content, RFC 9110 §9.3.2', async () => {
  const answer = await raw('HEAD /m HTTP/1.1', 'Host: a', 'Content-Length: x', '', '');
  expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*\r\n\r\n$/);
});

describe('content with a coding, RFC 9110 §8.4', async () => {
  const http = await serve(MessageController, { authenticators });
  const plain = Buffer.from('{"title":"x"}');
  const post = (coding: string, bytes: Buffer) =>
    http
      .post('/m')
      .set('Content-Type', 'application/json')
      .set('Content-Encoding', coding)
      .serialize((body: unknown) => body as string)
      .send(bytes as unknown as string);

  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['identity', plain],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
  ])('%s is undone', async (coding, bytes) => {
    const answer = await post(coding, bytes);
    expect([answer.status, answer.body]).toEqual([200, { title: 'x' }]);
  });

  it.each([
    ['one that is not known', 'compress', plain, 415],
    ['too many', 'gzip, gzip, gzip, gzip', plain, 415],
    ['not what it says', 'gzip', plain, 400],
    ['cut off', 'gzip', gzipSync(plain).subarray(0, 15), 400],
    ['with something behind it', 'gzip', Buffer.concat([gzipSync(plain), plain]), 400],
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(50_000_000)), 413],
    ['a bomb', 'br', brotliCompressSync(Buffer.alloc(5_000_000)), 413],
    ['a bomb in a bomb', 'gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000))), 413],
  ])('%s: %s is refused', async (_name, coding, bytes, status) => {
    const answer = await post(coding, bytes);
    expect(answer.status).toBe(status);
    if (status === 415) expect(answer.headers['accept-encoding']).toMatch(/gzip.*br|br.*gzip/);
  });
});
