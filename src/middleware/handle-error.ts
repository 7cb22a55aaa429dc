import type { CompiledApplication } from '../framework/compile/records.js';
import type { Issue } from '../framework/errors/api-error.js';
import { type Failure, toFailure } from '../framework/errors/failure.js';
import { sentDirectly, writeProblem } from '../framework/errors/write-problem.js';
import type { Exchange } from '../framework/exchange.js';
import { withdraw } from '../framework/http/continue.js';
import { discardRest } from '../framework/http/discard.js';
import { ClosedEarlyError } from '../framework/http/streams.js';
import { NotModified } from '../framework/preconditions.js';
import { answerStateNotModified } from '../framework/respond/conditional.js';
import { tellOrigin } from '../framework/respond/cross-origin.js';
import { setLines } from '../framework/respond/lasting.js';
import { notValidFailure } from '../framework/validation/refuse.js';

/**
 * Anything thrown → a problem document. Reported once where it is the server's fault. Never throws: what goes
 * wrong here ends the connection.
 */
export function handleError(application: CompiledApplication, exchange: Exchange, thrown: unknown): void {
  const { ctx, id } = exchange;
  try {
    if (isNotModified(thrown)) {
      answerStateNotModified(application, exchange);
      return;
    }
    const failure = toFailure(thrown, id);
    // A stream that closed since its client left is nobody's fault; the request's line says that it was aborted.
    const isLeft = ctx.res.destroyed && (thrown instanceof ClosedEarlyError || exchange.isAbortedBy(thrown));
    if (failure.serverFault && !isLeft) application.report(thrown, ctx, id);
    tellOrigin(application, exchange);
    answer(exchange, failure);
  } catch {
    ctx.res.destroy();
  }
}

/** The answer to a request that is not valid: nobody has thrown, which costs more than all that is wrong with it. */
export function refuse(exchange: Exchange, issues: readonly Issue[]): void {
  answer(exchange, notValidFailure(issues, exchange.id));
}

/** Sends a failure in place of whatever the answer would have been. */
export function answer(exchange: Exchange, failure: Failure): void {
  const { ctx, front } = exchange;
  if (ctx.headerSent || ctx.res.destroyed) {
    ctx.res.destroy();
    return;
  }
  // Content that was never asked for: the answer has to say that the connection ends.
  const isWithdrawn = withdraw(ctx.req);
  if (exchange.isAlone && !isWithdrawn && sentDirectly(ctx, failure, exchange.lasting)) {
    discardRest(ctx.req);
    return;
  }
  // No header of the success that didn't happen survives; what middleware in front had set stays as it was.
  for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name);
  for (const [name, value] of Object.entries(front.headers)) ctx.res.setHeader(name, value as string);
  setLines(ctx, exchange.lasting);
  ctx.res.removeHeader('Content-Type');
  ctx.respond = true;
  writeProblem(ctx, failure);
  // It may not come, and nobody could tell it from the next request.
  if (isWithdrawn) ctx.set('Connection', 'close');
  discardRest(ctx.req);
}

/** A revoked proxy can't even be asked what it is. */
function isNotModified(thrown: unknown): boolean {
  try {
    return thrown instanceof NotModified;
  } catch {
    return false;
  }
}
