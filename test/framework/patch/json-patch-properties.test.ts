import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { applyPatch, createPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { pointer } from '../../../src/framework/http/pointer.js';
import { applyJsonPatch } from '../../../src/framework/patch/json-patch.js';
import { anyJson, containersOf, frozen } from './any-json.js';

type Operation = Parameters<typeof applyPatch>[1][number];

/** What is needed to make an operation for whatever document there is then: which one, two places, a value. */
interface Choice {
  readonly op: Operation['op'];
  readonly place: number;
  readonly other: number;
  readonly value: unknown;
}

/** Names that the library never follows, for one reason or another. */
const withoutConstructor = anyJson.filter((value) => !JSON.stringify(value).includes('"constructor":'));

const choice: fc.Arbitrary<Choice> = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  place: fc.nat(1000),
  other: fc.nat(1000),
  value: withoutConstructor,
});

/** Pointers to everything in the document but the root, which the library replaces by nothing. */
function placesIn(value: unknown, keys: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...keys, key];
    return [pointer(...path), ...placesIn(inner, path)];
  });
}

/** Places where something may be added: those there are, one after each array, new members. */
function gapsIn(value: unknown, keys: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const fresh = Array.isArray(value) ? ['-', String(value.length)] : ['new', '-', '7', '~/'];
  const inner = Object.entries(value).flatMap(([key, each]) => [
    pointer(...keys, key),
    ...gapsIn(each, [...keys, key]),
  ]);
  return [...fresh.map((key) => pointer(...keys, key)), ...inner];
}

/** An operation that can be applied to the document; null where the choice has none. */
function operationFor(document: unknown, { op, place, other, value }: Choice): Operation | null {
  const pick = (from: readonly string[], n: number): string | undefined => from[n % from.length];
  const present = pick(placesIn(document), place);
  const gap = pick(gapsIn(document), other);
  if (op === 'add') return gap === undefined ? null : { op, path: gap, value };
  if (present === undefined || gap === undefined) return null;
  switch (op) {
    case 'remove':
      return { op, path: present };
    case 'replace':
      return { op, path: present, value };
    case 'test':
      return { op, path: present, value: valueAt(document, present) };
    case 'copy':
      return { op, from: present, path: gap };
    case 'move':
      return { op, from: present, path: gap };
    default:
      return null;
  }
}

function valueAt(document: unknown, path: string): unknown {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce((value, key) => (value as Record<string, unknown>)[key], document);
}

/** What ours makes of it; null where it refuses. */
function applied(document: unknown, operations: readonly Operation[]): { readonly value: unknown } | null {
  try {
    return { value: applyJsonPatch(document, operations) };
  } catch (error) {
    expect(error).toBeInstanceOf(FrameworkError);
    return null;
  }
}

/** The same by the library, which changes the document it is given. */
function reference(document: unknown, operation: Operation): { readonly value: unknown } | null {
  const value: unknown = structuredClone(document);
  const [error] = applyPatch(value, [structuredClone(operation)]);
  return error === null ? { value } : null;
}

describe('a JSON Patch', () => {
  it('is applied as another implementation applies it', () => {
    let compared = 0;
    fc.assert(
      fc.property(withoutConstructor, fc.array(choice, { maxLength: 8 }), (target, choices) => {
        let document = target;
        const operations: Operation[] = [];
        for (const each of choices) {
          const operation = operationFor(document, each);
          if (operation === null) continue;
          const [ours, theirs] = [applied(document, [operation]), reference(document, operation)];
          // The library looks for the second place of a move before the removal, the RFC after it (§4.4).
          if (operation.op === 'move') {
            const inArray = Array.isArray(valueAt(document, operation.from.replace(/\/[^/]*$/, '')));
            if (ours === null || theirs === null || inArray) continue;
          }
          if (ours === null || theirs === null) throw new Error(`refused: ${JSON.stringify(operation)}`);
          deepStrictEqual(ours.value, theirs.value);
          operations.push(operation);
          document = theirs.value;
          compared++;
        }
        // All of them at once, too.
        deepStrictEqual(applyJsonPatch(target, operations), document);
      }),
      { numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  it('makes one document of another by the difference that another implementation finds', () => {
    fc.assert(
      fc.property(withoutConstructor, withoutConstructor, (from, to) => {
        deepStrictEqual(applyJsonPatch(from, createPatch(from, to)), to);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the definitions of RFC 6902', () => {
  const onto = (check: (document: unknown, from: string, to: string, value: unknown) => void): void => {
    fc.assert(
      fc.property(anyJson, fc.nat(1000), fc.nat(1000), anyJson, (document, place, other, value) => {
        const places = placesIn(document);
        const gaps = gapsIn(document);
        const from = places[place % places.length];
        const to = gaps[other % gaps.length];
        if (from !== undefined && to !== undefined) check(document, from, to, value);
      }),
      { numRuns: 500 },
    );
  };

  it('§4.3: replace is remove and add at the same place', () => {
    onto((document, path, _to, value) => {
      deepStrictEqual(
        applied(document, [{ op: 'replace', path, value }]),
        applied(document, [
          { op: 'remove', path },
          { op: 'add', path, value },
        ]),
      );
    });
  });

  it('§4.4: move is remove, and add of what was removed', () => {
    onto((document, from, path) => {
      if (path.startsWith(`${from}/`)) return;
      deepStrictEqual(
        applied(document, [{ op: 'move', from, path }]),
        applied(document, [
          { op: 'remove', path: from },
          { op: 'add', path, value: valueAt(document, from) },
        ]),
      );
    });
  });

  it('§4.5: copy is add of what is there', () => {
    onto((document, from, path) => {
      deepStrictEqual(
        applied(document, [{ op: 'copy', from, path }]),
        applied(document, [{ op: 'add', path, value: valueAt(document, from) }]),
      );
    });
  });

  it('§4.6: test succeeds for what is there, and for nothing else', () => {
    onto((document, path, _to, value) => {
      const there = valueAt(document, path);
      expect(applied(document, [{ op: 'test', path, value: there }])).toEqual({ value: document });
      const same = applied(there, [{ op: 'test', path: '', value }]) !== null;
      expect(same).toBe(sorted(there) === sorted(value));
    });
  });

  /** The value as text, members in order. */
  function sorted(value: unknown): string {
    return JSON.stringify(value, (_key, each: unknown) =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
        ? { members: Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)) }
        : each,
    );
  }
});

describe('whatever the operations are', () => {
  const path = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.array(fc.constantFrom('a', 'b', '0', '1', '-', '01')).map((k) => pointer(...k)),
    },
    fc.constantFrom('a', '/~', '/__proto__', '/constructor/prototype', '/toString', '', null, 1),
  );
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'toString'),
      path,
      from: path,
      value: anyJson,
    },
    { requiredKeys: [] },
  );

  it('neither the target nor they are changed, and errors are ours', () => {
    fc.assert(
      fc.property(anyJson, fc.array(operation, { maxLength: 3 }), (target, operations) => {
        const before = JSON.stringify([target, operations]);
        applied(frozen(target), frozen(operations) as unknown as readonly Operation[]);
        expect(JSON.stringify([target, operations])).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });

  it('the result shares nothing with the target or with them', () => {
    let done = 0;
    fc.assert(
      fc.property(anyJson, fc.array(choice, { maxLength: 5 }), (target, choices) => {
        const operations: Operation[] = [];
        let result = target;
        for (const each of choices) {
          const next = operationFor(result, each);
          const after = next === null ? null : applied(frozen(target), frozen([...operations, next]));
          if (next === null || after === null) continue;
          operations.push(next);
          result = after.value;
          const given = new Set([...containersOf(target), ...containersOf(operations)]);
          expect(containersOf(result).filter((container) => given.has(container))).toEqual([]);
          expect(new Set(containersOf(result)).size).toBe(containersOf(result).length);
          done++;
        }
      }),
      { numRuns: 300 },
    );
    expect(done).toBeGreaterThan(300);
  });
});
