import { splitUnquoted } from './media-type.js';
import { trimOws } from './ows.js';

/**
 * What a response says about being stored and used again. Times are whole seconds; a list of field names in
 * place of `true` limits `private` or `noCache` to those fields. `false` is as good as nothing.
 */
export interface CacheDirectives {
  /** Any cache may store it (RFC 9111 §5.2.2.9), also where the request was authorised. */
  readonly public?: boolean | undefined;
  /** No shared cache may store it (§5.2.2.7), or these fields of it. */
  readonly private?: boolean | readonly string[] | undefined;
  /** Every use is validated first (§5.2.2.4), or every use of these fields. */
  readonly noCache?: boolean | readonly string[] | undefined;
  /** No cache may store it (§5.2.2.5). */
  readonly noStore?: boolean | undefined;
  /** Nobody in between may change the content, as by compressing it (§5.2.2.6). */
  readonly noTransform?: boolean | undefined;
  /** Once stale it is validated before it is used (§5.2.2.2). */
  readonly mustRevalidate?: boolean | undefined;
  /** The same for shared caches (§5.2.2.8). */
  readonly proxyRevalidate?: boolean | undefined;
  /** Only caches that know what its status asks for may store it; they ignore `noStore` then (§5.2.2.3). */
  readonly mustUnderstand?: boolean | undefined;
  /** It doesn't change while it is fresh, not even when the user reloads (RFC 8246 §2). */
  readonly immutable?: boolean | undefined;
  /** How long it is fresh (RFC 9111 §5.2.2.1). */
  readonly maxAge?: number | undefined;
  /** How long it is fresh in shared caches (§5.2.2.10). */
  readonly sMaxAge?: number | undefined;
  /** How long after that it may be used while it is validated (RFC 5861 §3). */
  readonly staleWhileRevalidate?: number | undefined;
  /** How long after that it may be used where validating fails (RFC 5861 §4). */
  readonly staleIfError?: number | undefined;
}

type Kind = 'flag' | 'fields' | 'seconds';

/** In the order in which they are written. A `Map`, so that `constructor` is no directive. */
const DIRECTIVES: ReadonlyMap<string, readonly [directive: string, kind: Kind]> = new Map(
  Object.entries({
    public: ['public', 'flag'],
    private: ['private', 'fields'],
    noCache: ['no-cache', 'fields'],
    noStore: ['no-store', 'flag'],
    noTransform: ['no-transform', 'flag'],
    mustRevalidate: ['must-revalidate', 'flag'],
    proxyRevalidate: ['proxy-revalidate', 'flag'],
    mustUnderstand: ['must-understand', 'flag'],
    maxAge: ['max-age', 'seconds'],
    sMaxAge: ['s-maxage', 'seconds'],
    staleWhileRevalidate: ['stale-while-revalidate', 'seconds'],
    staleIfError: ['stale-if-error', 'seconds'],
    immutable: ['immutable', 'flag'],
  } satisfies Record<keyof CacheDirectives, readonly [string, Kind]>),
);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 9111 §1.2.2: no cache has to hold a greater one, and it is eternity as it is.
const MOST_SECONDS = 2 ** 31;

/**
 * A `Cache-Control` of a response (RFC 9111 §5.2.2), its directives always in the same order.
 *
 * What contradicts itself is refused; what is only redundant (`noStore` with `maxAge: 0`, as many send for old
 * caches) is written as it stands.
 *
 * @throws RangeError where nothing is said, or something that isn't known, isn't whole seconds from 0 to 2³¹,
 *   names no field, or contradicts the rest.
 */
export function formatCacheControl(directives: CacheDirectives): string {
  for (const key of Object.keys(directives)) {
    if (!DIRECTIVES.has(key)) throw new RangeError(`Cache-Control has no directive ${JSON.stringify(key)}`);
  }
  const parts: string[] = [];
  for (const [key, [directive, kind]] of DIRECTIVES) {
    const value: unknown = Object.hasOwn(directives, key) ? Reflect.get(directives, key) : undefined;
    if (value === undefined || value === false) continue;
    parts.push(write(key, directive, kind, value));
  }
  if (parts.length === 0) throw new RangeError('Cache-Control says nothing: give it at least one directive');
  refuseContradictions(directives);
  return parts.join(', ');
}

function write(key: string, directive: string, kind: Kind, value: unknown): string {
  if (kind === 'seconds') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MOST_SECONDS) {
      throw new RangeError(`${key} of Cache-Control takes whole seconds from 0 to ${MOST_SECONDS}`);
    }
    return `${directive}=${value}`;
  }
  if (value === true) return directive;
  if (kind === 'flag' || !Array.isArray(value)) {
    throw new RangeError(
      `${key} of Cache-Control takes true or false${kind === 'fields' ? ' or field names' : ''}`,
    );
  }
  const names: readonly unknown[] = value;
  if (names.length === 0) throw new RangeError(`${key} of Cache-Control has an empty list of field names`);
  for (const name of names) {
    if (typeof name !== 'string' || !TOKEN.test(name)) {
      throw new RangeError(`${key} of Cache-Control lists something that is no field name`);
    }
  }
  // RFC 9111 §5.2.2.4: a quoted string, also where one name would be a token.
  return `${directive}="${names.join(', ')}"`;
}

function refuseContradictions(directives: CacheDirectives): void {
  const { maxAge = 0, sMaxAge, staleWhileRevalidate = 0, staleIfError = 0 } = directives;
  const has = (key: keyof CacheDirectives): boolean => directives[key] === true;
  if (has('public') && has('private')) refuse('public', 'private', 'shared caches may store it, or may not');
  if (has('private') && sMaxAge !== undefined) {
    refuse('private', 'sMaxAge', 'the lifetime in shared caches is that of something they may not store');
  }
  // With must-understand, no-store is for the caches that don't: the rest is for those that do (§5.2.2.3).
  if (has('noStore') && !has('mustUnderstand')) {
    const use = [
      has('public') && 'public',
      maxAge > 0 && 'maxAge',
      (sMaxAge ?? 0) > 0 && 'sMaxAge',
      staleWhileRevalidate > 0 && 'staleWhileRevalidate',
      staleIfError > 0 && 'staleIfError',
      has('immutable') && 'immutable',
    ].find((name) => name !== false);
    if (use !== undefined) refuse('noStore', use, 'what isn’t stored is never used again');
  }
  if (has('noCache') && has('immutable')) {
    refuse('noCache', 'immutable', 'it is validated at every use, or at none');
  }
  for (const stale of ['staleWhileRevalidate', 'staleIfError'] as const) {
    if ((directives[stale] ?? 0) === 0) continue;
    if (has('mustRevalidate'))
      refuse('mustRevalidate', stale, 'it may be used while it is stale, or may not');
    if (has('noCache')) refuse('noCache', stale, 'it is validated before every use, or is not');
  }
}

function refuse(one: string, other: string, why: string): never {
  throw new RangeError(`Cache-Control can’t have both ${one} and ${other}: ${why}`);
}

/**
 * The directives of a `Cache-Control` by lower-case name, with their value or `true`. A tolerant reader, for
 * what somebody else wrote: members that are none are passed over, the first of two with one name counts
 * (RFC 9111 §4.2.1), and values are as they stand, without the quotes.
 */
export function parseCacheControl(text: string): ReadonlyMap<string, string | true> {
  const directives = new Map<string, string | true>();
  for (const part of splitUnquoted(text, ',')) {
    const equals = part.indexOf('=');
    const name = trimOws(equals === -1 ? part : part.slice(0, equals)).toLowerCase();
    if (!TOKEN.test(name) || directives.has(name)) continue;
    directives.set(name, equals === -1 ? true : unquote(trimOws(part.slice(equals + 1))));
  }
  return directives;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, '$1');
}
