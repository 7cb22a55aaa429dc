import type { Context, Next } from 'koa';
import type { CompiledApplication } from '../framework/compile/records.js';
import { Exchange } from '../framework/exchange.js';
import { admit } from './admit.js';
import { authenticate } from './authenticate.js';
import { authorise } from './authorise.js';
import { deserialise } from './deserialise.js';
import { handleError } from './handle-error.js';
import { invoke } from './invoke.js';
import { negotiate } from './negotiate.js';
import { precondition } from './precondition.js';
import { route } from './route.js';
import { serialise } from './serialise.js';
import { validate } from './validate.js';

/**
 * What happens to every request, in this order. With two faults in one request, the earlier stage answers.
 *
 * A stage that has nothing to wait for returns no promise, and is not waited for.
 *
 * A path that no controller has goes on to `next`, outside the `try`: it isn't ours to answer for.
 */
export function createPipeline(application: CompiledApplication) {
  return async function pipeline(ctx: Context, next: Next, isAlone = false): Promise<void> {
    const exchange = new Exchange(ctx, isAlone);
    let found = true;
    try {
      admit(application, exchange);
      const routed = route(application, exchange);
      found = typeof routed === 'boolean' ? routed : await routed;
      if (found) {
        let waiting = authenticate(application, exchange);
        if (waiting !== undefined) await waiting;
        negotiate(application, exchange);
        authorise(exchange);
        waiting = precondition(application, exchange);
        if (waiting !== undefined) await waiting;
        if (exchange.operation.body !== null) await deserialise(application, exchange);
        waiting = validate(exchange);
        if (waiting !== undefined) await waiting;
        waiting = invoke(exchange);
        if (waiting !== undefined) await waiting;
        waiting = serialise(application, exchange);
        if (waiting !== undefined) await waiting;
      }
    } catch (error) {
      handleError(application, exchange, error);
    }
    if (!found) await next();
  };
}
