import {
  type Authenticator,
  type AuthenticatorOptions,
  toPrincipal,
  type Verified,
} from './authenticator.js';
import { challengeOf } from './challenge.js';

/** `b64token`, RFC 6750 §2.1 */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** What RFC 6750 §3.1 says of tokens that aren't valid; nothing is said where none was sent. */
const REFUSAL = Object.freeze({ error: 'invalid_token' });

/**
 * Bearer tokens, RFC 6750, in the `Authorization` field alone: not in a query, which stands in logs, nor in a form.
 *
 * @param verify gets the token; answers the principal, or nothing. {@link jwt} is one for JSON web tokens.
 * @example
 * ```ts
 * import { createHash } from 'node:crypto';
 * import { bearer, createApp } from 'koanatomy';
 *
 * const users = new Map<string, string>();
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   authenticators: [
 *     bearer((token) => {
 *       const name = users.get(createHash('sha256').update(token).digest('hex'));
 *       return name !== undefined && { name };
 *     }),
 *   ],
 * });
 * ```
 */
export function bearer(
  verify: (token: string) => Verified | Promise<Verified>,
  { realm = 'api' }: AuthenticatorOptions = {},
): Authenticator {
  return Object.freeze({
    scheme: 'Bearer',
    challenge: challengeOf('Bearer', { realm }),
    refusal: REFUSAL,
    async authenticate(token: string) {
      return TOKEN.test(token) ? toPrincipal(await verify(token)) : null;
    },
  });
}
