import { once } from 'node:events';
import { get as httpGet, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import type Koa from 'koa';
import { ApiError, Context, createApp, GET, Path, PathParam, Produces, Reply } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FAILURE = new Error('hunter2');

async function* items(count: number, failAt = -1) {
  for (let n = 0; n < count; n++) {
    if (n === failAt) throw FAILURE;
    yield { n };
  }
}

function failing(after: number): Readable {
  let sent = 0;
  return new Readable({
    read() {
      if (sent++ < after) this.push('x'.repeat(10));
      else this.destroy(FAILURE);
    },
  });
}

const webFailing = (after: number) => {
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < after) controller.enqueue(new Uint8Array(10));
      else controller.error(FAILURE);
    },
  });
};

const webOf = (chunk: unknown) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(chunk);
      controller.close();
    },
  });

const syncFailing = function* () {
  yield { n: 0 };
  throw FAILURE;
};

const MADE: Record<string, (ctx: Koa.Context) => unknown> = {
  node: () => Readable.from(['ab', 'cd']),
  'node-buffers': () => Readable.from([Buffer.from('ab'), Buffer.from('cd')]),
  'node-ended': () => new PassThrough().end('abcd'),
  web: () => new Blob(['abcd']).stream(),
  'web-response': () => new Response('abcd'),
  'web-null': () => new Response(null, { status: 204 }),
  'web-status': () => new Response('abcd', { status: 203, headers: { 'X-A': '1' } }),
  'web-used': async () => {
    const response = new Response('abcd');
    await response.text();
    return response;
  },
  'web-locked': () => {
    const stream = new Blob(['abcd']).stream();
    stream.getReader();
    return stream;
  },
  'web-strings': () => webOf('abcd'),
  'web-objects': () => webOf({ a: 1 }),
  buffer: () => Buffer.from('abcd'),
  blob: () => new Blob(['abcd']),
  items: () => items(2),
  'items-none': () => items(0),
  reply: () => Reply.ok(Readable.from(['abcd'])).type('text/plain'),
  'reply-items': () => Reply.status(203, items(2)),
  'fail-node-0': () => failing(0),
  'fail-web-0': () => webFailing(0),
  'fail-web-1': () => webFailing(1),
  'fail-response-0': () => new Response(webFailing(0)),
  'fail-response-1': () => new Response(webFailing(1)),
  'fail-items-0': () => items(3, 0),
  'fail-items-1': () => items(3, 1),
  'fail-known-0': async function* () {
    if (items !== undefined) throw new ApiError(409, 'known');
    yield 1;
  },
  'fail-json-1': async function* () {
    yield { a: 1 };
    yield {
      toJSON: () => {
        throw FAILURE;
      },
    };
  },
  'fail-koa': (ctx) => {
    ctx.body = failing(1);
  },
  'fail-sync': () => Readable.from(syncFailing()),
};

@Path('/s')
class StreamController {
  @GET('/any/{name}') any(@PathParam('name') name: string, @Context() ctx: Koa.Context): unknown {
    return MADE[name]?.(ctx);
  }
  @GET('/ndjson/{name}') @Produces('application/x-ndjson', 'application/jsonl') ndjson(
    @PathParam('name') name: string,
    @Context() ctx: Koa.Context,
  ): unknown {
    return MADE[name]?.(ctx);
  }
}

let server: Server;
let port: number;
beforeAll(async () => {
  const app = await createApp({ controllers: StreamController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly complete: boolean;
}

function call(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port, host: '127.0.0.1', path, method, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('error', () => {});
      res.on('close', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, complete: res.complete }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('streams, RFC 9110 §6.4', () => {
  it.each<[name: string, status: number, text: string]>([
    ['node', 200, 'abcd'],
    ['node-buffers', 200, 'abcd'],
    ['node-ended', 200, 'abcd'],
    ['web', 200, 'abcd'],
    ['web-response', 200, 'abcd'],
    ['web-null', 204, ''],
    ['web-strings', 200, 'abcd'],
    ['web-status', 203, 'abcd'],
    ['buffer', 200, 'abcd'],
    ['blob', 200, 'abcd'],
    ['items', 200, '[{"n":0},{"n":1}]'],
    ['items-none', 200, '[]'],
    ['reply', 200, 'abcd'],
    ['reply-items', 203, '[{"n":0},{"n":1}]'],
  ])('%s is %i, whole, and HEAD has its headers', async (name, status, text) => {
    const answer = await call(`/s/any/${name}`);
    expect([answer.status, answer.text, answer.complete]).toEqual([status, text, true]);
    const head = await call(`/s/any/${name}`, 'HEAD');
    expect([head.status, head.text]).toEqual([status, '']);
    expect(head.headers['content-type']).toBe(answer.headers['content-type']);
  });

  it.each([
    ['fail-node-0', 500],
    ['fail-web-0', 500],
    ['fail-response-0', 500],
    ['fail-items-0', 500],
    ['fail-known-0', 409],
    ['web-used', 500],
    ['web-locked', 500],
    ['web-objects', 500],
  ])('§15.6.1 %s, before the first chunk, is %i', async (name, status) => {
    for (const accepted of ['identity', 'gzip']) {
      const answer = await call(`/s/any/${name}`, 'GET', { 'Accept-Encoding': accepted });
      expect([answer.status, answer.complete]).toEqual([status, true]);
      expect(answer.headers['content-type']).toMatch(/problem\+json/);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it.each([
    'fail-web-1',
    'fail-response-1',
    'fail-items-1',
    'fail-json-1',
    'fail-koa',
    'fail-sync',
  ])('RFC 9112 §8 %s, later, is incomplete and never taken for whole', async (name) => {
    for (const accepted of ['identity', 'gzip']) {
      const answer = await call(`/s/any/${name}`, 'GET', { 'Accept-Encoding': accepted }).catch(() => null);
      if (answer === null || answer.status >= 500) continue;
      expect([answer.status, answer.complete]).toEqual([200, false]);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it.each<[name: string, text: string]>([
    ['items', '{"n":0}\n{"n":1}\n'],
    ['items-none', ''],
  ])('NDJSON %s is a line each', async (name, text) => {
    const answer = await call(`/s/ndjson/${name}`);
    expect([answer.status, answer.text]).toEqual([200, text]);
    expect(answer.headers['content-type']).toMatch(/^application\/x-ndjson/);
    const other = await call(`/s/ndjson/${name}`, 'GET', { Accept: 'application/jsonl' });
    expect(other.headers['content-type']).toMatch(/^application\/jsonl/);
  });

  it('NDJSON that fails before its first line is an error', async () => {
    expect((await call('/s/ndjson/fail-items-0')).status).toBe(500);
  });
});

describe('the way of a client, RFC 9110 §6.4', () => {
  it('an iterable ends when the client leaves', async () => {
    let finished: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      finished = resolve;
    });
    MADE.endless = async function* () {
      try {
        for (let n = 0; ; n++) {
          yield { n };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        finished();
      }
    };
    const sent = httpGet({ port, host: '127.0.0.1', path: '/s/ndjson/endless', agent: false }, (res) => {
      res.once('data', () => sent.destroy());
      res.on('error', () => {});
    });
    sent.on('error', () => {});
    await ended;
  });

  it.each(['endless-node', 'endless-web'])('%s is closed when the client leaves', async (name) => {
    let finished: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      finished = resolve;
    });
    MADE['endless-node'] = () =>
      new Readable({
        read() {
          this.push('x'.repeat(1000));
        },
        destroy(_error, done) {
          finished();
          done(null);
        },
      });
    MADE['endless-web'] = () =>
      new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1000)), cancel: () => finished() });
    const sent = httpGet({ port, host: '127.0.0.1', path: `/s/any/${name}`, agent: false }, (res) => {
      res.once('data', () => sent.destroy());
      res.on('error', () => {});
    });
    sent.on('error', () => {});
    await ended;
  });

  it.each(['endless-node', 'endless-web'])('%s is closed, and not read, for HEAD', async (name) => {
    let finished: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      finished = resolve;
    });
    MADE['endless-node'] = () =>
      new Readable({
        read() {
          this.push('x');
        },
        destroy: (_e, done) => {
          finished();
          done(null);
        },
      });
    MADE['endless-web'] = () =>
      new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1)), cancel: () => finished() });
    expect((await call(`/s/any/${name}`, 'HEAD')).status).toBe(200);
    await ended;
  });
});
