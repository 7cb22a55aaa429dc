/** How many may be inside at once. */
export interface Limit {
  readonly value: number;
  /** Whether it learns, so that its users have to look at the clock. */
  readonly isAdaptive: boolean;
  /**
   * Hears of one that has left.
   *
   * @param milliseconds how long it was inside
   * @param inside how many were inside with it
   */
  learn(milliseconds: number, inside: number): void;
}

/** A limit that stays what it is. */
export function fixedLimit(value: number): Limit {
  return Object.freeze({ value, isAdaptive: false, learn() {} });
}
