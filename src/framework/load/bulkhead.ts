import type { Limit } from './limit.js';

/** What a bulkhead may do: so many at once, so many that wait, and for how long. */
export interface BulkheadPlan {
  readonly limit: Limit;
  /** The most that wait for a place. */
  readonly queue: number;
  /** Milliseconds that each may wait. */
  readonly wait: number;
}

/** One that waits. */
export interface Waiting {
  /** Whether it is inside now; false where its time has passed, or it gave up. */
  readonly entered: Promise<boolean>;
  /** Gives up. */
  leave(): void;
}

interface Waiter {
  readonly until: number;
  readonly settle: (isInside: boolean) => void;
}

/**
 * Places that so many requests may have at once, with a bounded queue in front of them: first come, first served, and
 * each waits for a bounded time.
 */
export class Bulkhead {
  readonly #queue = new Set<Waiter>();
  #inside = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    /** What it guards, for people. */
    readonly name: string,
    readonly plan: BulkheadPlan,
  ) {}

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get limit(): number {
    return this.plan.limit.value;
  }

  /** Whether one more would be refused at once. */
  get isFull(): boolean {
    return this.#inside >= this.plan.limit.value && this.#queue.size >= this.plan.queue;
  }

  /** Takes a place; false where none is free, or others wait for one. */
  enter(): boolean {
    if (this.#inside >= this.plan.limit.value || this.#queue.size > 0) return false;
    this.#inside++;
    return true;
  }

  /** Takes a place whether or not one is free. */
  force(): void {
    this.#inside++;
  }

  /** Waits for a place; null where the queue has no room. */
  queue(): Waiting | null {
    const { queue, wait } = this.plan;
    if (this.#queue.size >= queue) return null;
    let waiter: Waiter | null = null;
    const entered = new Promise<boolean>((resolve) => {
      waiter = { until: performance.now() + wait, settle: resolve };
      this.#queue.add(waiter);
    });
    this.#watch();
    return {
      entered,
      leave: () => {
        if (waiter !== null && this.#queue.delete(waiter)) waiter.settle(false);
      },
    };
  }

  /**
   * Gives a place back.
   *
   * @param milliseconds how long it was taken; read where the limit is adaptive
   */
  leave(milliseconds = 0): void {
    const inside = this.#inside--;
    if (this.plan.limit.isAdaptive) this.plan.limit.learn(milliseconds, inside);
    for (const waiter of this.#queue) {
      if (this.#inside >= this.plan.limit.value) return;
      this.#queue.delete(waiter);
      this.#inside++;
      waiter.settle(true);
    }
  }

  /** All wait equally long, so that the first one's time passes first. */
  #watch(): void {
    if (this.#timer !== null) return;
    const [first] = this.#queue;
    if (first === undefined || first.until === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#expire();
      },
      Math.max(1, first.until - performance.now()),
    );
  }

  #expire(): void {
    const now = performance.now();
    for (const waiter of this.#queue) {
      if (waiter.until > now) break;
      this.#queue.delete(waiter);
      waiter.settle(false);
    }
    this.#watch();
  }
}
