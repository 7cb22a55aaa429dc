import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Context, createApp, GET, HeaderParam, Path, Produces } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MiB = 1024 ** 2;
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const ROWS = 'y'.repeat(8 * 1024);

let produced = 0;
let ended: () => void;
let end: Promise<void>;

function watch(): void {
  produced = 0;
  end = new Promise((resolve) => {
    ended = resolve;
  });
}

async function* chunks(bytes: number): AsyncGenerator<Buffer> {
  try {
    for (let sent = 0; sent < bytes; sent += CHUNK.length) {
      produced += CHUNK.length;
      yield CHUNK;
    }
  } finally {
    ended();
  }
}

@Path('/s')
class StreamController {
  @GET('/gib') @Produces('application/octet-stream') gib() {
    return Readable.from(chunks(1024 * MiB));
  }
  @GET('/iterable') @Produces('application/octet-stream') iterable() {
    return chunks(1024 * MiB);
  }
  @GET('/web') @Produces('application/octet-stream') web() {
    return Readable.toWeb(Readable.from(chunks(1024 * MiB)));
  }
  @GET('/rows') async *rows() {
    try {
      for (let i = 0; i < 131_072; i++) {
        produced += ROWS.length;
        yield { i, ROWS };
      }
    } finally {
      ended();
    }
  }
  @GET('/events') @Produces('text/event-stream') async *events(
    @HeaderParam('Last-Event-ID') last: string | undefined,
    @Context() signal: AbortSignal,
  ) {
    try {
      yield { id: String(Number(last ?? 0) + 1), event: 'tick', data: { a: 1 }, retry: 100 };
      yield 'two\nlines';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    } finally {
      ended();
    }
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

async function open(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const [response] = await once(get({ port, host: '127.0.0.1', path, headers, agent: false }), 'response');
  return response as IncomingMessage;
}

describe('a stream', () => {
  it.each(['/s/gib', '/s/iterable', '/s/rows'])('of 1 GiB at %s needs no memory', {
    timeout: 60_000,
  }, async (path) => {
    watch();
    const response = await open(path);
    const idle = process.memoryUsage.rss();
    let bytes = 0;
    let most = 0;
    for await (const chunk of response) {
      const before = bytes;
      bytes += (chunk as Buffer).length;
      if (Math.floor(before / (8 * MiB)) !== Math.floor(bytes / (8 * MiB)))
        most = Math.max(most, process.memoryUsage.rss());
    }
    await end;
    expect(bytes).toBeGreaterThanOrEqual(1024 * MiB);
    expect((most - idle) / MiB).toBeLessThan(100);
  });

  it.each(['/s/gib', '/s/iterable', '/s/web', '/s/rows'])('at %s waits for a slow client', async (path) => {
    watch();
    const response = await open(path);
    response.pause();
    // It stops by itself: as long as it goes on, each turn of the loop finds more.
    for (let still = 0, last = -1; still < 50; still = produced === last ? still + 1 : 0) {
      last = produced;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(produced).toBeLessThan(64 * MiB);
    response.destroy();
    await end;
  });

  it.each([
    '/s/gib',
    '/s/iterable',
    '/s/web',
    '/s/rows',
  ])('at %s ends when the client leaves', async (path) => {
    watch();
    const response = await open(path);
    await once(response, 'data');
    response.destroy();
    await end;
    expect(produced).toBeLessThan(512 * MiB);
  });
});

describe('an event stream, WHATWG HTML §9.2', () => {
  it('is there at once, in its format, and ends when the client leaves', async () => {
    watch();
    const response = await open('/s/events', { 'Last-Event-ID': '41', 'Accept-Encoding': 'gzip' });
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    expect(response.headers['content-encoding']).toBeUndefined();
    let text = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      text += String(chunk);
      if (text.includes('lines\n\n')) break;
    }
    expect(text).toContain('id: 42\n');
    expect(text).toContain('event: tick\n');
    expect(text).toContain('retry: 100\n');
    expect(text).toContain('data: {"a":1}\n');
    expect(text).toContain('data: two\ndata: lines\n\n');
    await end;
  });
});
