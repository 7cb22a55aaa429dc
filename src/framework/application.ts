import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Koa, { type Context, type Next } from 'koa';
import { Pipeline } from '../middleware/pipeline.js';
import { type Assembly, assemble } from './assemble.js';
import { toFailure } from './errors/failure.js';
import { refuseRequest } from './errors/refuse-request.js';
import type { Finding } from './errors/startup-error.js';
import { writeProblem } from './errors/write-problem.js';
import { Exchange } from './exchange.js';
import { createHttpServer } from './http-server.js';
import { type LoadInfo, loadOf } from './load/load-info.js';
import { logFailure, logRequest, noLog, standardError, toError } from './logger.js';
import type { RouteInfo } from './model/routes.js';
import type { RestOptions } from './options.js';
import { believeOnly } from './proxy.js';
import { defineRequestId, requestIdOf } from './request-id.js';
import { linesBeside } from './respond/cross-origin.js';
import { commonLines, setLines } from './respond/lasting.js';
import { refuseUnanswered } from './respond/unanswered.js';

/** Options of {@link createApp}. */
export interface ApplicationOptions extends RestOptions {
  /**
   * Who is believed in `X-Forwarded-*` and `X-Request-Id`: a list of the addresses and ranges of the proxies, such as
   * `['loopback', '10.0.0.0/8']`, or as in Koa everybody (`true`) or nobody. Default false.
   */
  readonly proxy?: boolean | readonly string[];
  /** Koa's `keys` for signed cookies. */
  readonly keys?: string[];
  /** Koa's `env`. */
  readonly env?: string;
}

/** A Koa application that serves controllers: middleware added with `use` runs before them. */
export class Application extends Koa {
  /** The routes that it serves. */
  readonly routes: readonly RouteInfo[];
  /** What the check at startup warned of. */
  readonly warnings: readonly Finding[];
  readonly #pipeline: Pipeline;
  readonly #assembly: Assembly;

  /** @internal Use {@link createApp}. */
  constructor(assembly: Assembly, options: ApplicationOptions) {
    super({
      proxy: assembly.proxy === true,
      ...(options.keys === undefined ? null : { keys: options.keys }),
      ...(options.env === undefined ? null : { env: options.env }),
    });
    this.#assembly = assembly;
    this.#pipeline = new Pipeline(assembly.application);
    this.routes = assembly.routes;
    this.warnings = assembly.warnings;
    defineRequestId(this.context);
    if (typeof assembly.proxy === 'object') believeOnly(assembly.proxy, this.request);
    const fail = this.#fail.bind(this);
    this.context.onerror = function onerror(this: Context, error: Error) {
      fail(this, error);
    };
  }

  /** How busy it is now: for metrics, and for tests. */
  get load(): LoadInfo {
    return loadOf(this.#assembly.application);
  }

  /** Koa's `listen`; requests that Node's parser refuses are answered with problem documents too. */
  override listen: Koa['listen'] = (...args: unknown[]): Server => {
    const server = createHttpServer(this.callback(), this.#assembly.server);
    return (server as unknown as { listen(...args: unknown[]): Server }).listen(...args);
  };

  /**
   * Koa's handler of its `error` event where nobody else listens. Errors of the pipeline are logged where they
   * happen, once and under the request's id; this one hears of those that middleware emits itself.
   */
  override onerror(error: Error): void {
    if (!this.silent && !reported.has(error)) standardError.error({ err: error }, 'an error was emitted');
  }

  /**
   * Koa's own step from a context to a response, with the controllers as the last middleware. Without middleware in
   * front of them, most requests are answered before Koa's part begins.
   */
  handleRequest(ctx: Context, middleware: Middleware): void | Promise<void> {
    // Node reads on while the answer that ends the connection is on its way.
    if (ended.has(ctx.req.socket)) return;
    const { logger } = this.#assembly;
    if (logger !== standardError && logger !== noLog) logRequest(ctx, requestIdOf(ctx), logger);
    const refusal = refuseRequest(ctx.req, this.#assembly.application.maxUrl);
    if (refusal !== null) {
      if (refusal.code !== 'uri-too-long') ended.add(ctx.req.socket);
      return this.#answerFailed(ctx, refusal);
    }
    return this.middleware.length === 0 ? this.#answerAlone(ctx) : this.#answerBehind(ctx, middleware);
  }

  #answerAlone(ctx: Context): void | Promise<void> {
    ctx.res.statusCode = 404;
    const exchange = new Exchange(ctx, commonLines(this.#assembly.application, ctx), true);
    const waiting = this.#pipeline.run(exchange);
    if (waiting === undefined) return this.#finish(ctx, exchange);
    return waiting.then(() => this.#finish(ctx, exchange));
  }

  #answerBehind(ctx: Context, middleware: Middleware): Promise<void> {
    ctx.res.statusCode = 404;
    const common = commonLines(this.#assembly.application, ctx);
    // First of all, so that what middleware sets or removes is its word, and what it sends by itself has them too.
    setLines(ctx, common);
    let exchange: Exchange | null = null;
    const controllers = (): void | Promise<void> => {
      exchange = new Exchange(ctx, common, false, true);
      return this.#pipeline.run(exchange);
    };
    return middleware(ctx, controllers).then(
      () => this.#finish(ctx, exchange),
      (error: unknown) => {
        const failed = this.#answerFailed(ctx, error);
        if (exchange !== null) this.#pipeline.depart(exchange);
        return failed;
      },
    );
  }

  #answerFailed(ctx: Context, error: unknown): Promise<void> {
    return inherited.handleRequest.call(this, ctx, () => Promise.reject(error ?? toError(error)));
  }

  #finish(ctx: Context, exchange: Exchange | null): void | Promise<void> {
    const responding = ctx.respond === false ? undefined : this.#respond(ctx);
    if (exchange !== null) this.#pipeline.depart(exchange);
    return responding;
  }

  /** Text and bytes are sent here; what has more to it is Koa's, which also hears of streams that fail. */
  #respond(ctx: Context): void | Promise<void> {
    const { res } = ctx;
    try {
      if (sentWhole(ctx)) return;
      refuseUnanswered(ctx, () => linesBeside(this.#assembly.application, ctx));
      if (sentWhole(ctx)) return;
    } catch (error) {
      ctx.onerror(error as Error);
      return;
    }
    const { statusCode } = res;
    return inherited.handleRequest.call(this, ctx, () => {
      // Koa begins with 404; what was said is what counts.
      res.statusCode = statusCode;
      return Promise.resolve();
    });
  }

  /** Logs an error with its request's id, and emits Koa's `error` event where somebody listens. */
  report(error: unknown, ctx: Context, id: string): void {
    const wrapped = toError(error);
    logFailure(this.#assembly.logger, wrapped, ctx, id);
    reported.add(wrapped);
    if (this.listenerCount('error') > 0) this.emit('error', wrapped, ctx);
  }

  /** What Koa calls for errors outside the pipeline: thrown by middleware in front, or by a broken stream. */
  #fail(ctx: Context, error: unknown): void {
    // Koa calls this at the end of each response too, with nothing.
    if (error === null || error === undefined) return;
    try {
      if (isBrokenConnection(error, ctx)) return;
      const id = requestIdOf(ctx);
      const failure = toFailure(error, id);
      if (failure.serverFault) this.report(error, ctx, id);
      const res: ServerResponse = ctx.res;
      if (ctx.headerSent || !ctx.writable) {
        res.destroy();
        return;
      }
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      setLines(ctx, linesBeside(this.#assembly.application, ctx));
      writeProblem(ctx, failure);
      res.end(ctx.method === 'HEAD' ? undefined : ctx.body);
    } catch {
      ctx.res.destroy();
    }
  }
}

/** Middleware as Koa composes it. */
type Middleware = (ctx: Context, next?: () => void | Promise<void>) => Promise<void>;

/** Koa's types hide one method that its subclasses may replace, and give the other too many signatures. */
const inherited = Koa.prototype as unknown as {
  handleRequest(ctx: Context, middleware: (ctx: Context) => Promise<void>): Promise<void>;
};

const reported = new WeakSet<Error>();

/** Connections on which a request was refused that another reader may have taken for more, or less, than one. */
const ended = new WeakSet<Socket>();

const BROKEN: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECANCELED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** A client that left is no fault of the server; the line of the request says that it was aborted. */
function isBrokenConnection(error: unknown, ctx: Context): boolean {
  if (ctx.writable) return false;
  try {
    return error instanceof Error && 'code' in error && BROKEN.has(error.code);
  } catch {
    return false;
  }
}

/** Sends a body that is whole already, as Koa would: true where there is one. */
function sentWhole(ctx: Context): boolean {
  const { res, response } = ctx;
  const body: unknown = response.body;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return false;
  if (ctx.respond === false || isEmpty(res.statusCode) || ctx.req.method === 'HEAD' || !response.writable)
    return false;
  res.end(body);
  return true;
}

/** Statuses without content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
function isEmpty(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/**
 * Makes a Koa application of controllers: finds the classes, makes them, checks what they declare, compiles
 * it. The result is Koa: `listen`, `callback()` for supertest, `use` for any Koa middleware.
 *
 * @throws StartupError with all findings, where the application must not start.
 * @example
 * ```ts
 * import { createApp, GET, Path } from 'koanatomy';
 *
 * @Path('/test')
 * export class PingController {
 *   @GET @Path('/ping')
 *   ping() {
 *     return { ping: 'pong' };
 *   }
 * }
 *
 * const app = await createApp({ controllers: PingController });
 * app.listen(3000);
 * ```
 */
export async function createApp(options: ApplicationOptions): Promise<Application> {
  let app: Application | null = null;
  const assembly = await assemble(options, (error, ctx, id) => app?.report(error, ctx, id));
  app = new Application(assembly, options);
  return app;
}

/**
 * The same as one Koa middleware, for an application that exists already. A path that no controller has goes
 * on to the middleware after it.
 *
 * @throws StartupError with all findings, where the application must not start.
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { rest } from 'koanatomy';
 *
 * const app = new Koa();
 * app.use(await rest({ controllers: 'src/controllers', prefix: '/api' }));
 * ```
 */
export async function rest(options: RestOptions): Promise<(ctx: Context, next: Next) => Promise<void>> {
  const assembly = await assemble(options, (error, ctx, id) => {
    logFailure(assembly.logger, toError(error), ctx, id);
  });
  const pipeline = new Pipeline(assembly.application);
  const { logger } = assembly;
  return async (ctx, next) => {
    // Another application's context makes none by itself.
    const id = requestIdOf(ctx);
    if (logger !== standardError && logger !== noLog) logRequest(ctx, id, logger);
    const exchange = new Exchange(ctx, commonLines(assembly.application, ctx));
    await pipeline.run(exchange);
    pipeline.depart(exchange);
    if (!exchange.isFound) await next();
  };
}
