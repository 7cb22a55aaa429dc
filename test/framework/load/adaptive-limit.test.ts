import { describe, expect, it } from 'vitest';
import { AdaptiveLimit } from '../../../src/framework/load/adaptive-limit.js';

/** A resource that does `capacity` things at once in `base` milliseconds each; more wait for one another. */
function run(
  limit: AdaptiveLimit,
  capacity: number,
  base: number,
  offered: number,
  rounds: number,
): number[] {
  const seen: number[] = [];
  let seed = 1;
  const noise = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return 0.9 + (0.2 * seed) / 2 ** 31;
  };
  for (let i = 0; i < rounds; i++) {
    const inside = Math.min(offered, limit.value);
    limit.learn(base * Math.max(1, inside / capacity) * noise(), inside);
    if (i > rounds / 2) seen.push(limit.value);
  }
  return seen;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

describe('an adaptive limit', () => {
  it.each([
    [10, 10],
    [50, 5],
    [200, 1],
  ])('settles above a capacity of %d and below three times it, where each takes %d ms', (capacity, base) => {
    const limit = new AdaptiveLimit();
    const settled = median(run(limit, capacity, base, 2000, 100_000));
    expect(settled).toBeGreaterThanOrEqual(capacity);
    expect(settled).toBeLessThanOrEqual(3 * capacity + 10);
  });

  it('comes down from far too many, also where it never saw how fast it could be', () => {
    const limit = new AdaptiveLimit({ first: 800 });
    expect(median(run(limit, 10, 10, 2000, 400_000))).toBeLessThanOrEqual(60);
  });

  it('follows a capacity that falls, and one that rises again', () => {
    const limit = new AdaptiveLimit();
    const before = median(run(limit, 100, 5, 2000, 100_000));
    const fallen = median(run(limit, 20, 5, 2000, 200_000));
    const risen = median(run(limit, 100, 5, 2000, 200_000));
    expect(fallen).toBeLessThan(before / 2);
    expect(risen).toBeGreaterThan(fallen * 2);
  });

  it('does not grow while nobody needs it, and stays within its bounds', () => {
    const idle = new AdaptiveLimit({ first: 20 });
    run(idle, 100, 5, 3, 20_000);
    expect(idle.value).toBeLessThanOrEqual(24);
    const bounded = new AdaptiveLimit({ least: 5, most: 30 });
    const all = run(bounded, 1000, 5, 2000, 20_000);
    expect(Math.max(...all)).toBe(30);
    expect(Math.min(...run(bounded, 1, 5, 2000, 20_000))).toBeGreaterThanOrEqual(5);
  });
});
