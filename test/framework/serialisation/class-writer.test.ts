import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClassWriter } from '../../../src/framework/serialisation/class-writer.js';

class Box {
  constructor(readonly value: unknown) {}
}

const writer = new ClassWriter();

function write(value: unknown): string {
  return String(writer.write(value, Box));
}

describe('the text of a declared class', () => {
  it('has strings, numbers and dates as JSON.stringify writes them', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 100, maxLength: 300 }),
      fc.constantFrom(
        '"',
        '\\',
        '\u0000',
        '\u007f',
        '\ud800',
        'x\udfff',
        '\u2028',
        '🐨',
        'é',
        `${'x'.repeat(200)}"`,
      ),
    );
    const date = fc.oneof(
      fc.date({ noInvalidDate: false }),
      fc.constantFrom(
        new Date(-62_167_219_200_000),
        new Date(253_402_300_799_999),
        new Date(-1),
        new Date(951_782_400_000),
      ),
    );
    const value = fc.oneof(
      text,
      date,
      fc.double(),
      fc.integer(),
      fc.nat(120),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(value), fc.dictionary(text, value), (values, members) => {
        const box = new Box([values, { ...members }]);
        // As class-transformer, which leaves out what would reach a prototype.
        fc.pre(
          !Object.hasOwn(members, 'constructor') &&
            !Object.hasOwn(members, '__proto__') &&
            !Object.hasOwn(members, 'then'),
        );
        expect(write(box)).toBe(JSON.stringify(box));
      }),
      { numRuns: 2000 },
    );
  });

  it('is of any length, one after another', () => {
    for (const length of [1, 100_000, 3_000_000, 5]) {
      const box = new Box(Array.from({ length: Math.ceil(length / 100) }, () => 'é'.repeat(50)));
      expect(write(box)).toBe(JSON.stringify(box));
    }
  });

  it('is left to the library where a getter writes another one meanwhile', () => {
    const inner = new Box(1);
    const outer = {
      get value() {
        return writer.write(inner, Box);
      },
    };
    expect(write(outer)).toBe('{"value":null}');
    expect(write(inner)).toBe('{"value":1}');
  });

  it('is left to the library for a value without end, and for what everybody has', () => {
    const cycle = new Box(null) as { value: unknown };
    cycle.value = cycle;
    expect(writer.write(cycle, Box)).toBeNull();
    Object.assign(Object.prototype, { polluted: 1 });
    try {
      expect(writer.write(new Box(1), Box)).toBeNull();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
  });

  it('is thrown away where a getter throws, and the next one is whole', () => {
    const failing = {
      a: 1,
      get b(): never {
        throw new RangeError('b');
      },
    };
    expect(() => write(failing)).toThrow(new RangeError('b'));
    expect(write(new Box('whole'))).toBe('{"value":"whole"}');
  });

  it('knows objects with thousands of different keys', () => {
    for (let i = 0; i < 3000; i++)
      expect(write(new Box({ [`key ${i}`]: i }))).toBe(`{"value":{"key ${i}":${i}}}`);
  });
});
