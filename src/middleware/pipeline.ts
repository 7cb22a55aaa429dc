import type { CompiledApplication } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { acquire, turnAway } from './acquire.js';
import { admit } from './admit.js';
import { allow } from './allow.js';
import { authenticate } from './authenticate.js';
import { authorise } from './authorise.js';
import { crossOrigin } from './cross-origin.js';
import { deserialise } from './deserialise.js';
import { answer, handleError, refuse } from './handle-error.js';
import { invoke } from './invoke.js';
import { limitCaller, limitClient } from './limit.js';
import { negotiate } from './negotiate.js';
import { Patience } from './patience.js';
import { precondition } from './precondition.js';
import { route } from './route.js';
import { serialise } from './serialise.js';
import { validate } from './validate.js';

/** One of the steps; a promise only where it has something to wait for. */
type Stage = (application: CompiledApplication, exchange: Exchange) => void | Promise<void>;

/** What happens to every request, in this order. With two faults in one request, the earlier stage answers. */
const STAGES: readonly Stage[] = [
  admit,
  limitClient,
  route,
  crossOrigin,
  authenticate,
  negotiate,
  authorise,
  limitCaller,
  turnAway,
  precondition,
  deserialise,
  validate,
  acquire,
  allow,
  invoke,
  serialise,
];

/** Everything between the wire and the business logic. */
export class Pipeline {
  readonly #application: CompiledApplication;
  readonly #patience: Patience;

  constructor(application: CompiledApplication) {
    this.#application = application;
    this.#patience = new Patience(application);
  }

  /**
   * Takes a request through the stages; a promise only where one had to wait. Never throws. Of a path that no
   * controller has it only says so: `exchange.isFound`.
   */
  run(exchange: Exchange): void | Promise<void> {
    if (this.#advance(exchange, 0)) return;
    // Not the promise of the stage: a request whose time has passed is answered before its stage has ended.
    return new Promise((resolve) => {
      exchange.end = resolve;
    });
  }

  /** Called when the answer has been given to the system, or to Koa: gives back what the request had of the server. */
  depart(exchange: Exchange): void {
    this.#patience.depart(exchange);
  }

  /** Whether the end is reached, so that nothing has to be waited for. */
  #advance(exchange: Exchange, first: number): boolean {
    const application = this.#application;
    try {
      for (let at = first; at < STAGES.length && goesOn(exchange); at++) {
        const waiting = STAGES[at]?.(application, exchange);
        if (waiting === undefined) continue;
        this.#patience.begin(exchange);
        waiting.then(
          () => this.#resume(exchange, at + 1),
          (error: unknown) => this.#fail(exchange, error),
        );
        return false;
      }
      if (exchange.issues !== null) refuse(exchange, exchange.issues);
      else if (exchange.refusal !== null) answer(exchange, exchange.refusal);
    } catch (error) {
      handleError(application, exchange, error);
    }
    return true;
  }

  #resume(exchange: Exchange, at: number): void {
    if (exchange.isExpired) this.#patience.endLate(exchange);
    else if (this.#advance(exchange, at)) this.#end(exchange);
  }

  #fail(exchange: Exchange, error: unknown): void {
    if (exchange.isExpired) {
      this.#patience.endLate(exchange, error);
      return;
    }
    handleError(this.#application, exchange, error);
    this.#end(exchange);
  }

  #end(exchange: Exchange): void {
    this.#patience.end(exchange);
    exchange.end?.();
  }
}

function goesOn({ isFound, issues, refusal }: Exchange): boolean {
  return isFound && issues === null && refusal === null;
}
