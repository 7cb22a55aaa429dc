import fc from 'fast-check';
import { memoryStore } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../../src/framework/load/gcra.js';
import { MemoryStore } from '../../../src/framework/load/memory-store.js';
import { storeSuite } from './support/store-suite.js';

storeSuite(() => {
  let now = 0;
  return {
    store: memoryStore({ now: () => now }),
    pass(_key, ms) {
      now += ms;
    },
  };
});

const MINUTE = planOf(10, 60, 10);

describe('the store in memory', () => {
  it('remembers no more clients than it may, whatever they do', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.record({ client: fc.nat(60), pause: fc.nat(10_000) }), { maxLength: 300 }),
        (maxKeys, requests) => {
          let now = 0;
          const store = new MemoryStore({ maxKeys, now: () => now });
          for (const { client, pause } of requests) {
            now += pause;
            store.take(`m:a:${client}`, MINUTE);
            expect(store.size).toBeLessThanOrEqual(maxKeys);
          }
        },
      ),
    );
  });

  it('answers as one without a bound while it has room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ client: fc.nat(19), pause: fc.nat(20_000) }), { maxLength: 300 }),
        (requests) => {
          let now = 0;
          const bounded = new MemoryStore({ maxKeys: 20, now: () => now });
          const each = new Map<number, MemoryStore>();
          for (const { client, pause } of requests) {
            now += pause;
            // One of its own for each client has nobody to forget.
            const own = each.get(client) ?? new MemoryStore({ now: () => now });
            each.set(client, own);
            expect(bounded.take(`m:a:${client}`, MINUTE)).toEqual(own.take('m:a:x', MINUTE));
          }
        },
      ),
    );
  });

  it('lets clients go that are as good as new, while others come', () => {
    let now = 0;
    const store = new MemoryStore({ now: () => now });
    for (let i = 0; i < 1000; i++) store.take(`m:a:${i}`, MINUTE);
    expect(store.size).toBe(1000);
    now += 6000;
    for (let i = 0; i < 1000; i++) store.take('m:a:0', MINUTE);
    expect(store.size).toBe(1);
  });

  it('keeps who is over the limit through a flood of other addresses', () => {
    let now = 0;
    const store = new MemoryStore({ maxKeys: 1000, now: () => now });
    const offenders = Array.from({ length: 20 }, (_, i) => `m:a:offender-${i}`);
    for (const key of offenders) for (let i = 0; i < 11; i++) store.take(key, MINUTE);
    for (let i = 0; i < 100_000; i++) {
      if (i % 100 === 0) now += 1;
      store.take(`m:a:${i}`, MINUTE);
    }
    expect(store.size).toBe(1000);
    expect(offenders.filter((key) => store.take(key, MINUTE).admitted)).toEqual([]);
  });

  it('measures who is over by its own limit: a flood on a slow one frees nobody of a fast one', () => {
    const store = new MemoryStore({ maxKeys: 1000, now: () => 0 });
    const fast = planOf(10, 1, 10);
    const slow = planOf(100, 3600, 100);
    for (let i = 0; i < 11; i++) store.take('fast:a:offender', fast);
    for (let i = 0; i < 50_000; i++) store.take(`slow:a:${i}`, slow);
    expect(store.take('fast:a:offender', fast).admitted).toBe(false);
  });

  it('finds a client again whose name is no valid text', () => {
    const store = new MemoryStore({ now: () => 0 });
    for (let i = 0; i < 10; i++) store.take('m:k:\ud800', MINUTE);
    expect(store.take('m:k:\ud800', MINUTE).admitted).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN, '5' as unknown as number])('takes no bound of %s', (maxKeys) => {
    expect(() => memoryStore({ maxKeys })).toThrow(RangeError);
  });
});
