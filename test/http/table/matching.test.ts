import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, DELETE, GET, Path, PathParam, POST, PUT } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Declared from the least to the most precise: the order must make no difference.
@Path('/o')
class OrderController {
  @GET('/{rest: .*}') rest(@PathParam('rest') rest: string) {
    return ['rest', rest];
  }
  @POST('/{rest: .*}') postRest(@PathParam('rest') rest: string) {
    return ['postRest', rest];
  }
  @GET('/{a}/{b}') two(@PathParam('a') a: string, @PathParam('b') b: string) {
    return ['two', a, b];
  }
  @GET('/{x}/sub') xSub(@PathParam('x') x: string) {
    return ['xSub', x];
  }
  @GET('/{n: [0-9]+}/sub') nSub(@PathParam('n') n: number) {
    return ['nSub', n];
  }
  @GET('/{id}') id(@PathParam('id') id: string) {
    return ['id', id];
  }
  @GET('/{id: [0-9]+}') num(@PathParam('id') id: number) {
    return ['num', id];
  }
  @GET('/{name}.{ext}') file(@PathParam('name') name: string, @PathParam('ext') ext: string) {
    return ['file', name, ext];
  }
  @GET('/pre{x}') pre(@PathParam('x') x: string) {
    return ['pre', x];
  }
  @GET('/{from: [0-9]{4}}-{to: [0-9]{4}}') years(
    @PathParam('from') from: number,
    @PathParam('to') to: number,
  ) {
    return ['years', from, to];
  }
  @GET('/mine') mine() {
    return ['mine'];
  }
  @GET root() {
    return ['root'];
  }
}

// The same most literal characters, in another segment.
@Path('/l')
class LiteralController {
  @GET('/aa/{x}/c') first(@PathParam('x') x: string) {
    return ['first', x];
  }
  @GET('/{x}/bbb/c') second(@PathParam('x') x: string) {
    return ['second', x];
  }
  @GET('/{x}/{y}/{z}') third() {
    return ['third'];
  }
}

@Path('/t/{a}')
class GetController {
  @GET get(@PathParam('a') a: string) {
    return ['get', a];
  }
}

@Path('t/{b}')
class PutController {
  @PUT put(@PathParam('b') b: string) {
    return ['put', b];
  }
}

@Path('/n/')
class SlashController {
  @GET all() {
    return ['all'];
  }
  @GET('{id: [0-9]+}/') one(@PathParam('id') id: number) {
    return ['one', id];
  }
  @DELETE('/{id}') remove(@PathParam('id') id: string) {
    return ['remove', id];
  }
}

@Path('/münchen/a%20b')
class EncodedController {
  @GET get() {
    return ['encoded'];
  }
  @GET('/{nm: [a-c]{1,2}|x}') letters(@PathParam('nm') nm: string) {
    return ['letters', nm];
  }
  @GET('/:id(\\d{2})/:tail') colon(@PathParam('id') id: string, @PathParam('tail') tail: string) {
    return ['colon', id, tail];
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let server: Server;

/** One request as it is written here, on a connection of its own. */
function ask(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  content?: string | Buffer,
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    req.on('error', reject);
    req.end(content);
  });
}

beforeAll(async () => {
  const app = await createApp({
    controllers: [
      OrderController,
      LiteralController,
      GetController,
      PutController,
      SlashController,
      EncodedController,
    ],
    logger: false,
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('the most precise template wins, Jakarta REST 4.0 §3.7.2', () => {
  it.each<[string, readonly unknown[]]>([
    ['/o', ['root']],
    ['/o/', ['root']],
    ['/o?', ['root']],
    ['/o/mine', ['mine']],
    ['/o/mine/', ['mine']],
    ['/o/mine?mine', ['mine']],
    ['/o/Mine', ['id', 'Mine']],
    ['/o/mines', ['id', 'mines']],
    ['/o/min', ['id', 'min']],
    ['/o/12', ['num', 12]],
    ['/o/0', ['num', 0]],
    ['/o/12a', ['id', '12a']],
    ['/o/-12', ['id', '-12']],
    ['/o/a.b', ['file', 'a', 'b']],
    ['/o/12.5', ['file', '12', '5']],
    ['/o/a.b.c', ['file', 'a', 'b.c']],
    ['/o/.b', ['id', '.b']],
    ['/o/a.', ['id', 'a.']],
    ['/o/...', ['file', '.', '.']],
    ['/o/prefix', ['pre', 'fix']],
    ['/o/pre', ['id', 'pre']],
    ['/o/pre.x', ['pre', '.x']],
    ['/o/prefix/', ['pre', 'fix']],
    ['/o/2001-2024', ['years', 2001, 2024]],
    ['/o/2001-202', ['id', '2001-202']],
    ['/o/2001-20245', ['id', '2001-20245']],
    ['/o/a/b', ['two', 'a', 'b']],
    ['/o/a/sub', ['xSub', 'a']],
    ['/o/a/sub/', ['xSub', 'a']],
    ['/o/7/sub', ['nSub', 7]],
    ['/o/mine/sub', ['xSub', 'mine']],
    ['/o/mine/mine', ['two', 'mine', 'mine']],
    ['/o/a/b/c', ['rest', 'a/b/c']],
    ['/o/mine/b/c', ['rest', 'mine/b/c']],
    ['/l/aa/bbb/c', ['second', 'aa']],
    ['/l/aa/x/c', ['first', 'x']],
    ['/l/a/x/c', ['third']],
    ['/l/aa/bbb/d', ['third']],
    ['/t/x', ['get', 'x']],
    ['/o;v=1/mine;v=2', ['mine']],
    ['/o/;v=1', ['root']],
    ['/o;v=1', ['root']],
    ['/o/12;v=1', ['num', 12]],
    ['/o/a;v=1/sub;w', ['xSub', 'a']],
    ['/o/a.b;x.y', ['file', 'a', 'b']],
    ['/o/pre;x', ['id', 'pre']],
    ['/n', ['all']],
    ['/n/', ['all']],
    ['/n/5', ['one', 5]],
    ['/n/5/', ['one', 5]],
  ])('GET %s: %j', async (path, found) => {
    const answer = await ask('GET', path);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, found]);
  });

  it.each<[string, string, number, string | readonly unknown[]]>([
    ['PUT', '/t/x', 200, ['put', 'x']],
    ['POST', '/t/x', 405, 'GET, HEAD, OPTIONS, PUT'],
    ['POST', '/o/mine', 405, 'GET, HEAD, OPTIONS'],
    ['POST', '/o/12', 405, 'GET, HEAD, OPTIONS'],
    ['POST', '/o/a', 405, 'GET, HEAD, OPTIONS'],
    ['POST', '/o/a/b', 405, 'GET, HEAD, OPTIONS'],
    ['POST', '/o/a/b/c', 200, ['postRest', 'a/b/c']],
    ['DELETE', '/o/a/b/c', 405, 'GET, HEAD, OPTIONS, POST'],
    ['DELETE', '/n/5', 405, 'GET, HEAD, OPTIONS'],
    ['DELETE', '/n/x', 200, ['remove', 'x']],
    ['GET', '/n/x', 405, 'DELETE, OPTIONS'],
    ['GET', '/l/aa', 404, ''],
    ['GET', '/l/aa/', 404, ''],
    ['GET', '/', 404, ''],
    ['GET', '/O/mine', 404, ''],
    ['GET', '/oo', 404, ''],
    ['DELETE', '/nope', 404, ''],
  ])('%s %s: %i %j (the resource before its method)', async (method, path, status, expected) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    if (status === 200) expect(JSON.parse(answer.text)).toEqual(expected);
    if (status === 405) expect((answer.headers.allow ?? '').split(', ').sort().join(', ')).toBe(expected);
  });
});

describe('literals and expressions of templates, Jakarta REST 4.0 §3.4, §3.7.3', () => {
  it.each<[string, readonly unknown[] | number]>([
    ['/m%C3%BCnchen/a%20b', ['encoded']],
    ['/m%c3%bcnchen/a%20b', ['encoded']],
    ['/%6D%C3%BCnchen/%61%20%62/', ['encoded']],
    ['/m%FCnchen/a%20b', 400],
    ['/m%C3%BCnchen/a+b', 404],
    ['/m%C3%BCnchen/a%2520b', 404],
    ['/m%C3%BCnchen%2Fa%20b', 404],
    ['/mu%CC%88nchen/a%20b', 404],
    ['/m%C3%BCnchen/a%20b/ab', ['letters', 'ab']],
    ['/m%C3%BCnchen/a%20b/x', ['letters', 'x']],
    ['/m%C3%BCnchen/a%20b/%78', ['letters', 'x']],
    ['/m%C3%BCnchen/a%20b/abc', 404],
    ['/m%C3%BCnchen/a%20b/xa', 404],
    ['/m%C3%BCnchen/a%20b/ax', 404],
    ['/m%C3%BCnchen/a%20b/12/t', ['colon', '12', 't']],
    ['/m%C3%BCnchen/a%20b/%31%32/t%2Fu', ['colon', '12', 't/u']],
    ['/m%C3%BCnchen/a%20b/123/t', 404],
    ['/m%C3%BCnchen/a%20b/12', 404],
  ])('GET %s: %j', async (path, found) => {
    const answer = await ask('GET', path);
    if (typeof found === 'number') expect(answer.status).toBe(found);
    else expect([answer.status, JSON.parse(answer.text)]).toEqual([200, found]);
  });
});
