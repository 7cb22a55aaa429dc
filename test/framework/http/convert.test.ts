import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Converter,
  enumConverter,
  enumValues,
  Mismatch,
  toBigInt,
  toBoolean,
  toDate,
  toInteger,
  toNumber,
  toText,
} from '../../../src/framework/http/convert.js';
import { anyText } from './any-text.js';

/** The value, or the code of what is wrong. */
function outcome(convert: Converter, text: string): unknown {
  const value = convert(text);
  return value instanceof Mismatch ? value.code : value;
}

/** What the grammars of this module share: none takes more than one of them says. */
const UNCLEAR = [
  '',
  ' ',
  '1 ',
  ' 1',
  '\t1',
  '1\n',
  '+1',
  '01',
  '-',
  '1_000',
  '1,5',
  '1,000',
  '0x10',
  '0b1',
  '0o7',
  '１',
  '٣',
  '1n',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-Infinity',
  '[object Object]',
  '__proto__',
  '1;2',
  '--1',
  '1e',
  'e5',
];

describe('numbers, RFC 8259 §6', () => {
  it.each<[text: string, value: number]>([
    ['0', 0],
    ['-0', 0],
    ['-0.0', 0],
    ['0e5', 0],
    ['7', 7],
    ['-7.25', -7.25],
    ['1e3', 1000],
    ['1E+3', 1000],
    ['2.5e-3', 0.0025],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['1e300', 1e300],
    ['123456789012345e20', 123456789012345e20],
    ['1.0000000000000001e+21', 1.0000000000000001e21],
    ['9007199254740992.0', 9007199254740992],
    ['0.0009007199254740992e19', 9007199254740992],
    ['1000000000000000000000.0', 1e21],
    ['0.30000000000000004', 0.30000000000000004],
    ['0.1000000000000000055511151231257827', 0.1],
    ['5e-324', 5e-324],
  ])('%s', (text, value) => {
    expect(outcome(toNumber, text)).toBe(value);
  });

  it.each<[text: string, code: string]>([
    ...UNCLEAR.map((text): [string, string] => [text, 'isNumber']),
    ['.5', 'isNumber'],
    ['5.', 'isNumber'],
    ['1.e3', 'isNumber'],
    ['1e400', 'isFinite'],
    ['-1e400', 'isFinite'],
    ['1e-400', 'isFinite'],
    ['0.0001e-400', 'isFinite'],
    ['9007199254740992', 'isSafe'],
    ['-9007199254740993', 'isSafe'],
    ['9007199254740993.0', 'isSafe'],
    ['9007199254740993e0', 'isSafe'],
    ['900719925474099.3e1', 'isSafe'],
    ['12345678901234567e5', 'isSafe'],
    [`1${'0'.repeat(30)}1.5`, 'isSafe'],
  ])('not %j: %s', (text, code) => {
    expect(outcome(toNumber, text)).toBe(code);
  });

  it('come back as they were, whatever double it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        // An integer without an exponent may be an identifier, and then the next one would be the same double.
        const integer = /^-?\d+$/.test(String(value)) && !Number.isSafeInteger(value);
        const expected = integer ? 'isSafe' : value === 0 ? 0 : value;
        expect(outcome(toNumber, String(value))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('are what JSON takes for a number, and nothing else', () => {
    const unit = fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', 'E', ' ', 'x');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
        expect(outcome(toNumber, text) !== 'isNumber').toBe(isJsonNumber(text));
      }),
      { numRuns: 3000 },
    );
  });
});

/** An independent reader of the grammar: JSON.parse, which alone allows white space around a number. */
function isJsonNumber(text: string): boolean {
  try {
    return text.trim() === text && typeof JSON.parse(text) === 'number';
  } catch {
    return false;
  }
}

describe('integers', () => {
  it.each<[text: string, code: string]>([
    ...UNCLEAR.map((text): [string, string] => [text, 'isInt']),
    ['1.0', 'isInt'],
    ['1e3', 'isInt'],
    ['9007199254740992', 'isSafe'],
    ['-9007199254740992', 'isSafe'],
    ['9'.repeat(400), 'isSafe'],
  ])('not %j: %s', (text, code) => {
    expect(outcome(toInteger, text)).toBe(code);
  });

  it('come back as they were, and beyond what a double holds they are refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(), fc.maxSafeInteger().map(BigInt)), (value) => {
        const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
        expect(outcome(toInteger, value.toString())).toBe(safe ? Number(value) : 'isSafe');
        expect(outcome(toNumber, value.toString())).toBe(safe ? Number(value) : 'isSafe');
        expect(outcome(toBigInt, value.toString())).toBe(value);
      }),
    );
  });

  it.each(UNCLEAR)('a bigint is not %j', (text) => {
    expect(outcome(toBigInt, text)).toBe('isInt');
  });

  it('a bigint has at most a thousand digits: more would take time that grows faster than the text', () => {
    expect(outcome(toBigInt, '9'.repeat(1000))).toBe(10n ** 1000n - 1n);
    expect(outcome(toBigInt, `-${'9'.repeat(1000)}`)).toBe(1n - 10n ** 1000n);
    expect(outcome(toBigInt, '9'.repeat(1001))).toBe('maxLength');
  });
});

it.each([
  '',
  ' ',
  'TRUE',
  'True',
  'true ',
  '1',
  '0',
  'yes',
  'on',
  'null',
  'constructor',
])('a boolean is true or false, not %j', (text) => {
  expect(outcome(toBoolean, 'true')).toBe(true);
  expect(outcome(toBoolean, 'false')).toBe(false);
  expect(outcome(toBoolean, text)).toBe('isBoolean');
});

it('a date is one of date.ts, or a mismatch', () => {
  expect(outcome(toDate, '2026-01-31')).toEqual(new Date('2026-01-31T00:00:00Z'));
  expect(outcome(toDate, '2026-02-30')).toBe('isDate');
});

it('a text is what it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(toText(text)).toBe(text);
    }),
  );
});

enum Level {
  Low,
  High = 5,
  Below = -1,
  Half = 0.5,
  // biome-ignore lint/suspicious/noDuplicateEnumValues: an alias is what this is about
  AlsoLow = 0,
}

enum Colour {
  Red = 'red',
  Sky = 'sky blue',
}

enum Mixed {
  One = 1,
  Two = 'two',
  Three = 'One',
}

describe('enums', () => {
  it.each<[name: string, values: object, known: Record<string, unknown>]>([
    [
      'numbers',
      Level,
      { Low: 0, High: 5, Below: -1, Half: 0.5, AlsoLow: 0, 0: 0, 5: 5, '-1': -1, '0.5': 0.5 },
    ],
    ['texts', Colour, { red: 'red', 'sky blue': 'sky blue' }],
    ['both', Mixed, { One: 'One', 1: 1, two: 'two' }],
    ['a list', ['a', 1, true], { a: 'a', 1: 1, true: true }],
    ['a frozen object', Object.freeze({ A: 'a' }), { a: 'a' }],
    ['keys that are digits', { 1: 'a', a: 'b' }, { a: 'a', b: 'b' }],
    ['nothing', [], {}],
  ])('of %s', (_name, values, known) => {
    expect(Object.fromEntries(enumValues(values))).toEqual(known);
    for (const [text, value] of Object.entries(known))
      expect(outcome(enumConverter(values), text)).toBe(value);
  });

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '',
    'LOW',
    'Red',
    ' red',
    '00',
    '+5',
    '5.0',
    '9',
  ])('have no member %j unless it is declared', (text) => {
    for (const values of [Level, Colour, ['a']]) expect(outcome(enumConverter(values), text)).toBe('isEnum');
  });

  it('may have members with the names of Object.prototype', () => {
    const names = enumConverter(['__proto__', 'constructor']);
    expect(outcome(names, '__proto__')).toBe('__proto__');
    expect(outcome(names, 'constructor')).toBe('constructor');
  });
});

describe('any text', () => {
  const converters: readonly Converter[] = [
    toNumber,
    toInteger,
    toBigInt,
    toBoolean,
    toDate,
    enumConverter(Level),
  ];

  it('is converted or refused, never thrown at, and the refusal does not quote it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(text.length > 3);
        for (const convert of converters) {
          const value = convert(text);
          if (value instanceof Mismatch) expect(value.message).not.toContain(text);
        }
      }),
    );
  });

  it.each([
    '1',
    '-',
    '0',
    '1.1',
    '1e1',
    '.',
    'e',
    ' ',
    '2026-01-31T',
    'é',
  ])('may be a long run of %j', (part) => {
    const long = part.repeat(Math.ceil(1_000_000 / part.length));
    for (const convert of converters) {
      for (const text of [long, `${long}x`, `1.${long}x`]) expect(convert(text)).toBeDefined();
    }
  });
});
