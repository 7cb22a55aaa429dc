import type { CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { parsePreconditions, type RequestPreconditions } from '../framework/http/preconditions.js';
import { requireHolding } from '../framework/preconditions.js';

/** Methods whose preconditions hold for what they would answer, or for nothing (RFC 9110 §13.2.1). */
const AFTERWARDS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Conditional changes (RFC 9110 §13): 428 where a condition is asked for, 412 where one does not hold, before the
 * content is read. The state is what GET on the same resource tells. Nothing to do for a method that takes
 * {@link Preconditions}, and for GET, whose conditions are about its answer.
 */
export function precondition(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { ctx, operation } = exchange;
  const { headers } = ctx.req;
  exchange.preconditions = parsePreconditions(headers);
  if (operation.caching.requirePrecondition && !isConditional(exchange.preconditions)) throw required();
  if (exchange.preconditions === null || operation.takesPreconditions || AFTERWARDS.has(ctx.method)) return;
  return check(application, exchange, exchange.preconditions);
}

async function check(
  application: CompiledApplication,
  exchange: Exchange,
  preconditions: NonNullable<Exchange['preconditions']>,
): Promise<void> {
  const current = await exchange.current(application);
  const validators = current.kind === 'present' ? current.validators : null;
  // A date is no condition where nobody knows when the resource changed (§13.1.4).
  const isDateOnly = preconditions.ifMatch === null && preconditions.ifNoneMatch === null;
  const { requirePrecondition } = exchange.operation.caching;
  if (requirePrecondition && isDateOnly && validators?.lastModified === null) throw required();
  requireHolding(exchange, preconditions, current);
}

/** One that can't be read doesn't count: it would let everything through. */
function isConditional(preconditions: RequestPreconditions | null): boolean {
  if (preconditions === null) return false;
  const { ifMatch, ifNoneMatch, ifUnmodifiedSince } = preconditions;
  return (
    ifMatch !== null || ifUnmodifiedSince !== null || ifNoneMatch === '*' || (ifNoneMatch?.length ?? 0) > 0
  );
}

function required(): FrameworkError {
  const message = 'This asks for a precondition: send If-Match, If-Unmodified-Since or If-None-Match';
  return new FrameworkError('precondition-required', message);
}
