import { createClient } from '@redis/client';
import {
  createApp,
  GET,
  type Logger,
  memoryStore,
  Path,
  type RateLimitStore,
  redisStore,
  type Taken,
} from 'koanatomy';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { planOf } from '../../../src/framework/load/gcra.js';
import { MemoryStore } from '../../../src/framework/load/memory-store.js';
import { SteadyStore } from '../../../src/framework/load/steady-store.js';
import { FailingProxy } from './support/proxy.js';
import { newPrefix, REDIS_URL, redisIsThere, removeKeys } from './support/redis.js';

@Path('/a')
class AnyController {
  @GET get() {
    return { a: 1 };
  }
}

/** What is logged besides the line of each request. */
class Log implements Logger {
  readonly lines: string[] = [];
  info(_: object, message: string) {
    if (!message.startsWith('GET')) this.lines.push(`info ${message}`);
  }
  warn(_: object, message: string) {
    this.lines.push(`warn ${message}`);
  }
  error(_: object, message: string) {
    this.lines.push(`error ${message}`);
  }
}

const OUT = 'warn the store of the rate limit is out, and this process counts by itself:';
const BACK = 'info the store of the rate limit answers again';

async function open(store: RateLimitStore) {
  const logger = new Log();
  const app = await createApp({
    controllers: AnyController,
    logger,
    rateLimit: { limit: 3, window: 3600, store },
  });
  const http = request(app.callback());
  const ask = async () => (await http.get('/a')).status;
  return { ask, lines: logger.lines };
}

describe('a store that fails', () => {
  it.each<[string, () => unknown, string]>([
    ['rejects', () => Promise.reject(new Error('no memory')), 'no memory'],
    [
      'throws',
      () => {
        throw new Error('not connected');
      },
      'not connected',
    ],
    ['throws nothing in particular', () => Promise.reject(undefined), 'it failed'],
    ['answers nothing', () => undefined, 'the store answered something that is no count'],
    ['answers null later', () => Promise.resolve(null), 'no count'],
    ['answers half a count', () => ({ admitted: true }), 'no count'],
    ['answers a count below zero', () => ({ admitted: true, remaining: -1, wait: 1 }), 'no count'],
    ['answers no number', () => ({ admitted: true, remaining: 1, wait: Number.NaN }), 'no count'],
  ])('(it %s) fails no request, and is counted for in memory', async (_, take, reason) => {
    const { ask, lines } = await open({ take: take as RateLimitStore['take'] });
    expect([await ask(), await ask(), await ask(), await ask(), await ask()]).toEqual([
      200, 200, 200, 429, 429,
    ]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(OUT);
    expect(lines[0]).toContain(reason);
  });

  it('is not asked where it answers at once, but counted on', async () => {
    const { ask, lines } = await open({ take: (key, plan) => inner.take(key, plan) });
    const inner = memoryStore();
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([200, 200, 200, 429]);
    expect(lines).toEqual([]);
  });
});

const PLAN = planOf(3, 3600, 3);
const FULL: Taken = { admitted: false, remaining: 0, wait: 1 };

/** A store whose answers the test gives. */
class Slow implements RateLimitStore {
  readonly waiting: ((taken: Taken) => void)[] = [];
  take(): Promise<Taken> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }
}

describe('a store that is late', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const begin = (timeout?: number) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const log = new Log();
    const slow = Object.assign(new Slow(), timeout === undefined ? {} : { timeout });
    return { slow, log, steady: new SteadyStore(slow, new MemoryStore(), log) };
  };

  it.each([
    [undefined, 100],
    [30, 30],
  ])('(its timeout is %s) is waited for %d ms', async (timeout, ms) => {
    const { steady, log } = begin(timeout);
    const settled = vi.fn();
    const taken = Promise.resolve(steady.take('k', PLAN));
    taken.then(settled);
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await taken).toMatchObject({ admitted: true, remaining: 2 });
    expect(log.lines).toEqual([`${OUT} the store did not answer within ${ms} ms`]);
  });

  it('is left alone for a second, then asked by one request while the others go on', async () => {
    const { slow, steady, log } = begin();
    const late = [steady.take('k', PLAN), steady.take('k', PLAN)];
    await vi.advanceTimersByTimeAsync(100);
    expect((await Promise.all(late)).map(({ remaining }) => remaining)).toEqual([2, 1]);
    expect(slow.waiting).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(steady.take('k', PLAN)).toMatchObject({ remaining: 0 });
    await vi.advanceTimersByTimeAsync(1);
    const trial = steady.take('k', PLAN);
    for (let i = 0; i < 3; i++) expect(steady.take('k', PLAN)).toMatchObject({ admitted: false });
    expect(slow.waiting).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(100);
    expect(await trial).toMatchObject({ admitted: false });
    // Said once, however often it is tried.
    expect(log.lines).toHaveLength(1);
  });

  it('is the store again when it answers a trial', async () => {
    const { slow, steady, log } = begin();
    const late = steady.take('k', PLAN);
    await vi.advanceTimersByTimeAsync(100);
    await late;
    await vi.advanceTimersByTimeAsync(1000);
    const trial = steady.take('k', PLAN);
    slow.waiting.at(-1)?.(FULL);
    expect(await trial).toBe(FULL);
    expect(log.lines.at(-1)).toBe(BACK);
    const next = steady.take('k', PLAN);
    slow.waiting.at(-1)?.(FULL);
    expect(await next).toBe(FULL);
    // A new outage is said again.
    const again = steady.take('k', PLAN);
    await vi.advanceTimersByTimeAsync(100);
    await again;
    expect(log.lines.map((line) => line.split(' ')[0])).toEqual(['warn', 'info', 'warn']);
  });

  it('ends no outage by what was under way when it began', async () => {
    const { slow, steady, log } = begin();
    const first = steady.take('k', PLAN);
    await vi.advanceTimersByTimeAsync(60);
    const second = steady.take('k', PLAN);
    await vi.advanceTimersByTimeAsync(40);
    await first;
    slow.waiting[1]?.(FULL);
    expect(await second).toBe(FULL);
    expect(log.lines).toHaveLength(1);
    expect(steady.take('k', PLAN)).not.toBeInstanceOf(Promise);
  });

  it('may answer or fail when nobody waits any more', async () => {
    const { slow, steady } = begin();
    const late = steady.take('k', PLAN);
    await vi.advanceTimersByTimeAsync(100);
    expect(await late).toMatchObject({ remaining: 2 });
    slow.waiting[0]?.(FULL);
    await vi.advanceTimersByTimeAsync(100);
  });

  it('keeps no timer once it has answered', async () => {
    const { slow, steady } = begin();
    const taken = steady.take('k', PLAN);
    slow.waiting[0]?.(FULL);
    await taken;
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('an answer that is there when the process itself was late counts', async () => {
  const log = new Log();
  const inner = new MemoryStore();
  const store: RateLimitStore = {
    timeout: 20,
    take: (key, plan) =>
      new Promise((resolve) => {
        // Read in the turn of the event loop in which the timer has fired.
        setTimeout(() => setImmediate(() => resolve(inner.take(key, plan))), 1);
      }),
  };
  const steady = new SteadyStore(store, new MemoryStore(), log);
  const taken = steady.take('k', PLAN);
  const end = performance.now() + 60;
  while (performance.now() < end);
  expect(await taken).toMatchObject({ remaining: 2 });
  expect(log.lines).toEqual([]);
});

describe.skipIf(!(await redisIsThere()))('Redis that fails under way', () => {
  it.each([
    'hang',
    'reset',
  ] as const)('(connections %s) is counted for in memory, and used again', async (how) => {
    const prefix = newPrefix();
    const proxy = await FailingProxy.to(REDIS_URL);
    const client = createClient({
      url: proxy.url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: () => 20 },
    });
    client.on('error', () => {});
    await client.connect();
    const store = redisStore((command) => client.sendCommand(command), { prefix, timeout: 500 });
    const { ask, lines } = await open(store);
    try {
      expect([await ask(), await ask()]).toEqual([200, 200]);
      proxy[how]();
      // In memory nobody has asked yet.
      expect([await ask(), await ask(), await ask(), await ask()]).toEqual([200, 200, 200, 429]);
      expect(lines).toHaveLength(1);
      proxy.forward();
      // One was left in Redis when it went away; a command that hung may have taken it since.
      await vi.waitFor(
        async () => {
          await ask();
          expect(lines.at(-1)).toBe(BACK);
        },
        { timeout: 10_000, interval: 20 },
      );
      expect(lines).toHaveLength(2);
      expect(await ask()).toBe(429);
    } finally {
      client.destroy();
      await proxy.close();
      await removeKeys(prefix);
    }
  });
});
