import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { type Class, isClass, lineage } from '../class.js';
import { plainContext } from '../serialisation/class-plan.js';

/**
 * A replacer for `JSON.stringify`. Objects whose class has class-transformer decorators go through
 * `instanceToPlain`, so that `@Exclude()` holds wherever they stand in the result; others are left as they
 * are, with their `toJSON`. Sets become arrays and maps objects, which would else be written as `{}`; a
 * bigint becomes its decimal text, since a JSON number would be rounded by most readers.
 *
 * @throws TypeError for a map with a key that has no text, or two that have the same one.
 */
export function toWritable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  const type: unknown = value.constructor;
  if (type === Object || type === Array || typeof type !== 'function') return value;
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return toObject(value);
  return isTransformed(type as unknown as Class)
    ? library.transform(undefined, value, undefined, undefined, undefined)
    : value;
}

/** As `instanceToPlain` has it. */
const { library } = plainContext({});

const DEEPEST = 50;

const ordinary = new WeakMap<object, boolean>();

/**
 * Whether an object with this prototype is written member by member, as a literal is: one of a class that neither
 * class-transformer nor a `toJSON` writes otherwise, and that is nothing of the language's own.
 */
export function isOrdinary(prototype: object): boolean {
  let found = ordinary.get(prototype);
  if (found === undefined) {
    found = looksOrdinary(prototype);
    ordinary.set(prototype, found);
  }
  return found;
}

function looksOrdinary(prototype: object): boolean {
  if ('toJSON' in prototype || Symbol.toStringTag in prototype) return false;
  let at: object | null = prototype;
  for (; at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    const type: unknown = at === null ? null : Reflect.get(at, 'constructor');
    // Of what is built in, such as Number and Error, more than the members counts.
    if (!isClass(type) || type.prototype !== at || isBuiltIn(type)) return false;
  }
  return !isTransformed(prototype.constructor as Class);
}

function isBuiltIn(type: Class): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(type));
}

/**
 * Whether a value is plain data through and through, so that `JSON.stringify` writes it as it does with
 * {@link toWritable}: looking first costs a fifth of what calling a replacer for each member does.
 */
export function isPlainData(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return true;
    case 'object':
      return value === null || isPlainObject(value, depth);
    default:
      return false;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  // One that contains itself, too.
  if (depth > DEEPEST) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) {
    for (const item of value as readonly unknown[]) if (!isPlainData(item, depth + 1)) return false;
    return true;
  }
  if (prototype === Date.prototype) return !Object.hasOwn(value, 'toJSON');
  if (prototype !== Object.prototype && prototype !== null && !isOrdinaryObject(value, prototype as object)) {
    return false;
  }
  for (const key in value) if (!isPlainData((value as Record<string, unknown>)[key], depth + 1)) return false;
  return true;
}

/** Whether it is of the class that its prototype says, too: that is what {@link toWritable} asks. */
export function isOrdinaryObject(value: object, prototype: object): boolean {
  return isOrdinary(prototype) && value.constructor === prototype.constructor;
}

/** Data must not be lost in silence: all objects as keys would be `[object Object]`, and 1 and '1' are one name. */
function toObject(map: ReadonlyMap<unknown, unknown>): object {
  for (const key of map.keys()) {
    if (typeof key === 'symbol' || typeof key === 'function' || (typeof key === 'object' && key !== null)) {
      throw new TypeError('a map whose keys are no texts or numbers has no JSON form');
    }
  }
  const members = Object.fromEntries(map);
  if (Object.keys(members).length !== map.size) {
    throw new TypeError('a map with two keys of the same text has no JSON form');
  }
  return members;
}

const known = new WeakMap<Class, boolean>();

/** Whether a class, or one above it, has decorators of class-transformer that change how it is written. */
export function isTransformed(type: Class): boolean {
  let transformed = known.get(type);
  if (transformed === undefined) {
    const { _exposeMetadatas, _excludeMetadatas, _transformMetadatas } = defaultMetadataStorage;
    const maps = [_exposeMetadatas, _excludeMetadatas, _transformMetadatas];
    transformed = lineage(type).some((ancestor) => maps.some((map) => map.has(ancestor)));
    known.set(type, transformed);
  }
  return transformed;
}
