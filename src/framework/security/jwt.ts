import type { JsonWebKey } from 'node:crypto';
import type { CryptoKey, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions, JWTVerifyResult } from 'jose';
import { FrameworkError } from '../errors/api-error.js';
import { toMilliseconds } from '../load/duration.js';
import {
  type Authenticator,
  type AuthenticatorOptions,
  InvalidCredentialsError,
  toPrincipal,
  type Verified,
} from './authenticator.js';
import { bearer } from './bearer.js';
import { isSymmetric, type JwtAlgorithm, type JwtKey, readAlgorithms, readKey } from './jwt-keys.js';
import { Principal } from './principal.js';
import { createKeyFetch, readKeysUri, unavailable } from './remote-keys.js';

/** What a token says, after it was checked (RFC 7519 §4). */
export type JwtClaims = Readonly<Record<string, unknown>>;

/** Options of {@link jwt}; one of `key`, `keys` and `jwksUri`. */
export interface JwtOptions extends AuthenticatorOptions {
  /** The algorithms that tokens may be signed with: HS of a secret, or RS, PS, ES and EdDSA of public keys. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Who may have made them (`iss`); false for anybody who has the key. */
  readonly issuer: string | readonly string[] | false;
  /** For whom they are (`aud`), one of which must be named; false takes tokens that are for somebody else too. */
  readonly audience: string | readonly string[] | false;
  /** The secret or the public key: PEM, bytes, a KeyObject or a JWK. */
  readonly key?: JwtKey;
  /** Several keys, of which tokens name one by `kid` (RFC 7517 §5). */
  readonly keys?: { readonly keys: readonly JsonWebKey[] };
  /**
   * Where the issuer publishes its keys. They are kept for ten minutes, and fetched again, at most twice a minute, when
   * a token names one that isn't there. Where they can't be fetched, those from before hold for an hour.
   */
  readonly jwksUri?: string | URL;
  /** How much clocks may differ: milliseconds, or a text such as `'5s'`. Default 0. */
  readonly clockTolerance?: number | string;
  /** How old a token may be, whatever its `exp` says: by its `iat`, which it then must have. */
  readonly maxAge?: number | string;
  /** What `typ` has to be, such as `at+jwt` (RFC 9068). Default: `JWT`, `at+jwt` or nothing. */
  readonly type?: string;
  /** The claim that has the principal's name. Default `sub`. */
  readonly name?: string;
  /**
   * The claim that has the roles, a list or a text with spaces; also a path such as `realm_access.roles`. Default
   * `roles`.
   */
  readonly roles?: string;
  /** Makes the principal of the claims, in place of `name` and `roles`; nothing for one that isn't let in. */
  readonly principal?: (claims: JwtClaims) => Verified | Promise<Verified>;
}

/** What tokens are made for that are no access tokens says so by its own `typ` (RFC 8725 §3.11). */
const TYPES = new Set([undefined, 'jwt', 'at+jwt']);

/** The keys that are tried for a token without `kid`. */
const MOST_TRIED = 10;

const NAMES: ReadonlySet<string> = new Set<keyof JwtOptions>([
  'algorithms',
  'issuer',
  'audience',
  'key',
  'keys',
  'jwksUri',
  'clockTolerance',
  'maxAge',
  'type',
  'name',
  'roles',
  'principal',
  'realm',
]);

type Jose = typeof import('jose');

/**
 * JSON web tokens (RFC 7519) as bearer tokens (RFC 6750), by the rules of RFC 8725: the algorithms are listed and never
 * the token's choice, issuer and audience are checked, and a token has to expire. Keys that a token brings along (`jwk`,
 * `jku`, `x5c`) mean nothing. Where the keys' address can't be reached, the answer is 503 and not 401.
 *
 * @throws TypeError where the options are none: an unknown algorithm, HS beside one of a public key, a key that is too
 *   short or of another kind.
 * @example
 * ```ts
 * import { createApp, jwt } from 'koanatomy';
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   authenticators: [
 *     jwt({
 *       algorithms: ['RS256'],
 *       issuer: 'https://login.example.com/',
 *       audience: 'https://api.example.com',
 *       jwksUri: 'https://login.example.com/.well-known/jwks.json',
 *     }),
 *   ],
 * });
 * ```
 */
export function jwt(options: JwtOptions): Authenticator {
  checkNames(options);
  const algorithms = readAlgorithms(options.algorithms);
  const verification = verificationOf(options, algorithms);
  const keyOf = keySource(options, algorithms);
  const { type, name = 'sub', roles = 'roles' } = options;
  const principalOf = options.principal ?? ((claims: JwtClaims) => byClaims(claims, name, roles));
  // An application that has none of these doesn't load it; one that has begins before the first request.
  const loading = import('jose').then((jose) => ({ jose, key: keyOf(jose) }));
  loading.catch(() => {});

  return bearer(async (token) => {
    const { jose, key } = await loading;
    const verified = await verify(jose, token, key, verification);
    if (verified === null || !isExpectedType(verified.protectedHeader.typ, type)) return null;
    // It has to end; and 1e999 is a number in JSON, and no end.
    if (!Number.isFinite(verified.payload.exp)) return null;
    return toPrincipal(await principalOf(Object.freeze(verified.payload)));
  }, options);
}

/** A misspelt option would check nothing, and nobody would see it. */
function checkNames(options: JwtOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('jwt takes options');
  const unknown = Object.keys(options).find((name) => !NAMES.has(name));
  if (unknown === undefined) return;
  throw new TypeError(`jwt has no option ${unknown}: there are ${[...NAMES].join(', ')}`);
}

function verificationOf(
  { issuer, audience, clockTolerance = 0, maxAge }: JwtOptions,
  algorithms: readonly JwtAlgorithm[],
): JWTVerifyOptions {
  return {
    algorithms: [...algorithms],
    clockTolerance: secondsOf('clockTolerance', clockTolerance),
    ...namesOf('issuer', issuer),
    ...namesOf('audience', audience),
    ...(maxAge === undefined ? null : { maxTokenAge: secondsOf('maxAge', maxAge) }),
  };
}

function secondsOf(name: string, given: number | string): number {
  const milliseconds = given === 0 ? 0 : toMilliseconds(given, `${name} of jwt`);
  if (Number.isFinite(milliseconds)) return milliseconds / 1000;
  throw new TypeError(`${name} of jwt has an end; leave maxAge out for none`);
}

function namesOf(option: 'issuer' | 'audience', given: unknown): Partial<Record<typeof option, string[]>> {
  if (given === false) return {};
  const names: unknown = typeof given === 'string' ? [given] : given;
  const isList = Array.isArray(names) && names.length > 0;
  if (isList && names.every((each) => typeof each === 'string' && each !== '')) return { [option]: names };
  const example = option === 'issuer' ? 'https://login.example.com/' : 'https://api.example.com';
  throw new TypeError(`jwt takes an ${option}, such as '${example}', a list of them, or false for any`);
}

type KeySource = (jose: Jose) => JWTVerifyGetKey;

function keySource({ key, keys, jwksUri }: JwtOptions, algorithms: readonly JwtAlgorithm[]): KeySource {
  if ([key, keys, jwksUri].filter((each) => each !== undefined).length !== 1)
    throw new TypeError('jwt takes one of key, keys and jwksUri');
  if (key !== undefined) {
    const read = readKey(key, algorithms);
    return () => () => read;
  }
  if (keys !== undefined) {
    if (!Array.isArray(keys.keys) || keys.keys.length === 0)
      throw new TypeError("jwt's keys are no set of keys, such as { keys: [jwk] }");
    return ({ createLocalJWKSet }) => createLocalJWKSet(structuredClone(keys) as never);
  }
  if (algorithms.some(isSymmetric)) throw new TypeError('jwt takes a secret as key: nobody publishes one');
  const uri = readKeysUri(jwksUri ?? '');
  return ({ createRemoteJWKSet, customFetch }) =>
    createRemoteJWKSet(uri, { [customFetch]: createKeyFetch() as never });
}

/** What a token says where it holds; null where it doesn't. */
async function verify(
  jose: Jose,
  token: string,
  key: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult | null> {
  const { errors } = jose;
  try {
    return await jose.jwtVerify(token, key, options);
  } catch (error) {
    if (error instanceof FrameworkError) throw error;
    if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) throw unavailable(error);
    if (error instanceof errors.JWTExpired) throw expired();
    if (error instanceof errors.JWKSMultipleMatchingKeys)
      return await verifyByAny(jose, token, error, options);
    // Whatever else a token makes of the library is a token that isn't valid.
    return null;
  }
}

/** A token without `kid` may be signed by any of the keys. */
async function verifyByAny(
  jose: Jose,
  token: string,
  candidates: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult | null> {
  let tried = 0;
  for await (const candidate of candidates) {
    const verified = await verify(jose, token, () => candidate, options);
    if (verified !== null) return verified;
    tried += 1;
    if (tried === MOST_TRIED) break;
  }
  return null;
}

/** Told, since a client has to know that it needs another one; only who had a valid one is told. */
function expired(): InvalidCredentialsError {
  return new InvalidCredentialsError('The token has expired', {
    error_description: 'The token has expired',
  });
}

function isExpectedType(typ: unknown, expected: string | undefined): boolean {
  if (typ !== undefined && typeof typ !== 'string') return false;
  const type = typ?.toLowerCase().replace(/^application\//, '');
  return expected === undefined ? TYPES.has(type) : type === expected.toLowerCase();
}

function byClaims(claims: JWTPayload & JwtClaims, nameClaim: string, rolesClaim: string): Principal | null {
  const name = claimOf(claims, nameClaim);
  if (typeof name !== 'string' || name === '') return null;
  const roles = claimOf(claims, rolesClaim);
  const list: readonly unknown[] =
    typeof roles === 'string' ? roles.split(' ') : Array.isArray(roles) ? roles : [];
  return new Principal(
    name,
    list.filter((role): role is string => typeof role === 'string' && role !== ''),
    claims,
  );
}

/** By its name, which may have dots itself (`https://example.com/roles`), else by a path. */
function claimOf(claims: JwtClaims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}
