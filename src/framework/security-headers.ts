import { type Finding, finding } from './errors/startup-error.js';
import { nearestOf } from './nearest.js';
import { type CommonLines, NO_LINES } from './respond/lasting.js';

/** Whether a value is one that browsers take: the others they ignore, and nobody would see it. */
const VALUES = {
  'X-Content-Type-Options': /^nosniff$/,
  'Content-Security-Policy': /\S/,
  'X-Frame-Options': /^(?:DENY|SAMEORIGIN)$/,
  'Referrer-Policy': /^[a-z-]+(?:, ?[a-z-]+)*$/,
  'Cross-Origin-Resource-Policy': /^(?:same-origin|same-site|cross-origin)$/,
  'Strict-Transport-Security': /^max-age=\d+(?:; ?includeSubDomains)?(?:; ?preload)?$/,
  'Permissions-Policy': /^[a-z-]+=/,
  'Cross-Origin-Opener-Policy': /^(?:unsafe-none|same-origin(?:-allow-popups)?|noopener-allow-popups)(?:;|$)/,
  'Cross-Origin-Embedder-Policy': /^(?:unsafe-none|require-corp|credentialless)(?:;|$)/,
  'Content-Security-Policy-Report-Only': /\S/,
  'Reporting-Endpoints': /^[a-z*]/,
  'Origin-Agent-Cluster': /^\?[01]$/,
  'X-Permitted-Cross-Domain-Policies': /^(?:none|master-only|by-content-type|all)$/,
  'X-DNS-Prefetch-Control': /^(?:on|off)$/,
  'X-XSS-Protection': /^(?:0|1(?:; ?mode=block)?)$/,
} as const satisfies Record<string, RegExp>;

/** A header field by which a server tells browsers what they must not do with its answers. */
export type SecurityHeader = keyof typeof VALUES;

/** What each is to say; false leaves one out. */
export type SecurityHeaders = Readonly<Partial<Record<SecurityHeader, string | false>>>;

/**
 * What the OWASP cheat sheet on REST security has for answers that are data and no pages. `Cache-Control` is what
 * `@CacheControl` says, and for `Permissions-Policy` an answer would have to be a page.
 *
 * Other hosts of a domain are not an API's to decide about: no `includeSubDomains`.
 */
const RECOMMENDED: SecurityHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Strict-Transport-Security': 'max-age=31536000',
};

/** What costs nothing and breaks nothing: a browser shall not take JSON for a page or a script. */
const DEFAULT: SecurityHeaders = { 'X-Content-Type-Options': 'nosniff' };

/** The option `securityHeaders`, checked. */
export function readSecurityHeaders(option: unknown, findings: Finding[]): CommonLines {
  const chosen = choose(option, findings);
  const lines = Object.entries(chosen).filter((entry): entry is [string, string] => entry[1] !== false);
  const always = lines.filter(([name]) => name !== 'Strict-Transport-Security');
  // RFC 6797 §7.2 wants Strict-Transport-Security over TLS alone.
  return {
    headers: always.length === 0 ? NO_LINES : Object.freeze(always.flat()),
    secureHeaders: always.length === lines.length ? null : Object.freeze(lines.flat()),
  };
}

function choose(option: unknown, findings: Finding[]): SecurityHeaders {
  if (option === undefined) return DEFAULT;
  if (typeof option === 'boolean') return option ? RECOMMENDED : {};
  if (typeof option === 'object' && option !== null && !Array.isArray(option)) {
    return { ...RECOMMENDED, ...checked(option, findings) };
  }
  const remedy = "give true, false, or an object such as { 'X-Frame-Options': 'SAMEORIGIN' }";
  findings.push(finding('bad-option', 'securityHeaders', `${typeof option} is none of its values`, remedy));
  return {};
}

function checked(option: object, findings: Finding[]): SecurityHeaders {
  const fits = ([name, value]: [string, unknown]): boolean => {
    const where = `securityHeaders.${name}`;
    if (!Object.hasOwn(VALUES, name)) {
      const known = Object.keys(VALUES);
      const remedy = `did you mean ${nearestOf(name, known)}? There are ${known.join(', ')}`;
      findings.push(finding('bad-option', where, 'there is no security header of this name', remedy));
      return false;
    }
    if (value === false) return true;
    // Node would refuse the rest at each answer.
    const isText = typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
    if (isText && VALUES[name as SecurityHeader].test(value)) return true;
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : typeof value;
    const remedy = 'give what its specification has, or false to leave it out';
    findings.push(finding('bad-option', where, `browsers would ignore ${shown}`, remedy));
    return false;
  };
  return Object.fromEntries(
    Object.entries(option)
      .filter(([, value]) => value !== undefined)
      .filter(fits),
  );
}
