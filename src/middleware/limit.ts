import { isThenable } from '../framework/awaitable.js';
import type { CompiledApplication } from '../framework/compile/records.js';
import { frameworkFailure } from '../framework/errors/failure.js';
import type { Exchange } from '../framework/exchange.js';
import type { Taken } from '../framework/load/gcra.js';
import type { CompiledRateLimit } from '../framework/load/rate-limit.js';

/** 429 where the client has sent more requests than it may, whatever they ask for. */
export function limitClient({ rateLimit }: CompiledApplication, exchange: Exchange): void | Promise<void> {
  if (rateLimit !== null) return take(rateLimit, exchange);
}

/** 429 where the caller has called the operation more often than it may, before the content is read. */
export function limitCaller(_application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { rateLimit } = exchange.operation;
  if (rateLimit !== null) return take(rateLimit, exchange);
}

/** A promise only where the store is elsewhere. */
function take(limit: CompiledRateLimit, exchange: Exchange): void | Promise<void> {
  const key = limit.keyOf(exchange.ctx, exchange.principal);
  if (key === null) return;
  const taken = limit.store.take(key, limit.plan);
  if (isThenable(taken)) return taken.then((found) => tell(limit, found, exchange));
  tell(limit, taken, exchange);
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-11: `t` is the same time as `Retry-After`, in whole seconds. */
function tell({ policy, label }: CompiledRateLimit, taken: Taken, exchange: Exchange): void {
  const seconds = Math.ceil(taken.wait / 1000);
  exchange.last('RateLimit-Policy', policy);
  exchange.last('RateLimit', `${label};r=${taken.remaining};t=${seconds}`);
  if (taken.admitted) return;
  const message = `There were too many requests; try again in ${seconds} s`;
  const headers = { 'Retry-After': String(seconds) };
  // Throwing would cost more than all the rest of a refusal.
  exchange.refusal = frameworkFailure('too-many-requests', message, exchange.id, null, headers);
}
