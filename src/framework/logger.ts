import { inspect } from 'node:util';
import type { Context } from 'koa';
import { onGone } from './http/on-gone.js';
import { targetPath } from './http/path.js';

/** What the framework writes to; pino's loggers are such. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The logger where none is given: warnings and errors to standard error, no line per request. */
export const standardError: Logger = {
  info() {},
  warn(_fields, message) {
    process.stderr.write(`${message}\n`);
  },
  error(fields, message) {
    const { id, err } = fields as { id?: string; err?: unknown };
    process.stderr.write(`${message}${id === undefined ? '' : ` (request ${id})`}\n${inspect(err)}\n`);
  },
};

/** No log at all. */
export const noLog: Logger = { info() {}, warn() {}, error() {} };

/** Logs one line when the response is sent, or the connection lost. The query isn't logged: it holds secrets. */
export function logRequest(ctx: Context, id: string, logger: Logger): void {
  const start = process.hrtime.bigint();
  const { res, method } = ctx;
  const path = targetPath(ctx.req.url ?? '/');
  onGone(ctx.req, res, () => {
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    const status = res.statusCode;
    const fields = {
      id,
      method,
      path,
      status,
      ms: Math.round(ms * 1000) / 1000,
      ...(ctx._matchedRouteName === undefined ? null : { handler: ctx._matchedRouteName as string }),
      ...(res.writableFinished ? null : { aborted: true }),
    };
    logger.info(fields, `${method} ${path} ${status}`);
  });
}

/** Logs a server's error under its request's id. */
export function logFailure(logger: Logger, error: Error, ctx: Context, id: string): void {
  const { method } = ctx.req;
  const path = targetPath(ctx.req.url ?? '/');
  logger.error(
    { id, method, path, handler: ctx._matchedRouteName as unknown, err: error },
    'a request failed',
  );
}

/** An `Error` for anything thrown, also for what can't even be looked at. */
export function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) {
      // Logs and Node's streams read these; they may be getters that throw.
      void [thrown.name, thrown.message, thrown.stack, thrown.cause];
      return thrown;
    }
    return new Error(`something that is no Error was thrown: ${inspect(thrown)}`, { cause: thrown });
  } catch {
    return new Error('something that can not be looked at was thrown');
  }
}
