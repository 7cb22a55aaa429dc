/**
 * The numbers of a rate limit, in ticks, so that all of them are whole: `limit` requests in `window` milliseconds are
 * one every `window / limit`, which mostly is no whole number of milliseconds. A tick is the fraction that both go into.
 */
export interface RateLimitPlan {
  /** The most requests at once. */
  readonly burst: number;
  /** The ticks that a request adds to a client's level. */
  readonly cost: number;
  /** The ticks that flow off in a millisecond. */
  readonly drain: number;
  /** The most ticks of a level: `burst × cost`. */
  readonly capacity: number;
}

/** What a store answers to one request of one client. */
export interface Taken {
  /** Whether the request is within the limit. */
  readonly admitted: boolean;
  /** How many more are, at once, after this one. */
  readonly remaining: number;
  /** The milliseconds until one more is. After a refusal: until the next one is admitted. */
  readonly wait: number;
}

/**
 * The plan of a limit.
 *
 * @param window in seconds
 * @throws RangeError where a number is none from 1 up, or where their product is past what is exact.
 */
export function planOf(limit: number, window: number, burst: number): RateLimitPlan {
  const ms = window * 1000;
  if (![limit, ms, burst].every((each) => Number.isSafeInteger(each) && each >= 1))
    throw new RangeError('a rate limit takes whole numbers from 1 up');
  const unit = greatestCommonDivisor(limit, ms);
  const cost = ms / unit;
  const capacity = burst * cost;
  // One more is added before it is compared.
  if (!Number.isSafeInteger(capacity + cost))
    throw new RangeError('a rate limit this large can not be counted');
  return Object.freeze({ burst, cost, drain: limit / unit, capacity });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * What is left of a level that was so high at a time. The generic cell rate algorithm, seen as a bucket that leaks (ITU-T
 * I.371 has both, and they admit the same): what was kept as a moment in the future there, the theoretical arrival time, is
 * `at + level / drain`, and need not be a whole millisecond.
 *
 * A product past 2^53 isn't exact, but larger than any level, so that the difference is below zero whatever was lost. A
 * clock that steps back drains nothing. The level of a plan that was larger counts as full.
 */
export function levelAt(plan: RateLimitPlan, at: number, level: number, now: number): number {
  const left = Math.min(level, plan.capacity) - Math.max(0, now - at) * plan.drain;
  return left > 0 ? left : 0;
}

/** Whether there is room for one more. */
export function admits(plan: RateLimitPlan, level: number): boolean {
  return level + plan.cost <= plan.capacity;
}

/** The answer to a request. @param level what it is now, the request included where it was admitted */
export function takenAt(plan: RateLimitPlan, admitted: boolean, level: number): Taken {
  const remaining = Math.floor((plan.capacity - level) / plan.cost);
  const tooHigh = level + (remaining + 1) * plan.cost - plan.capacity;
  return { admitted, remaining, wait: Math.ceil(tooHigh / plan.drain) };
}

/** The milliseconds until nothing is left of a level: from then on, it is as if there had been none. */
export function drainedIn(plan: RateLimitPlan, level: number): number {
  return Math.ceil(level / plan.drain);
}
