import { Buffer } from 'node:buffer';
import { Principal } from './principal.js';

/** What a verifying function may answer: who it is, or nothing for credentials that aren't valid. */
export type Verified = Principal | { name: string; roles?: Iterable<string> } | null | undefined | false;

/** Credentials → principal, for one authentication scheme (RFC 9110 §11). */
export interface Authenticator {
  /** The scheme's name, such as `Bearer`; compared without regard to case. */
  readonly scheme: string;
  /** The challenge for `WWW-Authenticate`, scheme included. */
  readonly challenge: string;
  /** The principal, or null where the credentials aren't valid. What it throws is a server's error. */
  authenticate(credentials: string): Promise<Principal | null> | Principal | null;
}

/** Options of the shipped authenticators. */
export interface AuthenticatorOptions {
  /** The protection space (RFC 9110 §11.5). Default `api`. */
  readonly realm?: string;
}

/**
 * Basic authentication, RFC 7617.
 *
 * @param verify gets user and password; answers the principal, or nothing. Compare passwords in constant time.
 * @example
 * ```ts
 * import { basic, createApp, Principal } from 'koanatomy';
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   authenticators: [basic((user, password) => user === 'ann' && password === 'x' && new Principal('ann'))],
 * });
 * ```
 */
export function basic(
  verify: (user: string, password: string) => Verified | Promise<Verified>,
  options: AuthenticatorOptions = {},
): Authenticator {
  return Object.freeze({
    scheme: 'Basic',
    challenge: `Basic realm=${quote(options.realm)}, charset="UTF-8"`,
    async authenticate(credentials: string) {
      if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return null;
      const bytes = Buffer.from(credentials, 'base64');
      let text: string;
      try {
        text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      } catch {
        return null;
      }
      const colon = text.indexOf(':');
      if (colon === -1) return null;
      return toPrincipal(await verify(text.slice(0, colon), text.slice(colon + 1)));
    },
  });
}

/**
 * Bearer tokens, RFC 6750, in the `Authorization` header alone.
 *
 * @param verify gets the token; answers the principal, or nothing.
 */
export function bearer(
  verify: (token: string) => Verified | Promise<Verified>,
  options: AuthenticatorOptions = {},
): Authenticator {
  return Object.freeze({
    scheme: 'Bearer',
    challenge: `Bearer realm=${quote(options.realm)}`,
    async authenticate(token: string) {
      if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) return null;
      return toPrincipal(await verify(token));
    },
  });
}

/** The principal of an answer; null for anything that is none, whatever the types promised. */
export function toPrincipal(verified: unknown): Principal | null {
  if (typeof verified !== 'object' || verified === null) return null;
  if (verified instanceof Principal) return verified;
  const { name, roles = [] } = verified as { name?: unknown; roles?: Iterable<string> };
  if (typeof name !== 'string') return null;
  // A text is iterable too, and its letters are no roles.
  return new Principal(name, typeof roles === 'string' ? [roles] : roles);
}

function quote(realm = 'api'): string {
  if (!/^[\x20-\x7e]*$/.test(realm)) throw new TypeError('a realm takes printable ASCII characters');
  return `"${realm.replace(/["\\]/g, '\\$&')}"`;
}
