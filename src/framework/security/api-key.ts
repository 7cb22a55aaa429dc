import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type Authenticator,
  type AuthenticatorOptions,
  toPrincipal,
  type Verified,
} from './authenticator.js';
import { challengeOf } from './challenge.js';
import { Principal } from './principal.js';

/** A key that is known, and whom it stands for. */
export interface ApiKeyEntry {
  /** The key itself, at least 16 characters. */
  readonly key?: string;
  /** Instead of the key: its SHA-256 in hexadecimal, as {@link hashApiKey} makes it. */
  readonly sha256?: string;
  readonly roles?: Iterable<string>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Options of {@link apiKey}; one of `keys` and `verify`. */
export interface ApiKeyOptions extends AuthenticatorOptions {
  /** The field that has the key. Default `X-API-Key`. */
  readonly header?: string;
  /** The keys by the name of the principal: the key as a text, or with more. */
  readonly keys?: Readonly<Record<string, string | ApiKeyEntry>>;
  /** Gets the key; answers the principal, or nothing. It should look for the key's hash, never for the key. */
  readonly verify?: (key: string) => Verified | Promise<Verified>;
}

/** What is no key: others can't be in a field, or would be cut off at its ends. */
const KEY = /^[\x21-\x7e]+$/;

const FIELD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A key that can be guessed is none: 16 characters of base64 are 96 bits. */
const SHORTEST = 16;

/** Fields that every request has, or that have a meaning of their own. */
const TAKEN = new Set(['authorization', 'host', 'cookie', 'content-type', 'content-length', 'connection']);

/**
 * Authentication by a key in a header field. Keys are compared by their hashes, so that the time it takes tells nothing
 * of them.
 *
 * @throws TypeError where the options are none, or a key is too short.
 * @example
 * ```ts
 * import { apiKey, createApp } from 'koanatomy';
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   authenticators: [
 *     apiKey({
 *       keys: {
 *         // hashApiKey('Zm9vYmFyYmF6cXV4') has made it
 *         partner: {
 *           sha256: '5f1f1f0e6a6d5b5f8a0f6b5d9d1c3f0e2f4a6b8c0d2e4f60718293a4b5c6d7e8',
 *           roles: ['reader'],
 *         },
 *       },
 *     }),
 *   ],
 * });
 * ```
 */
export function apiKey({ header = 'X-API-Key', keys, verify, realm = 'api' }: ApiKeyOptions): Authenticator {
  if (typeof header !== 'string' || !FIELD.test(header) || TAKEN.has(header.toLowerCase()))
    throw new TypeError(
      `${String(header)} is no field for an API key: take one of its own, such as X-API-Key`,
    );
  if ((keys === undefined) === (verify === undefined))
    throw new TypeError('apiKey takes either keys or verify');
  const find = verify ?? lookUp(keys ?? {});
  return Object.freeze({
    scheme: 'ApiKey',
    challenge: challengeOf('ApiKey', { realm, header }),
    header,
    async authenticate(key: string) {
      return KEY.test(key) ? toPrincipal(await find(key)) : null;
    },
  });
}

/**
 * The hash of an API key, which can be stored where the key should not be: SHA-256 in hexadecimal. A key is random and
 * long, other than a password, so that one round of it is enough.
 *
 * @example
 * ```ts
 * import { randomBytes } from 'node:crypto';
 * import { hashApiKey } from 'koanatomy';
 *
 * const key = randomBytes(24).toString('base64url');
 * console.log(key, hashApiKey(key));
 * ```
 */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * By a hash with a secret that only this process has: nobody can choose keys whose hashes are near one another, so that
 * how long a look-up takes tells nothing.
 */
function lookUp(keys: Readonly<Record<string, string | ApiKeyEntry>>): (key: string) => Principal | null {
  const secret = randomBytes(32);
  const place = (sha256: Buffer): string => createHmac('sha256', secret).update(sha256).digest('base64');
  const known = new Map<string, { readonly sha256: Buffer; readonly principal: Principal }>();
  for (const [name, given] of Object.entries(keys)) {
    const entry = typeof given === 'string' ? { key: given } : given;
    const sha256 = hashOf(name, entry);
    if (known.has(place(sha256))) throw new TypeError(`the API key of ${name} is somebody else's too`);
    const principal = new Principal(name, entry.roles ?? [], entry.claims ?? {});
    known.set(place(sha256), { sha256, principal });
  }
  return (key) => {
    const sha256 = createHash('sha256').update(key).digest();
    const found = known.get(place(sha256));
    return found !== undefined && timingSafeEqual(found.sha256, sha256) ? found.principal : null;
  };
}

function hashOf(name: string, { key, sha256 }: ApiKeyEntry): Buffer {
  if (typeof key === 'string' && sha256 === undefined) {
    if (key.length < SHORTEST || !KEY.test(key))
      throw new TypeError(
        `the API key of ${name} must have at least ${SHORTEST} printable ASCII characters, no spaces`,
      );
    return createHash('sha256').update(key).digest();
  }
  if (typeof sha256 === 'string' && key === undefined && /^[0-9a-f]{64}$/i.test(sha256))
    return Buffer.from(sha256, 'hex');
  throw new TypeError(`the API key of ${name} takes either key, or sha256 with 64 hexadecimal digits`);
}
