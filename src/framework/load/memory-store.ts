import { admits, levelAt, type RateLimitPlan, type Taken, takenAt } from './gcra.js';
import type { RateLimitStore } from './rate-limit.js';

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** The most clients that are remembered at once, of all limits together. Default 100,000, some 15 MB. */
  readonly maxKeys?: number;
  /** The time in whole milliseconds, for tests. Default: a clock that nobody sets. */
  readonly now?: () => number;
}

/** Whom a request looks at besides its own client: two leave faster than one comes. */
const LOOKED_AT = 2;

/** From how many the one to forget is chosen. */
const SAMPLES = 8;

interface Entry {
  readonly key: string;
  /** Where it stands in the list. */
  place: number;
  plan: RateLimitPlan;
  at: number;
  level: number;
}

/**
 * Counts in the memory of this process, as {@link memoryStore} says.
 *
 * Clients whose level has drained are as good as new and leave when a request comes by: no timer, which would keep the
 * process alive or scan everybody at once. Where the memory is full nevertheless, the one of eight at random who has
 * used the least of its limit makes room: a flood of addresses, which have one request each, pushes out one another, and
 * who is over the limit stays unless all eight are. An exact order would cost each request the logarithm of all.
 */
export class MemoryStore implements RateLimitStore {
  readonly #entries = new Map<string, Entry>();
  readonly #list: Entry[] = [];
  readonly #maxKeys: number;
  readonly #now: () => number;
  #next = 0;

  constructor({ maxKeys = 100_000, now = monotonic }: MemoryStoreOptions = {}) {
    if (!Number.isSafeInteger(maxKeys) || maxKeys < 1)
      throw new RangeError(`maxKeys takes a whole number from 1 up, not ${String(maxKeys)}`);
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  /** How many clients it remembers. */
  get size(): number {
    return this.#list.length;
  }

  take(key: string, plan: RateLimitPlan): Taken {
    const now = this.#now();
    for (let i = 0; i < LOOKED_AT; i++) this.#lookAtNext(now);
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#add(key, plan, now);
      return takenAt(plan, true, plan.cost);
    }
    const level = levelAt(plan, entry.at, entry.level, now);
    const admitted = admits(plan, level);
    entry.plan = plan;
    entry.at = now;
    entry.level = admitted ? level + plan.cost : level;
    return takenAt(plan, admitted, entry.level);
  }

  #add(key: string, plan: RateLimitPlan, now: number): void {
    if (this.#list.length >= this.#maxKeys) this.#forget(this.#leastUsed(now));
    const entry = { key: flat(key), place: this.#list.length, plan, at: now, level: plan.cost };
    this.#list.push(entry);
    this.#entries.set(entry.key, entry);
  }

  #lookAtNext(now: number): void {
    const entry = this.#list[this.#next];
    if (entry === undefined) this.#next = 0;
    else if (levelAt(entry.plan, entry.at, entry.level, now) === 0) this.#forget(entry);
    else this.#next++;
  }

  #leastUsed(now: number): Entry | undefined {
    let found: Entry | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SAMPLES; i++) {
      const entry = this.#list[Math.floor(Math.random() * this.#list.length)];
      if (entry === undefined) continue;
      const used = levelAt(entry.plan, entry.at, entry.level, now) / entry.plan.capacity;
      if (used < least) [found, least] = [entry, used];
    }
    return found;
  }

  /** The last one of the list takes its place. */
  #forget(entry: Entry | undefined): void {
    const last = this.#list.pop();
    if (entry === undefined || last === undefined) return;
    this.#entries.delete(entry.key);
    if (last === entry) return;
    last.place = entry.place;
    this.#list[entry.place] = last;
  }
}

/**
 * A text of its own. What was cut out of a longer one, such as an address out of `X-Forwarded-For`, would keep all of that
 * in memory.
 */
function flat(key: string): string {
  const copy = Buffer.from(key).toString();
  return copy === key ? copy : key;
}

function monotonic(): number {
  return Math.floor(performance.now());
}

/**
 * A store of rate limits in the memory of this process: the default. Each process counts for itself, and forgets when it
 * ends.
 *
 * Bounded by `maxKeys`: where more clients than that are remembered, those who have used the least of their limit are
 * forgotten first.
 *
 * @throws RangeError where `maxKeys` is no whole number from 1 up.
 * @example
 * ```ts
 * import { createApp, memoryStore } from 'koanatomy';
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   rateLimit: { limit: 100, window: 60, store: memoryStore({ maxKeys: 10_000 }) },
 * });
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): RateLimitStore {
  return new MemoryStore(options);
}
