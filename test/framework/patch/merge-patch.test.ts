import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatch } from '../../../src/framework/patch/merge-patch.js';
import { anyJson, containersOf, frozen, levelsOf } from './any-json.js';

const PROTO = (value: string): unknown => JSON.parse(`{"__proto__":${value}}`);

describe('a merge patch, RFC 7396', () => {
  it.each<[section: string, original: unknown, patch: unknown, result: unknown]>([
    ['§1', { a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } }, { a: 'z', c: { d: 'e' } }],
    [
      '§3',
      {
        title: 'Goodbye!',
        author: { givenName: 'John', familyName: 'Doe' },
        tags: ['example', 'sample'],
        content: 'This will be unchanged',
      },
      {
        title: 'Hello!',
        phoneNumber: '+01-123-456-7890',
        author: { familyName: null },
        tags: ['example'],
      },
      {
        title: 'Hello!',
        author: { givenName: 'John' },
        tags: ['example'],
        content: 'This will be unchanged',
        phoneNumber: '+01-123-456-7890',
      },
    ],
    ['A.1', { a: 'b' }, { a: 'c' }, { a: 'c' }],
    ['A.2', { a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    ['A.3', { a: 'b' }, { a: null }, {}],
    ['A.4', { a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    ['A.5', { a: ['b'] }, { a: 'c' }, { a: 'c' }],
    ['A.6', { a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    ['A.7', { a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    ['A.8', { a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    ['A.9', ['a', 'b'], ['c', 'd'], ['c', 'd']],
    ['A.10', { a: 'b' }, ['c'], ['c']],
    ['A.11', { a: 'foo' }, null, null],
    ['A.12', { a: 'foo' }, 'bar', 'bar'],
    ['A.13', { e: null }, { a: 1 }, { e: null, a: 1 }],
    ['A.14', [1, 2], { a: 'b', c: null }, { a: 'b' }],
    ['A.15', {}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ['§2, nulls in an array stay', {}, { a: [null, { b: null }] }, { a: [null, { b: null }] }],
    [
      '§2, an object in place of a string',
      { a: 'b' },
      { a: { b: { c: null, d: 1 } } },
      { a: { b: { d: 1 } } },
    ],
    ['§2, an object in place of null', { a: null }, { a: {} }, { a: {} }],
    ['§2, an object in place of an array', { a: [1] }, { a: { 0: 2 } }, { a: { 0: 2 } }],
    ['§2, an empty patch', { a: 1 }, {}, { a: 1 }],
    ['§2, an empty patch of a string', 'a', {}, {}],
  ])('%s', (_section, original, patch, result) => {
    // A member that is undefined would not be gone, and `toStrictEqual` stumbles over one called constructor.
    deepStrictEqual(mergePatch(frozen(original), frozen(patch)), result);
  });

  it('does what the definition of §2 does, for any two values', () => {
    const object = (value: unknown): value is object =>
      typeof value === 'object' && value !== null && !Array.isArray(value);
    const defined = (target: unknown, patch: unknown): unknown => {
      if (!object(patch)) return patch;
      const merged = new Map(object(target) ? Object.entries(target) : []);
      for (const [name, value] of Object.entries(patch)) {
        if (value === null) merged.delete(name);
        else merged.set(name, defined(merged.get(name), value));
      }
      return Object.fromEntries(merged);
    };
    fc.assert(
      fc.property(anyJson, anyJson, (target, patch) => {
        deepStrictEqual(mergePatch(target, patch), defined(target, patch));
      }),
      { numRuns: 1000 },
    );
  });

  it('makes one value of another, by their difference', () => {
    const difference = (from: unknown, to: unknown): unknown => {
      if (typeof to !== 'object' || to === null || Array.isArray(to)) return to;
      const before: object = typeof from === 'object' && from !== null && !Array.isArray(from) ? from : {};
      const gone = Object.keys(before).map((name) => [name, null] as const);
      const there = Object.entries(to).map(
        ([name, value]) =>
          [name, difference(Object.hasOwn(before, name) ? Reflect.get(before, name) : null, value)] as const,
      );
      return Object.fromEntries([...gone, ...there]);
    };
    // A member that is null is what no merge patch can make (§1).
    const withoutNulls = anyJson.map((value): unknown =>
      JSON.parse(JSON.stringify(value), (_key, member: unknown) => (member === null ? 0 : member)),
    );
    fc.assert(
      fc.property(anyJson, withoutNulls, (from, to) => {
        deepStrictEqual(mergePatch(from, difference(from, to)), to);
      }),
      { numRuns: 500 },
    );
  });

  it('makes no difference the second time', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (target, patch) => {
        const once = mergePatch(target, patch);
        deepStrictEqual(mergePatch(once, patch), once);
      }),
    );
  });

  it('changes neither of its arguments, and shares nothing with them', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        const result = mergePatch(frozen(target), frozen(patch));
        expect(JSON.stringify([target, patch])).toBe(before);
        const given = new Set([...containersOf(target), ...containersOf(patch)]);
        expect(containersOf(result).filter((container) => given.has(container))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('names that reach prototypes', () => {
  it('are ordinary members', () => {
    const result = mergePatch({}, PROTO('{"polluted":1,"toString":null}'));
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1}}');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(JSON.stringify(mergePatch(PROTO('{"a":1}'), PROTO('{"b":2}')))).toBe(
      '{"__proto__":{"a":1,"b":2}}',
    );
    expect(JSON.stringify(mergePatch(PROTO('{"a":1}'), PROTO('null')))).toBe('{}');
    expect(JSON.stringify(mergePatch(1, PROTO('[1]')))).toBe('{"__proto__":[1]}');
  });

  it('reach none through constructor and prototype', () => {
    const patch = { constructor: { prototype: { polluted: 1 }, name: null }, toString: { call: null } };
    deepStrictEqual(mergePatch({}, patch), {
      constructor: { prototype: { polluted: 1 } },
      toString: {},
    });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(typeof Object.prototype.toString.call).toBe('function');
    expect(Object.name).toBe('Object');
  });
});

describe('depth', () => {
  const deep = (levels: number, leaf: unknown): unknown => {
    let value = leaf;
    for (let i = 0; i < levels; i++) value = { a: value };
    return value;
  };

  it('is no matter of the stack', () => {
    expect(levelsOf(mergePatch(deep(100_000, 1), deep(100_000, 2)))).toBe(100_000);
    expect(levelsOf(mergePatch(deep(100_000, 1), {}))).toBe(100_000);
    expect(levelsOf(mergePatch(1, deep(100_000, null)))).toBe(100_000);
    expect(levelsOf(mergePatch(1, [deep(100_000, 1)]))).toBe(100_001);
  });
});
