import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What scrypt costs (RFC 7914 §2). */
export interface PasswordCost {
  /** The binary logarithm of N, the memory and time: from 10 to 20. Default 15, which is 32 MiB. */
  readonly ln?: number;
  /** The size of a block: from 1 to 32. Default 8. */
  readonly r?: number;
  /** How often: from 1 to 16. Default 3. */
  readonly p?: number;
}

/** A hash, read. */
export interface ReadHash {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** OWASP's Password Storage Cheat Sheet has several of equal strength; this one takes 32 MiB and not 128. */
export const COST = Object.freeze({ ln: 15, r: 8, p: 3 });

const SALT = 16;
const HASH = 32;

const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/**
 * The hash of a password, to be stored: scrypt (RFC 7914) as a text in PHC's format, `$scrypt$ln=15,r=8,p=3$salt$hash`,
 * with a salt of its own. It takes about a tenth of a second of a thread that isn't JavaScript's.
 *
 * @throws TypeError where the cost is out of its bounds.
 * @example
 * ```ts
 * import { hashPassword, verifyPassword } from 'koanatomy';
 *
 * const hash = await hashPassword('correct horse battery staple');
 * console.log(await verifyPassword('Tr0ub4dor&3', hash)); // false
 * ```
 */
export async function hashPassword(password: string, cost: PasswordCost = {}): Promise<string> {
  const { ln, r, p } = checked({ ...COST, ...cost });
  const salt = randomBytes(SALT);
  const hash = await derive(password, { ln, r, p, salt, hash: Buffer.alloc(HASH) });
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether a password is the one that was hashed. It compares in constant time.
 *
 * @param hash as {@link hashPassword} makes it
 * @throws TypeError where it is no such hash: the server's fault, not the client's.
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  return matches(password, readHash(hash));
}

/** @throws TypeError where a text is no hash */
export function readHash(text: string): ReadHash {
  const found = typeof text === 'string' ? PHC.exec(text) : null;
  if (found === null) throw new TypeError('a password hash is a text as hashPassword makes it: $scrypt$ln=…');
  const [, ln, r, p, salt = '', hash = ''] = found;
  return {
    ...checked({ ln: Number(ln), r: Number(r), p: Number(p) }),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** A hash that no password has, which costs as much to compare. */
export function dummyHash({ ln, r, p }: Required<PasswordCost>): ReadHash {
  return { ln, r, p, salt: randomBytes(SALT), hash: randomBytes(HASH) };
}

export async function matches(password: string, hash: ReadHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.hash);
}

function derive(password: string, { ln, r, p, salt, hash }: ReadHash): Promise<Buffer> {
  const N = 2 ** ln;
  // One text however it was typed (RFC 8265 §4.2.2).
  const text = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, hash.length, { N, r, p, maxmem: 128 * r * (N + p + 2) }, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}

function checked(cost: Required<PasswordCost>): Required<PasswordCost> {
  const { ln, r, p } = cost;
  const isWithin = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  if (isWithin(ln, 10, 20) && isWithin(r, 1, 32) && isWithin(p, 1, 16)) return { ln, r, p };
  throw new TypeError(
    `scrypt takes ln from 10 to 20, r from 1 to 32 and p from 1 to 16, not ${ln}, ${r}, ${p}`,
  );
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
