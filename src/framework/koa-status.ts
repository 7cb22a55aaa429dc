import type { Context } from 'koa';

/** The part of Koa's response that its types hide: whether somebody chose the status, and the body. */
interface ExplicitStatus {
  _explicitStatus?: boolean;
  _body?: unknown;
}

/** Whether a handler or middleware set the status, so that 404 is an answer and not the lack of one. */
export function hasStatus(ctx: Context): boolean {
  return (ctx.response as unknown as ExplicitStatus)._explicitStatus === true;
}

/** Koa refuses statuses without a reason phrase, such as 499; HTTP doesn't (RFC 9110 §15). */
export function setStatus(ctx: Context, status: number): void {
  if (!Number.isInteger(status) || status < 100 || status > 999)
    throw new RangeError(`${status} is no status`);
  try {
    ctx.status = status;
  } catch {
    (ctx.response as unknown as ExplicitStatus)._explicitStatus = true;
    ctx.res.statusCode = status;
  }
}

/**
 * Status and body of a response that has neither yet: what Koa's setters would leave, which look at the headers for what
 * is known here. `Content-Type` and `Content-Length` are the caller's.
 */
export function setText({ res, response }: Context, status: number, text: string | Buffer): void {
  const hidden = response as unknown as ExplicitStatus;
  res.statusCode = status;
  hidden._explicitStatus = true;
  hidden._body = text;
}
