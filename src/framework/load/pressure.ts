import { getHeapStatistics } from 'node:v8';

/** What is too much. */
export interface PressureLimits {
  /** Milliseconds that requests may wait for the event loop, again and again. */
  readonly delay: number;
  /** The part of the heap's limit that may be used, from 0 to 1. */
  readonly heap: number;
}

/** How often the event loop is looked at, in milliseconds, while there are requests. */
const EVERY = 10;
/** How often the heap is. */
const HEAP_EVERY = 100;
/** Late turns in a row that make a queue; a single one is a long computation, or a pause of the machine. */
const QUEUE = 2;

/**
 * Whether the process itself is what is short: its event loop, or its memory.
 *
 * Requests that are ready wait in the kernel, where nobody counts them. What can be seen is how long the loop's turn
 * takes: a request that is read late in a long turn has waited at least that long. After two late turns in a row, those
 * that come later than `delay` in a turn are refused, which makes the turn short again: who is let in has waited for
 * two turns at most. That is CoDel's idea (RFC 8289: act on a queue that stands, not on one that forms).
 */
export class Pressure {
  readonly #delay: number;
  readonly #heap: number;
  #timer: NodeJS.Timeout | null = null;
  #tick = 0;
  #late = 0;
  #isHeapFull = false;
  #heapAt = 0;
  #isUsed = false;

  constructor({ delay, heap }: PressureLimits) {
    this.#delay = delay;
    this.#heap = heap;
  }

  /** Whether the loop has been late in its last turns. */
  get isLate(): boolean {
    return this.#late > 0;
  }

  /**
   * Whether a request that is read now has to be refused.
   *
   * @param now `performance.now()`
   */
  refuses(now: number): 'delay' | 'heap' | null {
    this.#isUsed = true;
    if (this.#timer === null) this.#start(now);
    if (this.#isHeapFull) return 'heap';
    return this.#late >= QUEUE && now - this.#tick > this.#delay ? 'delay' : null;
  }

  /** The timer lives as long as there are requests, and wakes nobody who sleeps. */
  #start(now: number): void {
    if (this.#delay === Number.POSITIVE_INFINITY && this.#heap >= 1) return;
    this.#tick = now;
    this.#late = 0;
    this.#lookAtHeap(now);
    this.#timer = setTimeout(() => this.#look(), EVERY);
    this.#timer.unref();
  }

  #look(): void {
    const now = performance.now();
    const late = now - this.#tick - EVERY;
    this.#late = late > this.#delay / 2 ? this.#late + 1 : 0;
    this.#tick = now;
    if (now - this.#heapAt >= HEAP_EVERY) this.#lookAtHeap(now);
    if (this.#isUsed) this.#timer?.refresh();
    else this.#timer = null;
    this.#isUsed = false;
  }

  #lookAtHeap(now: number): void {
    this.#heapAt = now;
    if (this.#heap >= 1) return;
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    this.#isHeapFull = used_heap_size > this.#heap * heap_size_limit;
  }
}
