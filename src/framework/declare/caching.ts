import { isClass } from '../class.js';
import { type CacheDirectives, formatCacheControl } from '../http/cache-control.js';
import { type Apply, bareable } from './bareable.js';
import { nameOf } from './media.js';
import { declaredOn, refuseStandard } from './record.js';

/**
 * `Cache-Control` of successful answers (RFC 9111 §5.2.2, RFC 8246, RFC 5861), typed or as text; seconds for all
 * durations. On a class it is the default of its GET methods; on a method it is that method's. What a handler
 * sets itself goes before it, and errors never carry it.
 *
 * @throws RangeError, which names the method, for directives that contradict each other, and numbers that are no seconds.
 * @example
 * ```ts
 * import { CacheControl, GET, Path } from 'koanatomy';
 *
 * @Path('/prices')
 * @CacheControl({ private: true, maxAge: 60 })
 * export class PriceController {
 *   @GET
 *   all() {
 *     return [1, 2, 3];
 *   }
 *
 *   @GET @Path('/today') @CacheControl('no-store')
 *   today() {
 *     return 4;
 *   }
 * }
 * ```
 */
export function CacheControl(directives: CacheDirectives | string): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    const record = declaredOn(target, method);
    try {
      record.cacheControl = textOf(directives);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`@CacheControl of ${nameOf(target, method)}: ${error.message}`);
    }
  };
}

function textOf(directives: unknown): string {
  if (typeof directives === 'object' && directives !== null) return formatCacheControl(directives);
  // A header value: what is no printable ASCII could end it.
  if (typeof directives === 'string' && /^[\t\x20-\x7e]+$/.test(directives) && directives.trim() !== '')
    return directives;
  throw new RangeError('give directives, such as { maxAge: 60 } or "private, max-age=60"');
}

/** Options of {@link ETag}. */
export interface ETagOptions {
  /** Whether the tag is weak: equal in meaning, not in bytes (RFC 9110 §8.8.1). Default false. */
  readonly weak?: boolean;
}

/** A version as {@link ETag} takes it; null and undefined stand for none. */
export type Version = string | number | bigint | Date | null | undefined;

/** Where an entity tag comes from. */
export interface TagSource {
  /** The version of an entity; null where the tag is made of the bytes. */
  readonly of: ((entity: never) => Version) | null;
  readonly weak: boolean;
}

/** {@link ETag}: bare, called, with a property's name or a function of the entity. */
export interface ETagDecorator {
  (target: object, method: string | symbol, descriptor: PropertyDescriptor): void;
  (target: abstract new (...args: never[]) => object): void;
  (options?: ETagOptions): ClassDecorator & MethodDecorator;
  <T>(
    of: (keyof T & string) | ((entity: T) => Version),
    options?: ETagOptions,
  ): ClassDecorator & MethodDecorator;
}

/**
 * An entity tag (RFC 9110 §8.8.3) on answers with content, so that `If-None-Match` is answered 304 and
 * `If-Match` protects PUT, PATCH and DELETE on the same path from lost updates (412).
 *
 * Bare, it is made of the bytes that are sent, but for a Blob or a stream, which get none; with a function or a
 * property's name, of the entity's version, which costs nothing. On a class it is the default of its GET methods. A
 * function that returns nothing makes no tag. An answer to PUT never has one by itself: the content may not be
 * stored as it came (RFC 9110 §9.3.4).
 *
 * @example
 * ```ts
 * import { ETag, GET, Path, PathParam } from 'koanatomy';
 *
 * @Path('/cases/{id}')
 * export class CaseController {
 *   @GET @ETag((found: { version: number }) => found.version)
 *   find(@PathParam('id') id: number) {
 *     return { id, version: 7 };
 *   }
 * }
 * ```
 */
export const ETag = ((first?: unknown, second?: unknown) => {
  if (typeof second === 'string' || typeof second === 'symbol' || isClass(first)) {
    return recordTag({ of: null, weak: false })(first as object, second as string | undefined);
  }
  if (typeof first === 'object' && typeof second === 'object') refuseStandard(second);
  const options = (typeof first === 'object' ? first : second) as ETagOptions | undefined;
  return recordTag({ of: versionOf(first), weak: options?.weak ?? false });
}) as ETagDecorator;

function versionOf(first: unknown): TagSource['of'] {
  if (typeof first === 'function') return first as TagSource['of'];
  if (typeof first !== 'string') return null;
  return (entity) => Reflect.get(Object(entity) as object, first) as Version;
}

function recordTag(source: TagSource): Apply {
  return (target, method) => {
    declaredOn(target, method).etag = Object.freeze(source);
  };
}

/**
 * `Last-Modified` (RFC 9110 §8.8.2) from a function of the entity, or its property's name; in whole seconds,
 * as HTTP has it, and never later than now. `If-Modified-Since` is answered 304. On a class it is the default of
 * its GET methods; nothing is sent where the function returns nothing.
 *
 * @example
 * ```ts
 * import { GET, LastModified, Path } from 'koanatomy';
 *
 * @Path('/news')
 * export class NewsController {
 *   @GET @LastModified((news: { changedAt: Date }) => news.changedAt)
 *   latest() {
 *     return { text: 'none', changedAt: new Date(0) };
 *   }
 * }
 * ```
 */
export function LastModified<T>(
  of: (keyof T & string) | ((entity: T) => Date | null | undefined),
): ClassDecorator & MethodDecorator {
  const read =
    typeof of === 'function' ? of : (entity: T) => Reflect.get(Object(entity) as object, of) as Date;
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).lastModified = read as DateSource;
  };
}

/** Where a modification date comes from. */
export type DateSource = (entity: never) => Date | null | undefined;

/**
 * Refuses a request without `If-Match`, `If-Unmodified-Since` or `If-None-Match` with 428 (RFC 6585 §3), so that no
 * update is lost. Bare or called; on a class it holds for PUT, PATCH and DELETE.
 */
export const RequirePrecondition = bareable<ClassDecorator & MethodDecorator>((target, method) => {
  declaredOn(target, method).requirePrecondition = true;
});
