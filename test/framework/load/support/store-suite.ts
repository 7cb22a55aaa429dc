import type { RateLimitStore, Taken } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOf } from '../../../../src/framework/load/gcra.js';

/** A store that is tested, for a test file alone. */
export interface StoreUnderTest {
  readonly store: RateLimitStore;
  /** Lets time pass for one key. */
  pass(key: string, ms: number): void | Promise<void>;
  close?(): Promise<void>;
}

/** A request every ten minutes, so that no time that a test takes counts. */
const SLOW = planOf(6, 3600, 6);
const INTERVAL = 600_000;
/** The most milliseconds that a test takes. */
const SLACK = 60_000;

/** What each store has to do, whatever it is made of. */
export function storeSuite(open: () => StoreUnderTest | Promise<StoreUnderTest>): void {
  let tested: StoreUnderTest;
  let used = 0;
  const newKey = (): string => `suite:a:${used++}`;
  const take = async (key: string, plan = SLOW): Promise<Taken> => await tested.store.take(key, plan);
  const takeMany = async (key: string, count: number, plan = SLOW): Promise<readonly Taken[]> => {
    const all: Taken[] = [];
    for (let i = 0; i < count; i++) all.push(await take(key, plan));
    return all;
  };

  beforeAll(async () => {
    tested = await open();
  });
  afterAll(() => tested?.close?.());

  describe('as each store', () => {
    it('admits as many as the burst at once, and counts down', async () => {
      const all = await takeMany(newKey(), 8);
      expect(all.map(({ admitted }) => admitted)).toEqual([...Array(6).fill(true), false, false]);
      expect(all.map(({ remaining }) => remaining)).toEqual([5, 4, 3, 2, 1, 0, 0, 0]);
    });

    it('says when one more is admitted, after an admission and after a refusal', async () => {
      const all = await takeMany(newKey(), 8);
      for (const { wait } of all) {
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeLessThanOrEqual(INTERVAL);
        expect(wait).toBeGreaterThan(INTERVAL - SLACK);
      }
    });

    it('admits one after the time of one has passed, and no two', async () => {
      const key = newKey();
      await takeMany(key, 6);
      await tested.pass(key, INTERVAL - SLACK);
      expect((await take(key)).admitted).toBe(false);
      await tested.pass(key, SLACK);
      expect((await takeMany(key, 2)).map(({ admitted }) => admitted)).toEqual([true, false]);
    });

    it('is not put off by refusals: who asks on and on waits no longer', async () => {
      const key = newKey();
      await takeMany(key, 30);
      await tested.pass(key, 2 * INTERVAL);
      expect((await takeMany(key, 3)).map(({ admitted }) => admitted)).toEqual([true, true, false]);
    });

    it('saves up no more than the burst', async () => {
      const key = newKey();
      await takeMany(key, 3);
      await tested.pass(key, 100 * INTERVAL);
      expect((await take(key)).remaining).toBe(5);
    });

    it('keeps clients apart, also those whose names are close', async () => {
      const key = newKey();
      await takeMany(key, 6);
      for (const other of [`${key}0`, `${key} `, key.toUpperCase()]) {
        expect((await take(other)).remaining).toBe(5);
      }
      expect((await take(key)).admitted).toBe(false);
    });

    it('counts what no millisecond divides: seven a second are seven and no eighth', async () => {
      const key = newKey();
      const plan = planOf(7, 3600, 7);
      await takeMany(key, 7, plan);
      let admitted = 0;
      for (let i = 0; i < 14; i++) {
        // Half of what one takes, and as much too little as a test may take.
        await tested.pass(key, Math.floor(3_600_000 / 14));
        if ((await take(key, plan)).admitted) admitted++;
      }
      expect(admitted).toBeGreaterThanOrEqual(6);
      expect(admitted).toBeLessThanOrEqual(7);
    });

    it('counts large limits exactly', async () => {
      const key = newKey();
      const plan = planOf(999_983, 86_400, 999_983);
      expect(await take(key, plan)).toMatchObject({ admitted: true, remaining: 999_982, wait: 87 });
    });

    it('takes a smaller limit of the same name for used up, not for worse', async () => {
      const key = newKey();
      await takeMany(key, 5, planOf(9973, 3600, 9973));
      const refused = await take(key, planOf(6, 3600, 6));
      expect(refused.wait).toBeLessThanOrEqual(INTERVAL);
    });

    it('admits exactly the burst of those that come at the same time', async () => {
      const key = newKey();
      const all = await Promise.all(Array.from({ length: 50 }, () => take(key)));
      expect(all.filter(({ admitted }) => admitted)).toHaveLength(6);
      expect(
        all
          .filter(({ admitted }) => admitted)
          .map(({ remaining }) => remaining)
          .sort(),
      ).toEqual([0, 1, 2, 3, 4, 5]);
    });
  });
}
