import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { contentCodings, decodeContent, encodedLimit } from '../../../src/framework/http/decode-content.js';
import { discardRest } from '../../../src/framework/http/discard.js';

type Encode = (content: Uint8Array) => Buffer;

const zstd: unknown = Reflect.get(zlib, 'zstdCompressSync');
const ENCODE: Readonly<Record<string, Encode>> = {
  gzip: (content) => zlib.gzipSync(content),
  'x-gzip': (content) => zlib.gzipSync(content, { level: 1 }),
  br: (content) => zlib.brotliCompressSync(content, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  deflate: (content) => zlib.deflateSync(content),
  ...(typeof zstd === 'function' && { zstd: zstd as Encode }),
};
const CODINGS = Object.keys(ENCODE);

function encode(content: Uint8Array, codings: readonly string[]): Buffer {
  return codings.reduce<Buffer>((bytes, coding) => ENCODE[coding]!(bytes), Buffer.from(content));
}

/** A source of these pieces that notes how many of them were taken. */
class Pieces extends Readable {
  taken = 0;
  readonly #pieces: readonly Uint8Array[];

  constructor(pieces: readonly Uint8Array[]) {
    // Destroyed only where somebody does so.
    super({ autoDestroy: false });
    this.#pieces = pieces;
  }

  override _read(): void {
    const piece = this.#pieces[this.taken++];
    setImmediate(() => this.push(piece ?? null));
  }
}

function cut(bytes: Buffer, size: number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function read(encoded: Uint8Array, codings: string, limit = 1_000_000): Promise<Buffer> {
  return bytesOf(decodeContent(Readable.from([encoded], { objectMode: false }), codings, limit));
}

const TOO_LARGE = { code: 'content-too-large', status: 413 };
const MALFORMED = { code: 'malformed-body', status: 400 };
const HELLO = Buffer.from('hello hello hello');

describe('the content codings of a request, RFC 9110 §8.4', () => {
  it.each<[header: string | undefined, codings: readonly string[]]>([
    [undefined, []],
    ['', []],
    ['identity', []],
    [' , Identity,,', []],
    ['gzip', ['gzip']],
    ['GZip', ['gzip']],
    ['x-gzip', ['gzip']],
    ['deflate', ['deflate']],
    ['gzip, br', ['gzip', 'br']],
    ['gzip,\tidentity , deflate', ['gzip', 'deflate']],
    ['br,br,br', ['br', 'br', 'br']],
  ])('%j', (header, codings) => {
    expect(contentCodings(header)).toEqual(codings);
  });

  it.each([
    'compress',
    'gzip, aes128gcm',
    'gzip;q=1',
    '"gzip"',
    'gzip br',
    '*',
    'constructor',
    '__proto__',
    '\xa0gzip',
    'gzip, gzip, gzip, gzip',
  ])('%j is 415 and says what would do, §12.5.3', (header) => {
    const attempt = (): unknown => decodeContent(Readable.from([]), header, 10);
    expect(attempt).toThrow(FrameworkError);
    try {
      attempt();
    } catch (error) {
      const { code, status, headers, message } = error as FrameworkError;
      expect([code, status]).toEqual(['unsupported-media-type', 415]);
      expect(headers).toEqual({ 'Accept-Encoding': expect.stringMatching(/^gzip, br, deflate(, zstd)?$/) });
      expect(message).not.toContain(header);
    }
  });

  it.each(['gzip,', ',', 'identity,', ' '])('may be a long run of %j', (part) => {
    const header = part.repeat(200_000);
    if (part === 'gzip,') expect(() => contentCodings(header)).toThrow(FrameworkError);
    else expect(contentCodings(header)).toEqual([]);
  });
});

describe('decoded content', () => {
  it('is what was encoded, however often, and however it is cut', async () => {
    const codings = fc.array(fc.constantFrom(...CODINGS, 'identity'), { maxLength: 3 });
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.uint8Array({ minLength: 1, maxLength: 9 }).map((unit) => Buffer.alloc(60_000, unit)),
    );
    await fc.assert(
      fc.asyncProperty(content, codings, fc.integer({ min: 1, max: 5000 }), async (bytes, names, size) => {
        const encoded = encode(
          bytes,
          names.filter((name) => name !== 'identity'),
        );
        const source = new Pieces(cut(encoded, Math.max(size, Math.ceil(encoded.length / 200))));
        const decoded = await bytesOf(decodeContent(source, names.join(' , '), bytes.length));
        expect(Buffer.compare(decoded, bytes)).toBe(0);
      }),
    );
  });

  it('may come a byte at a time', async () => {
    const encoded = encode(HELLO, ['gzip', 'br']);
    expect(await bytesOf(decodeContent(new Pieces(cut(encoded, 1)), 'gzip, br', 100))).toEqual(HELLO);
  });

  it('may be several members of gzip, RFC 1952 §2.2', async () => {
    const member = zlib.gzipSync('ab');
    expect(String(await read(Buffer.concat([member, member, member]), 'gzip'))).toBe('ababab');
    const source = new Pieces([member, member.subarray(0, 1), member.subarray(1)]);
    expect(String(await bytesOf(decodeContent(source, 'gzip', 4)))).toBe('abab');
  });

  it.each(['identity', 'gzip'])('is read no faster than its reader reads: %s', async (coding) => {
    const bytes = zlib.deflateRawSync(Buffer.alloc(20_000_000, 'x')).subarray(0, 20_000);
    const content = Buffer.concat(Array.from({ length: 100 }, () => bytes));
    const encoded = coding === 'gzip' ? zlib.gzipSync(content, { level: 0 }) : content;
    const source = new Pieces(cut(encoded, 10_000));
    const decoded = decodeContent(source, coding, 10_000_000);
    decoded.read();
    for (let i = 0; i < 500; i++) await new Promise(setImmediate);
    expect(source.taken).toBeLessThan(20);
    expect(decoded.readableLength).toBeLessThan(200_000);
    expect(await bytesOf(decoded)).toHaveLength(content.length);
  });

  it('is decoded no faster than its reader reads, however much there is in a chunk', async () => {
    const decoded = decodeContent(
      new Pieces([zlib.gzipSync(Buffer.alloc(20_000_000))]),
      'gzip, identity',
      20_000_000,
    );
    decoded.read();
    for (let i = 0; i < 500; i++) await new Promise(setImmediate);
    expect(decoded.readableLength).toBeLessThan(200_000);
    expect(await bytesOf(decoded)).toHaveLength(20_000_000);
  });

  it('that isn’t encoded is passed on without a copy', async () => {
    const pieces = [Buffer.from('abc'), Buffer.from('defg')];
    const seen: unknown[] = [];
    for await (const chunk of decodeContent(new Pieces(pieces), 'identity', 7)) seen.push(chunk);
    expect(seen).toHaveLength(2);
    for (const [i, piece] of pieces.entries()) expect(seen[i]).toBe(piece);
  });
});

describe('content over the limit, RFC 9110 §15.5.14', () => {
  it.each(CODINGS.concat('identity'))('%s: as many bytes as are allowed, and no more', async (coding) => {
    const encoded = coding === 'identity' ? HELLO : encode(HELLO, [coding]);
    expect(await read(encoded, coding, HELLO.length)).toEqual(HELLO);
    await expect(read(encoded, coding, HELLO.length - 1)).rejects.toMatchObject(TOO_LARGE);
    await expect(read(encoded, coding, 0)).rejects.toMatchObject(TOO_LARGE);
  });

  it.each(CODINGS)('%s: content that can’t be compressed isn’t counted as it was sent', async (coding) => {
    for (const size of [0, 1, 100, 50_000]) {
      const content = Buffer.from(Array.from({ length: size }, (_, i) => (i * i * 2654435761) >>> 24));
      const encoded = encode(content, [coding, coding, coding]);
      const decoded = await read(encoded, `${coding},`.repeat(3), size);
      expect(Buffer.compare(decoded, content)).toBe(0);
    }
  });

  it.each<[name: string, unit: Buffer]>([
    ['gzip members', zlib.gzipSync('')],
    ['stored blocks', Buffer.from([0, 0, 0, 0xff, 0xff])],
  ])('no end of %s without content is refused by what came in', async (name, unit) => {
    const head = name === 'stored blocks' ? zlib.gzipSync('').subarray(0, 10) : Buffer.alloc(0);
    const pieces = [head, ...Array.from({ length: 2000 }, () => Buffer.alloc(unit.length * 200, unit))];
    const source = new Pieces(pieces);
    await expect(bytesOf(decodeContent(source, 'gzip', 10_000))).rejects.toMatchObject(TOO_LARGE);
    expect(source.taken).toBeLessThan(100);
    const twice = new Pieces(pieces);
    await expect(bytesOf(decodeContent(twice, 'br, gzip', 10_000))).rejects.toMatchObject(TOO_LARGE);
    expect(twice.taken).toBeLessThan(100);
  });

  describe('a bomb of a GiB', () => {
    const GIB = 2 ** 30;
    const bombs = new Map<string, Buffer>();

    beforeAll(async () => {
      const zeros = Buffer.alloc(2 ** 23);
      const member = zlib.gzipSync(zeros);
      const gzip = Buffer.concat(Array.from({ length: GIB / zeros.length }, () => member));
      const encoder = zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } });
      const br = await bytesOf(
        Readable.from(Array.from({ length: GIB / zeros.length }, () => zeros)).pipe(encoder),
      );
      bombs.set('gzip', gzip);
      bombs.set('br', br);
      bombs.set('gzip, gzip', zlib.gzipSync(gzip));
      bombs.set('gzip, gzip, br', zlib.brotliCompressSync(zlib.gzipSync(gzip)));
    });

    it.each([
      ['gzip'],
      ['br'],
      ['gzip, gzip'],
      ['gzip, gzip, br'],
    ])('in %s is refused at once, with little memory', async (codings) => {
      const encoded = bombs.get(codings)!;
      expect(encoded.length).toBeLessThan(GIB / 200);
      const source = new Pieces(cut(encoded, 65_536));
      const decoded = decodeContent(source, codings, 2 ** 23);
      const before = process.memoryUsage.rss();
      let most = before;
      let bytes = 0;
      const attempt = async (): Promise<void> => {
        for await (const chunk of decoded) {
          bytes += (chunk as Buffer).length;
          most = Math.max(most, process.memoryUsage.rss());
        }
      };
      await expect(attempt()).rejects.toMatchObject(TOO_LARGE);
      expect(bytes).toBeLessThanOrEqual(2 ** 23);
      // The bytes that were read are garbage by now, collected or not.
      expect(most - before).toBeLessThan(2 ** 27);
      const taken = source.taken;
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      expect(source.taken).toBe(taken);
      expect(source.destroyed).toBe(false);
    });
  });

  it.runIf(CODINGS.includes('zstd')).each([
    [23, true],
    [24, false],
    [27, false],
  ])('zstd: a window of 2^%d bytes is taken: %s, RFC 9659 §3', async (log, taken) => {
    // No more than a repeated byte, but memory for the window would be had before it.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 0x2b, 0, 0, 0x61]);
    if (taken) expect(String(await read(frame, 'zstd'))).toBe('aaaaa');
    else await expect(read(frame, 'zstd')).rejects.toMatchObject(MALFORMED);
  });

  it('leaves room for what codings add, and no more', () => {
    expect(encodedLimit(0)).toBe(1024);
    expect(encodedLimit(1_048_576)).toBe(1_048_576 + 4096 + 1024);
  });
});

describe('content that isn’t what its coding says', () => {
  it.each(CODINGS)('%s: is refused where it ends too early, wherever that is', async (coding) => {
    const encoded = encode(HELLO, [coding]);
    for (let length = 0; length < encoded.length; length++) {
      await expect(read(encoded.subarray(0, length), coding), String(length)).rejects.toMatchObject(
        MALFORMED,
      );
    }
  });

  it.each(CODINGS)('%s: is refused where something is behind its end', async (coding) => {
    const encoded = encode(HELLO, [coding]);
    for (const garbage of ['\0', '\0\0\0', 'x', 'hello', '\x1f', '\x1f\x8b']) {
      const rest = Buffer.from(garbage, 'latin1');
      await expect(read(Buffer.concat([encoded, rest]), coding), garbage).rejects.toMatchObject(MALFORMED);
      const later = decodeContent(new Pieces([encoded, rest, rest]), coding, 100);
      await expect(bytesOf(later), garbage).rejects.toMatchObject(MALFORMED);
    }
  });

  it.each<[name: string, coding: string, bytes: Buffer]>([
    ['no gzip', 'gzip', Buffer.from('hello')],
    ['no brotli', 'br', Buffer.from('hello, this is no brotli')],
    ['no deflate', 'deflate', Buffer.from('hello')],
    ['deflate without zlib’s frame, §8.4.1.2', 'deflate', zlib.deflateRawSync(HELLO)],
    ['deflate with a dictionary', 'deflate', zlib.deflateSync(HELLO, { dictionary: HELLO })],
    ['gzip for deflate', 'deflate', zlib.gzipSync(HELLO)],
    ['deflate for gzip', 'gzip', zlib.deflateSync(HELLO)],
    ['one coding where two are said', 'gzip, br', zlib.gzipSync(HELLO)],
    ['the other order', 'gzip, br', encode(HELLO, ['br', 'gzip'])],
    ['malformed inside', 'gzip, br', zlib.brotliCompressSync(Buffer.from('hello'))],
    ['two streams of deflate', 'deflate', Buffer.concat([zlib.deflateSync(HELLO), zlib.deflateSync(HELLO)])],
  ])('%s is refused', async (_name, coding, bytes) => {
    const error: unknown = await read(bytes, coding).catch((reason: unknown) => reason);
    expect(error).toMatchObject(MALFORMED);
    expect(String(error)).not.toMatch(/hello|header|Z_/);
  });

  it('is refused, or decoded as it was, where a bit is another one', async () => {
    const encoded = zlib.gzipSync(HELLO);
    await fc.assert(
      fc.asyncProperty(fc.nat(encoded.length * 8 - 1), async (bit) => {
        const broken = Buffer.from(encoded);
        broken[bit >> 3]! ^= 1 << (bit & 7);
        const outcome: unknown = await read(broken, 'gzip').catch((error: unknown) => error);
        if (Buffer.isBuffer(outcome)) expect(outcome).toEqual(HELLO);
        else expect(outcome).toMatchObject({ status: expect.toBeOneOf([400, 413]) });
      }),
    );
  });

  it('is refused, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.constantFrom(...CODINGS), async (bytes, coding) => {
        const outcome: unknown = await read(bytes, coding).catch((error: unknown) => error);
        expect(Buffer.isBuffer(outcome) || outcome instanceof FrameworkError).toBe(true);
      }),
    );
  });
});

describe('a source that breaks off', () => {
  it.each([
    'identity',
    'gzip',
    'gzip, br',
  ])('is 400 before, while and after it is read: %s', async (coding) => {
    const encoded = coding === 'identity' ? HELLO : encode(HELLO, coding.split(', '));
    for (const breakOff of [
      (source: PassThrough) => source.destroy(),
      (source: PassThrough) => source.destroy(new Error('aborted')),
    ]) {
      const gone = new PassThrough().on('error', () => {});
      breakOff(gone);
      await expect(bytesOf(decodeContent(gone, coding, 100))).rejects.toMatchObject(MALFORMED);
      const going = new PassThrough().on('error', () => {});
      going.write(encoded.subarray(0, 3));
      const decoded = decodeContent(going, coding, 100);
      setImmediate(() => breakOff(going));
      await expect(bytesOf(decoded)).rejects.toMatchObject(MALFORMED);
      const unread = new PassThrough().on('error', () => {});
      const waiting = decodeContent(unread, coding, 100);
      breakOff(unread);
      await new Promise(setImmediate);
      await expect(bytesOf(waiting)).rejects.toMatchObject(MALFORMED);
    }
  });

  it('or was read already, is 400 too', async () => {
    const source = Readable.from([HELLO]);
    await bytesOf(source);
    await expect(bytesOf(decodeContent(source, undefined, 100))).rejects.toMatchObject(MALFORMED);
  });

  it.each([
    'identity',
    'gzip',
    'gzip, gzip',
  ])('keeps no listeners when the reader goes: %s', async (coding) => {
    const source = new PassThrough();
    const counts = (): readonly number[] =>
      ['readable', 'data', 'end', 'error', 'close'].map((event) => source.listenerCount(event));
    const before = counts();
    const decoded = decodeContent(source, coding, 100);
    source.write('x');
    decoded.read();
    decoded.destroy();
    await once(decoded, 'close');
    expect(counts()).toEqual(before);
    expect(source.destroyed).toBe(false);
  });
});

it.each<[name: string, end: (decoded: Readable) => unknown]>([
  ['over the limit', (decoded) => bytesOf(decoded).catch(() => {})],
  [
    'when the reader goes',
    (decoded) =>
      once(
        decoded.on('readable', () => decoded.destroy()),
        'close',
      ),
  ],
])('decoding stops at once %s, in the middle of a chunk', async (_name, end) => {
  const destroy = vi.spyOn(Object.getPrototypeOf(zlib.createGunzip()) as Readable, 'destroy');
  try {
    await end(decodeContent(new Pieces([zlib.gzipSync(Buffer.alloc(20_000_000))]), 'gzip', 100_000));
    expect(destroy).toHaveBeenCalledOnce();
  } finally {
    destroy.mockRestore();
  }
});

describe('over a socket', () => {
  let server: Server;
  let outcomes: unknown[] = [];

  beforeAll(async () => {
    server = createServer((req, res) => {
      bytesOf(decodeContent(req, req.headers['content-encoding'], 1000)).then(
        (bytes) => {
          outcomes.push(bytes.length);
          res.end('fine');
        },
        (error: unknown) => {
          outcomes.push(error);
          res.writeHead(error instanceof FrameworkError ? error.status : 500).end('refused');
          discardRest(req);
        },
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  function head(length: number, coding: string): string {
    return `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: ${coding}\r\nContent-Length: ${length}\r\n\r\n`;
  }

  it.each<[name: string, coding: string, body: Buffer]>([
    ['a bomb', 'gzip', zlib.gzipSync(Buffer.alloc(2 ** 26))],
    ['a bomb in a bomb', 'gzip, gzip', zlib.gzipSync(zlib.gzipSync(Buffer.alloc(2 ** 28)))],
    ['garbage', 'br', Buffer.alloc(1000, 'garbage')],
    ['a long body', 'identity', Buffer.alloc(300_000)],
  ])('%s is answered, its rest discarded, and the connection serves the next request', async (name, coding, body) => {
    outcomes = [];
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setNoDelay();
    socket.write(head(body.length, coding));
    socket.write(body);
    expect(String((await once(socket, 'data'))[0])).toContain(name === 'garbage' ? ' 400 ' : ' 413 ');
    const next = zlib.gzipSync(HELLO);
    socket.write(head(next.length, 'x-gzip'));
    socket.write(next);
    expect(String((await once(socket, 'data'))[0])).toContain(' 200 ');
    expect(outcomes.at(-1)).toBe(HELLO.length);
    socket.destroy();
  });

  it('a client that leaves in the middle is 400, and ends nothing', async () => {
    outcomes = [];
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setNoDelay();
    const closed = new Promise((resolve) => {
      server.once('connection', (connection) => connection.once('close', resolve));
    });
    socket.write(head(100, 'gzip'));
    socket.write(zlib.gzipSync(HELLO).subarray(0, 12));
    await once(server, 'request');
    socket.destroy();
    await closed;
    for (let i = 0; i < 100 && outcomes.length === 0; i++) await new Promise(setImmediate);
    expect(outcomes[0]).toMatchObject(MALFORMED);
  });
});
