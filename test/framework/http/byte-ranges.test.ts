import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentRange, multipartByteRanges } from '../../../src/framework/http/byte-ranges.js';
import { type ByteRange, parseRange } from '../../../src/framework/http/ranges.js';

const DATA = Buffer.from('0123456789');

function from(data: Uint8Array): (range: ByteRange) => Uint8Array {
  return ({ start, end }) => data.subarray(start, end + 1);
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('Content-Range, RFC 9110 §14.4', () => {
  it.each<[range: ByteRange | null, length: number, value: string]>([
    [{ start: 0, end: 4 }, 10, 'bytes 0-4/10'],
    [{ start: 9, end: 9 }, 10, 'bytes 9-9/10'],
    [{ start: 42, end: 1233 }, 1234, 'bytes 42-1233/1234'],
    [null, 10, 'bytes */10'],
    [null, 0, 'bytes */0'],
    [
      { start: 0, end: Number.MAX_SAFE_INTEGER - 1 },
      Number.MAX_SAFE_INTEGER,
      'bytes 0-9007199254740990/9007199254740991',
    ],
  ])('%j of %i bytes is %s', (range, length, value) => {
    expect(contentRange(range, length)).toBe(value);
  });
});

describe('multipart/byteranges, RFC 9110 §14.6', () => {
  const ranges: readonly ByteRange[] = [
    { start: 8, end: 9 },
    { start: 0, end: 0 },
  ];

  it('has a part for each range, in their order, framed as in RFC 2046 §5.1.1', async () => {
    const made = multipartByteRanges(ranges, 10, 'text/plain; charset=utf-8', from(DATA), 'THIS_SEPARATES');
    expect(made.contentType).toBe('multipart/byteranges; boundary=THIS_SEPARATES');
    expect((await bytesOf(made.body)).toString()).toBe(
      [
        '--THIS_SEPARATES',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Range: bytes 8-9/10',
        '',
        '89',
        '--THIS_SEPARATES',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Range: bytes 0-0/10',
        '',
        '0',
        '--THIS_SEPARATES--',
        '',
      ].join('\r\n'),
    );
  });

  it.each([
    null,
    '',
  ])('has no Content-Type in its parts where the representation has none: %j', async (type) => {
    const made = multipartByteRanges([{ start: 3, end: 4 }], 10, type, from(DATA), 'b');
    expect((await bytesOf(made.body)).toString()).toBe(
      '--b\r\nContent-Range: bytes 3-4/10\r\n\r\n34\r\n--b--\r\n',
    );
  });

  it('has a boundary that nobody can guess, and that needs no quotes', () => {
    const types = Array.from(
      { length: 100 },
      () => multipartByteRanges(ranges, 10, null, from(DATA)).contentType,
    );
    expect(new Set(types).size).toBe(100);
    for (const type of types) expect(type).toMatch(/^multipart\/byteranges; boundary=[\w-]{24}$/);
  });

  it('is as long as it says, and splits into the slices', async () => {
    const spec = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
    const type = fc.constantFrom(null, 'text/plain', 'application/x; a="caf\xe9"');
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.array(spec, { minLength: 1, maxLength: 8 }),
        type,
        fc.integer({ min: 1, max: 7 }),
        async (data, specs, contentType, size) => {
          const asked = parseRange(`bytes=${specs.join()}`, data.length);
          if (typeof asked === 'string') return;
          async function* chunks(range: ByteRange): AsyncGenerator<Uint8Array> {
            const part = from(data)(range);
            for (let i = 0; i < part.length; i += size) yield part.subarray(i, i + size);
          }
          const made = multipartByteRanges(asked, data.length, contentType, chunks);
          const bytes = await bytesOf(made.body);
          expect(bytes).toHaveLength(made.contentLength);
          expect(split(bytes, made.contentType)).toEqual(
            asked.map((range) => ({
              type: contentType,
              range: contentRange(range, data.length),
              content: Buffer.from(from(data)(range)).toString('hex'),
            })),
          );
        },
      ),
    );
  });

  /** The parts, as RFC 2046 has a reader find them. */
  function split(bytes: Buffer, contentType: string): readonly unknown[] {
    const boundary = contentType.replace('multipart/byteranges; boundary=', '');
    // With the line break that a first delimiter has where there is a preamble.
    const text = `\r\n${bytes.toString('latin1')}`;
    const [preamble, ...rest] = text.split(`\r\n--${boundary}`);
    expect(preamble).toBe('');
    expect(rest.pop()).toBe('--\r\n');
    return rest.map((part) => {
      const match = /^\r\n(?:Content-Type: (.*)\r\n)?Content-Range: (.*)\r\n\r\n([\s\S]*)$/.exec(part);
      return {
        type: match?.[1] ?? null,
        range: match?.[2],
        content: Buffer.from(match?.[3] ?? '', 'latin1').toString('hex'),
      };
    });
  }

  it('knows its length beyond what fits into memory, and reads nothing before it is asked to', () => {
    const length = 2 ** 52;
    const huge = [
      { start: 0, end: 2 ** 51 },
      { start: length - 1, end: length - 1 },
    ];
    const read = (): never => {
      throw new Error('read too early');
    };
    const empty = `--b\r\nContent-Range: bytes 0-${2 ** 51}/${length}\r\n\r\n`.length;
    const tail = `\r\n--b\r\nContent-Range: bytes ${length - 1}-${length - 1}/${length}\r\n\r\n`.length;
    const made = multipartByteRanges(huge, length, null, read, 'b');
    expect(made.contentLength).toBe(empty + 2 ** 51 + 1 + tail + 1 + '\r\n--b--\r\n'.length);
  });

  it('reads one range after the other', async () => {
    const log: string[] = [];
    const made = multipartByteRanges(ranges, 10, null, (range) => {
      log.push(`read ${range.start}`);
      return from(DATA)(range);
    });
    for await (const chunk of made.body) log.push(chunk.length > 2 ? 'head' : 'data');
    expect(log).toEqual(['head', 'read 8', 'data', 'head', 'read 0', 'data', 'head']);
  });

  it.each<[name: string, read: () => AsyncIterable<Uint8Array> | Uint8Array, sent: number]>([
    ['too few bytes', () => Buffer.from('8'), 1],
    ['too many bytes', () => Buffer.from('890'), 0],
    ['too few bytes, streamed', () => Readable.from([Buffer.from('8')]), 1],
    ['too many bytes, streamed', () => Readable.from([Buffer.from('89'), Buffer.from('0')]), 2],
    ['none', () => Readable.from([]), 0],
  ])('fails where a range is read with %s, and sends none that are too many', async (_name, read, sent) => {
    const made = multipartByteRanges([{ start: 8, end: 9 }], 10, null, read, 'b');
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of made.body) chunks.push(chunk);
    })();
    await expect(reading).rejects.toThrow(RangeError);
    const [, ...data] = chunks;
    expect(Buffer.concat(data)).toHaveLength(sent);
  });

  it.each(['left', 'too long'])('lets its source finish where it is %s', async (why) => {
    let finished = 0;
    let ended = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (let i = 0; i < 1000; i++) yield Buffer.from('8');
        ended = true;
      } finally {
        finished++;
      }
    }
    const made = multipartByteRanges([{ start: 8, end: 9 }], 10, null, source, 'b');
    const reading = (async () => {
      for await (const chunk of made.body) if (why === 'left' && chunk.length === 1) break;
    })();
    if (why === 'left') await reading;
    else await expect(reading).rejects.toThrow(RangeError);
    expect([finished, ended]).toEqual([1, false]);
  });

  it('fails with what its source fails with', async () => {
    const made = multipartByteRanges(ranges, 10, null, () =>
      Readable.from(
        (async function* () {
          yield Buffer.from('8');
          throw new Error('broken');
        })(),
      ),
    );
    await expect(bytesOf(made.body)).rejects.toThrow('broken');
  });

  it.each([
    '',
    'a b',
    'a"',
    'a\r\nb',
    'a;b',
    'a/b',
    'é',
    'a'.repeat(71),
  ])('has no boundary %j, which would need quotes or be none', (boundary) => {
    expect(() => multipartByteRanges(ranges, 10, null, from(DATA), boundary)).toThrow(TypeError);
  });

  it.each(["a0'+_.-Z", 'a'.repeat(70)])('may have the boundary %s', (boundary) => {
    const { contentType } = multipartByteRanges(ranges, 10, null, from(DATA), boundary);
    expect(contentType).toBe(`multipart/byteranges; boundary=${boundary}`);
  });

  it('has no content type that would split its headers, and at least one part', () => {
    expect(() => multipartByteRanges(ranges, 10, 'a/b\r\nX: y', from(DATA))).toThrow(TypeError);
    expect(() => multipartByteRanges([], 10, null, from(DATA))).toThrow(TypeError);
  });
});
