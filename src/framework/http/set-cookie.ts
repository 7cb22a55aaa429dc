import { stringifySetCookie } from 'cookie';

/** Attributes of a cookie, RFC 6265bis §4.1.2. */
export interface CookieOptions {
  /** How long it is kept, in whole seconds; without it and `expires`, until the browser is closed. */
  readonly maxAge?: number | undefined;
  /** Until when it is kept; where there is a `maxAge`, that one counts. */
  readonly expires?: Date | undefined;
  /** The host that gets it, with all hosts below. Default: this host, and none below. */
  readonly domain?: string | undefined;
  /** The path that gets it, with all below. Default `/`. */
  readonly path?: string | undefined;
  /** Sent over encrypted connections only. Default true. */
  readonly secure?: boolean | undefined;
  /** Hidden from scripts. Default true. */
  readonly httpOnly?: boolean | undefined;
  /** Whether requests that come from other sites have it; false leaves that to the browser. Default `lax`. */
  readonly sameSite?: 'strict' | 'lax' | 'none' | false | undefined;
  /** One cookie for each site that this one is embedded in (CHIPS). */
  readonly partitioned?: boolean | undefined;
  /** Which cookies a browser with too many drops last. */
  readonly priority?: 'low' | 'medium' | 'high' | undefined;
}

/** The attributes that say which cookie is meant, and by which rules a browser takes it. */
export type ClearCookieOptions = Omit<CookieOptions, 'maxAge' | 'expires' | 'priority'>;

const KNOWN: ReadonlySet<string> = new Set(
  Object.keys({
    maxAge: true,
    expires: true,
    domain: true,
    path: true,
    secure: true,
    httpOnly: true,
    sameSite: true,
    partitioned: true,
    priority: true,
  } satisfies Record<keyof CookieOptions, true>),
);
const FLAGS = ['secure', 'httpOnly', 'partitioned'] as const;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
// A path that begins otherwise is ignored (RFC 6265bis §5.6.4); `;` would end it, a space at its end is lost.
const PATH = /^\/[!-:=-~]*$/;
// RFC 6265bis §5.6 and §5.7: what is longer is ignored, without a word.
const MOST_BYTES = 4096;
const MOST_PATH_BYTES = 1024;

/**
 * The value of a `Set-Cookie` header (RFC 6265bis §4.1). The cookie's value is percent encoded, as
 * `@CookieParam` expects it. Safe by default: `Path=/; HttpOnly; Secure; SameSite=Lax`.
 *
 * @throws TypeError for a cookie that browsers would ignore or take for another one: a malformed name or
 *   attribute, more than 4096 bytes, `SameSite=None` or `Partitioned` without `Secure`, a prefix `__Host-` or
 *   `__Secure-` whose rules (§4.1.3) it doesn't keep.
 */
export function formatSetCookie(name: string, value: string, options: CookieOptions = {}): string {
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key)) throw new TypeError(`a cookie has no attribute ${JSON.stringify(key)}`);
  }
  const { path = '/', secure = true, httpOnly = true, sameSite = 'lax' } = options;
  const attributes = { ...options, path, secure, httpOnly, sameSite };
  checkAttributes(attributes);
  checkRules(name, attributes);
  if (!TOKEN.test(name)) throw new TypeError('the name of a cookie must be a token');
  if (/\p{Cs}/u.test(value)) throw new TypeError('the value of a cookie has half of a surrogate pair');
  if (name.length + encodeURIComponent(value).length > MOST_BYTES) {
    throw new TypeError(`a cookie may have at most ${MOST_BYTES} bytes, with its name and encoded`);
  }
  return stringifySetCookie(name, value, attributes);
}

/**
 * The value of a `Set-Cookie` header that makes the browser forget a cookie. Domain and path must be those that
 * it was set with: they are a part of its identity (RFC 6265bis §5.7).
 *
 * @throws TypeError as {@link formatSetCookie} does.
 */
export function clearCookie(name: string, options: ClearCookieOptions = {}): string {
  return formatSetCookie(name, '', { ...options, maxAge: 0, expires: undefined });
}

type Attributes = CookieOptions & Required<Pick<CookieOptions, 'path' | 'secure' | 'sameSite'>>;

function checkAttributes(attributes: Attributes): void {
  const { maxAge, expires, domain, path, sameSite, priority } = attributes;
  // A greater number would be written with an exponent.
  if (maxAge !== undefined && (!Number.isSafeInteger(maxAge) || maxAge < 0)) {
    throw new TypeError('maxAge of a cookie takes whole seconds from 0');
  }
  if (expires !== undefined && !isCookieDate(expires)) {
    throw new TypeError('expires of a cookie takes a valid Date of the years 1601 to 9999');
  }
  if (domain !== undefined && (domain.length > 253 || !DOMAIN.test(domain))) {
    throw new TypeError('domain of a cookie takes a host name, without a dot before it');
  }
  if (path.length > MOST_PATH_BYTES || !PATH.test(path)) {
    throw new TypeError('path of a cookie takes a path: a slash, then what a URI may have, but no semicolon');
  }
  if (sameSite !== false && !['strict', 'lax', 'none'].includes(sameSite ?? '')) {
    throw new TypeError('sameSite of a cookie takes strict, lax, none or false');
  }
  if (priority !== undefined && !['low', 'medium', 'high'].includes(priority)) {
    throw new TypeError('priority of a cookie takes low, medium or high');
  }
  for (const flag of FLAGS) {
    const given: unknown = attributes[flag];
    if (given !== undefined && typeof given !== 'boolean') {
      throw new TypeError(`${flag} of a cookie takes true or false`);
    }
  }
}

/** RFC 6265bis §5.1.1: four digits of a year, and none before 1601. */
function isCookieDate(date: unknown): boolean {
  if (!(date instanceof Date)) return false;
  // NaN, the year of an invalid date, is neither.
  const year = date.getUTCFullYear();
  return year >= 1601 && year <= 9999;
}

function checkRules(name: string, { secure, sameSite, partitioned, domain, path }: Attributes): void {
  // Browsers look at the prefix without regard to case (RFC 6265bis §5.7): servers mustn't be outwitted by it.
  const prefix = /^__(?:Host|Secure)-/i.exec(name)?.[0].toLowerCase();
  if (!secure) {
    if (sameSite === 'none') throw new TypeError('a cookie with SameSite=None needs Secure');
    if (partitioned) throw new TypeError('a cookie with Partitioned needs Secure');
    if (prefix !== undefined)
      throw new TypeError('a cookie with the prefix __Host- or __Secure- needs Secure');
  }
  if (prefix !== '__host-') return;
  if (domain !== undefined) throw new TypeError('a cookie with the prefix __Host- can’t have a domain');
  if (path !== '/') throw new TypeError('a cookie with the prefix __Host- needs the path /');
}
