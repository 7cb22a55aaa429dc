import type { CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { onGone } from '../framework/http/on-gone.js';

/** 503 with `Retry-After` where the server has as many requests in flight as it may, before anything costs. */
export function admit({ admission }: CompiledApplication, exchange: Exchange): void {
  if (admission.limit === Number.POSITIVE_INFINITY) return;
  if (!admission.enter()) {
    throw new FrameworkError('overloaded', 'The server answers as many requests as it can; try again soon', {
      headers: { 'Retry-After': '1' },
    });
  }
  exchange.isAdmitted = true;
}

/**
 * Gives the place back when the answer is with the system, or the connection lost. Called when the method has ended: one
 * whose client left early still costs what it costs.
 */
export function depart({ admission }: CompiledApplication, exchange: Exchange): void {
  if (!exchange.isAdmitted) return;
  const { req, res } = exchange.ctx;
  // What the system took at once needs no listener.
  if (res.writableEnded && res.socket?.writableLength === 0) admission.leave();
  else onGone(req, res, () => admission.leave());
}
