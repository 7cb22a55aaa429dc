import type { Context } from 'koa';
import { Principal } from './principal.js';

/** What a verifying function may answer: who it is, or nothing for credentials that aren't valid. */
export type Verified = Principal | { name: string; roles?: Iterable<string> } | null | undefined | false;

/** Options of the shipped authenticators. */
export interface AuthenticatorOptions {
  /** The protection space (RFC 9110 §11.5). Default `api`. */
  readonly realm?: string;
}

/**
 * Credentials → principal, for one authentication scheme (RFC 9110 §11).
 *
 * There are three outcomes: a principal; null, where the credentials aren't valid, so that another authenticator of
 * the same scheme is asked and the client gets 401 in the end; and an error. {@link InvalidCredentialsError} is null
 * with a reason; any other error is answered as if a method had thrown it.
 *
 * @example
 * ```ts
 * import { type Authenticator, Principal } from 'koanatomy';
 *
 * const sessions = new Map([['4f1c', new Principal('ann')]]);
 *
 * export const session: Authenticator = {
 *   scheme: 'Session',
 *   challenge: 'Session realm="api"',
 *   credentialsOf: (ctx) => ctx.cookies.get('session'),
 *   authenticate: (id) => sessions.get(id) ?? null,
 * };
 * ```
 */
export interface Authenticator {
  /** The scheme's name, such as `Bearer`; compared without regard to case. */
  readonly scheme: string;
  /** The challenge for `WWW-Authenticate`, scheme included. */
  readonly challenge: string;
  /** What the challenge has besides where credentials were sent that aren't valid, such as `error` (RFC 6750 §3). */
  readonly refusal?: Readonly<Record<string, string>>;
  /** The field whose whole value is the credentials. Default: what follows the scheme in `Authorization`. */
  readonly header?: string;
  /** The credentials, where they are elsewhere, such as in a cookie; nothing where the request has none. */
  credentialsOf?(ctx: Context): string | null | undefined;
  /** The principal, or null where the credentials aren't valid. Called once a request at most. */
  authenticate(credentials: string, ctx: Context): Promise<Principal | null> | Principal | null;
}

/**
 * Thrown by an authenticator where credentials aren't valid and the client should know why, such as that they have
 * expired: 401. The message goes to the client: it must not tell which part of them was right.
 *
 * @example
 * ```ts
 * import { bearer, InvalidCredentialsError } from 'koanatomy';
 *
 * export const tokens = bearer((token) => {
 *   if (token === 'old') throw new InvalidCredentialsError('The token was revoked');
 *   return token === 'new' && { name: 'ann' };
 * });
 * ```
 */
export class InvalidCredentialsError extends Error {
  override readonly name = 'InvalidCredentialsError';

  /** @param parameters what the challenge has besides, such as `error_description` (RFC 6750 §3) */
  constructor(
    message = 'The credentials are not valid',
    readonly parameters: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
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
