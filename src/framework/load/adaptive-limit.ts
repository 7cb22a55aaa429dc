import type { Limit } from './limit.js';

/** What an adaptive limit moves between, and where it begins. */
export interface AdaptiveOptions {
  readonly least?: number;
  readonly most?: number;
  readonly first?: number;
}

const LEAST = 4;
const MOST = 1000;
const FIRST = 20;

/** Durations that make one window: few enough to be quick, enough for a median. */
const WINDOW = 32;
/** How much longer than the best the median may take before the limit falls: what is noise, and what is a queue. */
const TOLERANCE = 1.5;
/** The part of each step that is taken. */
const SMOOTHING = 0.3;
/** Windows after which the best is measured anew, since it may have become worse for good. */
const PROBE_EVERY = 40;

/**
 * A limit that finds out by itself how many are good to have inside: it grows while answers take no longer than at
 * their best, and falls in proportion where they do (the gradient algorithm of Netflix's concurrency-limits and of
 * Envoy's adaptive concurrency). A queue at what lies behind shows as time, wherever it is.
 *
 * The best is the least median of the windows since it was last measured anew. For that the limit is halved for one
 * window, so that a queue which has been there all the time is found out.
 */
export class AdaptiveLimit implements Limit {
  readonly isAdaptive = true;
  readonly #least: number;
  readonly #most: number;
  readonly #durations: number[] = [];
  #exact: number;
  #fullest = 0;
  #best = Number.POSITIVE_INFINITY;
  #windows = 0;
  /** Where the limit was before it was halved for a look; null where it isn't. */
  #before: number | null = null;

  constructor({ least = LEAST, most = MOST, first = FIRST }: AdaptiveOptions = {}) {
    this.#least = Math.min(least, most);
    this.#most = most;
    this.#exact = Math.min(Math.max(first, this.#least), most);
  }

  get value(): number {
    return Math.floor(this.#exact);
  }

  learn(milliseconds: number, inside: number): void {
    this.#fullest = Math.max(this.#fullest, inside);
    this.#durations.push(milliseconds);
    // A window has to see as many as are inside, or it measures those of the limit before.
    if (this.#durations.length >= Math.max(WINDOW, this.value)) this.#close();
  }

  #close(): void {
    const median = medianOf(this.#durations);
    const isUsed = this.#fullest >= this.value / 2;
    this.#durations.length = 0;
    this.#fullest = 0;
    this.#windows++;
    if (this.#before !== null) {
      this.#best = median;
      this.#set(this.#before);
      this.#before = null;
      return;
    }
    this.#best = Math.min(this.#best, median);
    if (this.#windows % PROBE_EVERY === 0 && isUsed) {
      this.#before = this.#exact;
      this.#set(this.#exact / 2);
      return;
    }
    const gradient = Math.min(1, Math.max(0.5, (TOLERANCE * this.#best) / median));
    const aim = gradient * this.#exact + Math.sqrt(this.#exact);
    // A limit that nobody reaches tells nothing: it would grow until it is none.
    if (aim > this.#exact && !isUsed) return;
    this.#set(this.#exact + SMOOTHING * (aim - this.#exact));
  }

  #set(value: number): void {
    this.#exact = Math.min(this.#most, Math.max(this.#least, value));
  }
}

/** The middle one; at least a microsecond, since clocks have steps. */
function medianOf(durations: readonly number[]): number {
  const sorted = [...durations].sort((a, b) => a - b);
  return Math.max(sorted[Math.floor(sorted.length / 2)] ?? 0, 0.001);
}
