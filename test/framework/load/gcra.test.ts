import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admits,
  drainedIn,
  levelAt,
  planOf,
  type RateLimitPlan,
  takenAt,
} from '../../../src/framework/load/gcra.js';

/** One client of a limit. */
class Client {
  level = 0;
  at = 0;

  constructor(readonly plan: RateLimitPlan) {}

  take(now: number) {
    const level = levelAt(this.plan, this.at, this.level, now);
    const admitted = admits(this.plan, level);
    this.at = now;
    this.level = admitted ? level + this.plan.cost : level;
    return takenAt(this.plan, admitted, this.level);
  }
}

/**
 * The same in rational numbers, from the definition: the theoretical arrival time moves by `window / limit`, and a request
 * may come before it by at most `(burst - 1)` of these. All times in 1/limit of a millisecond, as bigints.
 */
class Simulator {
  #arrival = 0n;
  readonly #limit: bigint;
  readonly #interval: bigint;

  constructor(
    limit: number,
    window: number,
    readonly burst: number,
  ) {
    this.#limit = BigInt(limit);
    this.#interval = BigInt(window) * 1000n;
  }

  admits(now: number): boolean {
    const time = BigInt(now) * this.#limit;
    if (time < this.#arrival - BigInt(this.burst - 1) * this.#interval) return false;
    this.#arrival = (this.#arrival > time ? this.#arrival : time) + this.#interval;
    return true;
  }
}

const numbers = fc.record({
  limit: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1_000_000 })),
  window: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 86_400 })),
  burst: fc.integer({ min: 1, max: 40 }),
});
/** Pauses that lie around what one request costs, so that both answers are frequent. */
const pauses = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 }), fc.nat(5_000_000)), {
  minLength: 1,
  maxLength: 150,
});
const start = fc.nat(2_000_000_000_000);

function timesOf(first: number, between: readonly number[]): readonly number[] {
  let now = first;
  return between.map((pause) => {
    now += pause;
    return now;
  });
}

describe('the cell rate algorithm', () => {
  it('admits what its definition in rational numbers does', () => {
    fc.assert(
      fc.property(numbers, start, pauses, ({ limit, window, burst }, first, between) => {
        const client = new Client(planOf(limit, window, burst));
        const simulator = new Simulator(limit, window, burst);
        for (const now of timesOf(first, between)) {
          expect(client.take(now).admitted).toBe(simulator.admits(now));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never admits more than the burst and what the time since then allows, in any stretch', () => {
    fc.assert(
      fc.property(numbers, start, pauses, ({ limit, window, burst }, first, between) => {
        const client = new Client(planOf(limit, window, burst));
        const admitted = timesOf(first, between).filter((now) => client.take(now).admitted);
        for (const [i, from] of admitted.entries()) {
          for (const [j, to] of admitted.entries()) {
            if (j < i) continue;
            // count ≤ burst + elapsed × limit / window, without a division
            const extra = BigInt(j - i + 1 - burst) * BigInt(window) * 1000n;
            if (extra > BigInt(to - from) * BigInt(limit)) expect.fail(`${j - i + 1} in ${to - from} ms`);
          }
        }
      }),
    );
  });

  it('says to the millisecond when the next one is admitted', () => {
    fc.assert(
      fc.property(numbers, start, pauses, ({ limit, window, burst }, first, between) => {
        const client = new Client(planOf(limit, window, burst));
        for (const now of timesOf(first, between)) {
          const { admitted, remaining, wait } = client.take(now);
          expect(wait).toBeGreaterThan(0);
          if (admitted) continue;
          expect(remaining).toBe(0);
          const later = (ms: number) =>
            admits(client.plan, levelAt(client.plan, client.at, client.level, now + ms));
          expect([later(wait - 1), later(wait)]).toEqual([false, true]);
        }
      }),
    );
  });

  it('says how many more it admits at once, and when that is one more', () => {
    fc.assert(
      fc.property(numbers, start, pauses, ({ limit, window, burst }, first, between) => {
        const client = new Client(planOf(limit, window, burst));
        const more = (ms: number, now: number): number => {
          const copy = Object.assign(new Client(client.plan), { at: client.at, level: client.level });
          let count = 0;
          while (copy.take(now + ms).admitted) count++;
          return count;
        };
        for (const now of timesOf(first, between)) {
          const { remaining, wait } = client.take(now);
          expect([more(0, now), more(wait - 1, now)]).toEqual([remaining, remaining]);
          // A fast limit has room for several in the same millisecond.
          expect(more(wait, now)).toBeGreaterThan(remaining);
        }
      }),
    );
  });

  it('forgets a client exactly when it is as good as new', () => {
    fc.assert(
      fc.property(numbers, start, fc.integer({ min: 1, max: 60 }), ({ limit, window, burst }, now, count) => {
        const client = new Client(planOf(limit, window, burst));
        for (let i = 0; i < count; i++) client.take(now);
        const ms = drainedIn(client.plan, client.level);
        const left = (at: number) => levelAt(client.plan, client.at, client.level, at);
        expect([left(now + ms - 1) > 0, left(now + ms)]).toEqual([true, 0]);
      }),
    );
  });

  it('keeps a level where the clock steps back, and counts on from there', () => {
    const client = new Client(planOf(2, 60, 2));
    expect([client.take(1_000_000), client.take(1_000_000)].map((each) => each.admitted)).toEqual([
      true,
      true,
    ]);
    expect(client.take(400_000)).toEqual({ admitted: false, remaining: 0, wait: 30_000 });
    expect(client.take(430_000).admitted).toBe(true);
  });

  it('takes the level of a larger plan for full, and no more', () => {
    const plan = planOf(10, 60, 10);
    expect(levelAt(plan, 0, 600_000_000, 0)).toBe(plan.capacity);
  });

  it.each([
    [0, 60, 1],
    [1.5, 60, 1],
    [1, 0, 1],
    [1, 60, 0],
    [-1, 60, 1],
    [Number.NaN, 60, 1],
    [1, Number.POSITIVE_INFINITY, 1],
    [1, 1e13, 1],
    [7, 86_400 * 365, 1_000_000],
  ])('takes no numbers that mean nothing or are too large: %d in %d s, %d at once', (limit, window, burst) => {
    expect(() => planOf(limit, window, burst)).toThrow(RangeError);
  });
});
