import type { CompiledApplication } from '../framework/compile/records.js';
import { frameworkFailure } from '../framework/errors/failure.js';
import type { Exchange } from '../framework/exchange.js';
import { onGone } from '../framework/http/on-gone.js';
import { parsePath, targetPath } from '../framework/http/path.js';
import type { PriorityLevel } from '../framework/load/admission.js';

/**
 * Lets a request in, or answers 503 with `Retry-After` before anything costs: where the server has as many in flight as
 * it may, or the process itself is short of time or memory. A promise where it has to wait for a place.
 */
export function admit(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { admission, hasLow } = application;
  const now = performance.now();
  exchange.since = now;
  const shortage = admission.pressure.refuses(now);
  if (shortage === null && !(hasLow && admission.isBusy) && admission.flight.enter()) {
    inside(application, exchange);
    return;
  }
  return underPressure(application, exchange, shortage !== null);
}

function underPressure(
  application: CompiledApplication,
  exchange: Exchange,
  isShort: boolean,
): void | Promise<void> {
  const { admission } = application;
  const { flight } = admission;
  const priority = priorityOf(application, exchange);
  if (priority === 'critical') {
    flight.force();
    inside(application, exchange);
    return;
  }
  if (isShort || (priority === 'low' && admission.isBusy)) turnDown(application, exchange);
  else if (flight.enter()) inside(application, exchange);
  else return queue(application, exchange);
}

function queue(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { ctx } = exchange;
  const waiting = application.admission.flight.queue();
  if (waiting === null) {
    turnDown(application, exchange);
    return;
  }
  onGone(ctx.req, ctx.res, waiting.leave);
  return waiting.entered.then((isInside) => {
    if (isInside) inside(application, exchange);
    else turnDown(application, exchange);
  });
}

function inside({ admission }: CompiledApplication, exchange: Exchange): void {
  exchange.standing = 'inside';
  if (admission.flight.plan.limit.isAdaptive) exchange.entered = performance.now();
}

/** Who waited for a slow client needs a place again, now that there is work for it. */
export function readmit(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  if (exchange.standing !== 'slow') return;
  application.admission.speedUp();
  exchange.standing = 'outside';
  if (!application.admission.flight.enter()) return queue(application, exchange);
  inside(application, exchange);
}

/** Gives back what a request has of the server. */
export function free({ admission }: CompiledApplication, exchange: Exchange): void {
  const { standing } = exchange;
  exchange.standing = 'outside';
  if (standing === 'slow') admission.speedUp();
  else if (standing === 'inside') admission.flight.leave(timeInside(exchange));
}

/** One that waits for its client alone lets others have its place, where not too many do. */
export function stepAside({ admission }: CompiledApplication, exchange: Exchange): void {
  if (exchange.standing === 'inside' && admission.slowDown(timeInside(exchange))) exchange.standing = 'slow';
}

function timeInside({ entered }: Exchange): number {
  return entered === 0 ? 0 : performance.now() - entered;
}

/** By the path and the method alone; a locator's code is not asked. */
function priorityOf({ router, hasLow, hasCritical }: CompiledApplication, { ctx }: Exchange): PriorityLevel {
  if (!hasLow && !hasCritical) return 'normal';
  const target = targetPath(ctx.req.url ?? '/');
  const path = parsePath(target);
  const found =
    router.plain(target)?.target ?? (typeof path === 'string' ? null : router.match(path)?.target);
  if (found === null || found === undefined || found.isLocator) return 'normal';
  return found.verbs.get(ctx.method)?.priority ?? 'normal';
}

/** The 503 of a server that has enough to do. Nobody throws it: that would cost more than all the rest of a refusal. */
function turnDown({ admission }: CompiledApplication, exchange: Exchange): void {
  admission.refuse();
  const message = 'The server answers as many requests as it can; try again soon';
  exchange.refusal = frameworkFailure('overloaded', message, exchange.id, null, SOON);
}

const SOON = Object.freeze({ 'Retry-After': '1' });
