import 'reflect-metadata';
import { decode, ExtData, encode } from '@msgpack/msgpack';
import { Exclude, plainToInstance, Type } from 'class-transformer';
import { IsDate, IsInstance, validate } from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messagePackCodec } from '../../../src/framework/codecs/messagepack.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';
import { anyValue } from './any-value.js';

function hex(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));
}

function read(content: string | Uint8Array, maxDepth = 100): unknown {
  const bytes = typeof content === 'string' ? hex(content) : Buffer.from(content);
  return messagePackCodec.read?.(bytes, { charset: null, parameters: new Map(), maxDepth });
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
  return Buffer.from(messagePackCodec.write?.(value) as Uint8Array);
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((given) => Buffer.from(given));
const date = fc.date({ noInvalidDate: true });
const large = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
  .filter((value) => value < Number.MIN_SAFE_INTEGER || value > Number.MAX_SAFE_INTEGER);
const unusual = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const value = anyValue(bytes, date, large, unusual);

describe('MessagePack', () => {
  it('comes back as it was written, with bytes, dates and bigints', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(read(write(given))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('is read in every format that a value has', () => {
    fc.assert(
      fc.property(value, fc.infiniteStream(fc.nat(255)), (given, choices) => {
        expect(read(inSomeFormat(given, choices))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[format: string, content: string, value: unknown]>([
    ['positive fixint', '7f', 127],
    ['negative fixint', 'e0', -32],
    ['negative fixint', 'ff', -1],
    ['uint 8', 'ccff', 255],
    ['uint 16', 'cdffff', 65_535],
    ['uint 32', 'ceffffffff', 4_294_967_295],
    ['uint 64', 'cf0000000000000001', 1],
    ['uint 64', 'cf001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['uint 64', 'cf0020000000000000', 9_007_199_254_740_992n],
    ['uint 64', 'cfffffffffffffffff', 18_446_744_073_709_551_615n],
    ['int 8', 'd080', -128],
    ['int 16', 'd18000', -32_768],
    ['int 32', 'd280000000', -2_147_483_648],
    ['int 64', 'd3ffffffffffffffff', -1],
    ['int 64', 'd3ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['int 64', 'd3ffe0000000000000', -9_007_199_254_740_992n],
    ['int 64', 'd38000000000000000', -9_223_372_036_854_775_808n],
    ['nil', 'c0', null],
    ['false', 'c2', false],
    ['true', 'c3', true],
    ['float 32', 'ca3fc00000', 1.5],
    ['float 64', 'cb3ff199999999999a', 1.1],
    ['float 64', 'cb7ff8000000000000', Number.NaN],
    ['fixstr', 'a0', ''],
    ['fixstr', 'a3e6b0b4', '水'],
    ['fixstr', 'a3efbfbd', '\ufffd'],
    ['fixstr', 'a4efbbbf61', '\ufeffa'],
    ['str 8', 'd90161', 'a'],
    ['str 16', 'da000161', 'a'],
    ['str 32', 'db0000000161', 'a'],
    ['bin 8', 'c40101', Buffer.of(1)],
    ['bin 16', 'c500020102', Buffer.of(1, 2)],
    ['bin 32', 'c600000000', Buffer.alloc(0)],
    ['fixarray', '9201c0', [1, null]],
    ['array 16', 'dc000101', [1]],
    ['array 32', 'dd0000000101', [1]],
    ['array 32', 'dd00000000', []],
    ['fixmap', '81a16101', { a: 1 }],
    ['map 16', 'de0001a16101', { a: 1 }],
    ['map 32', 'df00000001d9016101', { a: 1 }],
    ['map 16', 'de0000', {}],
    ['timestamp 32', 'd6ff00000000', new Date(0)],
    ['timestamp 32', 'd6ffffffffff', new Date('2106-02-07T06:28:15Z')],
    ['timestamp 64', 'd7ff1dcd650000000001', new Date(1125)],
    ['timestamp 64', 'd7ffee6b27fc00000000', new Date(999)],
    ['timestamp 64', 'd7ff00000003ffffffff', new Date('2514-05-30T01:53:03Z')],
    ['timestamp 96', 'c70cff00000000ffffffffffffffff', new Date(-1000)],
    ['timestamp 96', 'c70cff3b9ac9ffffffffffffffffff', new Date(-1)],
    ['timestamp in ext 16', 'c80004ff00000001', new Date(1000)],
    ['timestamp in ext 32', 'c900000004ff00000001', new Date(1000)],
  ])('%s %s is read', (_format, content, expected) => {
    expect(read(content)).toEqual(expected);
  });

  it.each<[what: string, content: string]>([
    ['nothing', ''],
    ['the byte that is never used', 'c1'],
    ['two values', '0000'],
    ['a key without a value', '81a161'],
    ['an integer as a key', '810102'],
    ['bytes as a key', '81c4016102'],
    ['nil as a key', '81c002'],
    ['an array as a key', '819002'],
    ['a map as a key', '818002'],
    ['a timestamp as a key', '81d6ff0000000002'],
    ['equal keys', '82a16101a16102'],
    ['equal keys in different formats', '82a16101d9016102'],
    ['the key __proto__', '81a95f5f70726f746f5f5f80'],
    ['the key __proto__ as a str 8', '81d9095f5f70726f746f5f5f80'],
    ['constructor.prototype', '81ab636f6e7374727563746f7281a970726f746f7479706501'],
    ['another extension type', 'd40000'],
    ['another extension type of the specification', 'd6fe00000000'],
    ['an extension without content', 'c700ff'],
    ['a timestamp of one byte', 'd4ff00'],
    ['a timestamp of two bytes', 'd5ff0000'],
    ['a timestamp of 16 bytes', 'd8ff00000000000000000000000000000000'],
    ['a timestamp of five bytes', 'c705ff0000000000'],
    ['nanoseconds of a second and more', 'd7ffee6b280000000000'],
    ['nanoseconds of a second and more, in 96 bits', 'c70cff3b9aca000000000000000000'],
    ['a date beyond all dates', 'c70cff000000007fffffffffffffff'],
    ['a date before all dates', 'c70cff000000008000000000000000'],
  ])('%s is refused: %s', (_what, content) => {
    refusal(content);
  });

  it('has keys that mean something to JavaScript as ordinary ones', () => {
    const members = { constructor: 1, toString: 2, hasOwnProperty: null, prototype: {}, __proto: 3 };
    const given = read(encode(members)) as object;
    expect(Object.keys(given)).toEqual(Object.keys(members));
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
  ])('%s is refused and not replaced', (_name, text) => {
    const length = text.length / 2;
    for (const content of [
      hex(Buffer.of(0xa0 + length), text),
      hex(Buffer.of(0xd9, length + 250), Buffer.alloc(250, 'a'), text),
      hex('81', Buffer.of(0xa0 + length), text, '00'),
    ]) {
      expect(refusal(content).message).toBe('The body has a text that is not valid UTF-8');
    }
  });
});

describe('a hostile MessagePack', () => {
  it('that ends too early is refused, wherever it ends', () => {
    const sample = hex(
      ...['85', 'a161', '9a', 'cf0020000000000000', 'd3ffe0000000000000', 'cb3ff199999999999a', 'ca3fc00000'],
      ...['ccff', 'cdffff', 'd18000', 'd280000000', 'c403010203', 'c5000101', 'a162', 'd6ff00000000'],
      ...[
        'a163',
        'c70cff00000000ffffffffffffffff',
        'a164',
        'dc0002dd0000000101',
        'de0000',
        'a165',
        'db0000000161',
      ],
    );
    expect(read(sample)).toBeTypeOf('object');
    for (let end = 0; end < sample.length; end++) refusal(sample.subarray(0, end));
  });

  it('with a length that it does not have is refused, and allocates nothing for it', () => {
    const before = process.memoryUsage();
    for (const head of [
      'c4ff',
      'c5ffff',
      'c6ffffffff',
      'd9ff',
      'daffff',
      'dbffffffff',
      'dcffff',
      'ddffffffff',
    ]) {
      refusal(head);
      refusal(hex(head, Buffer.alloc(10)));
      refusal(`${'92'.repeat(99)}${head}`);
    }
    for (const head of ['deffff', 'dfffffffff', 'c7ffff', 'c8ffffff', 'c9ffffffffff']) {
      refusal(head);
      refusal(hex(head, Buffer.alloc(10)));
    }
    const after = process.memoryUsage();
    expect(after.heapTotal - before.heapTotal + after.arrayBuffers - before.arrayBuffers).toBeLessThan(
      64 << 20,
    );
  });

  it.each<[name: string, open: string]>([
    ['arrays', '91'],
    ['arrays of 32 bits', 'dd00000001'],
    ['maps', '81a161'],
    ['the last of several items', '9200'],
  ])('that nests %s is read up to the limit, and refused beyond it', (_name, open) => {
    const nested = (depth: number): Buffer => hex(open.repeat(depth - 1), '90');
    expect(read(nested(100))).toBeDefined();
    expect(refusal(nested(101)).message).toBe('The body is nested deeper than 100 levels');
    expect(refusal(nested(100_000)).message).toBe('The body is nested deeper than 100 levels');
    expect(refusal(nested(2), 1).message).toContain('nested deeper');
    expect(refusal('90', 0).message).toContain('nested deeper');
    expect(read('00', 0)).toBe(0);
    // Where the operator allows it, it is no deeper than the stack either.
    expect(read(nested(50_000), 50_000)).toBeDefined();
  });

  it.each([
    '91',
    '81',
    '81a0',
    'dd',
    'ddffffffff',
    'c1',
    'c0',
    'd6ff',
    'c7',
    'db',
    '90',
    '80',
  ])('that is a long run of %s is refused', (part) => {
    refusal(hex(part.repeat(Math.ceil(1_000_000 / part.length))));
  });

  it.each<[name: string, content: Buffer]>([
    ['empty arrays', hex('dd000f4240', '90'.repeat(1_000_000))],
    ['empty maps', hex('dd000f4240', '80'.repeat(1_000_000))],
    ['empty bytes', hex('dd0007a120', 'c400'.repeat(500_000))],
    ['small bytes', hex('dd0004e200', 'c40100'.repeat(320_000))],
    ['timestamps', hex('dd00028000', 'd6ff00000000'.repeat(163_840))],
    [
      'keys',
      hex(
        'df0001d4c0',
        ...Array.from({ length: 120_000 }, (_, i) => hex('a6', Buffer.from(String(100_000 + i)), '00')),
      ),
    ],
  ])('of a MB of %s costs no more than its size', (_name, content) => {
    const before = performance.now();
    expect(read(content)).toBeDefined();
    // About 0.3 s at the most; a cost that grew with the square would be minutes.
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('shares no bytes with what is read from it', () => {
    const body = hex('92c40401020304', 'c500020506');
    const given = messagePackCodec.read?.(body, { charset: null, parameters: new Map(), maxDepth: 1 });
    body.fill(0);
    expect(given).toEqual([Buffer.of(1, 2, 3, 4), Buffer.of(5, 6)]);
  });

  it('never leads to anything but a value or a refusal', () => {
    const part = fc.constantFrom(
      ...[
        '00',
        'ff',
        'a0',
        'a161',
        '90',
        '91',
        '92',
        '80',
        '81',
        'c0',
        'c1',
        'c2',
        'c40101',
        'c403',
        'ca',
        'cb',
      ],
      ...[
        'cc80',
        'cf',
        'd3ffffffffffffffff',
        'd6ff',
        'd6ff00000001',
        'd7ff',
        'c70cff',
        'c7',
        'd9',
        'd90161',
        'dc',
        'dd',
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

  it('is read as @msgpack/msgpack reads it, with any one of its bytes changed', () => {
    let both = 0;
    fc.assert(
      fc.property(anyValue(bytes, large, unusual), fc.nat(), fc.nat(255), (given, place, byte) => {
        const content = write(given);
        content[place % content.length] = byte;
        // A character that it takes for a byte order mark, and lengths that it would allocate.
        fc.pre(!content.includes('\ufeff') && byte !== 0xdd && byte !== 0xdc);
        const ours = attempt(() => read(content));
        const theirs = attempt(() => ordinary(decode(content, { useBigInt64: true })));
        if (theirs instanceof Error && !(ours instanceof Error)) throw theirs;
        if (ours instanceof Error && !(theirs instanceof Error)) {
          // What it lets through.
          expect(ours.message).toMatch(/UTF-8|extension type|key|date that does not exist/);
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

describe('what MessagePack is written', () => {
  it.each<[value: unknown, content: string]>([
    [0, '00'],
    [-1, 'ff'],
    [4_294_967_295, 'ceffffffff'],
    [4_294_967_296, 'cf0000000100000000'],
    [-2_147_483_648, 'd280000000'],
    [-2_147_483_649, 'd3ffffffff7fffffff'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [5n, '05'],
    [-5n, 'fb'],
    [2n ** 64n - 1n, 'cfffffffffffffffff'],
    [-(2n ** 63n), 'd38000000000000000'],
    [2n ** 64n, 'b43138343436373434303733373039353531363136'],
    [1.5, 'cb3ff8000000000000'],
    [new Date(1000), 'd6ff00000001'],
    [new Date(1125), 'd7ff1dcd650000000001'],
    [new Date(-1), 'c70cff3b8b87c0ffffffffffffffff'],
    [new Date(Number.NaN), 'c0'],
    [Uint8Array.of(1, 2), 'c4020102'],
    [Buffer.of(1, 2).subarray(1), 'c40102'],
    [Uint8Array.of(1, 2).buffer, 'c4020102'],
    [null, 'c0'],
    [[undefined, () => 1], '92c0c0'],
    [{ b: 1, a: undefined, c: () => 1 }, '81a16201'],
    [new Set([1n]), '9101'],
    [new Map([['a', 2 ** 40]]), '81a161cf0000010000000000'],
    [{ toJSON: () => 'x' }, 'a178'],
    ['\ud800', 'a3efbfbd'],
    [{ '\udc00': '🐨' }, '81a3efbfbda4f09f90a8'],
    [JSON.parse('{"__proto__":1}'), '81a95f5f70726f746f5f5f01'],
  ])('of %o is %s', (given, content) => {
    expect(write(given).toString('hex')).toBe(content);
  });

  it.each([[undefined], [() => 1], [Symbol('a')]])('of %o is nothing', (given) => {
    expect(() => write(given)).toThrow(TypeError);
  });

  it('of a cycle is nothing, and deeper than a hundred is written', () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    expect(() => write(cycle)).toThrow(new TypeError('a value with a cycle has no MessagePack form'));
    let deep: unknown = 0;
    for (let i = 0; i < 500; i++) deep = [deep];
    expect(read(write(deep), 500)).toEqual(deep);
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

/** Bytes as buffers, and bigints as numbers where they are some. */
function ordinary(given: unknown): unknown {
  if (typeof given === 'bigint') {
    return given >= Number.MIN_SAFE_INTEGER && given <= Number.MAX_SAFE_INTEGER ? Number(given) : given;
  }
  if (typeof given !== 'object' || given === null || given instanceof Date || given instanceof ExtData)
    return given;
  if (given instanceof Uint8Array) return Buffer.from(given);
  if (Array.isArray(given)) return given.map(ordinary);
  return Object.fromEntries(Object.entries(given).map(([key, member]) => [key, ordinary(member)]));
}

/** A format of a value out of those that it has. */
function inSomeFormat(value: unknown, choices: Iterator<number>): Buffer {
  const next = (below: number): number => (choices.next().value as number) % below;
  const number = (size: number, given: bigint): Buffer =>
    hex(
      BigInt.asUintN(size * 8, given)
        .toString(16)
        .padStart(size * 2, '0'),
    );
  /** The first byte with the length in it, or one of those that have it behind them. */
  const head = (
    length: number,
    short: number,
    most: number,
    long: readonly [byte: number, size: number][],
  ): Buffer => {
    const some = long.filter(([, size]) => length < 2 ** (8 * size));
    const chosen = next(some.length + 1);
    const [byte, size] = some[length < most ? chosen : chosen % some.length] ?? [short + length, 0];
    return size === 0 ? Buffer.of(byte) : hex(Buffer.of(byte), number(size, BigInt(length)));
  };
  const integer = (given: bigint): Buffer => {
    const formats = [1, 2, 4, 8].flatMap((size, i) => {
      const unsigned =
        BigInt.asUintN(8 * size, given) === given ? [hex(Buffer.of(0xcc + i), number(size, given))] : [];
      const signed =
        BigInt.asIntN(8 * size, given) === given ? [hex(Buffer.of(0xd0 + i), number(size, given))] : [];
      return [...unsigned, ...signed];
    });
    if (given >= -32n && given < 128n) formats.push(number(1, given));
    return formats[next(formats.length)] ?? Buffer.alloc(0);
  };
  const timestamp = (given: Date): Buffer => {
    const seconds = BigInt(Math.floor(given.getTime() / 1000));
    const nanoseconds = BigInt(given.getTime() - Number(seconds) * 1000) * 1_000_000n;
    const formats = [hex('c70cff', number(4, nanoseconds), number(8, seconds))];
    if (BigInt.asUintN(34, seconds) === seconds)
      formats.push(hex('d7ff', number(8, (nanoseconds << 34n) | seconds)));
    if (BigInt.asUintN(32, seconds) === seconds && nanoseconds === 0n)
      formats.push(hex('c704ff', number(4, seconds)));
    return formats[next(formats.length)] ?? Buffer.alloc(0);
  };
  const encoded = (given: unknown): Buffer => {
    if (typeof given === 'bigint') return integer(given);
    if (typeof given === 'number') {
      if (Number.isSafeInteger(given) && next(2) === 0) return integer(BigInt(given));
      const double = Buffer.alloc(9, 0xcb);
      double.writeDoubleBE(given, 1);
      return double;
    }
    if (typeof given === 'string') {
      const text = Buffer.from(given);
      return hex(
        head(text.length, 0xa0, 32, [
          [0xd9, 1],
          [0xda, 2],
          [0xdb, 4],
        ]),
        text,
      );
    }
    if (given === null) return hex('c0');
    if (typeof given === 'boolean') return hex(given ? 'c3' : 'c2');
    if (given instanceof Date) return timestamp(given);
    if (given instanceof Uint8Array)
      return hex(
        head(given.length, 0, 0, [
          [0xc4, 1],
          [0xc5, 2],
          [0xc6, 4],
        ]),
        given,
      );
    if (Array.isArray(given)) {
      return hex(
        head(given.length, 0x90, 16, [
          [0xdc, 2],
          [0xdd, 4],
        ]),
        ...given.map(encoded),
      );
    }
    const members = Object.entries(given as object);
    const parts = members.flatMap(([key, member]) => [encoded(key), encoded(member)]);
    return hex(
      head(members.length, 0x80, 16, [
        [0xde, 2],
        [0xdf, 4],
      ]),
      ...parts,
    );
  };
  return encoded(value);
}
