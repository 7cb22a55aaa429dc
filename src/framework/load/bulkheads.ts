import type { Class } from '../class.js';
import type { Bulkhead } from './bulkhead.js';
import { type Concurrency, createBulkhead } from './concurrency.js';

/** A limit of one operation's own. */
export interface OwnConcurrency {
  /** The class that is served; each has its own places, also where it inherited the limit. */
  readonly type: Class;
  /** `CaseController` for all of its methods, `CaseController.find` for one. */
  readonly name: string;
  readonly plan: Concurrency;
}

/** The bulkheads of an application: those of its classes and methods, and its shared resources. */
export class Bulkheads {
  readonly #own = new Map<Class, Map<string, Bulkhead>>();

  constructor(
    /** By the names that `@Uses` takes. */
    readonly resources: ReadonlyMap<string, Bulkhead>,
  ) {}

  /**
   * What an operation has to enter, in an order that is the same for all: its class's, its own, then shared ones by
   * name, so that no two requests wait for what the other one has.
   */
  of(concurrency: readonly OwnConcurrency[], uses: readonly string[]): readonly Bulkhead[] {
    return Object.freeze([
      ...concurrency.map((own) => this.#ownOf(own)),
      ...uses.flatMap((name) => this.resources.get(name) ?? []),
    ]);
  }

  /** All of them. */
  all(): readonly Bulkhead[] {
    return [...[...this.#own.values()].flatMap((each) => [...each.values()]), ...this.resources.values()];
  }

  #ownOf({ type, name, plan }: OwnConcurrency): Bulkhead {
    const known = this.#own.get(type) ?? new Map<string, Bulkhead>();
    this.#own.set(type, known);
    const found = known.get(name) ?? createBulkhead(name, plan);
    known.set(name, found);
    return found;
  }
}
