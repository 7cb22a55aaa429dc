/**
 * Counts the requests in flight and refuses those beyond the limit. A request is in flight until its
 * response is sent or its connection lost, so that a slow download counts as long as it lasts.
 */
export class Admission {
  #inFlight = 0;

  /** @param limit the most requests at once; `Infinity` for no limit */
  constructor(readonly limit: number) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a place; false where there is none. */
  enter(): boolean {
    if (this.#inFlight >= this.limit) return false;
    this.#inFlight++;
    return true;
  }

  /** Gives the place back. */
  leave(): void {
    this.#inFlight--;
  }
}
