import { AdaptiveLimit } from './adaptive-limit.js';
import { Bulkhead } from './bulkhead.js';
import { toMilliseconds } from './duration.js';
import { fixedLimit } from './limit.js';

/** How many may do something at once, and how many may wait for it. */
export interface ConcurrencyOptions {
  /** The most at once; `'auto'` finds out by itself, from how long they take. */
  readonly max: number | 'auto';
  /** The most that wait for a place. Default: as many again as may be inside. */
  readonly queue?: number;
  /** How long each may wait: milliseconds, or a text such as `'2s'`. Default 1000. */
  readonly wait?: number | string;
}

/** The options, checked. */
export interface Concurrency {
  readonly max: number | 'auto';
  /** Null for as many again as may be inside. */
  readonly queue: number | null;
  /** Milliseconds. */
  readonly wait: number;
}

const WAIT = 1000;
const AUTO_QUEUE = 20;
const NAMES = ['max', 'queue', 'wait'];

/**
 * Reads the options.
 *
 * @param where what they are given to, for the message
 * @throws TypeError where they are none.
 */
export function readConcurrency(given: unknown, where: string): Concurrency {
  const options = typeof given === 'object' && given !== null ? given : { max: given };
  const { max, queue, wait = WAIT } = options as Partial<Record<keyof ConcurrencyOptions, unknown>>;
  const strange = Object.keys(options).find((name) => !NAMES.includes(name));
  if (strange !== undefined) throw new TypeError(`${where} has no ${strange}; there are ${NAMES.join(', ')}`);
  if (max !== 'auto' && !isCount(max, 1)) {
    throw new TypeError(`${where} takes as max a whole number from 1 up, or 'auto'`);
  }
  if (queue !== undefined && !isCount(queue, 0)) {
    throw new TypeError(`${where} takes as queue a whole number from 0 up`);
  }
  return Object.freeze({ max, queue: queue ?? null, wait: toMilliseconds(wait, `wait of ${where}`) });
}

function isCount(value: unknown, least: number): value is number {
  return (
    typeof value === 'number' &&
    value >= least &&
    (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
  );
}

/** Makes the bulkhead that the options describe. */
export function createBulkhead(name: string, { max, queue, wait }: Concurrency): Bulkhead {
  const limit = max === 'auto' ? new AdaptiveLimit() : fixedLimit(max);
  return new Bulkhead(name, { limit, queue: queue ?? (max === 'auto' ? AUTO_QUEUE : max), wait });
}
