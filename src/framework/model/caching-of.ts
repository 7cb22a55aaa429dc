import { type Class, lineage } from '../class.js';
import { type Declared, type MethodRecord, readRecord } from '../declare/record.js';
import type { CachingModel } from './model.js';

type Key = 'cacheControl' | 'etag' | 'lastModified' | 'requirePrecondition';

/**
 * What a method declares, else what its class does as a default: for reading where it says how the answer may be
 * kept, for PUT, PATCH and DELETE where it asks for a precondition. POST mostly adds to a collection, whose
 * version is of no interest to it.
 */
export function cachingOf(type: Class, verb: string, record: MethodRecord | null): CachingModel {
  const classes = lineage(type).map((ancestor) => readRecord(ancestor));
  const inherited = <K extends Key>(key: K): Declared[K] =>
    classes.find((found) => found?.[key] !== undefined)?.[key];
  const reads = verb === 'GET' || verb === 'HEAD';
  const changes = verb === 'PUT' || verb === 'PATCH' || verb === 'DELETE';
  return Object.freeze({
    cacheControl: record?.cacheControl ?? (reads ? inherited('cacheControl') : undefined) ?? null,
    etag: record?.etag ?? (reads ? inherited('etag') : undefined) ?? null,
    lastModified: record?.lastModified ?? (reads ? inherited('lastModified') : undefined) ?? null,
    requirePrecondition:
      record?.requirePrecondition ?? (changes ? inherited('requirePrecondition') : undefined) ?? false,
  });
}
