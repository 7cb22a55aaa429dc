import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createApp, GET, Path, PathParam, POST } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Path('/f')
class FileController {
  @GET('/{name}') one(@PathParam('name') name: string) {
    return ['one', name];
  }
  @GET('/{dir}/{name}') two(@PathParam('dir') dir: string, @PathParam('name') name: string) {
    return ['two', dir, name];
  }
  @GET('/all/{rest: .*}') all(@PathParam('rest') rest: string) {
    return ['all', rest];
  }
  @GET('/a,b') literal() {
    return ['literal'];
  }
  @GET('/~x') tilde() {
    return ['tilde'];
  }
  @GET('/plus+plus') plus() {
    return ['plus'];
  }
  @GET('/a.b(c)*') special() {
    return ['special'];
  }
  @POST post() {
    return ['post'];
  }
}

@Path('/')
class RootController {
  @GET get() {
    return ['root'];
  }
}

@Path('/s/{rest: .*}')
class StrictController {
  @GET get(@PathParam('rest') rest: string) {
    return ['rest', rest];
  }
}

@Path('/x/a')
class PlainController {
  @GET get() {
    return ['plain'];
  }
  @GET('/b/') slash() {
    return ['slash'];
  }
}

let loose: Server;
let strict: Server;

/** The status and the content of what answers these bytes. */
async function raw(server: Server, head: string): Promise<{ status: number; head: string; text: string }> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(Buffer.from(head, 'latin1'));
  await once(socket, 'close');
  const [before = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(before)?.[1]), head: before, text: rest.join('\r\n\r\n') };
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

beforeAll(async () => {
  const controllers = [FileController, RootController, PlainController];
  const one = await createApp({ controllers, logger: false });
  const two = await createApp({
    controllers: [PlainController, StrictController],
    logger: false,
    strictSlash: true,
  });
  loose = one.listen(0, '127.0.0.1');
  strict = two.listen(0, '127.0.0.1');
  await Promise.all([once(loose, 'listening'), once(strict, 'listening')]);
});

afterAll(() => {
  for (const server of [loose, strict]) {
    server.closeAllConnections();
    server.close();
  }
});

type Expected = readonly string[] | number;

async function expectOf(server: Server, head: string, expected: Expected) {
  const answer = await raw(server, head);
  if (typeof expected === 'number') expect(answer.status).toBe(expected);
  else
    expect([answer.status, JSON.parse(Buffer.from(answer.text, 'latin1').toString())]).toEqual([
      200,
      expected,
    ]);
  if (typeof expected === 'number') expect(answer.head).toContain('application/problem+json');
}

describe('percent-encoding, RFC 3986 §2.1-§2.4, §6.2.2.2', () => {
  it.each<[string, Expected]>([
    ['/f/a%2Fb', ['one', 'a/b']],
    ['/f/a%2fb', ['one', 'a/b']],
    ['/f%2Fa', 404],
    ['/f/%2F', ['one', '/']],
    ['/f/%2F/%2F', ['two', '/', '/']],
    ['/f/a%252Fb', ['one', 'a%2Fb']],
    ['/f/%2561', ['one', '%61']],
    ['/f/%C3%A9', ['one', 'é']],
    ['/f/%c3%a9', ['one', 'é']],
    ['/f/e%CC%81', ['one', 'e\u0301']],
    ['/f/%F0%9F%98%80', ['one', '😀']],
    ['/f/%20', ['one', ' ']],
    ['/f/a%3Fb', ['one', 'a?b']],
    ['/f/a%23b', ['one', 'a#b']],
    ['/f/a%3Bb=c', ['one', 'a;b=c']],
    ['/f/a+b', ['one', 'a+b']],
    ['/f/a%2Bb', ['one', 'a+b']],
    ["/f/:@!$&'()*+,=-._~", ['one', ":@!$&'()*+,=-._~"]],
    ['/f/a,b', ['literal']],
    ['/f/%61,b', ['literal']],
    ['/f/~x', ['tilde']],
    ['/f/%7Ex', ['tilde']],
    ['/f/%7ex', ['tilde']],
    ['/f/plus+plus', ['plus']],
    ['/f/plus%20plus', ['one', 'plus plus']],
    ['/f/plusplus', ['one', 'plusplus']],
    ['/f/a.b(c)*', ['special']],
    ['/f/axb(c)*', ['one', 'axb(c)*']],
    ['/%66/x', ['one', 'x']],
    ['/f/all/a%2Fb/c', ['all', 'a/b/c']],
    ['/f/all/a//b', ['all', 'a//b']],
    ['/f/all/%2F', ['all', '/']],
    ['/f/__proto__', ['one', '__proto__']],
    ['/f/constructor', ['one', 'constructor']],
    ['/f/toString/hasOwnProperty', ['two', 'toString', 'hasOwnProperty']],
    ['/__proto__', 404],
    ['/constructor', 404],
    ['/f/%', 400],
    ['/f/%2', 400],
    ['/f/a%zz', 400],
    ['/f/%u0061', 400],
    ['/f/%ff', 400],
    ['/f/%C3', 400],
    ['/f/%C3/%A9', 400],
    ['/f/%A9', 400],
    ['/f/%C0%AF', 400],
    ['/f/%E0%80%AF', 400],
    ['/f/%ED%A0%80', 400],
    ['/f/%F4%90%80%80', 400],
    ['/f/%F8%88%80%80%80', 400],
    ['/nope/%ff', 400],
    ['/f/%FE%FF', 400],
  ])('GET %s: %j', (target, expected) => expectOf(loose, get(target), expected));
});

describe('dot segments reach nothing, RFC 3986 §5.2.4, §6.2.2.3', () => {
  it.each<[string, Expected]>([
    ['/f/.', 400],
    ['/f/..', 400],
    ['/f/../f/a', 400],
    ['/f/./a', 400],
    ['/..', 400],
    ['/.', 400],
    ['/f/%2e', 400],
    ['/f/%2E%2E', 400],
    ['/f/%2e.', 400],
    ['/f/.%2E', 400],
    ['/f/..;a=b', 400],
    ['/f/.;', 400],
    ['/f/%2e%2e;/a', 400],
    ['/f/all/..', 400],
    ['/f/all/a/../../b', 400],
    ['/f/all/%2e%2e/%2e%2e/etc', 400],
    ['/f/all/a/.', 400],
    ['/f/all/a/./', 400],
    ['/f/all/..%2F..%2Fetc', 400],
    ['/f/all/a%2F..%2F..%2Fb', 400],
    ['/f/all/a%2f%2e%2e', 400],
    ['/nope/../f/a', 400],
    ['/f/%252e%252e', ['one', '%2e%2e']],
    ['/f/%252e%252e%252fx', ['one', '%2e%2e%2fx']],
    ['/f/...', ['one', '...']],
    ['/f/..a', ['one', '..a']],
    ['/f/a..', ['one', 'a..']],
    ['/f/.a', ['one', '.a']],
    ['/f/a?../..', ['one', 'a']],
    ['/f/all/a/.../b', ['all', 'a/.../b']],
  ])('GET %s: %j', (target, expected) => expectOf(loose, get(target), expected));
});

describe('forms of the request target, RFC 9112 §3.2 and RFC 9110 §4.2', () => {
  it.each<[string, Expected]>([
    ['http://a/f/x', ['one', 'x']],
    ['http://a:80/f/x', ['one', 'x']],
    ['http://a/f/x?y=http://z', ['one', 'x']],
    ['http://other.example/f/x', 400],
    ['http://a:8080/f/x', 400],
    ['http://u@a/f/x', 400],
    ['HTTP://A/f/x', ['one', 'x']],
    ['https://a/f/x', ['one', 'x']],
    ['http://[::1]:8080/f/x', 400],
    ['http://a/f/a%2Fb', ['one', 'a/b']],
    ['http://a/f/;m=1', 405],
    ['http://a', ['root']],
    ['http://a/', ['root']],
    ['http://a?x=1', ['root']],
    ['http://a/f/../f/x', 400],
    ['http://a/f/%2e%2e/x', 400],
    ['http://a/f/%ff', 400],
    ['*', 400],
    ['f/x', 400],
    ['a:80', 400],
    ['//f/x', 404],
    ['///', 404],
    ['/http://a/f/x', 404],
    ['/', ['root']],
    ['/?', ['root']],
    ['/f/x?a?b', ['one', 'x']],
  ])('GET %s: %j', (target, expected) => expectOf(loose, get(target), expected));

  it.each<[string, string, Expected]>([
    ['absolute form in HTTP/1.0', 'GET http://a/f/x HTTP/1.0\r\n\r\n', ['one', 'x']],
    ['origin form in HTTP/1.0 without Host', 'GET /f/x HTTP/1.0\r\n\r\n', ['one', 'x']],
    ['an empty line before the request line, §2.2', `\r\n${get('/f/x')}`, ['one', 'x']],
    [
      'Host empty for a target without authority, §3.2',
      'GET /f/x HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
      ['one', 'x'],
    ],
    [
      'Host in capitals with OWS',
      'GET /f/x HTTP/1.1\r\nHOST: \t a:80 \t\r\nConnection: close\r\n\r\n',
      ['one', 'x'],
    ],
    ['no Host with absolute form in HTTP/1.1', 'GET http://a/f/x HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a space within the target, §3', get('/f/x y'), 400],
    ['a tab within the target, §3', get('/f/x\ty'), 400],
    ['octets beyond ASCII in the target', get('/f/\xc3\xa9'), 400],
    ['white space before the colon, §5.1', 'GET /f/x HTTP/1.1\r\nHost : a\r\nConnection: close\r\n\r\n', 400],
    ['a folded line, §5.2', 'GET /f/x HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nConnection: close\r\n\r\n', 400],
    ['a name of no characters, §5', 'GET /f/x HTTP/1.1\r\nHost: a\r\n: b\r\nConnection: close\r\n\r\n', 400],
    [
      'NUL in a value, RFC 9110 §5.5',
      'GET /f/x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\nConnection: close\r\n\r\n',
      400,
    ],
  ])('%s', (_title, head, expected) => expectOf(loose, head, expected));
});

describe('the option strictSlash, RFC 3986 §6.2', () => {
  it.each<[string, Expected]>([
    ['/x/a', ['plain']],
    ['/x/a/', 404],
    ['/x/a?q=/', ['plain']],
    ['/x/a;m=/', 404],
    ['/x/a;m=%2F', ['plain']],
    ['/x/a%2F', 404],
    ['/x/a/b//', 404],
    ['/s/', ['rest', '']],
    ['/s/a', ['rest', 'a']],
    ['/s/a/', ['rest', 'a/']],
    ['/s/a//', ['rest', 'a//']],
  ])('GET %s: %j', (target, expected) => expectOf(strict, get(target), expected));
});
