import 'reflect-metadata';
import { decode, encode, type TagDecodeControl } from 'cborg';
import { bigIntDecoder, bigNegIntDecoder } from 'cborg/taglib';
import { Exclude, plainToInstance, Type } from 'class-transformer';
import { IsDate, IsInstance, validate } from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cborCodec } from '../../../src/framework/codecs/cbor.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';
import { anyValue } from './any-value.js';

function hex(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part.replaceAll(' ', ''), 'hex') : part)),
  );
}

function read(content: string | Uint8Array, maxDepth = 100): unknown {
  const bytes = typeof content === 'string' ? hex(content) : Buffer.from(content);
  return cborCodec.read?.(bytes, { charset: null, parameters: new Map(), maxDepth });
}

/** What `read` throws, which is always ours, and the client's fault. */
function refusal(content: string | Uint8Array, maxDepth = 100): FrameworkError {
  try {
    read(content, maxDepth);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameworkError);
    expect(error).toMatchObject({ code: 'malformed-body', status: 400 });
    return error as FrameworkError;
  }
  throw new Error(`${Buffer.from(content).toString('hex').slice(0, 80)} was read`);
}

function write(value: unknown): Buffer {
  return Buffer.from(cborCodec.write?.(value) as Uint8Array);
}

const SHARED = [0];

const bytes = fc.uint8Array({ maxLength: 40 }).map((given) => Buffer.from(given));
const date = fc.date({ noInvalidDate: true });
const large = fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map((value) => {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? value + 2n ** 60n : value;
});
const unusual = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const value = anyValue(bytes, date, large, unusual);

describe('CBOR, RFC 8949', () => {
  it('comes back as it was written, with bytes, dates and bigints', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(read(write(given))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('is read in every encoding that a value has, §3 and §4.1', () => {
    fc.assert(
      fc.property(value, fc.infiniteStream(fc.nat(255)), (given, choices) => {
        expect(read(inSomeEncoding(given, choices))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[appendixA: string, value: unknown]>([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1000000],
    ['1b000000e8d4a51000', 1000000000000],
    ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['1b0020000000000000', 9007199254740992n],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['c249010000000000000000', 18446744073709551616n],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['c349010000000000000000', -18446744073709551617n],
    ['20', -1],
    ['3903e7', -1000],
    ['3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
    ['3b001fffffffffffff', -9007199254740992n],
    ['f90000', 0],
    ['f98000', -0],
    ['f93c00', 1],
    ['fb3ff199999999999a', 1.1],
    ['f93e00', 1.5],
    ['f97bff', 65504],
    ['fa47c35000', 100000],
    ['fa7f7fffff', 3.4028234663852886e38],
    ['fb7e37e43c8800759c', 1e300],
    ['f90001', 2 ** -24],
    ['f90400', 0.00006103515625],
    ['f9c400', -4],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f97e00', Number.NaN],
    ['f97e01', Number.NaN],
    ['f9fc00', Number.NEGATIVE_INFINITY],
    ['fa7f800000', Number.POSITIVE_INFINITY],
    ['fb7ff8000000000000', Number.NaN],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', null],
    ['c074323031332d30332d32315432303a30343a30305a', new Date('2013-03-21T20:04:00Z')],
    ['c11a514b67b0', new Date('2013-03-21T20:04:00Z')],
    ['c1fb41d452d9ec200000', new Date('2013-03-21T20:04:00.500Z')],
    ['c120', new Date(-1000)],
    ['40', Buffer.alloc(0)],
    ['4401020304', Buffer.of(1, 2, 3, 4)],
    ['60', ''],
    ['6449455446', 'IETF'],
    ['62225c', '"\\'],
    ['62c3bc', 'ü'],
    ['63e6b0b4', '水'],
    ['64f0908591', '𐅑'],
    ['63efbfbd', '\ufffd'],
    ['64efbbbf61', '\ufeffa'],
    ['80', []],
    ['83010203', [1, 2, 3]],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a0', {}],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['826161a161626163', ['a', { b: 'c' }]],
    ['5f42010243030405ff', Buffer.of(1, 2, 3, 4, 5)],
    ['5fff', Buffer.alloc(0)],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9fff', []],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['83018202039f0405ff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['826161bf61626163ff', ['a', { b: 'c' }]],
    ['bf6346756ef563416d7421ff', { Fun: true, Amt: -2 }],
    ['bf7f6161ff01ff', { a: 1 }],
    ['d9d9f783010203', [1, 2, 3]],
    ['c240', 0],
    ['c2420001', 1],
    ['c340', -1],
    ['c25f4101420000ff', 65536],
  ])('%s is read', (content, expected) => {
    expect(read(content)).toEqual(expected);
  });

  it.each<[what: string, content: string]>([
    ['nothing', ''],
    ['reserved additional information, §3', '1c'],
    ['reserved additional information of a tag, §3', 'de00'],
    ['an integer of indefinite length, §3.2', '1f'],
    ['a negative integer of indefinite length, §3.2', '3f'],
    ['a tag of indefinite length, §3.2', 'df00'],
    ['a break alone, §3.2.1', 'ff'],
    ['a break in an array of definite length, §3.2.1', '8201ff'],
    ['a break in a map of definite length, §3.2.1', 'a1ff'],
    ['a break between a key and its value, §3.2.2', 'bf6161ff'],
    ['a break as the content of a tag, §3.4', '9fc1ff'],
    ['a chunk of the other kind of string, §3.2.3', '5f6161ff'],
    ['a chunk that is no string, §3.2.3', '7f01ff'],
    ['a chunk of indefinite length, §3.2.3', '5f5f4101ffff'],
    ['a character that two chunks share, §3.2.3', '7f61c361bcff'],
    ['two values, §5.1', '0000'],
    ['a value and a break, §5.1', '00ff'],
    ['a simple value in two bytes that has one, §3.3', 'f814'],
    ['a simple value that nobody has assigned, §3.3', 'f8ff'],
    ['a simple value that nobody has assigned, in one byte, §3.3', 'e0'],
    ['a reserved simple value, §3.3', 'fc'],
    ['a date that is none, §3.4.1', 'c0614f'],
    ['a date without a time, §3.4.1', 'c06a323031332d30332d3231'],
    ['a date as bytes, §3.4.1', 'c04161'],
    ['a date of infinity, §3.4.2', 'c1f97c00'],
    ['a date of NaN, §3.4.2', 'c1f97e00'],
    ['a date beyond all dates, §3.4.2', 'c11bffffffffffffffff'],
    ['a date of a text, §3.4.2', 'c16131'],
    ['a date of a boolean, §3.4.2', 'c1f5'],
    ['a date of a bignum, §3.4.2', 'c1c24101'],
    ['a bignum of a text, §3.4.3', 'c26131'],
    ['a bignum of a number, §3.4.3', 'c201'],
    ['a decimal fraction, §3.4.4', 'c48221196ab3'],
    ['encoded CBOR, §3.4.5.1', 'd8184164'],
    ['a URI, §3.4.5.3', 'd820617a'],
    ['a mark within, §3.4.6', '81d9d9f700'],
    ['two marks, §3.4.6', 'd9d9f7d9d9f700'],
    ['a set', 'd9010280'],
    ['a shared value', 'd81c80'],
    ['an integer as a key', 'a10102'],
    ['bytes as a key', 'a1416102'],
    ['null as a key', 'a1f602'],
    ['an array as a key', 'a18002'],
    ['a map as a key', 'a1a002'],
    ['a date as a key', 'a1c10002'],
    ['equal keys, §5.6', 'a2616101616102'],
    ['equal keys in different encodings, §5.6', 'bf61610178016102ff'],
    ['equal keys in chunks, §5.6', 'a26161017f6161ff02'],
    ['the key __proto__', 'a1695f5f70726f746f5f5fa0'],
    ['the key __proto__ in chunks', 'a17f645f5f7072656f746f5f5fff01'],
    ['constructor.prototype', 'a16b636f6e7374727563746f72a16970726f746f7479706501'],
  ])('%s is refused: %s', (_what, content) => {
    refusal(content);
  });

  it('has keys that mean something to JavaScript as ordinary ones', () => {
    const content = encode({ constructor: 1, toString: 2, hasOwnProperty: null, prototype: {}, __proto: 3 });
    const given = read(content) as object;
    expect(Object.keys(given).sort()).toEqual(
      ['__proto', 'constructor', 'hasOwnProperty', 'prototype', 'toString'].sort(),
    );
    expect(Object.getPrototypeOf(given)).toBe(Object.prototype);
    expect(read(encode({ constructor: { a: 1 } }))).toEqual({ constructor: { a: 1 } });
  });

  it.each<[name: string, text: string]>([
    ['a lone continuation', '80'],
    ['a cut sequence', 'c3'],
    ['an overlong slash', 'c0af'],
    ['a surrogate', 'eda080'],
    ['a code point above U+10FFFF', 'f4908080'],
    ['a byte that UTF-8 never has', 'ff'],
    ['one beside a real U+FFFD', 'efbfbdff'],
  ])('%s is refused and not replaced, §5.3.1', (_name, text) => {
    const length = text.length / 2;
    for (const content of [
      hex(Buffer.of(0x60 + length), text),
      hex(Buffer.of(0x78, length + 40), Buffer.alloc(40, 'a'), text),
      hex('7f', Buffer.of(0x60 + length), text, 'ff'),
      hex('a1', Buffer.of(0x60 + length), text, '00'),
    ]) {
      expect(refusal(content).message).toBe('The body has a text that is not valid UTF-8');
    }
  });
});

describe('a hostile CBOR', () => {
  it('that ends too early is refused, wherever it ends', () => {
    const sample = hex(
      ...['bf', '6161', '9f', '1bffffffffffffffff', '3903e7', 'fb3ff199999999999a', 'fa47c35000', 'f93c00'],
      ...['4401020304', '7f657374726561646d696e67ff', '5f42010243030405ff', 'c249010000000000000000'],
      ...[
        'c074323031332d30332d32315432303a30343a30305a',
        'c11a514b67b0',
        '83f4f5f6',
        'ff',
        '6162',
        'a1616300',
        'ff',
      ],
    );
    expect(read(sample)).toBeTypeOf('object');
    for (let end = 0; end < sample.length; end++) refusal(sample.subarray(0, end));
    for (let end = 0; end < sample.length; end++) refusal(hex('d9d9f7', sample.subarray(0, end)));
  });

  it('with a length that it does not have is refused, and allocates nothing for it', () => {
    const before = process.memoryUsage();
    for (const major of ['5', '7', '9', 'b']) {
      for (const length of ['affffffff', 'b00000000ffffffff', 'b001fffffffffffff', 'bffffffffffffffff']) {
        const head = `${major}${length}`;
        refusal(head);
        refusal(hex(head, Buffer.alloc(10)));
        refusal(`${'82'.repeat(99)}${head}`);
      }
    }
    const after = process.memoryUsage();
    expect(after.heapTotal - before.heapTotal + after.arrayBuffers - before.arrayBuffers).toBeLessThan(
      64 << 20,
    );
  });

  it.each<[name: string, open: string, close: string]>([
    ['arrays', '81', ''],
    ['arrays of indefinite length', '9f', 'ff'],
    ['maps', 'a16161', ''],
    ['maps of indefinite length', 'bf6161', 'ff'],
    ['the last of several items', '8200', ''],
  ])('that nests %s is read up to the limit, and refused beyond it', (_name, open, close) => {
    const nested = (depth: number): Buffer =>
      Buffer.concat([hex(open.repeat(depth - 1)), hex('80'), hex(close.repeat(depth - 1))]);
    expect(read(nested(100))).toBeDefined();
    expect(refusal(nested(101)).message).toBe('The body is nested deeper than 100 levels');
    expect(refusal(nested(100_000)).message).toBe('The body is nested deeper than 100 levels');
    expect(refusal(nested(2), 1).message).toContain('nested deeper');
    expect(refusal('80', 0).message).toContain('nested deeper');
    expect(read('00', 0)).toBe(0);
    // Where the operator allows it, it is no deeper than the stack either.
    expect(read(nested(50_000), 50_000)).toBeDefined();
  });

  it.each([
    '81',
    '9f',
    'a1',
    'bf',
    'bf60',
    'c0',
    'c1',
    'c2',
    'd9d9f7',
    'd81c',
    '5f',
    '7f',
    '5f40',
    '7f60',
    '5f5f',
    'ff',
    '9fff',
    'c25f40',
    'c074',
    'db',
  ])('that is a long run of %s is refused', (part) => {
    refusal(hex(part.repeat(Math.ceil(1_000_000 / part.length))));
  });

  it.each<[name: string, content: Buffer]>([
    ['chunks of nothing', hex('7f', '60'.repeat(1_000_000), 'ff')],
    ['chunks of one byte', hex('5f', '4100'.repeat(500_000), 'ff')],
    ['empty arrays', hex('9f', '80'.repeat(1_000_000), 'ff')],
    ['empty byte strings', hex('9f', '40'.repeat(1_000_000), 'ff')],
    ['small byte strings', hex('9f', '4100'.repeat(500_000), 'ff')],
    ['bignums', hex('9f', 'c240'.repeat(500_000), 'ff')],
    ['dates', hex('9f', 'c100'.repeat(500_000), 'ff')],
    [
      'keys',
      hex(
        'bf',
        Buffer.concat(
          Array.from({ length: 120_000 }, (_, i) => hex('66', Buffer.from(String(100_000 + i)), '00')),
        ),
        'ff',
      ),
    ],
  ])('of a MB of %s costs no more than its size', (_name, content) => {
    const before = performance.now();
    expect(read(content)).toBeDefined();
    // About 0.3 s at the most; a cost that grew with the square would be minutes.
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('of a bignum of more than 8192 bits is refused, §3.4.3', () => {
    expect(read(hex('c2590400', Buffer.alloc(1024, 0xff)))).toBe(2n ** 8192n - 1n);
    refusal(hex('c2590401', Buffer.alloc(1025, 0)));
    refusal(hex('c35a000f4240', Buffer.alloc(1_000_000, 0xff)));
  });

  it('shares no bytes with what is read from it', () => {
    const body = hex('824401020304', '5f41054106ff');
    const given = cborCodec.read?.(body, { charset: null, parameters: new Map(), maxDepth: 1 });
    body.fill(0);
    expect(given).toEqual([Buffer.of(1, 2, 3, 4), Buffer.of(5, 6)]);
  });

  it('never leads to anything but a value or a refusal', () => {
    const part = fc.constantFrom(
      ...[
        '00',
        '1818',
        '20',
        '40',
        '4101',
        '5f',
        '6161',
        '60',
        '7f',
        '80',
        '82',
        '9f',
        'a1',
        'bf',
        'c0',
        'c1',
        'c2',
      ],
      ...[
        'd9d9f7',
        'f4',
        'f6',
        'f7',
        'f93c00',
        'fb',
        'ff',
        '1b',
        '9b',
        'e0',
        'fc',
        '3bffffffffffffffff',
        '58ff',
      ],
    );
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(part, { maxLength: 12 }).map((parts) => new Uint8Array(hex(...parts))),
    );
    fc.assert(
      fc.property(content, (given) => {
        try {
          read(given);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameworkError);
          expect(error).toMatchObject({ status: 400 });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is read as cborg reads it, with any one of its bytes changed', () => {
    const options = {
      rejectDuplicateMapKeys: true,
      coerceUndefinedToNull: true,
      tags: {
        2: (content: TagDecodeControl) => small(bigIntDecoder(content)),
        3: (content: TagDecodeControl) => small(bigNegIntDecoder(content)),
      },
    };
    let both = 0;
    fc.assert(
      fc.property(anyValue(bytes, large, unusual), fc.nat(), fc.nat(255), (given, place, byte) => {
        const content = write(given);
        content[place % content.length] = byte;
        // It takes the character for a byte order mark, and drops it.
        fc.pre(!content.includes('\ufeff'));
        const ours = attempt(() => read(content));
        const theirs = attempt(() => withBuffers(decode(content, options)));
        // What it can't do, and what it lets through.
        if (theirs instanceof Error && !(ours instanceof Error)) {
          expect(theirs.message).toMatch(/indefinite length bytes|tag not supported \((?:0|1|55799)\)/);
        } else if (ours instanceof Error && !(theirs instanceof Error)) {
          expect(ours.message).toMatch(/UTF-8|key that is not allowed|tag that is not supported/);
        } else if (!(ours instanceof Error)) {
          expect(ours).toEqual(theirs);
          both++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(both).toBeGreaterThan(300);
  });
});

describe('what CBOR is written', () => {
  it.each<[value: unknown, content: string]>([
    [0, '00'],
    [-1, '20'],
    [2 ** 40, '1b0000010000000000'],
    [5n, '05'],
    [-5n, '24'],
    [2n ** 64n - 1n, '1bffffffffffffffff'],
    [-(2n ** 64n), '3bffffffffffffffff'],
    [2n ** 64n, 'c249010000000000000000'],
    [-(2n ** 64n) - 1n, 'c349010000000000000000'],
    [1.5, 'f93e00'],
    [1.1, 'fb3ff199999999999a'],
    [Number.NaN, 'f97e00'],
    [new Date('2013-03-21T20:04:00Z'), 'c11a514b67b0'],
    [new Date('2013-03-21T20:04:00.500Z'), 'c1fb41d452d9ec200000'],
    [new Date(-1000), 'c120'],
    [new Date(Number.NaN), 'f6'],
    [Uint8Array.of(1, 2), '420102'],
    [Buffer.of(1, 2).subarray(1), '4102'],
    [Uint8Array.of(1, 2).buffer, '420102'],
    [null, 'f6'],
    [[undefined, () => 1], '82f6f6'],
    [{ b: 1, a: undefined, c: () => 1 }, 'a1616201'],
    [{ bb: 1, a: 2 }, 'a261610262626201'],
    [new Set([1]), '8101'],
    [new Map([['a', 1n]]), 'a1616101'],
    [new String('a'), '6161'],
    [{ toJSON: () => 'x' }, '6178'],
    [{ toJSON: () => ({ a: new Date(0) }) }, 'a16161c100'],
    ['\ud800', '63efbfbd'],
    [{ '\udc00': '🐨' }, 'a163efbfbd64f09f90a8'],
    [JSON.parse('{"__proto__":1}'), 'a1695f5f70726f746f5f5f01'],
    // Two references are no cycle.
    [[SHARED, SHARED], '8281008100'],
  ])('of %o is %s', (given, content) => {
    expect(write(given).toString('hex')).toBe(content);
  });

  it.each([[undefined], [() => 1], [Symbol('a')]])('of %o is nothing', (given) => {
    expect(() => write(given)).toThrow(TypeError);
  });

  it('of a cycle is nothing', () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    expect(() => write(cycle)).toThrow(new TypeError('a value with a cycle has no CBOR form'));
    // The next one is written: nothing of it is left.
    expect(write([1])).toEqual(hex('8101'));
  });

  it('leaves out what class-transformer leaves out, wherever it stands, and keeps dates and bytes', () => {
    class User {
      readonly name = 'Ada';
      @Exclude() readonly password = 'hunter2';
      readonly born = new Date(0);
      readonly key = Buffer.of(1);
    }
    expect(read(write({ users: new Set([new User()]) }))).toEqual({
      users: [{ name: 'Ada', born: new Date(0), key: Buffer.of(1) }],
    });
  });

  it('as an array of items is one of indefinite length, §3.2.2', async () => {
    const chunks: Uint8Array[] = [];
    async function* items(): AsyncGenerator<unknown> {
      yield 1;
      yield undefined;
      yield { a: Uint8Array.of(1) };
    }
    for await (const chunk of cborCodec.writeItems?.(items()) ?? []) chunks.push(chunk as Uint8Array);
    expect(read(Buffer.concat(chunks))).toEqual([1, null, { a: Buffer.of(1) }]);
  });

  it('becomes the date of a class, and passes its rules', async () => {
    class Event {
      @Type(() => Date) @IsDate() readonly at!: Date;
      @IsInstance(Buffer) readonly key!: Buffer;
    }
    const at = new Date('2024-02-29T12:30:00.123Z');
    for (const sent of [
      write({ at, key: Buffer.of(1) }),
      write({ at: at.toISOString(), key: Uint8Array.of(1) }),
    ]) {
      const event = plainToInstance(Event, read(sent));
      expect(event).toEqual({ at, key: Buffer.of(1) });
      expect(await validate(event)).toEqual([]);
    }
  });

  it('is well-formed for any text', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.constantFrom('\ud800', '\udbff', '\udc00'), (before, after, half) => {
        const replaced = `${before}\ufffd|${after}`;
        expect(read(write({ [`${before}${half}|${after}`]: replaced }))).toEqual({ [replaced]: replaced });
        expect(read(write(`${before}${half}|${after}`))).toBe(replaced);
      }),
    );
  });
});

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

function withBuffers(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  if (given instanceof Uint8Array) return Buffer.from(given);
  if (Array.isArray(given)) return given.map(withBuffers);
  return Object.fromEntries(Object.entries(given).map(([key, member]) => [key, withBuffers(member)]));
}

function small(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** An encoding of a value out of those that it has: lengths of each size, definite and indefinite. */
function inSomeEncoding(value: unknown, choices: Iterator<number>): Buffer {
  const next = (below: number): number => (choices.next().value as number) % below;
  const head = (major: number, argument: number | bigint): Buffer => {
    const sizes = [24n, 2n ** 8n, 2n ** 16n, 2n ** 32n, 2n ** 64n].map((size) => BigInt(argument) < size);
    const fitting = sizes.flatMap((fits, i) => (fits ? [i] : []));
    const size = fitting[next(fitting.length)] ?? 4;
    if (size === 0) return Buffer.of((major << 5) | Number(argument));
    const digits = BigInt(argument)
      .toString(16)
      .padStart(2 ** size, '0');
    return hex(Buffer.of((major << 5) | (23 + size)), digits);
  };
  const string = (major: number, parts: readonly Buffer[]): Buffer => {
    const whole = Buffer.concat(parts);
    if (next(2) === 0) return hex(head(major, whole.length), whole);
    return hex(
      Buffer.of((major << 5) | 31),
      ...parts.map((part) => hex(head(major, part.length), part)),
      'ff',
    );
  };
  const container = (major: number, count: number, parts: readonly Buffer[]): Buffer =>
    next(2) === 0 ? hex(head(major, count), ...parts) : hex(Buffer.of((major << 5) | 31), ...parts, 'ff');
  const integer = (given: bigint): Buffer => {
    const magnitude = given < 0n ? -1n - given : given;
    if (magnitude < 2n ** 64n && next(2) === 0) return head(given < 0n ? 1 : 0, magnitude);
    const digits = magnitude.toString(16);
    const padded = Buffer.concat([
      Buffer.alloc(next(3)),
      hex(digits.padStart(digits.length + (digits.length % 2), '0')),
    ]);
    return hex(head(6, given < 0n ? 3 : 2), string(2, [padded.subarray(0, 1), padded.subarray(1)]));
  };
  const encoded = (given: unknown): Buffer => {
    if (typeof given === 'bigint') return integer(given);
    if (typeof given === 'number') {
      if (Number.isSafeInteger(given) && next(2) === 0) return integer(BigInt(given));
      const double = Buffer.alloc(9, 0xfb);
      double.writeDoubleBE(given, 1);
      return double;
    }
    if (typeof given === 'string')
      return string(
        3,
        Array.from(given, (char) => Buffer.from(char)),
      );
    if (given === null) return hex(next(2) === 0 ? 'f6' : 'f7');
    if (typeof given === 'boolean') return hex(given ? 'f5' : 'f4');
    if (given instanceof Date) {
      const isOrdinary = given.getUTCFullYear() >= 0 && given.getUTCFullYear() <= 9999;
      if (isOrdinary && next(2) === 0) return hex(head(6, 0), string(3, [Buffer.from(given.toISOString())]));
      const double = Buffer.alloc(9, 0xfb);
      double.writeDoubleBE(given.getTime() / 1000, 1);
      return hex(head(6, 1), double);
    }
    if (given instanceof Uint8Array)
      return string(
        2,
        Array.from(given, (byte) => Buffer.of(byte)),
      );
    if (Array.isArray(given)) return container(4, given.length, given.map(encoded));
    const members = Object.entries(given as object).flatMap(([key, member]) => [
      encoded(key),
      encoded(member),
    ]);
    return container(5, members.length / 2, members);
  };
  return next(4) === 0 ? hex('d9d9f7', encoded(value)) : encoded(value);
}
