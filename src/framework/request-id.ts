import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';

const ID = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * The request's id: in the log, in the `instance` of problem documents, and as `ctx.requestId`. One that comes
 * with the request (`X-Request-Id`) is taken only where the application trusts the proxy in front of it.
 */
export function requestIdOf(ctx: Context): string {
  const known: unknown = ctx.requestId;
  if (typeof known === 'string') return known;
  const sent = ctx.app.proxy ? ctx.req.headers['x-request-id'] : undefined;
  const id = typeof sent === 'string' && ID.test(sent) ? sent : randomUUID();
  ctx.requestId = id;
  return id;
}
