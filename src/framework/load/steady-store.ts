import { isThenable } from '../awaitable.js';
import type { Logger } from '../logger.js';
import type { RateLimitPlan, Taken } from './gcra.js';
import type { RateLimitStore } from './rate-limit.js';

/** How long nobody asks a store that failed (ms). Then one request does, and the others go on in memory. */
const PAUSE = 1000;

/**
 * A store that always answers in time: where the one that is meant fails or is late, another one counts in its place,
 * which does neither. Said once for each outage. A limit that failed requests would turn an outage of Redis into one of
 * everything, and one that let all of them through would be off when it is needed.
 */
export class SteadyStore implements RateLimitStore {
  #isOut = false;
  #askAgainAt = 0;

  constructor(
    private readonly store: RateLimitStore,
    private readonly instead: RateLimitStore,
    private readonly logger: Logger,
  ) {}

  take(key: string, plan: RateLimitPlan): Taken | Promise<Taken> {
    const isOut = this.#isOut;
    if (isOut && !this.#isTimeToAsk()) return this.instead.take(key, plan);
    try {
      const answer: unknown = this.store.take(key, plan);
      if (isThenable(answer)) return this.#inTime(answer, isOut, key, plan);
      return this.#accept(answer, isOut);
    } catch (error) {
      return this.#fail(error, key, plan);
    }
  }

  #inTime(answer: PromiseLike<unknown>, isTrial: boolean, key: string, plan: RateLimitPlan): Promise<Taken> {
    const timeout = this.store.timeout ?? 100;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`the store did not answer within ${timeout} ms`);
      // Where this process itself was late, the answer may be there, and is read between a timer and an immediate.
      timer = setTimeout(() => setImmediate(reject, error), timeout);
    });
    return Promise.race([answer, late])
      .then((taken) => this.#accept(taken, isTrial))
      .catch((error: unknown) => this.#fail(error, key, plan))
      .finally(() => clearTimeout(timer));
  }

  #isTimeToAsk(): boolean {
    const now = performance.now();
    if (now < this.#askAgainAt) return false;
    this.#askAgainAt = now + PAUSE;
    return true;
  }

  /** @param isTrial whether the store was out: what was under way before then ends no outage, or a slow one had many */
  #accept(answer: unknown, isTrial: boolean): Taken {
    if (!isTaken(answer)) throw new TypeError('the store answered something that is no count');
    if (isTrial && this.#isOut) {
      this.#isOut = false;
      this.logger.info({}, 'the store of the rate limit answers again');
    }
    return answer;
  }

  #fail(error: unknown, key: string, plan: RateLimitPlan): Taken | Promise<Taken> {
    if (!this.#isOut) {
      this.#isOut = true;
      this.#askAgainAt = performance.now() + PAUSE;
      const reason = error instanceof Error ? error.message : 'it failed';
      const message = `the store of the rate limit is out, and this process counts by itself: ${reason}`;
      this.logger.warn({ err: error }, message);
    }
    return this.instead.take(key, plan);
  }
}

function isTaken(answer: unknown): answer is Taken {
  if (typeof answer !== 'object' || answer === null) return false;
  const { admitted, remaining, wait } = answer as Partial<Taken>;
  return typeof admitted === 'boolean' && isCount(remaining) && isCount(wait);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
