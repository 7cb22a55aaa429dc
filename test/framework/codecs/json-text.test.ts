import { Exclude } from 'class-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortJson } from '../../../src/framework/codecs/json-text.js';

const plain = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '"',
      '\\',
      '\u0000',
      '\u001f',
      '\ud800',
      '\udfff',
      '\u2028',
      '🐨',
      'ordinary',
      'x'.repeat(30),
    ),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a"b', 'constructor', '0')),
      tie('any'),
      {
        maxKeys: 4,
      },
    ),
  ),
})).any;

class Ordinary {
  a = 1;
  get b() {
    return 2;
  }
}
class Below extends Ordinary {
  c = [null, undefined];
}
class Secret {
  @Exclude() a = 1;
}
class Written {
  toJSON() {
    return 1;
  }
}
class Failed extends Error {}
class Enumerable {}
Object.assign(Enumerable.prototype, { inherited: 1 });

describe('the short JSON text', () => {
  it('is what JSON.stringify writes', () => {
    let written = 0;
    fc.assert(
      fc.property(plain, (value) => {
        const text = shortJson(value);
        if (text === null) return;
        written += 1;
        expect(text).toBe(JSON.stringify(value));
      }),
      { numRuns: 3000 },
    );
    expect(written).toBeGreaterThan(2000);
  });

  it.each<[what: string, value: unknown]>([
    ['an instance', new Ordinary()],
    ['an instance of a class below another one', { a: [new Below()] }],
    ['dates, also one that is none', [new Date(0), new Date(Number.NaN)]],
    [
      'an instance whose prototype has members that can be enumerated',
      Object.assign(new Enumerable(), { a: 1 }),
    ],
  ])('is what JSON.stringify writes of %s', (_, value) => {
    expect(shortJson(value)).toBe(JSON.stringify(value));
  });

  const cycle: { self?: object } = {};
  cycle.self = cycle;
  it.each<[what: string, value: unknown]>([
    ['a function', { a: () => 1 }],
    ['a symbol', Symbol('a')],
    ['a bigint', [1n]],
    ['a date that says how it is written', Object.assign(new Date(0), { toJSON: () => 1 })],
    ['an instance that class-transformer writes', { secret: new Secret() }],
    ['an instance that says how it is written', new Written()],
    ['an instance of a class that has more to it', new Failed()],
    ['an instance that says that it is another one', Object.assign(new Ordinary(), { constructor: Secret })],
    ['a map', new Map()],
    ['an object that says how it is written', { toJSON: () => 1 }],
    ['a list that says how it is written', Object.assign([1], { toJSON: () => 1 })],
    ['what contains itself', cycle],
    ['much', Array.from({ length: 100 }, () => 1)],
    ['much, here and there', Array.from({ length: 10 }, () => ({ a: 1, b: 2, c: [1, 2] }))],
  ])('is left to others for %s', (_, value) => {
    expect(shortJson(value)).toBeNull();
  });

  it('knows the names of thousands of members, one after another', () => {
    for (let i = 0; i < 5000; i++) expect(shortJson({ [`name ${i}`]: i })).toBe(`{"name ${i}":${i}}`);
  });
});
