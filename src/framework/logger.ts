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
    const request = id === undefined ? '' : ` (request ${id})`;
    process.stderr.write(`${message}${requested(fields)}${request}\n${inspected(err)}\n`);
  },
};

const MOST_OF_A_PATH = 500;

/** `: GET /a A.get`: a stack has mostly our own frames, and finds nobody the method. */
function requested(fields: object): string {
  const { method, path, handler } = fields as Readonly<Record<string, unknown>>;
  if (typeof method !== 'string' || typeof path !== 'string') return '';
  // Node's parser lets bytes above ASCII through, and a terminal takes some of them for commands.
  const shown = path
    .slice(0, MOST_OF_A_PATH)
    .replace(/[^\x21-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `: ${method} ${shown}${typeof handler === 'string' ? ` ${handler}` : ''}`;
}

function inspected(value: unknown): string {
  try {
    return inspect(value);
  } catch {
    return 'something that can not be looked at';
  }
}

/** No log at all. */
export const noLog: Logger = { info() {}, warn() {}, error() {} };

/**
 * A logger that never throws, and leaves no promise to reject: it is called where the answer is under way already,
 * and outside every `try`. The first failure is reported to standard error, and what the logger can't log of
 * warnings and errors goes there.
 */
export function guarded(logger: Logger): Logger {
  if (logger === standardError || logger === noLog) return logger;
  let isReported = false;
  const log = (level: keyof Logger, fields: object, message: string): void => {
    const instead = (thrown: unknown): void => {
      if (!isReported) standardError.error({ err: thrown }, 'the logger failed');
      isReported = true;
      standardError[level](fields, message);
    };
    try {
      const answer: unknown = logger[level](fields, message);
      if (answer instanceof Promise) answer.catch(instead);
    } catch (error) {
      instead(error);
    }
  };
  return {
    info: (fields, message) => log('info', fields, message),
    warn: (fields, message) => log('warn', fields, message),
    error: (fields, message) => log('error', fields, message),
  };
}

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
