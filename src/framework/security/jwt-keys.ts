import { createPublicKey, createSecretKey, type JsonWebKey, KeyObject } from 'node:crypto';

/** The algorithms that tokens may be signed with (RFC 7518 §3.1, RFC 8037, RFC 9864); `none` is none of them. */
export const ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** An algorithm of {@link ALGORITHMS}. */
export type JwtAlgorithm = (typeof ALGORITHMS)[number];

/** A key: text is PEM, or for HS a secret; a JWK (RFC 7517) is an object. */
export type JwtKey = string | Uint8Array | KeyObject | JsonWebKey;

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};

/** RFC 7518 §3.3: a key of 2048 bits or larger. */
const LEAST_RSA = 2048;

/**
 * The list of algorithms, checked. A server that takes both a shared secret and public keys can be made to take a public
 * key, which everybody has, for the secret.
 *
 * @throws TypeError where it is none.
 */
export function readAlgorithms(given: unknown): readonly JwtAlgorithm[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new TypeError("jwt takes the algorithms that tokens may be signed with, such as ['RS256']");
  for (const each of given as readonly unknown[]) {
    if ((ALGORITHMS as readonly unknown[]).includes(each)) continue;
    throw new TypeError(`jwt takes no algorithm ${String(each)}: there are ${ALGORITHMS.join(', ')}`);
  }
  const algorithms = given as readonly JwtAlgorithm[];
  if (new Set(algorithms.map(isSymmetric)).size > 1)
    throw new TypeError(
      'jwt takes either HS algorithms or those of public keys: make an authenticator of each',
    );
  return [...algorithms];
}

/** Whether an algorithm's key is a secret that signs and verifies. */
export function isSymmetric(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith('HS');
}

/**
 * One key, checked against each algorithm.
 *
 * @throws TypeError where it is none, or can't be used with one of them.
 */
export function readKey(given: JwtKey, algorithms: readonly JwtAlgorithm[]): KeyObject {
  const key = algorithms.every(isSymmetric) ? secretOf(given) : publicKeyOf(given);
  for (const algorithm of algorithms) {
    const fault = isSymmetric(algorithm) ? secretFault(key, algorithm) : publicKeyFault(key, algorithm);
    if (fault !== null) throw new TypeError(`jwt's key ${fault}`);
  }
  return key;
}

function secretOf(given: JwtKey): KeyObject {
  if (given instanceof KeyObject) return given;
  if (typeof given === 'string') {
    if (given.includes('-----BEGIN'))
      throw new TypeError("jwt's key is PEM, and HS takes a secret: name the key's own algorithm instead");
    return createSecretKey(given, 'utf8');
  }
  if (given instanceof Uint8Array) return createSecretKey(given);
  if (typeof given === 'object' && given !== null && given.kty === 'oct' && typeof given.k === 'string')
    return createSecretKey(given.k, 'base64url');
  throw new TypeError("jwt's key is no secret: give a text, bytes, a KeyObject, or a JWK with kty oct");
}

function publicKeyOf(given: JwtKey): KeyObject {
  try {
    if (given instanceof KeyObject) return given.type === 'private' ? createPublicKey(given) : given;
    if (typeof given === 'string') return createPublicKey(given);
    if (typeof given === 'object' && given !== null && !(given instanceof Uint8Array))
      return createPublicKey({ key: given, format: 'jwk' });
  } catch (cause) {
    throw new TypeError("jwt's key is no public key: give PEM, a KeyObject or a JWK", { cause });
  }
  throw new TypeError("jwt's key is no public key: give PEM, a KeyObject or a JWK");
}

/** RFC 7518 §3.2: a secret at least as long as the hash. */
function secretFault(key: KeyObject, algorithm: JwtAlgorithm): string | null {
  if (key.type !== 'secret') return `is ${key.type}, and ${algorithm} takes a secret`;
  const least = Number(algorithm.slice(2)) / 8;
  const size = key.symmetricKeySize ?? 0;
  return size < least ? `has ${size} bytes, and ${algorithm} takes ${least} at least` : null;
}

function publicKeyFault(key: KeyObject, algorithm: JwtAlgorithm): string | null {
  if (key.type !== 'public') return `is a secret, and ${algorithm} takes a public key`;
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = key;
  const unfit = `is of the type ${type}, which ${algorithm} isn't for`;
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return type === 'ed25519' ? null : unfit;
  const curve = CURVES[algorithm];
  if (curve !== undefined) return type === 'ec' && details?.namedCurve === curve ? null : unfit;
  if (type !== 'rsa' && !(type === 'rsa-pss' && algorithm.startsWith('PS'))) return unfit;
  const bits = details?.modulusLength ?? 0;
  return bits < LEAST_RSA ? `has ${bits} bits, and ${algorithm} takes ${LEAST_RSA} at least` : null;
}
