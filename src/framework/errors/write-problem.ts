import type { Context } from 'koa';
import { setStatus } from '../koa-status.js';
import { type Failure, problemJson } from './failure.js';

/** Writes a failure to Koa's context, to be sent by Koa. */
export function writeProblem(ctx: Context, { status, headers, document }: Failure): void {
  for (const [name, value] of Object.entries(headers)) setHeader(ctx, name, value);
  ctx.set('Content-Type', 'application/problem+json');
  setStatus(ctx, status);
  ctx.body = problemJson(document);
}

/** A header that can't be sent is left out: an error's headers must not make another error. */
function setHeader(ctx: Context, name: string, value: string | readonly string[]): void {
  try {
    if (name.toLowerCase() === 'vary') ctx.vary(typeof value === 'string' ? value : [...value]);
    else ctx.set(name, typeof value === 'string' ? value : [...value]);
  } catch {
    // Node refuses names and values that would split the header section.
  }
}
