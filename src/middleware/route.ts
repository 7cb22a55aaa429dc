import { METHODS } from 'node:http';
import type { CompiledApplication, CompiledResource } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import { refuseOversized } from '../framework/errors/refuse-request.js';
import type { Exchange } from '../framework/exchange.js';
import { parsePath, type RequestPath, targetPath } from '../framework/http/path.js';
import { type Located, locate } from './locate.js';

/** The methods of RFC 9110 §9 and RFC 5789: known to every server, so that a resource without one says 405. */
const STANDARD = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);

/** A path of literals has nothing to bind. */
const NO_PARTS: RequestPath = {
  segments: [],
  literal: '',
  isPlain: false,
  trailingSlash: false,
  matrix: null,
};

/** An absolute target without a path, which OPTIONS asks of the server as `*` (RFC 9112 §3.2.4). */
const NO_PATH = /^https?:\/\/[^/?#]+$/i;

/**
 * Finds the resource by the path alone, then its operations by the method: 400 for a path that can't be
 * read, 414 and 431 for a request that is too large, 405 with `Allow`, 501 for a method that nothing here has. `isFound` is false where no resource has the path; a
 * promise only where a locator has to be asked for it.
 */
export function route(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { req } = exchange.ctx;
  const target = targetPath(req.url ?? '/');
  if (req.method === 'OPTIONS' && (target === '*' || NO_PATH.test(req.url ?? ''))) {
    choose(application.server, '*', application.verbs, exchange);
    return;
  }
  const plain = application.router.plain(target);
  if (plain?.target.isLocator === false) {
    checkSize(application, exchange);
    exchange.path = NO_PARTS;
    choose(plain.target, plain.target.path, application.verbs, exchange);
    return;
  }
  const path = parsePath(target);
  if (path === 'malformed') {
    throw new FrameworkError(
      'malformed-path',
      'The path has a character that no path has, or a percent escape that is not valid UTF-8',
    );
  }
  if (path === 'dot-segment') {
    throw new FrameworkError('malformed-path', 'The path has a dot segment (RFC 3986 §5.2.4)');
  }
  const match = application.router.match(path);
  if (match === null) {
    exchange.isFound = false;
    return;
  }
  checkSize(application, exchange);
  exchange.path = path;
  exchange.pathValues = match.values;
  if (match.target.isLocator) {
    return locate(application, exchange, match.target, match.depth).then((located) =>
      chooseLocated(application, located, exchange),
    );
  }
  choose(match.target, match.target.path, application.verbs, exchange);
}

/** Only now: in somebody else's application, a request for what is not ours is not ours to refuse. */
function checkSize({ maxUrl }: CompiledApplication, { ctx }: Exchange): void {
  const refusal = refuseOversized(ctx.req, maxUrl);
  if (refusal !== null) throw refusal;
}

function chooseLocated({ verbs }: CompiledApplication, located: Located, exchange: Exchange): void {
  const { resource, path } = located;
  choose(resource, path, located.verbs.has(exchange.ctx.method) ? located.verbs : verbs, exchange);
}

/** @param verbs the methods that are known here: one that the resource lacks is 405 */
function choose(
  resource: CompiledResource,
  path: string,
  verbs: ReadonlySet<string>,
  exchange: Exchange,
): void {
  const { ctx } = exchange;
  const { method = '' } = ctx.req;
  exchange.resource = resource;
  const found = resource.verbs.get(method);
  if (found !== undefined) {
    exchange.candidates = found;
    // The names that @koa/router uses, so that metrics and tracing middleware finds the route.
    ctx._matchedRoute = path;
    return;
  }
  if (!STANDARD.has(method) && !verbs.has(method)) {
    throw new FrameworkError('not-implemented', `The server does not know the method ${known(method)}`);
  }
  throw new FrameworkError(
    'method-not-allowed',
    `${known(method)} is not allowed here; ${resource.allow} are`,
    {
      headers: { Allow: resource.allow },
    },
  );
}

/** Only names that Node's parser knows are repeated to the client. */
function known(method: string): string {
  return METHODS.includes(method) ? method : 'of this request';
}
