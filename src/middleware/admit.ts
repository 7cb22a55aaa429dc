import type { CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { onGone } from '../framework/http/on-gone.js';

/** 503 with `Retry-After` where the server has as many requests in flight as it may, before anything costs. */
export function admit({ admission }: CompiledApplication, { ctx }: Exchange): void {
  if (admission.limit === Number.POSITIVE_INFINITY) return;
  if (!admission.enter()) {
    throw new FrameworkError('overloaded', 'The server answers as many requests as it can; try again soon', {
      headers: { 'Retry-After': '1' },
    });
  }
  onGone(ctx.req, ctx.res, () => admission.leave());
}
