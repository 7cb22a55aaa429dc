import { createHmac, randomBytes } from 'node:crypto';
import { FrameworkError } from '../errors/api-error.js';
import type { Bulkhead } from '../load/bulkhead.js';
import { type ConcurrencyOptions, createBulkhead, readConcurrency } from '../load/concurrency.js';
import { toMilliseconds } from '../load/duration.js';
import { COST, dummyHash, matches, type ReadHash, readHash } from './password-hash.js';
import { Principal } from './principal.js';

/** What is known of a user. */
export interface PasswordEntry {
  /** As {@link hashPassword} makes it. */
  readonly hash: string;
  readonly roles?: Iterable<string>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Who has which password: a table by name, or a function that looks one up. */
export type PasswordSource =
  | Readonly<Record<string, string | PasswordEntry>>
  | ((user: string) => Found | Promise<Found>);

type Found = string | PasswordEntry | null | undefined;

/** Options of {@link passwords}. */
export interface PasswordsOptions {
  /**
   * How many are compared at once, and how many wait: more are answered 503. Default `{ max: 2, queue: 100, wait:
   * '2s' }`: half of Node's four threads, so that files and names aren't kept waiting.
   */
  readonly concurrency?: number | ConcurrencyOptions;
  /**
   * How long a password that was right needs no hashing again: milliseconds, or a text such as `'1m'`. The user is looked
   * up all the same, and another hash counts at once. 0 for never. Default one minute.
   */
  readonly remember?: number | string;
}

const MOST_REMEMBERED = 1000;

/**
 * Makes a verifying function for {@link basic} that compares passwords with scrypt hashes. An unknown user takes the same
 * work as a wrong password, and both get the same answer.
 *
 * @throws TypeError where a hash of the table is none.
 * @example
 * ```ts
 * import { basic, createApp, passwords } from 'koanatomy';
 *
 * const users = new Map<string, { hash: string; roles: string[] }>();
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   authenticators: [basic(passwords((user) => users.get(user)))],
 * });
 * ```
 */
export function passwords(
  source: PasswordSource,
  { concurrency = { max: 2, queue: 100, wait: '2s' }, remember = '1m' }: PasswordsOptions = {},
): (user: string, password: string) => Promise<Principal | null> {
  const find = typeof source === 'function' ? source : inTable(source);
  const bulkhead = createBulkhead('passwords', readConcurrency(concurrency, 'passwords'));
  const right = new Remembered(remember === 0 ? 0 : toMilliseconds(remember, 'remember of passwords'));
  // What an unknown user costs is what the last known one has cost.
  let dummy = dummyHash(typeof source === 'function' ? COST : costOf(source));

  return async (user, password) => {
    const found = toEntry(await find(user));
    const hash = found === null ? dummy : readHash(found.hash);
    if (found !== null && !isSameCost(hash, dummy)) dummy = dummyHash(hash);
    const isRight = await right.check(user, password, hash, () =>
      within(bulkhead, () => matches(password, hash)),
    );
    if (!isRight || found === null) return null;
    return new Principal(user, found.roles ?? [], found.claims ?? {});
  };
}

function inTable(table: Readonly<Record<string, string | PasswordEntry>>): (user: string) => Found {
  const entries = new Map(Object.entries(table));
  for (const [user, entry] of entries) {
    try {
      readHash(toEntry(entry)?.hash ?? '');
    } catch (cause) {
      throw new TypeError(`the password of ${user} is no hash: give what hashPassword makes of it`, {
        cause,
      });
    }
  }
  return (user) => entries.get(user);
}

function costOf(table: Readonly<Record<string, string | PasswordEntry>>) {
  const [first] = Object.values(table);
  return first === undefined ? COST : readHash(toEntry(first)?.hash ?? '');
}

function toEntry(found: Found): PasswordEntry | null {
  if (typeof found === 'string') return { hash: found };
  return found ?? null;
}

function isSameCost(a: ReadHash, b: ReadHash): boolean {
  return a.ln === b.ln && a.r === b.r && a.p === b.p;
}

/** Passwords that were right not long ago, by a hash with a secret that only this process has. */
class Remembered {
  readonly #secret = randomBytes(32);
  /** Until when, by `performance.now()`. */
  readonly #right = new Map<string, number>();
  readonly #comparing = new Map<string, Promise<boolean>>();
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Those that are compared right now are found too: a client that sends ten at once costs one. */
  async check(
    user: string,
    password: string,
    hash: ReadHash,
    compare: () => Promise<boolean>,
  ): Promise<boolean> {
    const key = this.#keyOf(user, password, hash);
    if (performance.now() < (this.#right.get(key) ?? 0)) return true;
    const comparing = this.#comparing.get(key);
    if (comparing !== undefined) return comparing;
    const answer = compare();
    this.#comparing.set(key, answer);
    try {
      const isRight = await answer;
      if (isRight) this.#keep(key);
      return isRight;
    } finally {
      this.#comparing.delete(key);
    }
  }

  #keyOf(user: string, password: string, { salt, hash }: ReadHash): string {
    const text = JSON.stringify([user, password]);
    return createHmac('sha256', this.#secret).update(text).update(salt).update(hash).digest('base64');
  }

  #keep(key: string): void {
    if (this.#milliseconds === 0) return;
    const [oldest] = this.#right.keys();
    if (this.#right.size >= MOST_REMEMBERED && oldest !== undefined) this.#right.delete(oldest);
    this.#right.set(key, performance.now() + this.#milliseconds);
  }
}

async function within<T>(bulkhead: Bulkhead, work: () => Promise<T>): Promise<T> {
  if (!bulkhead.enter() && (await bulkhead.queue()?.entered) !== true) throw overloaded();
  const since = performance.now();
  try {
    return await work();
  } finally {
    bulkhead.leave(performance.now() - since);
  }
}

function overloaded(): FrameworkError {
  const message = 'Too many passwords are being checked; try again in 1 s';
  return new FrameworkError('overloaded', message, { headers: { 'Retry-After': '1' } });
}
