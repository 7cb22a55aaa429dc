import fc from 'fast-check';
import { redisStore, type Taken } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admits, levelAt, planOf, takenAt } from '../../../src/framework/load/gcra.js';
import { connectRedis, newPrefix, redisIsThere, removeKeys } from './support/redis.js';
import { storeSuite } from './support/store-suite.js';

const PLAN = planOf(6, 3600, 6);

describe.skipIf(!(await redisIsThere()))('the store in Redis', () => {
  const prefix = newPrefix();
  let redis: Awaited<ReturnType<typeof connectRedis>>;
  const sent: string[][] = [];
  const store = redisStore(
    (command) => {
      sent.push(command);
      return redis.sendCommand(command);
    },
    { prefix },
  );

  beforeAll(async () => {
    redis = await connectRedis();
  });
  afterAll(async () => {
    await removeKeys(prefix);
    await redis.close();
  });

  storeSuite(() => ({
    store,
    // Nobody can set its clock: the level is made to have begun earlier, and its end with it.
    async pass(key, ms) {
      const name = prefix + key;
      const [at = '', level = ''] = (await redis.get(name))?.split(' ') ?? [];
      const left = (await redis.pTTL(name)) - ms;
      if (left <= 0) await redis.del(name);
      else await redis.set(name, `${Number(at) - ms} ${level}`, { PX: left });
    },
  }));

  it('keeps a client until it is as good as new, and no longer', async () => {
    for (const [count, left] of [
      [1, 600_000],
      [2, 1_200_000],
    ] as const) {
      await store.take('ttl:a:1', PLAN);
      const ttl = await redis.pTTL(`${prefix}ttl:a:1`);
      expect(ttl, `${count} taken`).toBeGreaterThan(left - 60_000);
      expect(ttl).toBeLessThanOrEqual(left);
    }
  });

  it('writes nothing for a refusal, so that who asks on and on keeps nothing alive', async () => {
    for (let i = 0; i < 6; i++) await store.take('refused:a:1', PLAN);
    const before = await redis.get(`${prefix}refused:a:1`);
    expect((await store.take('refused:a:1', PLAN)).admitted).toBe(false);
    expect(await redis.get(`${prefix}refused:a:1`)).toBe(before);
  });

  it('goes on where the clock of Redis has stepped back', async () => {
    const ahead = Date.now() + 10 * 3_600_000;
    await redis.set(`${prefix}back:a:1`, `${ahead} 3600000`, { PX: 3_600_000 });
    expect((await store.take('back:a:1', PLAN)).admitted).toBe(false);
    const [at] = (await redis.get(`${prefix}back:a:1`))?.split(' ') ?? [];
    expect(Number(at)).toBeLessThan(ahead - 3_600_000);
  });

  it('counts as the arithmetic of this process does, for any plan and level', async () => {
    const key = `${prefix}same:a:1`;
    const clock = async (): Promise<number> => {
      const [seconds, micros] = (await redis.sendCommand(['TIME'])) as unknown as [string, string];
      return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    };
    const plans = fc
      .tuple(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 1, max: 86_400 }),
        fc.integer({ min: 1, max: 50_000 }),
      )
      .map(([limit, window, burst]) => planOf(limit, window, burst));
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.double({ min: 0, max: 1.5, noNaN: true }),
        fc.nat(100_000),
        async (plan, full, ago) => {
          const level = Math.floor(full * plan.capacity);
          const before = await clock();
          const at = before - ago;
          await redis.set(key, `${at} ${level}`);
          const taken = await store.take('same:a:1', plan);
          const after = await clock();
          // The script ran at one of these times.
          const possible: Taken[] = [];
          for (let now = before; now <= after; now++) {
            const left = levelAt(plan, at, level, now);
            const admitted = admits(plan, left);
            possible.push(takenAt(plan, admitted, admitted ? left + plan.cost : left));
          }
          expect(possible).toContainEqual(taken);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps all digits of a level', async () => {
    const plan = planOf(1, 86_400 * 365, 250_000);
    const ahead = Date.now() + 3_600_000;
    await redis.set(`${prefix}digits:a:1`, `${ahead} 7000000000000001`);
    expect((await store.take('digits:a:1', plan)).admitted).toBe(true);
    const [, level] = (await redis.get(`${prefix}digits:a:1`))?.split(' ') ?? [];
    expect(level).toBe(String(7_000_000_000_000_001 + plan.cost));
  });

  it('sends its script again where Redis has forgotten it', async () => {
    await store.take('script:a:1', PLAN);
    await redis.sendCommand(['SCRIPT', 'FLUSH']);
    sent.length = 0;
    expect((await store.take('script:a:1', PLAN)).remaining).toBe(4);
    expect((await store.take('script:a:1', PLAN)).remaining).toBe(3);
    // Another test file may have sent the script in between.
    expect(sent.map(([name]) => name).join(' ')).toMatch(/^EVALSHA( EVAL)? EVALSHA$/);
  });

  it('takes what somebody else has put under the key for nothing', async () => {
    await redis.set(`${prefix}foreign:a:1`, 'hello');
    expect((await store.take('foreign:a:1', PLAN)).remaining).toBe(5);
  });

  it('fails where the key is of another kind, and changes nothing', async () => {
    await redis.sAdd(`${prefix}set:a:1`, 'x');
    await expect(store.take('set:a:1', PLAN)).rejects.toThrow('WRONGTYPE');
    expect(await redis.sMembers(`${prefix}set:a:1`)).toEqual(['x']);
  });
});

describe('what a client of Redis answers', () => {
  const answering = (...replies: unknown[]) => redisStore(() => Promise.resolve(replies.shift()));

  it.each([
    ['as a number and a text', [1, '600000']],
    ['as a text and a number', ['1', 600_000]],
    ['as bigints', [1n, 600_000n]],
    ['as bytes', [Buffer.from('1'), Buffer.from('600000')]],
  ])('is a count, told %s', async (_, reply) => {
    expect(await answering(reply).take('k', PLAN)).toEqual({ admitted: true, remaining: 5, wait: 600_000 });
  });

  it.each([
    [null],
    ['OK'],
    [[]],
    [[1]],
    [[2, '0']],
    [[1, '-1']],
    [[1, 'x']],
    [[1, '3600001']],
    [[1, '0.5']],
    [{ 0: 1, 1: 0 }],
  ])('is none: %j', async (reply) => {
    await expect(answering(reply).take('k', PLAN)).rejects.toThrow('no count');
  });

  it.each([
    [undefined, {}, TypeError],
    [() => Promise.resolve(), { prefix: 5 }, TypeError],
    [() => Promise.resolve(), { timeout: 0 }, RangeError],
    [() => Promise.resolve(), { timeout: Number.NaN }, RangeError],
  ])('takes no options that mean nothing: %s %j', (send, options, kind) => {
    expect(() => redisStore(send as never, options as never)).toThrow(kind);
  });
});
