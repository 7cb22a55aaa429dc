import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '../../../src/framework/codecs/codec.js';
import { jsonCodec } from '../../../src/framework/codecs/json.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';

const CONTEXT: ReadContext = { charset: null, parameters: new Map(), maxDepth: 100 };

function read(content: string | Uint8Array, context: Partial<ReadContext> = {}): unknown {
  return jsonCodec.read?.(Buffer.from(content), { ...CONTEXT, ...context });
}

/** What `read` throws, which is always ours. */
function refusal(content: string | Uint8Array, context: Partial<ReadContext> = {}): FrameworkError {
  try {
    read(content, context);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameworkError);
    return error as FrameworkError;
  }
  throw new Error(`${String(content).slice(0, 80)} was read`);
}

function write(value: unknown): string {
  return String(jsonCodec.write?.(value));
}

describe('JSON, RFC 8259', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(?:__proto__|constructor)":/.test(text));
        // JavaScript writes a double such as 2^60 with fewer digits than it has, and no reader could tell.
        const given: unknown = JSON.parse(text, (_key, part) =>
          typeof part === 'number' && Math.abs(part) > Number.MAX_SAFE_INTEGER ? 0.5 : part,
        );
        expect(read(write(given))).toEqual(given);
      }),
    );
  });

  it('is read as JSON.parse reads it, or refused, whatever was done to it', () => {
    const spoilt = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.nat(3),
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\0123eE.+-u ntf\n') }),
      )
      .map(([text, at, cut, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + cut);
      });
    fc.assert(
      fc.property(spoilt, (text) => {
        const expected = parsed(text);
        const result = attempt(text);
        if (expected === null) {
          expect(result).toMatchObject({ error: { code: 'malformed-body', status: 400 } });
        } else if ('error' in result) {
          expect(result.error.message).toMatch(
            /too large|would be rounded|same key twice|surrogate pair|not allowed|nested deeper/,
          );
        } else expect(result).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused where one object has a name twice, whatever stands around it and in its strings', () => {
    const space = fc.constantFrom('', '', ' ', '\n', '\t\r ');
    const text = fc.constantFrom('a', ':', '" :', '":', 'b": 1, "a', 'http://x:1');
    const member = fc.tuple(fc.constantFrom('a', 'b', 'c', 'a:', '"'), space, space, text);
    const object = fc.array(member, { maxLength: 4 }).map((members) => ({
      isTwice: new Set(members.map(([name]) => name)).size < members.length,
      text: members.map(([name, before, after, value]) =>
        [JSON.stringify(name), before, ':', after, JSON.stringify(value)].join(''),
      ),
    }));
    let twice = 0;
    fc.assert(
      fc.property(fc.array(object, { maxLength: 3 }), (objects) => {
        const json = `[${objects.map((each) => `{${each.text.join(',')}}`).join(',')}]`;
        if (objects.some(({ isTwice }) => isTwice)) {
          twice += 1;
          expect(refusal(json).message).toBe('The body has an object with the same key twice');
        } else expect(read(json)).toEqual(JSON.parse(json));
      }),
      { numRuns: 2000 },
    );
    expect(twice).toBeGreaterThan(200);
  });

  function parsed(text: string): { value: unknown } | null {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return null;
    }
  }

  function attempt(text: string): { value: unknown } | { error: FrameworkError } {
    try {
      return { value: read(text) };
    } catch (error) {
      expect(error).toBeInstanceOf(FrameworkError);
      return { error: error as FrameworkError };
    }
  }

  it.each([
    'null',
    'true',
    '0',
    '-1.5e3',
    '""',
    '[]',
    '{}',
    ' \t\r\n[ 1 , 2 ] ',
    '"\\u00f6\\ud83d\\udc28"',
  ])('%s is read', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '',
    ' ',
    '{',
    '}',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '[1 2]',
    '01',
    '+1',
    '.5',
    '1.',
    'NaN',
    'Infinity',
    'undefined',
    '"\n"',
    '"\\x41"',
    '"\\u12"',
    '"a',
    '// c\n1',
    '/**/1',
    '1;',
    '{}{}',
    '\u00a01',
    '\0',
    '[1]\u00a0',
    '\ufeff\ufeff1',
    '{"a":1}\ufeff',
  ])('%j is malformed', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'malformed-body', status: 400 });
  });
});

describe('writing', () => {
  it.each<[name: string, value: unknown, text: string]>([
    ['undefined members are left out', { a: undefined, b: null }, '{"b":null}'],
    ['undefined items are null', [undefined], '[null]'],
    ['what is no number of JSON is null', [Number.NaN, Number.POSITIVE_INFINITY], '[null,null]'],
    ['null', null, 'null'],
    ['a date is ISO 8601 in UTC', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [
      'a bigint is a text of its digits',
      { id: 2n ** 64n, small: 1n },
      '{"id":"18446744073709551616","small":"1"}',
    ],
    ['a bigint by itself', -9007199254740993n, '"-9007199254740993"'],
    ['a set is an array', { of: new Set([1, 2n]) }, '{"of":[1,"2"]}'],
    ['a map is an object', new Map<unknown, unknown>([['a', new Map([[1, 2n]])]]), '{"a":{"1":"2"}}'],
    ['a map has ordinary keys only', new Map([['__proto__', 1]]), '{"__proto__":1}'],
    ['line breaks are escaped', 'a\r\nb', '"a\\r\\nb"'],
    ['half a surrogate pair is escaped', '\ud800', '"\\ud800"'],
    ['minus zero is zero', -0, '0'],
  ])('%s', (_name, value, text) => {
    expect(write(value)).toBe(text);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;

  it.each<[name: string, value: unknown]>([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a cycle', cyclic],
  ])('%s has no JSON form, and none is made up', (_name, value) => {
    expect(() => write(value)).toThrow(TypeError);
  });

  it.each<[name: string, key: unknown]>([
    ['an object', {}],
    ['a symbol', Symbol('a')],
    ['a function', () => 1],
  ])('a map whose key is %s has none either', (_name, key) => {
    expect(() => write(new Map([[key, 1]]))).toThrow('a map whose keys are no texts or numbers');
  });

  it('a map with two keys of one text has none either', () => {
    const map = new Map<unknown, number>([
      [1, 1],
      ['1', 2],
    ]);
    expect(() => write(map)).toThrow('a map with two keys of the same text');
  });

  it('a cycle through a map ends in an error too', () => {
    const map = new Map<string, unknown>();
    map.set('self', map);
    expect(() => write(map)).toThrow();
  });
});

describe('writing an async iterable', () => {
  it('is writing the array, item by item', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const texts = await chunks(values);
        expect(texts.join('')).toBe(JSON.stringify(values));
        expect(texts).toHaveLength(values.length + 1);
      }),
    );
  });

  it.each<[text: string, values: readonly unknown[]]>([
    ['[]', []],
    ['[null]', [undefined]],
    ['[null,"1","1970-01-01T00:00:00.000Z"]', [undefined, 1n, new Date(0)]],
    ['[[]]', [[]]],
  ])('makes %s', async (text, values) => {
    expect((await chunks(values)).join('')).toBe(text);
  });

  it('fails with its item', async () => {
    await expect(chunks([1, () => 1])).rejects.toThrow(TypeError);
  });

  it('lets its source finish where the reader leaves', async () => {
    let finished = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        finished = true;
      }
    }
    for await (const text of jsonCodec.writeItems?.(source()) ?? []) if (text === ',3') break;
    expect(finished).toBe(true);
  });

  async function chunks(values: readonly unknown[]): Promise<string[]> {
    async function* source(): AsyncGenerator<unknown> {
      yield* values;
    }
    const texts: string[] = [];
    for await (const text of jsonCodec.writeItems?.(source()) ?? []) texts.push(String(text));
    return texts;
  }
});

describe('a key twice in one object, RFC 8259 §4', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"/":1,"\\/":2}',
    '{"":1,"":2}',
    '[{},{"x":{"a":[{"b":1,"b":2}]}}]',
    '{"a":{"a":1},"a":1}',
    '{"toString":1,"toString":2}',
    '{"1":1,"0":2,"1":3}',
    '{"a":":","a":"{:}"}',
    '{"\\u00e9":1,"é":2}',
  ])('%s is refused', (text) => {
    expect(refusal(text)).toMatchObject({
      code: 'malformed-body',
      message: 'The body has an object with the same key twice',
    });
  });

  it.each([
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a:a","b":"\\":\\":"}',
    '{":":1,"::":2,"\\":":3}',
    '{"a":1,"A":2,"a ":3}',
    '{"é":1,"e\\u0301":2}',
    '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
  ])('and %s is not such a thing', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it('is found in any value, and nothing else is', () => {
    type Tree = string | readonly Tree[] | { readonly members: readonly (readonly [string, Tree])[] };
    const name = fc.constantFrom('a', '\\u0061', 'b', ':', '{', '\\"', '');
    const tree = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('"a:"', '":"', '1', 'null'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.record({ members: fc.array(fc.tuple(name, tie('tree')), { maxLength: 3 }) }),
      ),
    })).tree;
    fc.assert(
      fc.property(tree, (given) => {
        const text = textOf(given);
        if (hasTwice(given)) expect(refusal(text).message).toContain('same key twice');
        else expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );

    function textOf(part: Tree): string {
      if (typeof part === 'string') return part;
      if (!('members' in part)) return `[${part.map(textOf).join(' ,')}]`;
      return `{${part.members.map(([key, member]) => `"${key}" : ${textOf(member)}`).join()}}`;
    }

    function hasTwice(part: Tree): boolean {
      if (typeof part === 'string') return false;
      if (!('members' in part)) return part.some(hasTwice);
      const names = part.members.map(([key]) => key.replace('\\u0061', 'a'));
      return new Set(names).size < names.length || part.members.some(([, member]) => hasTwice(member));
    }
  });

  it('is counted without what somebody put on Object.prototype', () => {
    const intruder = { value: 1, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(Object.prototype, 'intruder', intruder);
    let value: unknown;
    try {
      value = read('{"a":{"b":1}}');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'intruder');
    }
    expect(value).toEqual({ a: { b: 1 } });
  });
});

describe('a number', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890',
    '123456789012345678901234567890',
    '9007199254740993e0',
    '90071992547409930e-1',
    '9007199254740993E+2',
    '1e23',
    '[1,{"a":[-18446744073709551615]}]',
    `${2n ** 1000n + 1n}`,
  ])('of an integer that a double would round is refused, RFC 7493 §2.2: %s', (text) => {
    expect(refusal(text)).toMatchObject({
      code: 'malformed-body',
      message: expect.stringMatching(
        /^The body has an integer that would be rounded \(at position \d+\): send it as a string$/,
      ),
    });
  });

  it.each([
    '1e400',
    '-1E+400',
    '1.5e309',
    `1${'0'.repeat(309)}`,
    `${'9'.repeat(400)}.5`,
    '1e99999999999999999999',
  ])('that is infinite as a double is refused, RFC 8259 §6: %s', (text) => {
    expect(refusal(text).message).toMatch(/^The body has a number that is too large \(at position \d\)$/);
  });

  it.each([
    '-0',
    '-0.0',
    '0e999999',
    '1E5',
    '1e22',
    '0.1',
    '1e-400',
    '9007199254740991',
    '-9007199254740992',
    '9007199254740994',
    '1152921504606846976',
    `${2n ** 1000n}`,
    '100000000000000000000',
    '0.1234567890123456789012345678901234567890',
    '6.02214076e23',
    '1.7976931348623157e308',
    '10e-1',
    `1${'0'.repeat(1000)}e-1000`,
    `0.${'0'.repeat(1000)}1`,
    '"12345678901234567890"',
    '"1e400"',
    '["\\"1e400"]',
  ])('that is exact, or has a fraction to round, is read: %s', (text) => {
    const value = read(text);
    expect(Object.is(value, JSON.parse(text)) || Array.isArray(value)).toBe(true);
  });

  it('of an integer is read where its value is that of the double, and refused elsewhere', () => {
    const digits = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 54n }),
      fc.bigInt({ min: 0n, max: 2n ** 70n }),
      fc.tuple(fc.nat(), fc.nat(1030)).map(([n, shift]) => BigInt(n) << BigInt(shift)),
      fc.tuple(fc.nat(99), fc.nat(400)).map(([n, zeros]) => BigInt(n) * 10n ** BigInt(zeros)),
    );
    const exponent = fc.oneof(
      fc.constant(null),
      fc.integer({ min: -30, max: 30 }),
      fc.integer({ min: -400, max: 400 }),
    );
    fc.assert(
      fc.property(fc.boolean(), digits, exponent, (isNegative, n, e) => {
        const literal = `${isNegative ? '-' : ''}${n}${e === null ? '' : `e${e}`}`;
        if (isKept(n, e ?? 0)) expect(read(`[ ${literal} ]`)).toEqual([Number(literal)]);
        else expect(refusal(`[ ${literal} ]`).message).toMatch(/rounded|too large/);
      }),
      { numRuns: 1000 },
    );

    function isKept(n: bigint, e: number): boolean {
      const power = 10n ** BigInt(Math.abs(e));
      if (e < 0 && n % power !== 0n) return true;
      const exact = e < 0 ? n / power : n * power;
      const double = Number(exact);
      return Number.isFinite(double) && BigInt(double) === exact;
    }
  });

  it.each([
    '1',
    '0',
    '1e',
    '1e5,',
    '1e22,',
    '1-',
    '10000000000000000,',
    `${2n ** 1000n},`,
    '0.5,',
  ])('is looked at in linear time: a long run of %s', (part) => {
    const run = part.repeat(Math.ceil(1_000_000 / part.length));
    for (const text of [`[${run}1]`, `[1${run}e-999999]`, `[1${run}1e-5]`]) {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameworkError);
      }
    }
  });
});

describe('half of a surrogate pair, RFC 7493 §2.1', () => {
  it.each([
    '"\\ud800"',
    '"\\uDFFF"',
    '"\\udc00\\ud800"',
    '"\\ud83d\\ud83d\\ude00"',
    '"\\ud83d\\ude00\\ude00"',
    '"\\ud83dx\\ude00"',
    '"\\\\\\ud83d"',
    '{"\\ud83d":1}',
    '["\\ud83d","\\ude00"]',
    '"\\\\ud83d\\ude00"',
  ])('%s is refused', (text) => {
    expect(refusal(text)).toMatchObject({
      code: 'malformed-body',
      message: 'The body has a string with half of a surrogate pair',
    });
  });

  it.each([
    '"\\uD83D\\uDE00"',
    '"\\\\ud83d"',
    '"\\ud7ff\\ue000"',
    '"\\uffff\\ufdd0\\u0000"',
    '"😀"',
  ])('and %s is read', (text) => {
    expect(read(text)).toBe(JSON.parse(text));
  });

  it('is found among any escapes, and nothing else is', () => {
    const piece = fc.constantFrom(
      '\\ud83d',
      '\\ude00',
      '\\uD83D\\uDE00',
      '\\\\',
      '\\"',
      '\\n',
      'ud83d',
      '\\u0041',
      'a',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = `["${pieces.join('')}"]`;
        const value = JSON.parse(text) as [string];
        const isWhole = Buffer.from(value[0]).toString() === value[0];
        if (isWhole) expect(read(text)).toEqual(value);
        else expect(refusal(text).message).toContain('surrogate');
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '\\ud83d\\ude00',
    '\\n',
    '\\\\',
    '\\"',
    '\\u0041',
  ])('is looked for in linear time: a long run of %s', (part) => {
    const run = part.repeat(Math.ceil(1_000_000 / part.length));
    expect(read(`"${run}\\ud83d\\ude00"`)).toHaveLength(JSON.parse(`"${run}"`).length + 2);
    expect(refusal(`"${run}\\ud83d"`).message).toContain('surrogate');
  });
});

describe('encoding, RFC 8259 §8.1', () => {
  it('is UTF-8, with or without a byte order mark', () => {
    expect(read('{"ö":"🐨"}')).toEqual({ ö: '🐨' });
    expect(read('\ufeff{"ö":1}')).toEqual({ ö: 1 });
  });

  it.each(['utf-8', 'utf8', 'us-ascii', null])('may be called %s', (charset) => {
    expect(read('[1]', { charset })).toEqual([1]);
  });

  it.each([
    'utf-16',
    'utf-16le',
    'iso-8859-1',
    'latin1',
    'utf-7',
    'utf-32',
    '',
    'constructor',
    'utf-8 ',
  ])('is refused as %s', (charset) => {
    expect(refusal('[1]', { charset })).toMatchObject({ code: 'unsupported-media-type', status: 415 });
  });

  it.each<[name: string, bytes: readonly number[]]>([
    ['a lone continuation', [0x80]],
    ['a cut sequence', [0xc3]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that UTF-8 never has', [0xff]],
  ])('%s is refused and not replaced', (_name, bytes) => {
    expect(refusal(Buffer.from([0x22, ...bytes, 0x22]))).toMatchObject({
      code: 'malformed-body',
      status: 400,
    });
    expect(read('"next"')).toBe('next');
  });

  it.each<[name: string, bytes: Buffer]>([
    ['UTF-16LE', Buffer.from('{"a":1}', 'utf16le')],
    ['UTF-16LE with a mark', Buffer.from('\ufeff{"a":1}', 'utf16le')],
    ['UTF-16BE', Buffer.from('{"a":1}', 'utf16le').swap16()],
    ['UTF-16BE with a mark', Buffer.from('\ufeff{"a":1}', 'utf16le').swap16()],
    ['UTF-32LE', Buffer.from([0x31, 0, 0, 0])],
    ['UTF-32LE with a mark', Buffer.from([0xff, 0xfe, 0, 0, 0x31, 0, 0, 0])],
    ['UTF-32BE', Buffer.from([0, 0, 0, 0x31])],
    ['UTF-32BE with a mark', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x31])],
  ])('is refused in %s, by its name', (_name, bytes) => {
    expect(refusal(bytes)).toMatchObject({
      code: 'malformed-body',
      message: 'The body must be encoded in UTF-8; it looks like UTF-16 or UTF-32',
    });
  });
});

describe('depth', () => {
  const nested = (depth: number, open: string, close: string): string =>
    open.repeat(depth) + close.repeat(depth);

  it.each<[name: string, text: (depth: number) => string]>([
    ['arrays', (depth) => nested(depth, '[', ']')],
    ['objects', (depth) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`],
    ['both', (depth) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`],
    [
      'siblings after deep ones',
      (depth) => `[${nested(depth - 1, '[', ']')},${nested(depth - 1, '[', ']')}]`,
    ],
    [
      'brackets after a string that ends in backslashes',
      (depth) => `["\\\\",${nested(depth - 1, '[', ']')}]`,
    ],
  ])('of %s is read up to the limit, and refused beyond it', (_name, text) => {
    expect(read(text(100))).toBeDefined();
    expect(refusal(text(102))).toMatchObject({
      code: 'malformed-body',
      message: 'The body is nested deeper than 100 levels',
    });
    expect(refusal(text(2), { parameters: new Map(), maxDepth: 1 }).status).toBe(400);
    expect(read('1', { parameters: new Map(), maxDepth: 0 })).toBe(1);
  });

  it.each<[value: string]>([
    ['['.repeat(200)],
    ['{['.repeat(200)],
    ['"'.repeat(200)],
    ['\\'.repeat(201)],
    [`\\"${'['.repeat(200)}`],
    ['\\\\"['.repeat(100)],
    [`"${']'.repeat(200)}`],
  ])('counts no brackets of strings: %j', (value) => {
    expect(read(write([value]))).toEqual([value]);
    expect(read(write({ [value]: 1 }))).toEqual({ [value]: 1 });
  });

  it('is what JSON.parse made, for any value', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'large' },
        fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', '}') }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', '[', '"', '\\'), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (given) => {
        const text = JSON.stringify(given);
        const depth = depthOf(given);
        expect(read(text, { parameters: new Map(), maxDepth: depth })).toEqual(JSON.parse(text));
        if (depth > 0)
          expect(refusal(text, { parameters: new Map(), maxDepth: depth - 1 }).message).toContain(
            'nested deeper',
          );
      }),
    );
  });

  it.each([
    '[',
    '{"a":',
    '[{"a":',
    ']',
    '}',
    '"',
    '\\',
    '\\"',
    '"[',
    '"\\\\",',
    '[]',
    '{}',
  ])('is bounded for a long run of %s', (part) => {
    expect(refusal(part.repeat(Math.ceil(1_000_000 / part.length))).status).toBe(400);
    expect(refusal(`"${part.repeat(Math.ceil(1_000_000 / part.length))}`).status).toBe(400);
  });

  function depthOf(value: unknown): number {
    if (typeof value !== 'object' || value === null) return 0;
    return 1 + Math.max(0, ...Object.values(value).map(depthOf));
  }
});

describe('keys that reach prototypes', () => {
  const escaped = (char: string, upper: boolean): string => {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${upper ? code.toUpperCase() : code}`;
  };
  /** Every way to write a name in JSON, by one choice for each of its characters. */
  const spelt = (name: string) =>
    fc
      .array(fc.constantFrom('plain', 'lower', 'upper'), { minLength: name.length, maxLength: name.length })
      .map((how) =>
        [...name].map((char, i) => (how[i] === 'plain' ? char : escaped(char, how[i] === 'upper'))).join(''),
      );

  it('are refused in every spelling and at every depth', () => {
    const space = fc.constantFrom('', ' ', '\n\t', ' '.repeat(100));
    fc.assert(
      fc.property(spelt('__proto__'), space, fc.nat(5), (key, spaces, depth) => {
        const text = `${'[{"a":'.repeat(depth)}{"b":1,"${key}"${spaces}:{"polluted":1}}${'}]'.repeat(depth)}`;
        const { message, code } = refusal(text);
        expect(code).toBe('malformed-body');
        expect(message).toContain('key that is not allowed');
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
    );
  });

  it('are refused where one of them comes after a plain one of the same name', () => {
    expect(refusal('{"__proto__":1,"\\u005f_proto__":2}').status).toBe(400);
    expect(refusal('{"a":{"constructor":{"\\u0070rototype":{"x":1}}}}').status).toBe(400);
    expect(refusal('{"constructor":1,"constructor":{"prototype":1}}').status).toBe(400);
  });

  it('are ordinary words elsewhere', () => {
    for (const text of [
      '"__proto__"',
      '["__proto__","constructor"]',
      '{"a":"\\"__proto__\\":"}',
      '{"constructor":"x"}',
      '{"prototype":{}}',
      '{"toString":1,"hasOwnProperty":2}',
      '{"__proto":1,"_proto__":2}',
      '{"constructor":{"a":1}}',
      '{"constructor":null}',
    ]) {
      expect(read(text)).toEqual(JSON.parse(text));
    }
  });
});

describe('an error', () => {
  const SECRET = 'hunter2';

  it.each([
    `"${SECRET}`,
    `{"a":${SECRET}}`,
    `{"a":"x"} ${SECRET}`,
    SECRET,
    `{"${SECRET}":}`,
    `[1,\n${SECRET}`,
    `{"${SECRET}":{"__proto__":1}}`,
    `{"a":"\\${SECRET}"}`,
  ])('says nothing of what was sent: %s', (text) => {
    const error = refusal(text);
    expect(JSON.stringify([error.message, error.details, error.issues])).not.toContain(SECRET);
  });

  it.each([
    'x at position 4242',
    'x forbidden prototype property',
    '"x at position 4242',
    '{"at position 4242": x}',
    '[1] at position 4242',
    'at position 4242 (line 1 column 1)',
  ])('takes no word of it for its own: %s', (text) => {
    const { message } = refusal(text);
    expect(message).not.toContain('4242');
    expect(message).toContain('not valid JSON');
  });

  it('never repeats a word, whatever was sent', () => {
    const word = fc.stringMatching(/^[a-z]{3}\d{4}$/);
    const piece = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', ' at position ', '\\', '\n');
    const text = fc.tuple(word, fc.array(piece, { maxLength: 4 }), fc.array(piece, { maxLength: 4 }));
    fc.assert(
      fc.property(text, ([secret, before, after]) => {
        const content = `${before.join('')}${secret}${after.join('')}`;
        let message = '';
        try {
          read(content);
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message).not.toContain(secret);
        expect(message).not.toContain(secret.slice(3));
      }),
      { numRuns: 500 },
    );
  });

  it('is the only thing thrown, whatever was sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          anyText.map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(FrameworkError);
          }
        },
      ),
    );
  });
});
