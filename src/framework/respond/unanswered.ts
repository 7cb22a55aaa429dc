import type { Context } from 'koa';
import { FrameworkError } from '../errors/api-error.js';
import { toFailure } from '../errors/failure.js';
import { writeProblem } from '../errors/write-problem.js';
import { hasStatus } from '../koa-status.js';
import { requestIdOf } from '../request-id.js';
import { type FieldLines, setLines } from './lasting.js';

/** 404 where neither a controller nor middleware answered; an answer of 404 that was given stays. */
export function refuseUnanswered(ctx: Context, linesOf: () => FieldLines): void {
  if (ctx.respond === false || ctx.headerSent) return;
  if (ctx.status === 205) endReset(ctx);
  if (hasStatus(ctx) || ctx.status !== 404) return;
  if (ctx.body !== undefined && ctx.body !== null) return;
  setLines(ctx, linesOf());
  const error = new FrameworkError('not-found', 'There is no resource at this path');
  writeProblem(ctx, toFailure(error, requestIdOf(ctx)));
}

/** RFC 9110 §15.3.6: 205 says that there is no content; Koa takes the length away and would send it in chunks. */
function endReset(ctx: Context): void {
  ctx.respond = false;
  ctx.res.removeHeader('Content-Type');
  ctx.res.setHeader('Content-Length', '0');
  ctx.res.end();
}
