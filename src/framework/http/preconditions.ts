import type { IncomingHttpHeaders } from 'node:http';
import { type EntityTag, parseEntityTags, strongMatch, weakMatch } from './entity-tag.js';
import { parseHttpDate } from './http-date.js';

/** The preconditions of a request, RFC 9110 §13.1. Null is one that the request doesn't have, or must not count. */
export interface RequestPreconditions {
  readonly ifMatch: readonly EntityTag[] | '*' | null;
  /** Null beside If-Match (§13.1.4). */
  readonly ifUnmodifiedSince: Date | null;
  readonly ifNoneMatch: readonly EntityTag[] | '*' | null;
  /** Null beside If-None-Match (§13.1.3). */
  readonly ifModifiedSince: Date | null;
}

/** What the current representations of a resource are told apart by, RFC 9110 §8.8. */
export interface Validators {
  /** The tags of all current representations, that of the selected one first. */
  readonly etags: readonly EntityTag[];
  /** The tag of the selected representation, the one that GET would send; null where it has none. */
  readonly etag: EntityTag | null;
  /** When the selected representation was last modified; null where nobody knows. */
  readonly lastModified: Date | null;
}

/** What becomes of a request: it goes on, is answered 304, or 412. */
export type Verdict = 'proceed' | 'not-modified' | 'failed';

const NO_TAGS: readonly EntityTag[] = [];

/**
 * Reads the preconditions of a request, RFC 9110 §13.1; null where there is nothing to evaluate.
 *
 * A malformed list of tags matches nothing, as "otherwise" says in both sections: an If-Match is then false, and
 * an If-None-Match true (§13.1.1, §13.1.2). A malformed date is ignored (§13.1.3, §13.1.4), and so is a second
 * one, which Node drops unless its server has `joinDuplicateHeaders`. Repeated If-Match and If-None-Match fields
 * come joined to one list, as §5.3 has it.
 */
export function parsePreconditions(headers: IncomingHttpHeaders): RequestPreconditions | null {
  const ifMatch = tagsOf(headers['if-match']);
  const ifNoneMatch = tagsOf(headers['if-none-match']);
  const ifUnmodifiedSince = ifMatch === null ? dateOf(headers['if-unmodified-since']) : null;
  const ifModifiedSince = ifNoneMatch === null ? dateOf(headers['if-modified-since']) : null;
  if (ifMatch === null && ifNoneMatch === null && ifUnmodifiedSince === null && ifModifiedSince === null) {
    return null;
  }
  return { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince };
}

function tagsOf(header: string | undefined): readonly EntityTag[] | '*' | null {
  return header === undefined ? null : (parseEntityTags(header) ?? NO_TAGS);
}

function dateOf(header: string | undefined): Date | null {
  return header === undefined ? null : parseHttpDate(header);
}

/**
 * Evaluates preconditions in the order of RFC 9110 §13.2.2; step 5, If-Range, is {@link ifRangeHolds}'s.
 *
 * GET and HEAD compare tags with that of the selected representation. Other methods change the resource behind all
 * of its representations, so that a tag of any of them will do. A date in the future is a date like others: §13.1.3
 * has no rule for it.
 *
 * @param current null where the resource has no current representation
 */
export function evaluate(
  { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince }: RequestPreconditions,
  method: string,
  current: Validators | null,
): Verdict {
  // §13.2.1: methods that neither select nor modify a representation.
  if (method === 'OPTIONS' || method === 'TRACE' || method === 'CONNECT') return 'proceed';
  const reads = method === 'GET' || method === 'HEAD';
  const etags = comparable(current, reads);
  const lastModified = current?.lastModified ?? null;

  if (ifMatch !== null) {
    if (!matches(ifMatch, current, etags, strongMatch)) return 'failed';
  } else if (ifUnmodifiedSince !== null && lastModified !== null) {
    if (seconds(lastModified) > seconds(ifUnmodifiedSince)) return 'failed';
  }

  if (ifNoneMatch !== null) {
    if (matches(ifNoneMatch, current, etags, weakMatch)) return reads ? 'not-modified' : 'failed';
  } else if (reads && ifModifiedSince !== null && lastModified !== null) {
    if (seconds(lastModified) <= seconds(ifModifiedSince)) return 'not-modified';
  }
  return 'proceed';
}

function comparable(current: Validators | null, reads: boolean): readonly EntityTag[] {
  if (current === null) return NO_TAGS;
  if (!reads) return current.etags;
  return current.etag === null ? NO_TAGS : [current.etag];
}

function matches(
  listed: readonly EntityTag[] | '*',
  current: Validators | null,
  etags: readonly EntityTag[],
  match: (a: EntityTag, b: EntityTag) => boolean,
): boolean {
  if (listed === '*') return current !== null;
  return listed.some((tag) => etags.some((etag) => match(tag, etag)));
}

/** An HTTP-date has whole seconds: a modification in the same second is as old as its Last-Modified says. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
