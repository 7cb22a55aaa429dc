import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { IsString } from 'class-validator';
import type Koa from 'koa';
import { Body, Context, createApp, DELETE, GET, MaxBody, Path, POST, QueryParam } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Draft {
  @IsString() title!: string;
}

let calls = 0;

@Path('/m')
class MessageController {
  @GET get(@QueryParam('q') q?: string) {
    calls += 1;
    return { ok: true, q };
  }
  @POST @MaxBody(100) post(@Body() draft: Draft) {
    calls += 1;
    return draft;
  }
  @DELETE remove() {
    calls += 1;
    return { removed: true };
  }
  @GET('/slow') async slow() {
    await new Promise((resolve) => setImmediate(resolve));
    return { slow: true };
  }
  @GET('/stream') async *stream() {
    yield { n: 1 };
    yield { n: 2 };
  }
  @GET('/url') url(@Context() ctx: Koa.Context) {
    return { path: ctx.path, host: ctx.host };
  }
  @GET('/none') none() {}
}

let server: Server;
let port: number;

beforeAll(async () => {
  const app = await createApp({ controllers: MessageController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What comes back until the server closes; with `half`, this side is closed at once. */
async function raw(text: string, half = false): Promise<string> {
  calls = 0;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setEncoding('latin1');
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  if (half) socket.end(text, 'latin1');
  else socket.write(text, 'latin1');
  await once(socket, 'end').catch(() => undefined);
  socket.destroy();
  return answer;
}

const statuses = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;
const get = (target: string, ...headers: string[]) =>
  lines(`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers);
const post = (body: string, ...headers: string[]) =>
  `${lines('POST /m HTTP/1.1', 'Host: a', 'Connection: close', 'Content-Type: application/json', ...headers)}${body}`;
const BODY = '{"title":"x"}';

describe('RFC 9112', () => {
  it.each<[name: string, text: string, status: number]>([
    ['§2.2 an empty line before the request', `\r\n${get('/m')}`, 200],
    ['§3 no such version', 'GET /m HTTP/3.7\r\nHost: a\r\n\r\n', 400],
    ['§3 small letters', 'GET /m http/1.1\r\nHost: a\r\n\r\n', 400],
    ['§3.1 a method in small letters is another one', get('/m').replace('GET', 'get'), 400],
    ['§3.2.1 a query', get('/m?q=%20x'), 200],
    ['§3.2.2 the absolute form', get('http://a/m'), 200],
    ['§3.2.2 the absolute form with another host', get('http://other.example/m'), 400],
    ['§3.2.2 the absolute form with a query', get('http://a/m?q=1'), 200],
    ['§3.2.2 the absolute form without a path', get('http://a'), 404],
    ['§3.2.2 a scheme in capitals', get('HTTP://a/m'), 200],
    ['§3.2.4 the asterisk form', lines('OPTIONS * HTTP/1.1', 'Host: a', 'Connection: close'), 204],
    ['§3.2.4 the asterisk with GET', get('*'), 400],
    ['§3.2 a fragment is none of the target', get('/m#x'), 400],
    ['§3.2 a blank in the target', get('/m /x'), 400],
    ['§3.2 Host with a blank', lines('GET /m HTTP/1.1', 'Host: a b', 'Connection: close'), 400],
    ['§3.2 Host with user info', lines('GET /m HTTP/1.1', 'Host: u@a', 'Connection: close'), 400],
    ['§3.2 Host with a path', lines('GET /m HTTP/1.1', 'Host: a/m', 'Connection: close'), 400],
    ['§3.2 Host with a query', lines('GET /m HTTP/1.1', 'Host: a?m', 'Connection: close'), 400],
    ['§3.2 Host with a port that is none', lines('GET /m HTTP/1.1', 'Host: a:b', 'Connection: close'), 400],
    ['§3.2 Host with an empty port', lines('GET /m HTTP/1.1', 'Host: a:', 'Connection: close'), 200],
    ['§3.2 Host with two hosts', lines('GET /m HTTP/1.1', 'Host: a, b', 'Connection: close'), 400],
    ['§3.2 Host with an address', lines('GET /m HTTP/1.1', 'Host: 127.0.0.1:80', 'Connection: close'), 200],
    ['§3.2 Host with half an address', lines('GET /m HTTP/1.1', 'Host: [::1', 'Connection: close'), 400],
    ['§3.2 Host with blanks around', lines('GET /m HTTP/1.1', 'Host: \t a \t', 'Connection: close'), 200],
    ['§3.2 Host with an escape', lines('GET /m HTTP/1.1', 'Host: a%20b', 'Connection: close'), 200],
    ['§3.2 Host with a broken escape', lines('GET /m HTTP/1.1', 'Host: a%2', 'Connection: close'), 400],
    ['§3.2 Host twice in HTTP/1.0', lines('GET /m HTTP/1.0', 'Host: a', 'Host: b'), 400],
    ['§3.2 no Host in the absolute form', lines('GET http://a/m HTTP/1.1', 'Connection: close'), 400],
    ['§5.1 a blank before the colon', get('/m', 'X-A : 1'), 400],
    ['§5.1 no name', get('/m', ': 1'), 400],
    ['§5.1 no colon', get('/m', 'X-A'), 400],
    ['§5.2 a folded line', get('/m', 'X-A: 1', ' 2'), 400],
    ['§5 NUL in a value', get('/m', 'X-A: a\0b'), 400],
    ['§5 obs-text in a value', get('/m', 'X-A: \xe9'), 200],
    ['§5 an empty value', get('/m', 'X-A:'), 200],
    ['§6 content with GET is skipped', `${get('/m', 'Content-Length: 3')}abc`, 200],
    [
      '§6 content with DELETE is skipped',
      `${get('/m', 'Content-Length: 3').replace('GET', 'DELETE')}abc`,
      200,
    ],
    ['§6.1 chunked', post(`d\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'), 200],
    ['§6.1 CHUNKED', post(`d\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: CHUNKED'), 200],
    ['§7.1 chunk sizes in capitals', post(`D\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'), 200],
    ['§7.1 leading zeros', post(`000d\r\n${BODY}\r\n000\r\n\r\n`, 'Transfer-Encoding: chunked'), 200],
    ['§7.1.1 an extension', post(`d;a=b;c="d"\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'), 200],
    ['§7.1.2 a trailer', post(`d\r\n${BODY}\r\n0\r\nX-T: 1\r\n\r\n`, 'Transfer-Encoding: chunked'), 200],
    [
      '§7.1.2 a trailer is no header',
      post(`d\r\n${BODY}\r\n0\r\nHost: b/c\r\n\r\n`, 'Transfer-Encoding: chunked'),
      200,
    ],
    ['§7.1 a size that is none', post(`x\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'), 400],
    ['§7.1 more than the size', post(`c\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'), 400],
    [
      '§7.1 a size of 2^64',
      post(`10000000000000000\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'),
      400,
    ],
    ['§6.1 gzip, chunked', post('0\r\n\r\n', 'Transfer-Encoding: gzip, chunked'), 501],
    ['§6.1 two lines', post('0\r\n\r\n', 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'), 501],
    ['§6.3 both lengths', post('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Content-Length: 5'), 400],
    ['§6.1 chunked is not last', post(BODY, 'Transfer-Encoding: chunked, gzip'), 400],
    [
      '§6.1 chunked in HTTP/1.0',
      post(`0\r\n\r\n`, 'Transfer-Encoding: chunked').replace('/1.1', '/1.0'),
      400,
    ],
    ['§6.3 two lengths', post(BODY, 'Content-Length: 13', 'Content-Length: 12'), 400],
    ['§6.3 a length with a sign', post(BODY, 'Content-Length: +13'), 400],
    ['§6.3 a negative length', post(BODY, 'Content-Length: -13'), 400],
    ['§6.3 a length in hexadecimal', post(BODY, 'Content-Length: 0xd'), 400],
    ['§6.3 a length of 2^64', post(BODY, 'Content-Length: 18446744073709551616'), 400],
    ['§6.3 an empty length', post('', 'Content-Length:'), 400],
    ['§6.3 a length with blanks', post(BODY, 'Content-Length: \t13 '), 200],
    ['§6.3 no length is no content', post(''), 400],
    ['RFC 9110 §15.5.14 more than it takes', post('x'.repeat(101), 'Content-Length: 101'), 413],
    [
      'RFC 9110 §15.5.14 more in chunks',
      post(`65\r\n${'x'.repeat(101)}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'),
      413,
    ],
    ['RFC 9110 §15.5.14 far more', post('', 'Content-Length: 9007199254740993'), 413],
    ['RFC 9110 §10.1.1 another expectation', get('/m', 'Expect: 200-ok'), 417],
    ['RFC 9110 §10.1.1 in HTTP/1.0 it is ignored', lines('GET /m HTTP/1.0', 'Expect: 100-continue'), 200],
    ['RFC 6585 §5 too much of headers', get('/m', `X-A: ${'x'.repeat(20_000)}`), 431],
    ['RFC 9110 §9.1 a method that is none', get('/m').replace('GET', 'FROB'), 400],
    ['RFC 9110 §7.8 an upgrade that isn’t known', get('/m', 'Upgrade: h2c'), 200],
  ])('%s', async (_name, text, status) => {
    const answer = await raw(text);
    expect(statuses(answer)).toEqual([status]);
    if (status >= 400) expect(answer).toContain('application/problem+json');
    if (status === 400) expect(answer).not.toContain('200 OK');
  });

  it.each<[name: string, text: string]>([
    ['a length', lines('HEAD /m HTTP/1.1', 'Host: a', 'Content-Length: x')],
    ['no host', lines('HEAD /m HTTP/1.1', 'Connection: close')],
    ['two hosts', lines('HEAD /m HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close')],
    [
      'a coding',
      lines('HEAD /m HTTP/1.1', 'Host: a', 'Connection: close', 'Transfer-Encoding: gzip, chunked'),
    ],
    ['an expectation', lines('HEAD /m HTTP/1.1', 'Host: a', 'Connection: close', 'Expect: x')],
    ['no route', lines('HEAD /nowhere HTTP/1.1', 'Host: a', 'Connection: close')],
    ['a stream', lines('HEAD /m/stream HTTP/1.1', 'Host: a', 'Connection: close')],
  ])('RFC 9110 §9.3.2 HEAD with %s wrong or right has no content', async (_name, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1.1 \d{3} [^\r]*\r\n([^\r]+\r\n)+\r\n$/);
  });

  it.each<[name: string, requests: readonly string[], expected: readonly number[]]>([
    ['in order', ['/m/slow', '/m', '/m/none', '/m/nowhere'], [200, 200, 204, 404]],
    ['streams between', ['/m/stream', '/m', '/m/stream'], [200, 200, 200]],
    ['one that is malformed ends it', ['/m', '/m#x'], [200, 400]],
  ])('§9.3.2 pipelined requests are answered %s', async (_name, targets, expected) => {
    const text = targets
      .map((target, i) =>
        lines(`GET ${target} HTTP/1.1`, 'Host: a', i === targets.length - 1 ? 'Connection: close' : 'X: y'),
      )
      .join('');
    const answer = await raw(text);
    expect(statuses(answer)).toEqual(expected);
  });

  it.each([
    '/m',
    '/m/slow',
    '/m/stream',
    '/m/none',
  ])('§9.6 a half-closed client gets its answer: %s', async (path) => {
    expect(await raw(lines(`GET ${path} HTTP/1.1`, 'Host: a'), true)).toMatch(/^HTTP\/1.1 20\d /);
  });

  it('§8 content that breaks off never reaches the method', async () => {
    await raw(post(BODY.slice(0, 5), 'Content-Length: 13'), true);
    expect(calls).toBe(0);
  });

  it.each(['/m', '/m/stream'])('§6.1 HTTP/1.0 gets no chunks: %s', async (path) => {
    const answer = await raw(lines(`GET ${path} HTTP/1.0`));
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toMatch(/\r\n\r\n(\{"ok":true\}|\[\{"n":1\},\{"n":2\}\])$/);
  });

  it('§9.3 HTTP/1.0 keeps the connection where it asks for it', async () => {
    const one = lines('GET /m HTTP/1.0', 'Connection: keep-alive');
    expect(statuses(await raw(one + lines('GET /m HTTP/1.0')))).toEqual([200, 200]);
  });

  it('§3.3 the path of an absolute target is the path', async () => {
    expect(await raw(get('http://a/m/url?x=1'))).toContain('"path":"/m/url"');
  });

  it('RFC 9110 §10.1.1 100 comes before the content and once', async () => {
    const text = post('', 'Content-Length: 13', 'Expect: 100-Continue');
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write(text);
    const [first] = (await once(socket, 'data')) as [string];
    expect(first).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    for (const letter of BODY) socket.write(letter);
    const [second] = (await once(socket, 'data')) as [string];
    expect(second).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });
});
