import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createApp, GET, Path, PathParam, Produces } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CHUNK = 64 * 1024;
const ITEMS = 512;
/** What kernel buffers and stream buffers may hold together. */
const AHEAD = 12 * 1024 * 1024;

let produced = 0;
const text = 'x'.repeat(CHUNK);
const bytes = Buffer.alloc(CHUNK, 'x');

async function* items() {
  for (let n = 0; n < ITEMS; n++) {
    produced += CHUNK;
    yield { text };
  }
}

const SOURCES: Record<string, () => unknown> = {
  iterable: items,
  node: () => {
    let n = 0;
    return new Readable({
      read() {
        produced += CHUNK;
        this.push(n++ < ITEMS ? bytes : null);
      },
    });
  },
  web: () => {
    let n = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        produced += CHUNK;
        if (n++ < ITEMS) controller.enqueue(new Uint8Array(bytes));
        else controller.close();
      },
    });
  },
};

@Path('/b')
class SlowController {
  @GET('/any/{name}') any(@PathParam('name') name: string): unknown {
    return SOURCES[name]?.();
  }
  @GET('/response/{name}') response(@PathParam('name') name: string): unknown {
    return new Response(SOURCES[name]?.() as ReadableStream<Uint8Array>);
  }
  @GET('/lines/{name}') @Produces('application/x-ndjson') lines(@PathParam('name') name: string): unknown {
    return SOURCES[name]?.();
  }
  @GET('/events/{name}') @Produces('text/event-stream') events(@PathParam('name') name: string): unknown {
    return SOURCES[name]?.();
  }
}

let server: Server;
let port: number;
beforeAll(async () => {
  const app = await createApp({ controllers: SlowController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a slow client holds the source up, RFC 9110 §6.4', () => {
  it.each([
    '/b/any/iterable',
    '/b/any/node',
    '/b/any/web',
    '/b/response/web',
    '/b/lines/iterable',
    '/b/events/iterable',
  ])('%s', async (path) => {
    produced = 0;
    let consumed = 0;
    let most = 0;
    const sent = get({ port, host: '127.0.0.1', path, agent: false });
    const [res] = (await once(sent, 'response')) as [IncomingMessage];
    for await (const chunk of res) {
      consumed += (chunk as Buffer).length;
      // Some turns of the event loop, so that whoever doesn't wait runs ahead.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, produced - consumed);
    }
    expect(consumed).toBeGreaterThanOrEqual(CHUNK * ITEMS);
    expect(most).toBeLessThan(AHEAD);
  });
});

const CHILD = `
import { build } from './scripts/build.mjs';
await build();
const { createApp, GET, Path, Produces } = await import('./dist/framework/index.js');
const text = 'x'.repeat(${CHUNK});
const bytes = Buffer.alloc(${CHUNK}, 'x');
const count = 2 ** 30 / ${CHUNK};
class Big {
  lines() { return (async function* () { for (let n = 0; n < count; n++) yield { text }; })(); }
  async *bytes() { for (let n = 0; n < count; n++) yield bytes; }
  web() {
    let n = 0;
    return new ReadableStream({ pull: (c) => n++ < count ? c.enqueue(new Uint8Array(bytes)) : c.close() });
  }
}
Path('/big')(Big);
for (const [name, type] of [['lines', 'application/x-ndjson'], ['web', 'application/octet-stream']]) {
  const descriptor = Object.getOwnPropertyDescriptor(Big.prototype, name);
  Path('/' + name)(Big.prototype, name, descriptor);
  GET(Big.prototype, name, descriptor);
  Produces(type)(Big.prototype, name, descriptor);
}
const app = await createApp({ controllers: Big, logger: false });
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, rss: process.memoryUsage.rss() }));
let most = 0;
setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 20);
process.on('message', () => process.send({ most }));
`;

describe('a GiB in another process', () => {
  let child: ChildProcess;
  let remote: { port: number; rss: number };
  beforeAll(async () => {
    const cwd = fileURLToPath(new URL('../../..', import.meta.url));
    const args = ['--input-type=module', '-e', CHILD];
    child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    [remote] = (await once(child, 'message')) as [{ port: number; rss: number }];
  });
  afterAll(() => {
    child.kill();
  });

  it.each(['lines', 'web'])('%s takes no memory that grows with it', async (name) => {
    const sent = get({ port: remote.port, host: '127.0.0.1', path: `/big/${name}`, agent: false });
    const [res] = (await once(sent, 'response')) as [IncomingMessage];
    let consumed = 0;
    res.on('data', (chunk: Buffer) => {
      consumed += chunk.length;
    });
    await once(res, 'end');
    child.send('how much?');
    const [{ most }] = (await once(child, 'message')) as [{ most: number }];
    expect(consumed).toBeGreaterThanOrEqual(2 ** 30);
    expect((most - remote.rss) / 2 ** 20).toBeLessThan(100);
  });
});
