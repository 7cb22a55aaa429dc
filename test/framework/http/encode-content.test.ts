import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AVAILABLE_CODINGS, type Coding } from '../../../src/framework/http/content-coding.js';
import { encodeBuffer, encodeStream } from '../../../src/framework/http/encode-content.js';
import { anyText } from './any-text.js';

function decode(bytes: Buffer, coding: Coding): Buffer {
  if (coding === 'gzip') return zlib.gunzipSync(bytes);
  if (coding === 'br') return zlib.brotliDecompressSync(bytes);
  return (Reflect.get(zlib, 'zstdDecompressSync') as (input: Buffer) => Buffer)(bytes);
}

function decoder(coding: Coding): PassThrough {
  const name = { gzip: 'createGunzip', br: 'createBrotliDecompress', zstd: 'createZstdDecompress' }[coding];
  return (Reflect.get(zlib, name) as () => PassThrough)();
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

const ROWS = Buffer.from(
  JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, title: `Case ${id}`, status: 'open' }))),
);

describe.each(AVAILABLE_CODINGS)('content in %s', (coding) => {
  it('decodes to what it was', async () => {
    const content = fc.oneof(
      anyText,
      fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
      anyText.map((text) => text.repeat(500)),
    );
    await fc.assert(
      fc.asyncProperty(content, async (bytes) => {
        const encoded = await encodeBuffer(bytes, coding);
        expect(Buffer.compare(decode(encoded, coding), Buffer.from(bytes))).toBe(0);
      }),
    );
  });

  it('is a fraction of JSON', async () => {
    expect((await encodeBuffer(ROWS, coding)).length).toBeLessThan(ROWS.length / 8);
    const streamed = await bytesOf(encodeStream(Readable.from([ROWS]), coding, false));
    expect(streamed.length).toBeLessThan(ROWS.length / 8);
  });

  it('as a stream decodes to what it was, flushed or not', async () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
      anyText,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), fc.boolean(), async (chunks, flush) => {
        const encoded = await bytesOf(encodeStream(Readable.from(chunks), coding, flush));
        const content = Buffer.concat(chunks.map((each) => Buffer.from(each)));
        expect(Buffer.compare(decode(encoded, coding), content)).toBe(0);
      }),
    );
  });

  it('brings each item at once, where it is flushed', async () => {
    const source = new PassThrough();
    const decoded = encodeStream(source, coding, true).pipe(decoder(coding));
    for (const item of ['{"a":1}\n', 'x', '{"b":2}\n']) {
      source.write(item);
      const [received] = await once(decoded, 'data');
      expect(String(received)).toBe(item);
    }
    source.destroy();
  });

  it('brings little by little what isn’t flushed', async () => {
    const source = new PassThrough();
    const encoded = encodeStream(source, coding, false);
    let bytes = 0;
    encoded.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    for (let i = 0; i < 20; i++) {
      source.write(`{"a":${i}}\n`);
      await turns(3);
    }
    // At most gzip's header.
    expect(bytes).toBeLessThanOrEqual(10);
    source.end();
    await once(encoded, 'end');
  });

  it('fails as its source does', async () => {
    const source = new PassThrough();
    const encoded = encodeStream(source, coding, true);
    source.write('abc');
    const error = new Error('broken');
    setImmediate(() => source.destroy(error));
    await expect(bytesOf(encoded)).rejects.toBe(error);
    expect(encoded.destroyed).toBe(true);
  });

  it('fails where its source failed, or closed, before', async () => {
    const failed = new PassThrough().on('error', () => {});
    failed.destroy(new Error('broken'));
    await expect(bytesOf(encodeStream(failed, coding, false))).rejects.toThrow();
    await expect(bytesOf(encodeStream(new PassThrough().destroy(), coding, false))).rejects.toThrow();
  });

  it('ends nothing where it fails before anybody reads it', async () => {
    const source = new PassThrough();
    const encoded = encodeStream(source, coding, false);
    const error = new Error('broken');
    source.destroy(error);
    await turns(3);
    expect(encoded.errored).toBe(error);
  });

  it('destroys its source with its own error', async () => {
    const source = new PassThrough();
    const encoded = encodeStream(source, coding, false);
    const error = new Error('broken');
    const failed = once(source, 'error').catch((reason: unknown) => [reason]);
    encoded.destroy(error);
    expect((await failed)[0]).toBe(error);
    expect(source.destroyed).toBe(true);
  });

  it('destroys its source when the reader goes', async () => {
    let finished = false;
    async function* items(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          yield ROWS;
          await turns(1);
        }
      } finally {
        finished = true;
      }
    }
    const source = Readable.from(items());
    for await (const chunk of encodeStream(source, coding, true)) {
      expect(chunk).toBeInstanceOf(Buffer);
      break;
    }
    await turns(10);
    expect(source.destroyed).toBe(true);
    expect(finished).toBe(true);
  });

  it('is read from its source no faster than it is read', async () => {
    let made = 0;
    async function* items(): AsyncGenerator<Buffer> {
      for (;;) {
        made++;
        // Nothing that compresses.
        yield randomBytes(20_000);
        await turns(1);
      }
    }
    const encoded = encodeStream(Readable.from(items(), { objectMode: false }), coding, false);
    encoded.read();
    // A source that isn't held back makes one in every turn or two.
    await turns(1000);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(60);
    encoded.destroy();
  });
});

it.skipIf(AVAILABLE_CODINGS.includes('zstd'))('zstd is refused where Node has none', async () => {
  await expect(encodeBuffer('a', 'zstd')).rejects.toThrow(RangeError);
  expect(() => encodeStream(Readable.from(['a']), 'zstd', false)).toThrow(RangeError);
});
