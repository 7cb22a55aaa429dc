import type { CompiledApplication } from '../framework/compile/records.js';
import { toFailure } from '../framework/errors/failure.js';
import { writeProblem } from '../framework/errors/write-problem.js';
import type { Exchange } from '../framework/exchange.js';
import { withdraw } from '../framework/http/continue.js';
import { discardRest } from '../framework/http/discard.js';
import { ClosedEarlyError } from '../framework/http/streams.js';
import { NotModified } from '../framework/preconditions.js';
import { answerStateNotModified } from '../framework/respond/conditional.js';

/**
 * Anything thrown → a problem document. Reported once where it is the server's fault. Never throws: what goes
 * wrong here ends the connection.
 */
export function handleError(application: CompiledApplication, exchange: Exchange, thrown: unknown): void {
  const { ctx, id, front } = exchange;
  try {
    if (isNotModified(thrown)) {
      answerStateNotModified(application, exchange);
      return;
    }
    const failure = toFailure(thrown, id);
    // A stream that closed since its client left is nobody's fault; the request's line says that it was aborted.
    const isLeft = ctx.res.destroyed && thrown instanceof ClosedEarlyError;
    if (failure.serverFault && !isLeft) application.report(thrown, ctx, id);
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
    // The content that was never asked for may not come, and nobody could tell it from the next request.
    if (withdraw(ctx.req)) ctx.set('Connection', 'close');
    discardRest(ctx.req);
  } catch {
    ctx.res.destroy();
  }
}

/** A revoked proxy can't even be asked what it is. */
function isNotModified(thrown: unknown): boolean {
  try {
    return thrown instanceof NotModified;
  } catch {
    return false;
  }
}
