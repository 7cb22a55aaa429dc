import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IsString } from 'class-validator';
import {
  ApiError,
  Body,
  createApp,
  DELETE,
  GET,
  MatrixParam,
  Path,
  PathParam,
  POST,
  Produces,
  PUT,
  QueryParam,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Draft {
  @IsString() title!: string;
}

class Leaf {
  constructor(readonly trail: readonly unknown[]) {}
  @GET get(@QueryParam('q') q?: string) {
    return [...this.trail, 'leaf', q ?? null];
  }
  @PUT put(@Body() draft: Draft) {
    return [...this.trail, draft.title];
  }
}

class Notes {
  constructor(readonly trail: readonly unknown[]) {}
  @GET list(@MatrixParam('m') m?: string) {
    return [...this.trail, 'list', m ?? null];
  }
  @POST add(@Body() draft: Draft) {
    return [...this.trail, 'add', draft.title];
  }
  @GET('/{note: [0-9]+}') find(@PathParam('note') note: number) {
    return [...this.trail, 'find', note];
  }
  @GET('/{name}') named(@PathParam('name') name: string) {
    return [...this.trail, 'named', name];
  }
  @GET('/mine') mine() {
    return [...this.trail, 'mine'];
  }
  @DELETE('/{id}/x') remove(@PathParam('id') id: string) {
    return [...this.trail, 'remove', id];
  }
  @GET('/text') @Produces('text/plain') text() {
    return 'text';
  }
  @Path('/{note}/leaf') leaf(@PathParam('note') note: string): Leaf {
    return new Leaf([...this.trail, note]);
  }
}

@Path('/c')
class CaseController {
  @GET('/{id}') get(@PathParam('id') id: number) {
    return ['case', id];
  }
  @Path('/{id}/notes') notes(@PathParam('id') id: number): Notes {
    if (id === 404) throw new ApiError(404, 'There is no such case');
    if (id === 500) throw new Error('secret');
    return new Notes([id]);
  }
  @Path('/{id}/later') async later(@PathParam('id') id: string): Promise<Notes> {
    await Promise.resolve();
    return new Notes([id]);
  }
  @GET('/{id}/notes/special') special() {
    return ['special'];
  }
  @Path('/same') same(): Notes {
    return new Notes(['same']);
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
  const app = await createApp({ controllers: CaseController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('sub-resource locators, Jakarta REST 4.0 §3.4.1, §3.7.2', () => {
  it.each<[string, string, number, unknown]>([
    ['GET', '/c/5/notes', 200, [5, 'list', null]],
    ['GET', '/c/5/notes/', 200, [5, 'list', null]],
    ['GET', '/c/5/notes;m=x', 200, [5, 'list', 'x']],
    ['GET', '/c/5/notes/7', 200, [5, 'find', 7]],
    ['GET', '/c/5/notes/7/', 200, [5, 'find', 7]],
    ['GET', '/c/5/notes/a', 200, [5, 'named', 'a']],
    ['GET', '/c/5/notes/a%2Fb', 200, [5, 'named', 'a/b']],
    ['GET', '/c/5/notes/mine', 200, [5, 'mine']],
    ['GET', '/c/5/notes/%6Dine', 200, [5, 'mine']],
    ['GET', '/c/5/notes/special', 200, ['special']],
    ['DELETE', '/c/5/notes/a/x', 200, [5, 'remove', 'a']],
    ['GET', '/c/5/notes/a/leaf', 200, [5, 'a', 'leaf', null]],
    ['GET', '/c/5/notes/a/leaf?q=1', 200, [5, 'a', 'leaf', '1']],
    ['GET', '/c;v=1/5;v=2/notes;v=3/a;v=4/leaf;v=5', 200, [5, 'a', 'leaf', null]],
    ['GET', '/c/same', 200, ['same', 'list', null]],
    ['GET', '/c/same/7', 200, ['same', 'find', 7]],
    ['GET', '/c/5', 200, ['case', 5]],
    ['GET', '/c/x/notes', 400, ''],
    ['GET', '/c/x/notes/7', 400, ''],
    ['GET', '/c/404/notes', 404, ''],
    ['GET', '/c/404/notes/7', 404, ''],
    ['GET', '/c/500/notes', 500, ''],
    ['GET', '/c/5/notes/7/8', 404, ''],
    ['GET', '/c/5/notes/a/leaf/x', 404, ''],
    ['GET', '/c/5/notes/%2e%2e', 400, ''],
    ['GET', '/c/5/notes/..', 400, ''],
    ['GET', '/c/5/notes/%ff', 400, ''],
    ['PUT', '/c/5/notes', 405, 'GET HEAD OPTIONS POST'],
    ['POST', '/c/5/notes/7', 405, 'GET HEAD OPTIONS'],
    ['POST', '/c/5/notes/mine', 405, 'GET HEAD OPTIONS'],
    ['GET', '/c/5/notes/a/x', 405, 'DELETE OPTIONS'],
    ['DELETE', '/c/5/notes/a/leaf', 405, 'GET HEAD OPTIONS PUT'],
    ['DELETE', '/c/same', 405, 'GET HEAD OPTIONS POST'],
    ['OPTIONS', '/c/5/notes', 204, 'GET HEAD OPTIONS POST'],
    ['OPTIONS', '/c/5/notes/a/leaf', 204, 'GET HEAD OPTIONS PUT'],
    ['HEAD', '/c/5/notes/7', 200, ''],
    ['HEAD', '/c/5/notes/a/x', 405, 'DELETE OPTIONS'],
  ])('%s %s: %i %j', async (method, path, status, expected) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    if (method === 'HEAD' || method === 'OPTIONS') expect(answer.text).toBe('');
    else if (status === 200) expect(JSON.parse(answer.text)).toEqual(expected);
    if (status === 405 || status === 204)
      expect((answer.headers.allow ?? '').split(', ').sort().join(' ')).toBe(expected);
    if (status === 500) expect(answer.text).not.toContain('secret');
  });

  it.each<[string, string, OutgoingHttpHeaders, string, number, unknown]>([
    ['POST', '/c/5/notes', { 'Content-Type': 'application/json' }, '{"title":"t"}', 200, [5, 'add', 't']],
    ['POST', '/c/5/notes', { 'Content-Type': 'application/json' }, '{"title":1}', 400, ''],
    ['POST', '/c/5/notes', { 'Content-Type': 'image/png' }, 'x', 415, ''],
    ['POST', '/c/5/notes', {}, '', 400, ''],
    ['POST', '/c/x/notes', { 'Content-Type': 'application/json' }, '{"title":1}', 400, ''],
    ['PUT', '/c/5/notes/a/leaf', { 'Content-Type': 'application/json' }, '{"title":"t"}', 200, [5, 'a', 't']],
    ['GET', '/c/5/notes/text', { Accept: 'application/json' }, '', 406, ''],
    ['GET', '/c/5/notes/text', { Accept: 'text/plain' }, '', 200, 'text'],
    ['GET', '/c/5/notes', { Accept: 'text/plain' }, '', 406, ''],
  ])('%s %s %j %j: %i', async (method, path, headers, content, status, expected) => {
    const answer = await ask(method, path, headers, content === '' ? undefined : content);
    expect(answer.status).toBe(status);
    if (status === 200) expect(expected === 'text' ? answer.text : JSON.parse(answer.text)).toEqual(expected);
  });
});
