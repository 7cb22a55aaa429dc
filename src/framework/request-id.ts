import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { isProxied } from './proxy.js';

const ID = /^[A-Za-z0-9._-]{1,128}$/;

const ID_OF = Symbol('koanatomy: the id of a request');

interface Identified {
  [ID_OF]?: unknown;
}

/**
 * The request's id: in the log, in the `instance` of problem documents, and as `ctx.requestId`. One that comes
 * with the request (`X-Request-Id`) is taken only where the application trusts who sent it.
 */
export function requestIdOf(ctx: Context): string {
  const known: unknown = ctx.requestId;
  if (typeof known === 'string') return known;
  const id = newId(ctx);
  ctx.requestId = id;
  return id;
}

/** Makes `ctx.requestId` of an application's contexts when something asks for it: most requests need none. */
export function defineRequestId(context: object): void {
  Object.defineProperty(context, 'requestId', {
    configurable: true,
    enumerable: true,
    get(this: Context & Identified) {
      // Not the prototype itself, which Koa lets be looked at.
      if ((this as Partial<Context>).req === undefined) return undefined;
      this[ID_OF] ??= newId(this);
      return this[ID_OF];
    },
    set(this: Identified, value: unknown) {
      this[ID_OF] = value;
    },
  });
}

function newId(ctx: Context): string {
  const sent = ctx.req.headers['x-request-id'];
  return typeof sent === 'string' && ID.test(sent) && isProxied(ctx) ? sent : randomUUID();
}
