import { STATUS_CODES } from 'node:http';
import createHttpError from 'http-errors';
import { HttpError as RoutingControllersError } from 'routing-controllers/cjs/http-error/HttpError.js';
import { ApiError, FrameworkError, type Issue } from './api-error.js';
import { PROBLEMS, type ProblemCode } from './catalogue.js';

/** What is sent for something thrown, and whether it is the server's fault. */
export interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly document: ProblemDocument;
  /** Whether to log it as the server's error: any 5xx. */
  readonly serverFault: boolean;
}

/** A problem document, RFC 9457 §3.1, with this framework's extension members `details` and `errors`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request's id; the log has the same one. */
  readonly instance: string;
  readonly details?: unknown;
  readonly errors?: readonly Issue[];
}

/** The prefix of the framework's own problem types, before the catalogue's code. */
const PROBLEM_TYPE_PREFIX = 'urn:koanatomy:';

/** Of a failure that brings no headers. */
export const NO_HEADERS: Failure['headers'] = Object.freeze({});

/**
 * Turns anything thrown into what the client gets.
 *
 * Four kinds of error are contracts with the client and keep their status: ours, those of http-errors (what
 * `ctx.throw` makes; `expose` says whether the message is meant for the client), and those of
 * routing-controllers. Everything else is foreign and shapes nothing: a 500 with the request's id.
 */
export function toFailure(thrown: unknown, id: string): Failure {
  try {
    return known(thrown, id) ?? foreign(id);
  } catch {
    // A hostile getter or proxy; it gets no second chance.
    return foreign(id);
  }
}

function known(thrown: unknown, id: string): Failure | null {
  if (thrown instanceof ApiError) return ofApiError(thrown, id);
  if (createHttpError.isHttpError(thrown) && isErrorStatus(thrown.status)) {
    const headers = sendable(thrown.headers);
    return plain(thrown.status, thrown.expose === true ? thrown.message : null, headers, id);
  }
  if (thrown instanceof RoutingControllersError && isErrorStatus(thrown.httpCode)) {
    return plain(thrown.httpCode, thrown.httpCode < 500 ? thrown.message : null, NO_HEADERS, id);
  }
  return null;
}

/** What is sent for an error of the framework's own that nobody has to throw: the client's doing, without more to it. */
export function frameworkFailure(
  code: ProblemCode,
  detail: string,
  id: string,
  errors: readonly Issue[] | null,
  headers: Failure['headers'] = NO_HEADERS,
): Failure {
  const { status, title } = PROBLEMS[code];
  const type = PROBLEM_TYPE_PREFIX + code;
  return {
    status,
    headers,
    document:
      errors === null
        ? { type, title, status, detail, instance: id }
        : { type, title, status, detail, instance: id, errors },
    serverFault: status >= 500,
  };
}

function ofApiError(error: ApiError, id: string): Failure {
  const code = error instanceof FrameworkError ? error.code : null;
  const document: ProblemDocument = {
    type: code === null ? error.type : PROBLEM_TYPE_PREFIX + code,
    title: error.title,
    status: error.status,
    detail: error.message,
    instance: id,
    ...(error.details === undefined ? null : { details: error.details }),
    ...(error instanceof FrameworkError && error.issues !== null ? { errors: error.issues } : null),
  };
  // A refusal is no fault, and logging each one with its stack would be what an overload costs most.
  const refused = code === 'overloaded' || code === 'not-implemented';
  return {
    status: error.status,
    // A subclass in JavaScript may have lost them.
    headers: error.headers === undefined || isEmpty(error.headers) ? NO_HEADERS : error.headers,
    document,
    serverFault: error.status >= 500 && !refused,
  };
}

function isEmpty(headers: object): boolean {
  for (const _ in headers) return false;
  return true;
}

function plain(status: number, message: string | null, headers: Failure['headers'], id: string): Failure {
  const title = STATUS_CODES[status] ?? 'Error';
  const detail = message === null || message === '' ? title : message;
  return {
    status,
    headers,
    document: { type: 'about:blank', title, status, detail, instance: id },
    serverFault: status >= 500,
  };
}

function foreign(id: string): Failure {
  const { status, title } = PROBLEMS['internal-error'];
  const detail =
    'The server could not answer this request. Its log has the reason under the id in "instance".';
  return {
    status,
    headers: NO_HEADERS,
    document: { type: `${PROBLEM_TYPE_PREFIX}internal-error`, title, status, detail, instance: id },
    serverFault: true,
  };
}

function isErrorStatus(status: unknown): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
}

function sendable(headers: unknown): Failure['headers'] {
  if (typeof headers !== 'object' || headers === null) return NO_HEADERS;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
