import type { CompiledApplication } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { admit } from './admit.js';
import { authenticate } from './authenticate.js';
import { authorise } from './authorise.js';
import { deserialise } from './deserialise.js';
import { answer, handleError, refuse } from './handle-error.js';
import { invoke } from './invoke.js';
import { limitCaller, limitClient } from './limit.js';
import { negotiate } from './negotiate.js';
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
  authenticate,
  negotiate,
  authorise,
  limitCaller,
  precondition,
  deserialise,
  validate,
  invoke,
  serialise,
];

/** Everything between the wire and the business logic; a promise only where a stage had to wait. Never throws. */
export type Pipeline = (exchange: Exchange) => void | Promise<void>;

/** The pipeline of an application. Of a path that no controller has it only says so: `exchange.isFound`. */
export function createPipeline(application: CompiledApplication): Pipeline {
  return (exchange) => run(application, exchange, 0);
}

function goesOn({ isFound, issues, refusal }: Exchange): boolean {
  return isFound && issues === null && refusal === null;
}

function run(application: CompiledApplication, exchange: Exchange, first: number): void | Promise<void> {
  try {
    for (let at = first; at < STAGES.length && goesOn(exchange); at++) {
      const waiting = STAGES[at]?.(application, exchange);
      if (waiting !== undefined) {
        return waiting.then(
          () => run(application, exchange, at + 1),
          (error: unknown) => handleError(application, exchange, error),
        );
      }
    }
    if (exchange.issues !== null) refuse(exchange, exchange.issues);
    else if (exchange.refusal !== null) answer(exchange, exchange.refusal);
  } catch (error) {
    handleError(application, exchange, error);
  }
}
