import { toWritable } from '../validation/to-writable.js';

/** Half of a surrogate pair: it has no UTF-8, so an encoder would write what no reader may accept. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * A returned value → arrays, objects and leaves, for formats that have more kinds of leaves than JSON. The rules
 * are those of JSON's writer: `toJSON`, then {@link toWritable} (class-transformer's decorators, sets, maps);
 * members that are undefined, functions or symbols are left out, and null in arrays. But numbers, bigints,
 * valid dates and bytes (`Uint8Array`) stay what they are.
 *
 * @param format The format's name, for the messages.
 * @throws TypeError for a cycle, and for a value that has no form at all, such as undefined.
 */
export function toPlain(value: unknown, format: string): unknown {
  const plain = plainOf('', value, new Set(), format);
  if (plain === undefined) throw new TypeError(`the returned value has no ${format} form`);
  return plain;
}

function plainOf(key: string, given: unknown, above: Set<object>, format: string): unknown {
  const value = written(key, given);
  if (typeof value === 'string') return value.replace(LONE_SURROGATE, '\uFFFD');
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
  if (value instanceof Uint8Array) return value;
  // `written` may have made a new object: the cycle is one of what was given.
  const node = typeof given === 'object' && given !== null ? given : value;
  if (above.has(node)) throw new TypeError(`a value with a cycle has no ${format} form`);
  above.add(node);
  const plain = Array.isArray(value) ? items(value, above, format) : members(value, above, format);
  above.delete(node);
  return plain;
}

function items(list: readonly unknown[], above: Set<object>, format: string): readonly unknown[] {
  // Not `map`, which keeps holes.
  return Array.from(list, (item, i) => plainOf(String(i), item, above, format) ?? null);
}

function members(object: object, above: Set<object>, format: string): object {
  const entries: [key: string, value: unknown][] = [];
  for (const [key, member] of Object.entries(object)) {
    const value = plainOf(key, member, above, format);
    if (value !== undefined) entries.push([key.replace(LONE_SURROGATE, '\uFFFD'), value]);
  }
  // Not by assignment, which would lose a member named `__proto__`.
  return Object.fromEntries(entries);
}

/** What JSON.stringify would go on with, except for the leaves that stay. */
function written(key: string, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || isLeaf(given)) return given;
  const value: unknown =
    'toJSON' in given && typeof given.toJSON === 'function' ? given.toJSON(key) : (given as unknown);
  if (typeof value !== 'object' || value === null || isLeaf(value)) return value;
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  return value instanceof ArrayBuffer ? new Uint8Array(value) : toWritable(key, value);
}

function isLeaf(value: object): boolean {
  return value instanceof Date || value instanceof Uint8Array;
}
