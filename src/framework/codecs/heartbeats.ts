/**
 * The texts of a source's items, with an empty comment of an event stream whenever the next item takes longer
 * than the heartbeat. {@link eventStream} says what becomes of the source.
 */
export class Heartbeats implements AsyncIterator<string, undefined> {
  readonly #source: AsyncIterator<unknown>;
  readonly #write: (item: unknown) => string;
  readonly #heartbeat: number;
  readonly #texts: AsyncGenerator<string, undefined>;
  #answer: Answer<IteratorResult<unknown>> | null = null;
  /** Whether the source has ended, failed or been told to finish: it is told once. */
  #isOver = false;

  constructor(source: AsyncIterator<unknown>, write: (item: unknown) => string, heartbeat: number) {
    this.#source = source;
    this.#write = write;
    this.#heartbeat = heartbeat;
    this.#texts = this.#generate();
  }

  next(): Promise<IteratorResult<string, undefined>> {
    return this.#texts.next();
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    const isPending = this.#answer?.isWaiting === true;
    const finished = this.#finish();
    // It may take for ever, since a generator finishes what it waits for first, and then nobody hears it fail.
    if (isPending) finished.catch(() => {});
    this.#answer?.stopWaiting();
    await this.#texts.return(undefined);
    if (!isPending) await finished;
    return { done: true, value: undefined };
  }

  async *#generate(): AsyncGenerator<string, undefined> {
    try {
      for (;;) {
        const answer = new Answer(this.#advance());
        this.#answer = answer;
        while (!(await answer.within(this.#heartbeat))) yield ':\n\n';
        const { outcome } = answer;
        if (outcome === null) return;
        // One that failed or ended needs no telling, as in for await.
        this.#isOver ||= outcome.status === 'rejected' || outcome.value.done === true;
        if (outcome.status === 'rejected') throw outcome.reason;
        if (outcome.value.done === true) return;
        yield this.#write(outcome.value.value);
      }
    } finally {
      // Something else is thrown already, or nothing is left to be done.
      this.#finish().catch(() => {});
    }
  }

  /** Makes a promise of whatever the source answers or throws. */
  async #advance(): Promise<IteratorResult<unknown>> {
    return await this.#source.next();
  }

  async #finish(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#source.return?.();
  }
}

/** A promise that is waited for a while at a time. `Promise.race` would leave a listener on it each time. */
class Answer<T> {
  isWaiting = true;
  /** What it settled with; null where it hasn't. */
  outcome: PromiseSettledResult<T> | null = null;
  #wake = (): void => {};

  constructor(promise: Promise<T>) {
    promise.then(
      (value) => this.#settle({ status: 'fulfilled', value }),
      (reason: unknown) => this.#settle({ status: 'rejected', reason }),
    );
  }

  stopWaiting(): void {
    this.isWaiting = false;
    this.#wake();
  }

  /** Waits for so many milliseconds, 0 for however long it takes. False where it must be waited for again. */
  async within(milliseconds: number): Promise<boolean> {
    if (!this.isWaiting) return true;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // Nothing waits for a heartbeat: the process may end before it.
      if (milliseconds > 0) timer = setTimeout(resolve, milliseconds).unref();
    });
    clearTimeout(timer);
    return !this.isWaiting;
  }

  #settle(outcome: PromiseSettledResult<T>): void {
    this.outcome = outcome;
    this.stopWaiting();
  }
}
