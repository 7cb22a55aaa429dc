import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, GET, MatrixParam, Path, PathParam } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Path('/m')
class MatrixController {
  @GET('/{x}/{y}') get(
    @PathParam('x') x: string,
    @PathParam('y') y: string,
    @MatrixParam('a') a?: string,
    @MatrixParam('b') b?: number,
    @MatrixParam('c') c: string[] = [],
  ) {
    return [x, y, a ?? null, b ?? null, c];
  }
  @GET('/span/all/{rest: .+}') span(@PathParam('rest') rest: string, @MatrixParam('a') a?: string) {
    return [rest, a ?? null];
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
    controllers: MatrixController,
    logger: false,
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('matrix parameters take no part in matching, Jakarta REST 4.0 §3.7.2 and RFC 3986 §3.3', () => {
  it.each<[string, readonly unknown[] | number]>([
    ['/m/1/2', ['1', '2', null, null, []]],
    ['/m;a=1/1/2', ['1', '2', '1', null, []]],
    ['/m/1;a=x/2', ['1', '2', 'x', null, []]],
    ['/m/1/2;a=x;b=-1.5', ['1', '2', 'x', -1.5, []]],
    ['/m/1;/2;', ['1', '2', null, null, []]],
    ['/m/1;;;a=x;;/2', ['1', '2', 'x', null, []]],
    ['/m/1/2;a', ['1', '2', '', null, []]],
    ['/m/1/2;a=', ['1', '2', '', null, []]],
    ['/m/1/2;a=b=c', ['1', '2', 'b=c', null, []]],
    ['/m/1/2;%61=x', ['1', '2', 'x', null, []]],
    ['/m/1/2;a=%3B%2F%3D', ['1', '2', ';/=', null, []]],
    ['/m/1/2;a=+', ['1', '2', '+', null, []]],
    ['/m/1/2;A=x', ['1', '2', null, null, []]],
    ['/m/1;c=1/2;c=2;c=3', ['1', '2', null, null, ['1', '2', '3']]],
    ['/m/1/2/;a=x', ['1', '2', 'x', null, []]],
    ['/m/1%3Ba=x/2', ['1;a=x', '2', null, null, []]],
    ['/m/1/2;a=1;a=2', 400],
    ['/m/1;a=1/2;a=1', 400],
    ['/m/1/2;b=', 400],
    ['/m/1/2;b', 400],
    ['/m/1/2;b=0x1', 400],
    ['/m/1/2;a=%ff', 400],
    ['/m/1/2;a=%', 400],
    ['/m/1/2;__proto__=x;constructor=y', ['1', '2', null, null, []]],
    ['/m/span/all/x;a=1/y;b=2', ['x/y', '1']],
    ['/m/span/all/x%3Ba=1/y', ['x;a=1/y', null]],
    ['/m/;a=1/2', 404],
  ])('GET %s: %j', async (path, found) => {
    const answer = await ask('GET', path);
    if (typeof found === 'number') expect(answer.status).toBe(found);
    else expect([answer.status, JSON.parse(answer.text)]).toEqual([200, found]);
  });
});
