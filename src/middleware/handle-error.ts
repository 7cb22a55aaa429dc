import type { CompiledApplication } from '../framework/compile/records.js';
import { toFailure } from '../framework/errors/failure.js';
import { writeProblem } from '../framework/errors/write-problem.js';
import type { Exchange } from '../framework/exchange.js';
import { discardRest } from '../framework/http/discard.js';
import { ClosedEarlyError } from '../framework/http/streams.js';

/**
 * Anything thrown → a problem document. Reported once where it is the server's fault. Never throws: what goes
 * wrong here ends the connection.
 */
export function handleError(
  { report }: CompiledApplication,
  { ctx, id, front }: Exchange,
  thrown: unknown,
): void {
  try {
    const failure = toFailure(thrown, id);
    // A stream that closed since its client left is nobody's fault; the request's line says that it was aborted.
    const isLeft = ctx.res.destroyed && thrown instanceof ClosedEarlyError;
    if (failure.serverFault && !isLeft) report(thrown, ctx, id);
    if (ctx.headerSent || ctx.res.destroyed) {
      ctx.res.destroy();
      return;
    }
    // No header of the success that didn't happen survives; what middleware in front had set stays as it was.
    for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name);
    for (const [name, value] of Object.entries(front.headers)) ctx.res.setHeader(name, value as string);
    ctx.res.removeHeader('Content-Type');
    ctx.respond = true;
    writeProblem(ctx, failure);
    discardRest(ctx.req);
  } catch {
    ctx.res.destroy();
  }
}
