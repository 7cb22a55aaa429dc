import type { Bulkhead } from './bulkhead.js';
import type { Pressure } from './pressure.js';

/** Where a request stands with the server: outside, at one of the places in flight, or waiting for its slow client. */
export type Standing = 'outside' | 'inside' | 'slow';

/** How important an operation is when not everybody can be let in. */
export type PriorityLevel = 'critical' | 'normal' | 'low';

/** The part of the places that requests of low priority may take. */
const LOW_SHARE = 0.75;

/** Milliseconds for which a refusal says that the server sheds load. */
const SHEDDING = 1000;

/**
 * Who is let in. A request is in flight until its answer is with the system, or its connection lost. One that waits
 * for its client alone, since it sends or reads slowly, costs memory and nothing else: it gives its place to others
 * after a second, and is counted among the slow ones.
 */
export class Admission {
  #slow = 0;
  #refused = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly flight: Bulkhead,
    readonly pressure: Pressure,
    /** The most requests that wait for slow clients beside those in flight. */
    readonly mostSlow: number,
  ) {}

  get slow(): number {
    return this.#slow;
  }

  /** How many were refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether somebody has been refused within the last second. */
  get isShedding(): boolean {
    return performance.now() - this.#refusedAt < SHEDDING;
  }

  /** Whether it is time to refuse what is of low priority. */
  get isBusy(): boolean {
    const { inside, limit, waiting } = this.flight;
    return this.pressure.isLate || waiting > 0 || inside >= LOW_SHARE * limit;
  }

  /** Notes a refusal. */
  refuse(): void {
    this.#refused++;
    this.#refusedAt = performance.now();
  }

  /** Gives a place in flight back for one among the slow; false where there are too many of them. */
  slowDown(milliseconds: number): boolean {
    if (this.#slow >= this.mostSlow) return false;
    this.#slow++;
    this.flight.leave(milliseconds);
    return true;
  }

  /** One that was slow goes on, or has gone. */
  speedUp(): void {
    this.#slow--;
  }
}
