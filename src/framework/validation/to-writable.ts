import { instanceToPlain } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { type Class, lineage } from '../class.js';

/**
 * A replacer for `JSON.stringify`. Objects whose class has class-transformer decorators go through
 * `instanceToPlain`, so that `@Exclude()` holds wherever they stand in the result; others are left as they
 * are, with their `toJSON`. Sets become arrays and maps objects, which would else be written as `{}`; a
 * bigint becomes its decimal text, since a JSON number would be rounded by most readers.
 */
export function toWritable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  const type: unknown = value.constructor;
  if (type === Object || type === Array || typeof type !== 'function') return value;
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  return isTransformed(type as unknown as Class) ? instanceToPlain(value) : value;
}

const known = new WeakMap<Class, boolean>();

function isTransformed(type: Class): boolean {
  let transformed = known.get(type);
  if (transformed === undefined) {
    const { _exposeMetadatas, _excludeMetadatas, _transformMetadatas } = defaultMetadataStorage;
    const maps = [_exposeMetadatas, _excludeMetadatas, _transformMetadatas];
    transformed = lineage(type).some((ancestor) => maps.some((map) => map.has(ancestor)));
    known.set(type, transformed);
  }
  return transformed;
}
