import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DeclaredNames,
  decodeComponent,
  decodeOctets,
  parsePairs,
} from '../../../src/framework/http/pairs.js';
import { anyText } from './any-text.js';

type Entries = readonly (readonly [name: string, ...values: (string | null)[]])[];

function decoded(text: string): Entries {
  return [...parsePairs(text)].map(([name, raws]) => [name, ...raws.map(decodeComponent)] as const);
}

describe('the pairs of a query or form, WHATWG URL §5.1', () => {
  it.each<[text: string, entries: Entries]>([
    ['', []],
    ['&&', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=', [['', '']]],
    ['=1', [['', '1']]],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1&b=2&a=3',
      [
        ['a', '1', '3'],
        ['b', '2'],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    ['a=1;b=2', [['a', '1;b=2']]],
    ['a%3D=%26', [['a=', '&']]],
    ['a+b=c+d', [['a b', 'c d']]],
    ['a=%2B', [['a', '+']]],
    ['%61=1&a=2', [['a', '1', '2']]],
    ['gr%C3%B6sse=%F0%9F%90%A8', [['grösse', '🐨']]],
    ['größe=ä', [['größe', 'ä']]],
    [
      'a[]=1&a[b]=2',
      [
        ['a[]', '1'],
        ['a[b]', '2'],
      ],
    ],
    ['a=%2541', [['a', '%41']]],
    ['a=%00', [['a', '\0']]],
    ['?a=1', [['?a', '1']]],
    [
      '__proto__=1&constructor=2&toString=3',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
        ['toString', '3'],
      ],
    ],
  ])('%s', (text, entries) => {
    expect(decoded(text)).toEqual(entries);
  });

  it.each([
    '%',
    '%2',
    '%zz',
    '%C3',
    '%C3%28',
    '%ff',
    '%c0%af',
    '%ED%A0%80',
    'a%',
    '%u0041',
  ])('a value %s is no text, and a name like it nobody’s', (raw) => {
    expect(decoded(`a=${raw}&b=1`)).toEqual([
      ['a', null],
      ['b', '1'],
    ]);
    expect(decoded(`${raw}=1&b=1`)).toEqual([['b', '1']]);
  });

  it('a caller may ask to be told of such a name', () => {
    const refuse = (): never => {
      throw new TypeError('told');
    };
    expect(() => parsePairs('a=1&%ff=2', refuse)).toThrow('told');
    expect(parsePairs('a=%ff', refuse).get('a')).toEqual(['%ff']);
  });
});

describe('any pairs', () => {
  it('come back from what URLSearchParams writes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), (pairs) => {
        const expected = new Map<string, string[]>();
        for (const [name, value] of pairs) expected.set(name, [...(expected.get(name) ?? []), value]);
        const written = new URLSearchParams(pairs).toString();
        expect(decoded(written)).toEqual([...expected].map(([name, values]) => [name, ...values]));
      }),
    );
  });

  it('are what URLSearchParams reads, where every escape is one', () => {
    const unit = fc.constantFrom('a', '=', '&', '+', '%', '2', '6', ';', 'ö', '%C3%B6', '?', '#');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        fc.pre(decodeComponent(text) !== null);
        const expected = new URLSearchParams(`&${text}`);
        for (const [name, ...values] of decoded(text)) expect(values).toEqual(expected.getAll(name));
        expect([...parsePairs(text).keys()]).toEqual([...new Set(expected.keys())]);
      }),
      { numRuns: 1000 },
    );
  });

  it('leave prototypes alone', () => {
    const names = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', 'toString');
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.string())), (pairs) => {
        const before = Object.getOwnPropertyNames(Object.prototype).length;
        parsePairs(pairs.map(([name, value]) => `${name}[x].y=${encodeURIComponent(value)}`).join('&'));
        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
        expect(Reflect.get({}, 'x')).toBeUndefined();
      }),
    );
  });

  it.each(['&', '=', '%', '+', 'a=1&', '%41', '%ff&', '&a', 'ö'])('may be a long run of %s', (part) => {
    const long = part.repeat(Math.ceil(300_000 / part.length));
    expect(decoded(long)).toBeDefined();
    expect(decoded(`a=${long}`)).toBeDefined();
  });
});

describe('the declared names of a query', () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom('a', 'b', '%61', 'a=', '=', '&', '&', '+', '%', 'é', '1'), anyText))
    .map((parts) => parts.join(''));

  it('have the values that they have among all pairs, in the same order', () => {
    let found = 0;
    fc.assert(
      fc.property(text, (query) => {
        const names = new DeclaredNames();
        const places = ['a', 'b', ''].map((name) => [name, names.placeOf(name)] as const);
        const values = names.read(query);
        const all = parsePairs(query);
        for (const [name, place] of places) {
          expect([values[place] ?? []].flat()).toEqual(all.get(name) ?? []);
          if (values[place] !== undefined) found += 1;
        }
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(200);
  });

  it('have one place each, however often they are declared', () => {
    const names = new DeclaredNames();
    expect([names.placeOf('a'), names.placeOf('b'), names.placeOf('a')]).toEqual([0, 1, 0]);
    expect(names.read('b=2&c=3&a=1')).toEqual(['1', '2']);
  });

  it('are found where octets were not encoded', () => {
    const names = new DeclaredNames();
    const place = names.placeOf('grösse');
    const query = Buffer.from('grösse=größer').toString('latin1');
    expect(decodeOctets(String(names.read(query)[place]))).toBe('größer');
    expect(decodeOctets('gr\xf6sse')).toBeNull();
  });
});
