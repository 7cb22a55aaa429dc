import { percentDecode } from './percent.js';

/** A request's path, split and decoded once; matching and binding work on this. */
export interface RequestPath {
  /** Decoded segments without their matrix parameters; a trailing slash adds none. */
  readonly segments: readonly string[];
  /** The segments joined, with a leading slash: what literal routes are looked up by. */
  readonly literal: string;
  /** Whether the segments are the path's own text, so that `literal` is the path as it came. */
  readonly isPlain: boolean;
  /** Whether the path ended in a slash (the root alone does not count). */
  readonly trailingSlash: boolean;
  /** Matrix parameters (RFC 3986 §3.3) of each segment that has some, still encoded: `;a=1;b=2`. */
  readonly matrix: readonly string[] | null;
}

/** Why a path can't be used. */
export type PathFault = 'malformed' | 'dot-segment';

const ROOT: RequestPath = { segments: [], literal: '/', isPlain: false, trailingSlash: false, matrix: null };

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

/**
 * The query of a request target, without its question mark; '' where there is none. Octets outside ASCII are as they came:
 * {@link encodeOctets} is for them.
 */
export function targetQuery(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? '' : target.slice(mark + 1);
}

/**
 * Octets outside ASCII have to be encoded, and curl doesn't: read as if they had been, they are valid UTF-8
 * or a fault like any other. Node hands them on as Latin-1, which nobody means.
 */
export function encodeOctets(text: string): string {
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
  const plain = plainSegments(raw);
  if (plain !== null)
    return { segments: plain, literal: raw, isPlain: true, trailingSlash: false, matrix: null };
  if (!raw.startsWith('/') || /[^\x21-\xff]|[#\x7f]/.test(raw)) return 'malformed';
  const parts = encodeOctets(raw.slice(1)).split('/');
  const matrix = raw.includes(';') ? takeMatrix(parts) : null;
  return decodeAll(parts) ? checked(parts, matrix) : 'malformed';
}

/** What stands in a segment for itself (RFC 3986 §3.3): all of pchar, but escapes and matrix parameters. */
const PLAIN = new Uint8Array(128);
for (const char of "-._~!$&'()*+,=:@") PLAIN[char.charCodeAt(0)] = 1;
for (let code = 0; code < 128; code++) if (/\w/.test(String.fromCharCode(code))) PLAIN[code] = 1;

/** The segments of a path that has nothing to decode, to take out or to refuse, as most have; null for any other. */
function plainSegments(raw: string): string[] | null {
  const segments: string[] = [];
  let start = 1;
  for (let i = 1; i <= raw.length; i++) {
    const code = i === raw.length ? SLASH : raw.charCodeAt(i);
    if (code !== SLASH) {
      if (PLAIN[code] !== 1) return null;
      continue;
    }
    // An empty segment, or one that begins with a dot, is looked at more closely.
    if (i === start || raw.charCodeAt(start) === DOT) return null;
    segments.push(raw.slice(start, i));
    start = i + 1;
  }
  return raw.charCodeAt(0) === SLASH ? segments : null;
}

const SLASH = 0x2f;
const DOT = 0x2e;

function checked(parts: string[], matrix: readonly string[] | null): RequestPath | PathFault {
  const trailingSlash = parts.length > 1 && parts.at(-1) === '';
  if (trailingSlash) parts.pop();
  const joined = parts.join('/');
  if (joined.includes('.') && DOT_SEGMENT.test(joined)) return 'dot-segment';
  if (joined === '' && parts.length === 1 && !trailingSlash) return { ...ROOT, matrix };
  return { segments: parts, literal: literalOf(parts, joined), isPlain: false, trailingSlash, matrix };
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
