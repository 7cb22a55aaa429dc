import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bulkhead, type Waiting } from '../../../src/framework/load/bulkhead.js';
import { fixedLimit } from '../../../src/framework/load/limit.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bulkhead = (max: number, queue: number, wait = 1000) =>
  new Bulkhead('tested', { limit: fixedLimit(max), queue, wait });

describe('a bulkhead', () => {
  it('lets in as many as its limit, then makes as many wait as its queue takes, and refuses the rest', () => {
    const places = bulkhead(2, 1);
    expect([places.enter(), places.enter(), places.enter()]).toEqual([true, true, false]);
    expect(places.isFull).toBe(false);
    expect(places.queue()).not.toBeNull();
    expect(places.isFull).toBe(true);
    expect(places.queue()).toBeNull();
    expect([places.inside, places.waiting]).toEqual([2, 1]);
  });

  it('gives a place to who waited first, and lets nobody pass by', async () => {
    const places = bulkhead(1, 3);
    places.enter();
    const order: number[] = [];
    for (const n of [1, 2]) void places.queue()?.entered.then(() => order.push(n));
    places.leave();
    expect(places.enter()).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    places.leave();
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual([1, 2]);
    expect([places.inside, places.waiting]).toEqual([1, 0]);
  });

  it('tells each that waited too long, at its own time', async () => {
    const places = bulkhead(1, 3, 1000);
    places.enter();
    const told: string[] = [];
    const wait = (name: string) =>
      void places.queue()?.entered.then((isInside) => told.push(`${name} ${isInside}`));
    wait('a');
    await vi.advanceTimersByTimeAsync(600);
    wait('b');
    await vi.advanceTimersByTimeAsync(399);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(['a false']);
    await vi.advanceTimersByTimeAsync(600);
    expect(told).toEqual(['a false', 'b false']);
    places.leave();
    expect(places.inside).toBe(0);
  });

  it('waits for ever where it may', async () => {
    const places = bulkhead(1, 1, Number.POSITIVE_INFINITY);
    places.enter();
    let isInside: boolean | null = null;
    void places.queue()?.entered.then((told) => {
      isInside = told;
    });
    await vi.advanceTimersByTimeAsync(2 ** 31);
    expect(isInside).toBeNull();
    places.leave();
    await vi.advanceTimersByTimeAsync(0);
    expect(isInside).toBe(true);
  });

  it('never has more inside than its limit, more waiting than its queue, or a place that is lost', async () => {
    const step = fc.constantFrom('come', 'leave', 'give up', 'time');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(4),
        fc.nat(4),
        fc.array(step, { maxLength: 60 }),
        async (more, queue, steps) => {
          const max = more + 1;
          const places = bulkhead(max, queue, 100);
          const waiting = new Set<Waiting>();
          let inside = 0;
          for (const what of steps) {
            if (what === 'come') {
              if (places.enter()) inside++;
              else {
                const waits = places.queue();
                if (waits !== null) {
                  waiting.add(waits);
                  void waits.entered.then((isInside) => {
                    waiting.delete(waits);
                    if (isInside) inside++;
                  });
                } else expect(places.waiting).toBe(queue);
              }
            } else if (what === 'leave' && inside > 0) {
              inside--;
              places.leave();
            } else if (what === 'give up') [...waiting][0]?.leave();
            else if (what === 'time') await vi.advanceTimersByTimeAsync(60);
            await vi.advanceTimersByTimeAsync(0);
            expect(places.inside).toBe(inside);
            expect(places.waiting).toBe(waiting.size);
            expect(inside).toBeLessThanOrEqual(max);
            expect(waiting.size).toBeLessThanOrEqual(queue);
            if (waiting.size > 0) expect(inside).toBe(max);
          }
        },
      ),
    );
  });
});
