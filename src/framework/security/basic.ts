import { Buffer } from 'node:buffer';
import {
  type Authenticator,
  type AuthenticatorOptions,
  toPrincipal,
  type Verified,
} from './authenticator.js';
import { challengeOf } from './challenge.js';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** RFC 7617 §2: neither the user's name nor the password has control characters. */
const CONTROL = /\p{Cc}/u;

/**
 * Basic authentication, RFC 7617.
 *
 * @param verify gets user and password; answers the principal, or nothing. {@link passwords} makes one that compares
 *   hashes; one of your own has to take as long for a user that isn't there as for a wrong password.
 * @example
 * ```ts
 * import { basic, createApp, hashPassword, passwords } from 'koanatomy';
 *
 * const hash = await hashPassword('correct horse battery staple');
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   authenticators: [basic(passwords({ ann: { hash, roles: ['admin'] } }))],
 * });
 * ```
 */
export function basic(
  verify: (user: string, password: string) => Verified | Promise<Verified>,
  { realm = 'api' }: AuthenticatorOptions = {},
): Authenticator {
  return Object.freeze({
    scheme: 'Basic',
    challenge: challengeOf('Basic', { realm, charset: 'UTF-8' }),
    async authenticate(credentials: string) {
      const pair = pairOf(credentials);
      return pair === null ? null : toPrincipal(await verify(...pair));
    },
  });
}

function pairOf(credentials: string): [user: string, password: string] | null {
  if (!BASE64.test(credentials)) return null;
  let text: string;
  try {
    // A byte order mark is a character like any other here.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(credentials, 'base64'),
    );
  } catch {
    return null;
  }
  const colon = text.indexOf(':');
  if (colon === -1 || CONTROL.test(text)) return null;
  return [text.slice(0, colon), text.slice(colon + 1)];
}
