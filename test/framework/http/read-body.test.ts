import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { hasBody, readBody } from '../../../src/framework/http/read-body.js';

type Handler = (req: IncomingMessage) => Promise<unknown>;

let server: Server;
const sockets: Socket[] = [];
let handle: Handler = () => Promise.resolve();
let handled: (outcome: unknown) => void = () => {};

beforeAll(async () => {
  server = createServer((req: IncomingMessage, res: ServerResponse) => {
    handle(req).then(
      (value) => {
        handled(value);
        res.end('done');
      },
      (error: unknown) => {
        handled(error);
        res.writeHead(error instanceof FrameworkError ? error.status : 500).end('refused');
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Sends the head of a request and what `send` writes after it; what the handler made of it comes back. */
async function exchange(
  headers: string,
  reader: Handler,
  send: (socket: Socket) => void | Promise<void>,
): Promise<{ outcome: unknown; answer: Promise<string> }> {
  handle = reader;
  const outcome = new Promise((resolve) => {
    handled = resolve;
  });
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  const answer = once(socket, 'data').then(([chunk]) => String(chunk));
  answer.catch(() => {});
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
  await send(socket);
  return { outcome: await outcome, answer };
}

function chunk(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

function listeners(req: IncomingMessage): readonly number[] {
  return ['data', 'end', 'error', 'close', 'readable', 'aborted'].map((event) => req.listenerCount(event));
}

/** A reader that also looks at whether anything stays behind on the request. */
function reader(limit: number): Handler {
  return async (req) => {
    const before = listeners(req);
    try {
      return await readBody(req, limit, Number(req.headers['content-length'] ?? 0));
    } finally {
      expect(listeners(req)).toEqual(before);
    }
  };
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n';

describe('the content of a request, RFC 9112 §6', () => {
  it.each<[name: string, headers: string, sent: string]>([
    ['no header at all', '', ''],
    ['a length of zero', 'Content-Length: 0\r\n', ''],
    ['no chunks', CHUNKED, '0\r\n\r\n'],
  ])('is empty with %s', async (_name, headers, sent) => {
    const { outcome, answer } = await exchange(headers, reader(0), (socket) => void socket.write(sent));
    expect(outcome).toEqual(Buffer.alloc(0));
    expect(await answer).toContain('200 OK');
  });

  it.each<[name: string, headers: string, sent: string]>([
    ['a length', 'Content-Length: 5\r\n', 'hello'],
    ['one chunk', CHUNKED, '5\r\nhello\r\n0\r\n\r\n'],
    ['chunks', CHUNKED, '1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n'],
    ['chunks with extensions and trailers', CHUNKED, '2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n'],
  ])('is read with %s, up to the limit', async (_name, headers, sent) => {
    const { outcome } = await exchange(headers, reader(5), (socket) => void socket.write(sent));
    expect(String(outcome)).toBe('hello');
  });

  it('comes back as it was sent, however it is cut', async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (parts, chunked) => {
        const content = Buffer.concat(parts);
        const headers = chunked ? CHUNKED : `Content-Length: ${content.length}\r\n`;
        const { outcome } = await exchange(headers, reader(content.length), async (socket) => {
          socket.setNoDelay(true);
          for (const part of parts) {
            const written = socket.write(chunked ? chunk(part) : part);
            if (!written) await once(socket, 'drain');
            else await new Promise(setImmediate);
          }
          if (chunked) socket.write('0\r\n\r\n');
        });
        expect(Buffer.compare(outcome as Buffer, content)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('holds no more memory than twice its size, also where it comes a byte at a time', async () => {
    const size = 50_000;
    const { outcome } = await exchange(CHUNKED, reader(size), (socket) => {
      socket.write(`${'1\r\nx\r\n'.repeat(size)}0\r\n\r\n`);
    });
    expect(String(outcome)).toBe('x'.repeat(size));
    expect((outcome as Buffer).buffer.byteLength).toBeLessThanOrEqual(2 * size);
  });

  it('shares its memory with nothing else: the rest of a pool would be other people’s', async () => {
    const { outcome } = await exchange(CHUNKED, reader(100), async (socket) => {
      for (const part of ['ab', 'cd', 'ef']) {
        socket.write(chunk(part));
        await new Promise(setImmediate);
      }
      socket.write('0\r\n\r\n');
    });
    const { buffer, byteOffset, byteLength } = outcome as Buffer;
    expect(String(outcome)).toBe('abcdef');
    const rest = Buffer.from(buffer.slice(0)).fill(0, byteOffset, byteOffset + byteLength);
    expect(rest.every((byte) => byte === 0)).toBe(true);
  });
});

describe('content over the limit, RFC 9110 §15.5.14', () => {
  it('is refused by its declared length before a byte is read', async () => {
    let didRead: boolean | null = null;
    const { outcome, answer } = await exchange(
      'Content-Length: 11\r\n',
      async (req) => {
        try {
          return await reader(10)(req);
        } finally {
          didRead = req.readableDidRead;
        }
      },
      () => {},
    );
    expect(outcome).toMatchObject({
      code: 'content-too-large',
      status: 413,
    });
    expect(didRead).toBe(false);
    expect(await answer).toContain('413');
  });

  it('is refused as soon as its chunks go beyond it, without waiting for their end', async () => {
    const { outcome, answer } = await exchange(CHUNKED, reader(10), (socket) => {
      socket.write(Buffer.concat([chunk('12345'), chunk('67890'), chunk('1')]));
    });
    expect(outcome).toMatchObject({ code: 'content-too-large', status: 413 });
    expect(await answer).toContain('413');
  });

  it('is refused after the first byte where nothing is allowed', async () => {
    const { outcome } = await exchange(CHUNKED, reader(0), (socket) => void socket.write(chunk('1')));
    expect(outcome).toMatchObject({ code: 'content-too-large' });
  });

  it('crashes nothing when the client goes away after it was refused', async () => {
    const { outcome } = await exchange(CHUNKED, reader(1), (socket) => void socket.write(chunk('12')));
    expect(outcome).toMatchObject({ code: 'content-too-large' });
    sockets.at(-1)?.destroy();
    const { outcome: next } = await exchange('', reader(1), () => {});
    expect(next).toEqual(Buffer.alloc(0));
  });
});

describe('content that breaks off', () => {
  it.each<[name: string, headers: string, sent: string]>([
    ['before its first byte', 'Content-Length: 5\r\n', ''],
    ['within its length', 'Content-Length: 5\r\n', 'he'],
    ['within a chunk', CHUNKED, '5\r\nhe'],
    ['between chunks', CHUNKED, '2\r\nhe\r\n'],
  ])('%s is malformed', async (_name, headers, sent) => {
    const arrived = once(server, 'request');
    const { outcome } = await exchange(headers, reader(10), async (socket) => {
      socket.write(sent);
      await arrived;
      socket.destroy();
    });
    expect(outcome).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('before anybody reads it is malformed too, and keeps nobody waiting', async () => {
    const arrived = once(server, 'request');
    const { outcome } = await exchange(
      'Content-Length: 5\r\n',
      async (req) => {
        await new Promise((resolve) => req.once('close', resolve));
        return await reader(10)(req);
      },
      async (socket) => {
        socket.write('he');
        await arrived;
        socket.destroy();
      },
    );
    expect(outcome).toMatchObject({ code: 'malformed-body' });
  });
});

describe('whether there is content, RFC 9112 §6.3', () => {
  it.each<[headers: Record<string, string>, has: boolean]>([
    [{}, false],
    [{ 'content-length': '0' }, false],
    [{ 'content-length': '1' }, true],
    [{ 'transfer-encoding': 'chunked' }, true],
    [{ 'content-type': 'text/plain' }, false],
  ])('%j: %s', (headers, has) => {
    expect(hasBody({ headers } as unknown as IncomingMessage)).toBe(has);
  });
});
