import type { CompiledApplication } from '../framework/compile/records.js';
import { frameworkFailure } from '../framework/errors/failure.js';
import type { Exchange } from '../framework/exchange.js';
import { onGone } from '../framework/http/on-gone.js';
import type { Bulkhead } from '../framework/load/bulkhead.js';

/** 503 where a method's own limit, or that of a resource it draws on, has no room: before its body is read. */
export function turnAway(application: CompiledApplication, exchange: Exchange): void {
  const full = exchange.operation.bulkheads.find(({ isFull }) => isFull);
  if (full !== undefined) turnDown(application, exchange, full);
}

/**
 * Enters what the method has a limit for, right before it is called: a place isn't held while a slow client sends. A
 * promise where it has to wait for one.
 */
export function acquire(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { bulkheads } = exchange.operation;
  if (bulkheads.length === 0) return;
  for (let at = 0; at < bulkheads.length; at++) {
    const bulkhead = bulkheads[at] as Bulkhead;
    if (!bulkhead.enter()) return wait(application, exchange, at);
    hold(exchange, bulkhead);
  }
}

async function wait(application: CompiledApplication, exchange: Exchange, first: number): Promise<void> {
  const { req, res } = exchange.ctx;
  for (const bulkhead of exchange.operation.bulkheads.slice(first)) {
    if (!bulkhead.enter()) {
      const waiting = bulkhead.queue();
      if (waiting !== null) onGone(req, res, waiting.leave);
      if (waiting === null || !(await waiting.entered)) {
        turnDown(application, exchange, bulkhead);
        return;
      }
    }
    hold(exchange, bulkhead);
    // Its time has passed, and it was answered: the rest of the places is for others.
    if (exchange.isExpired) return;
  }
}

function hold(exchange: Exchange, bulkhead: Bulkhead): void {
  exchange.held ??= [];
  exchange.held.push({ bulkhead, since: bulkhead.plan.limit.isAdaptive ? performance.now() : 0 });
}

/** Leaves everything that {@link acquire} entered. */
export function release(exchange: Exchange): void {
  const { held } = exchange;
  exchange.held = null;
  for (const { bulkhead, since } of held ?? []) bulkhead.leave(since === 0 ? 0 : performance.now() - since);
}

function turnDown({ admission }: CompiledApplication, exchange: Exchange, { plan }: Bulkhead): void {
  admission.refuse();
  const seconds = Number.isFinite(plan.wait) ? Math.max(1, Math.ceil(plan.wait / 1000)) : 1;
  const message = 'As many requests as may be do this already; try again soon';
  exchange.refusal = frameworkFailure('overloaded', message, exchange.id, null, {
    'Retry-After': String(seconds),
  });
}
