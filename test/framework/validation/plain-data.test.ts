import { Exclude, Expose } from 'class-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainData, toWritable } from '../../../src/framework/validation/to-writable.js';

class Secret {
  name = 'ann';
  @Exclude() password = 'x';
}
class Named {
  @Expose({ name: 'as' }) own = 1;
}
class Ordinary {
  a = 1;
}

const special = fc.constantFrom(
  new Secret(),
  new Named(),
  new Ordinary(),
  new (class Below extends Ordinary {})(),
  new (class Written extends Ordinary {
    toJSON() {
      return 'own';
    }
  })(),
  new (class Failed extends Error {})(),
  new (class Numeric extends Number {})(1),
  Object.assign(new Ordinary(), { constructor: Secret, password: 'x' }),
  5n,
  new Date(0),
  new Date(Number.NaN),
  Object.assign(new Date(0), { toJSON: () => 'own' }),
  { toJSON: () => 'own' },
  { constructor: Secret, password: 'x' },
  Object.create({ inherited: 1 }),
  new Map([['a', 1]]),
  new Set([1]),
  Symbol('s'),
  () => 1,
  Buffer.from('x'),
  // biome-ignore lint/suspicious/noSparseArray: a hole is null
  [1, , 2],
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.anything({ withNullPrototype: true, withDate: true }),
    special,
    fc.array(tie('any')),
    fc.dictionary(fc.string(), tie('any')),
  ),
})).any;

describe('plain data', () => {
  it('is written without a replacer as it is with one', () => {
    let plain = 0;
    fc.assert(
      fc.property(value, (each) => {
        if (!isPlainData(each)) return;
        plain += 1;
        expect(JSON.stringify(each)).toBe(JSON.stringify(each, toWritable));
      }),
      { numRuns: 3000 },
    );
    expect(plain).toBeGreaterThan(500);
  });

  it.each([
    ['an object with class-transformer’s decorators', { a: [new Secret()] }],
    ['a bigint', { a: 1n }],
    ['a map', [new Map()]],
    ['a function of its own that makes JSON', { toJSON: () => 1 }],
  ])('is not %s', (_name, each) => {
    expect(isPlainData(each)).toBe(false);
  });

  it('is nothing that contains itself', () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    expect(isPlainData(cycle)).toBe(false);
  });
});
