import { EventEmitter, on, once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { get, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Authenticated,
  Body,
  basic,
  Context,
  createApp,
  ETag,
  GET,
  Path,
  PathParam,
  Preconditions,
  Produces,
  PUT,
  QueryParam,
  Reply,
  RolesAllowed,
} from 'koanatomy';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

const dir = mkdtempSync(join(tmpdir(), 'koanatomy-state-'));
const outside = mkdtempSync(join(tmpdir(), 'koanatomy-outside-'));
writeFileSync(join(dir, 'a.txt'), 'a');
writeFileSync(join(outside, 'secret.txt'), 'secret');
symlinkSync(join(outside, 'secret.txt'), join(dir, 'link.txt'));
symlinkSync(outside, join(dir, 'up'));
symlinkSync(join(dir, 'a.txt'), join(dir, 'inside.txt'));
const big = join(dir, 'big.bin');

let writes = 0;
const emitter = new EventEmitter();
let finished: (() => void) | null = null;

async function* source(): AsyncGenerator<number> {
  try {
    for (;;) yield 1;
  } finally {
    finished?.();
  }
}

@Path('/files/{name}')
class FileController {
  @GET find(@PathParam('name') name: string) {
    return Reply.file(name, { root: dir });
  }
  @PUT put(@PathParam('name') _name: string) {
    writes += 1;
  }
}

@Path('/asked')
class AskedController {
  @GET find(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 'x' });
    return {};
  }
  @PUT put() {
    writes += 1;
  }
}

@Path('/parameter')
class ParameterController {
  @GET @ETag(() => 1) find(@QueryParam('expand') _expand: boolean) {
    return {};
  }
  @PUT put() {
    writes += 1;
  }
}

@Path('/reserved')
class ReservedController {
  @GET @ETag(() => 1) @RolesAllowed('admin') find() {
    return {};
  }
  @PUT put() {
    writes += 1;
  }
}

@Path('/slow')
class SlowController {
  static version = 1;
  static asked = 0;
  @GET @ETag('version') find() {
    SlowController.asked += 1;
    return { version: SlowController.version };
  }
  @PUT put(@Body({ validate: false }) { version }: { version: number }) {
    SlowController.version = version;
  }
}

@Path('/guarded')
class GuardedController {
  @GET @ETag(() => 1) @Authenticated find() {
    return {};
  }
  @PUT put() {
    writes += 1;
  }
}

@Path('/sources')
class SourceController {
  @GET('/missing') missing() {
    return createReadStream(join(dir, 'none'));
  }
  @PUT('/missing') putMissing() {
    writes += 1;
  }
  @GET('/tagged') @ETag(() => 'v1') tagged() {
    return source();
  }
  @GET('/events') @Produces('text/event-stream') events() {
    return on(emitter, 'tick');
  }
  @PUT('/events') putEvents() {
    writes += 1;
  }
  @GET('/big') big() {
    return Reply.file(big);
  }
  @GET('/any') @Produces('*/*') any() {
    return Buffer.from('<script>');
  }
  @GET('/text') @Produces('text/*') text() {
    return '<script>';
  }
  @GET('/own') @Produces('image/*') own() {
    return Reply.ok(Buffer.from('x')).type('image/png');
  }
}

const authenticators = [basic((user) => (user === 'ann' ? { name: 'ann' } : null))];
const controllers = [
  ReservedController,
  SlowController,
  FileController,
  AskedController,
  ParameterController,
  GuardedController,
  SourceController,
];
let server: Server;
let port: number;

beforeAll(async () => {
  const app = await createApp({ controllers, authenticators, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  writes = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
  rmSync(outside, { recursive: true });
});

describe('the state that a change is checked against', async () => {
  const http = await serve(controllers, { authenticators });

  it('is a file’s, where GET answers with one', async () => {
    const { etag } = (await http.get('/files/a.txt')).headers;
    for (const [name, headers, status] of [
      ['a.txt', { 'If-Match': String(etag) }, 204],
      ['a.txt', { 'If-Match': '"other"' }, 412],
      ['a.txt', { 'If-None-Match': '*' }, 412],
      ['a.txt', { 'If-Unmodified-Since': 'Mon, 01 Jan 2001 00:00:00 GMT' }, 412],
      ['none.txt', { 'If-None-Match': '*' }, 204],
      ['none.txt', { 'If-Match': '*' }, 412],
    ] as const) {
      expect((await http.put(`/files/${name}`).set(headers)).status).toBe(status);
    }
  });

  it('is what GET tells Preconditions', async () => {
    expect((await http.put('/asked').set('If-Match', '"x"')).status).toBe(204);
    expect((await http.put('/asked').set('If-Match', '"y"')).status).toBe(412);
    expect((await http.put('/asked').set('If-None-Match', '"x"')).status).toBe(412);
  });

  it('is never taken for granted where GET’s parameters are not valid', async () => {
    expect((await http.put('/parameter').set('If-Match', '"stale"')).status).toBe(412);
    expect((await http.put('/parameter?expand=abc').set('If-Match', '"stale"')).status).toBe(400);
    expect(writes).toBe(0);
  });

  it('is for those who may GET it', async () => {
    expect((await http.put('/guarded').set('If-Match', '"1"')).status).toBe(401);
    expect((await http.put('/guarded').set('If-Match', '"1"').auth('ann', 'x')).status).toBe(204);
    expect((await http.put('/guarded')).status).toBe(204);
    expect((await http.put('/reserved').set('If-Match', '"1"').auth('ann', 'x')).status).toBe(403);
  });

  it('may be a stream that fails when it is not wanted', async () => {
    expect((await http.put('/sources/missing').set('If-None-Match', '"x"')).status).toBe(204);
  });
});

describe('a source that is not needed', async () => {
  const http = await serve(controllers, { authenticators });

  it('is ended with 304, and where the client leaves before its first item', async () => {
    const end = new Promise<void>((resolve) => {
      finished = resolve;
    });
    const asked = http.get('/sources/tagged').set('Accept-Encoding', 'identity');
    expect((await asked.set('If-None-Match', '"v1"')).status).toBe(304);
    await end;
  });

  it('is ended with HEAD, and where only the state is asked for', async () => {
    await http.head('/sources/events');
    await http.put('/sources/events').set('If-None-Match', '"x"');
    expect(emitter.listenerCount('tick')).toBe(0);
  });

  it('is ended where the client leaves an event stream that said nothing', async () => {
    const request = get({ port, host: '127.0.0.1', path: '/sources/events', agent: false });
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream & { destroy(): void }];
    expect(emitter.listenerCount('tick')).toBe(1);
    response.destroy();
    while (emitter.listenerCount('tick') > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('a file', async () => {
  const http = await serve(controllers, { authenticators });

  it.each([
    ['link.txt', 404],
    ['up%2Fsecret.txt', 404],
    ['a.txt%2F', 404],
    ['inside.txt', 200],
  ])('%s below a root is %i, wherever links lead', async (name, status) => {
    expect((await http.get(`/files/${name}`)).status).toBe(status);
  });

  it('that becomes shorter while it is sent breaks the connection off', async () => {
    writeFileSync(big, Buffer.alloc(16 * 1024 * 1024));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /sources/big HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'readable');
    truncateSync(big, 0);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(socket, 'close');
    expect(bytes).toBeLessThan(16 * 1024 * 1024);
  });
});

describe('a wildcard in @Produces, Jakarta REST 4.0 §3.8', async () => {
  const http = await serve(controllers, { authenticators });

  it.each([
    ['/sources/any', 'text/html', 'application/octet-stream'],
    ['/sources/any', '*/*', 'application/octet-stream'],
    ['/sources/text', 'text/html', 'text/plain; charset=utf-8'],
    ['/sources/own', 'image/png', 'image/png'],
    ['/sources/own', 'image/*', 'image/png'],
  ])('%s is for Accept: %s, and %s all the same', async (path, accept, type) => {
    const answer = await http.get(path).set('Accept', accept);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    expect(answer.headers.vary).toContain('Accept');
  });

  it('is no more than it says', async () => {
    expect((await http.get('/sources/own').set('Accept', 'text/html')).status).toBe(406);
  });
});

describe('content that comes slowly', () => {
  it('finds the state of when it is there', async () => {
    const body = '{"version":2}';
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write(
      `PUT /slow HTTP/1.1\r\nHost: a\r\nIf-Match: "1"\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    // The state is asked for before the content is read.
    await expect.poll(() => SlowController.asked).toBe(1);
    SlowController.version = 5;
    socket.write(body);
    const [answer] = (await once(socket, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1.1 412 /);
    expect(SlowController.version).toBe(5);
  });
});
