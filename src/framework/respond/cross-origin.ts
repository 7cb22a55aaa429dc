import type { Context } from 'koa';
import type { CompiledApplication } from '../compile/records.js';
import type { Exchange } from '../exchange.js';
import type { CrossOriginPolicy } from '../http/cross-origin.js';
import { commonLines, type FieldLines, lastingLines } from './lasting.js';

/**
 * Adds what the answer says to pages of other origins, once: an error that a page may not read is one that it can't show.
 * Where the operation is not known, since something failed before, what the resource's operations agree on counts, and
 * where that is not known either, what the application says.
 */
export function tellOrigin(application: CompiledApplication, exchange: Exchange): void {
  if (exchange.isOriginTold) return;
  exchange.isOriginTold = true;
  const policy = policyFor(application, exchange);
  if (policy !== null) exchange.lastLines(policy.answer(exchange.ctx.req.headers.origin));
  // Also that nothing is said has to be known, where the application would say something.
  else if (application.crossOrigin !== null) exchange.lastLines([]);
}

function policyFor(
  application: CompiledApplication,
  { candidates, resource }: Partial<Exchange>,
): CrossOriginPolicy | null {
  if (candidates !== undefined) return candidates.crossOrigin;
  return resource === undefined ? application.crossOrigin : resource.crossOrigin;
}

/** What an answer has that no stage has seen to: nobody has the path, or middleware in front failed. */
export function linesBeside(application: CompiledApplication, ctx: Context): FieldLines {
  const known = lastingLines(ctx, null);
  if (known !== null) return known;
  const common = commonLines(application, ctx);
  if (application.crossOrigin === null) return common;
  return [...common, ...application.crossOrigin.answer(ctx.req.headers.origin)];
}
