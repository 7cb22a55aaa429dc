import { percentDecode } from './percent.js';

/** A request's path, split and decoded once; matching and binding work on this. */
export interface RequestPath {
  /** Decoded segments without their matrix parameters; a trailing slash adds none. */
  readonly segments: readonly string[];
  /** The segments joined, with a leading slash: what literal routes are looked up by. */
  readonly literal: string;
  /** Whether the path ended in a slash (the root alone does not count). */
  readonly trailingSlash: boolean;
  /** Matrix parameters (RFC 3986 §3.3) of each segment that has some, still encoded: `;a=1;b=2`. */
  readonly matrix: readonly string[] | null;
}

/** Why a path can't be used. */
export type PathFault = 'malformed' | 'dot-segment';

const ROOT: RequestPath = { segments: [], literal: '/', trailingSlash: false, matrix: null };

/**
 * Stands for the slash of `%2F` where segments are joined. No decoded text has it: it is half of a surrogate
 * pair, which has no UTF-8.
 */
export const ENCODED_SLASH = '\uD800';

/**
 * The path of a request target (RFC 9112 §3.2), without its query. The absolute form
 * (`GET http://host/path`) loses scheme and authority: nothing here trusts them.
 */
export function targetPath(target: string): string {
  const start = pathStart(target);
  const query = target.indexOf('?', start);
  const path = query === -1 ? target.slice(start) : target.slice(start, query);
  return path === '' ? '/' : path;
}

const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

function pathStart(target: string): number {
  if (target.startsWith('/')) return 0;
  return AUTHORITY.exec(target)?.[0].length ?? 0;
}

/** The query of a request target, without its question mark; '' where there is none. */
export function targetQuery(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? '' : encodeOctets(target.slice(mark + 1));
}

/**
 * Octets outside ASCII have to be encoded, and curl doesn't: read as if they had been, they are valid UTF-8
 * or a fault like any other. Node hands them on as Latin-1, which nobody means.
 */
function encodeOctets(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text;
  return text.replace(/[\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`);
}

// Also where an escape hid the slash or the backslash: a handler may give the value to a file system.
const DOT_SEGMENT = /(?:^|[/\\])\.\.?(?:[/\\]|$)/;

/**
 * Splits and decodes a path. It is split before it is decoded, so `%2F` stays inside its segment, and each
 * segment is decoded exactly once, so that encoded unreserved characters are equivalent to plain ones
 * (RFC 3986 §6.2.2.2). Dot segments are refused in every spelling: clients remove them themselves (§5.2.4),
 * so one that arrives is meant for a file system behind the handler. So is a fragment: Koa's middleware would
 * see a path without it.
 */
export function parsePath(raw: string): RequestPath | PathFault {
  if (raw === '/' || raw === '') return ROOT;
  if (!raw.startsWith('/') || /[^\x21-\xff]|[#\x7f]/.test(raw)) return 'malformed';
  // Most paths have nothing to take out or to decode, and each of them is read.
  if (!/[%;\x80-\xff]/.test(raw)) return checked(raw.slice(1).split('/'), null, true);
  const parts = encodeOctets(raw.slice(1)).split('/');
  const matrix = raw.includes(';') ? takeMatrix(parts) : null;
  return decodeAll(parts) ? checked(parts, matrix, false) : 'malformed';
}

/** @param plain whether no segment can have a slash */
function checked(parts: string[], matrix: readonly string[] | null, plain: boolean): RequestPath | PathFault {
  const trailingSlash = parts.length > 1 && parts.at(-1) === '';
  if (trailingSlash) parts.pop();
  const joined = parts.join('/');
  if (joined.includes('.') && DOT_SEGMENT.test(joined)) return 'dot-segment';
  if (joined === '' && parts.length === 1 && !trailingSlash) return { ...ROOT, matrix };
  const literal = plain && joined !== '' ? `/${joined}` : literalOf(parts, joined);
  return { segments: parts, literal, trailingSlash, matrix };
}

function takeMatrix(parts: string[]): readonly string[] {
  const matrix: string[] = [];
  for (const [i, part] of parts.entries()) {
    const semicolon = part.indexOf(';');
    if (semicolon === -1) continue;
    matrix.push(part.slice(semicolon));
    parts[i] = part.slice(0, semicolon);
  }
  return matrix;
}

/** False where an escape is none, or not of valid UTF-8. */
function decodeAll(parts: string[]): boolean {
  for (const [i, part] of parts.entries()) {
    const decoded = percentDecode(part);
    if (decoded === null) return false;
    parts[i] = decoded;
  }
  return true;
}

function literalOf(segments: readonly string[], joined: string): string {
  // One empty segment is the path `//`: a server in front may hold it for another one than `/`.
  if (joined === '') return '//';
  const slashes = segments.some((segment) => segment.includes('/'));
  return `/${slashes ? segments.map(keepEncodedSlash).join('/') : joined}`;
}

/** A decoded segment in which no character is a separator. */
export function keepEncodedSlash(segment: string): string {
  return segment.includes('/') ? segment.replaceAll('/', ENCODED_SLASH) : segment;
}
