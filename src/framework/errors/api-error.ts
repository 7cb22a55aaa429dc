import { STATUS_CODES } from 'node:http';
import { PROBLEMS, type ProblemCode } from './catalogue.js';

/** One thing wrong with a request: where, which rule, and what to do. Never the submitted value. */
export interface Issue {
  /** The part of the request. */
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'matrix' | 'form' | 'body';
  /** A JSON pointer (RFC 6901): to the parameter by its name, or into the body; '' is the whole body. */
  readonly path: string;
  /** The rule: a class-validator constraint (`isInt`), or `required`, `type`, `repeated`, `enum`, … */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

/** What an {@link ApiError} can carry besides status and message. */
export interface ApiErrorOptions {
  /** Facts for the client; becomes `details` of the problem document. */
  readonly details?: unknown;
  /** What led here. It is logged with servers' errors and never sent. */
  readonly cause?: unknown;
  /** Response headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** The problem type, a URI (RFC 9457 §3.1.1). Default `about:blank`. */
  readonly type?: string;
  /** The title of that type. Default: the reason phrase of the status. */
  readonly title?: string;
}

/**
 * A structured error, thrown from anywhere in the business logic; the client receives it as a problem
 * document (RFC 9457) with this status, message and details. The cause stays in the log.
 *
 * @throws RangeError where `status` is no error status (400 to 599).
 * @example
 * ```ts
 * import { ApiError } from 'koanatomy';
 *
 * export function loadCase(id: number): never {
 *   throw new ApiError(404, `A case with id ${id} does not exist`, { details: { id } });
 * }
 * ```
 */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly details: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly type: string;
  readonly title: string;
  /** Koa's word for "this message is meant for the client"; for middleware that reads it. */
  readonly expose = true;

  constructor(status: number, message?: string, options: ApiErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`an ApiError takes a status from 400 to 599, not ${String(status)}`);
    }
    const phrase = STATUS_CODES[status] ?? 'Error';
    super(message ?? phrase, 'cause' in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.details = options.details;
    this.headers = options.headers ?? {};
    this.type = options.type ?? 'about:blank';
    this.title = options.title ?? phrase;
  }
}

/** An error that the framework reports itself: it has a code of the catalogue, and may list issues. */
export class FrameworkError extends ApiError {
  override readonly name = 'FrameworkError';

  constructor(
    readonly code: ProblemCode,
    message: string,
    options: Omit<ApiErrorOptions, 'type' | 'title'> = {},
    readonly issues: readonly Issue[] | null = null,
  ) {
    const { status, title } = PROBLEMS[code];
    const limit = Error.stackTraceLimit;
    // A refusal is the client's doing. Where in here it was found helps nobody, and costs more than finding it.
    if (status < 500) Reflect.set(Error, 'stackTraceLimit', 0);
    super(status, message, { ...options, title });
    if (status < 500) Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
