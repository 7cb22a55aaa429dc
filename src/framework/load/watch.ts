/** How often those that wait are looked at, in milliseconds. */
const EVERY = 250;

/**
 * Those that wait for something, looked at together now and then: a timer for each would cost more than most requests
 * wait. The timer lives as long as somebody waits, and keeps no process alive.
 */
export class Watch<T> {
  readonly #waiting = new Set<T>();
  #timer: NodeJS.Timeout | null = null;

  /** @param look told of each that waits, and of the time (`performance.now()`) */
  constructor(readonly look: (waiting: T, now: number) => void) {}

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: T): void {
    this.#waiting.add(waiting);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#tick(), EVERY);
    this.#timer.unref();
  }

  delete(waiting: T): void {
    this.#waiting.delete(waiting);
  }

  #tick(): void {
    const now = performance.now();
    for (const each of this.#waiting) this.look(each, now);
    if (this.#waiting.size > 0) this.#timer?.refresh();
    else this.#timer = null;
  }
}
