import { METHODS } from 'node:http';
import type { CompiledApplication, CompiledResource } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { parsePath, targetPath } from '../framework/http/path.js';

/** The methods of RFC 9110 §9 and RFC 5789: known to every server, so that a resource without one says 405. */
const STANDARD = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);

/**
 * Finds the resource by the path alone, then its operations by the method: 400 for a path that can't be
 * read, 405 with `Allow`, 501 for a method that nothing here has. False where no resource has the path.
 */
export function route(application: CompiledApplication, exchange: Exchange): boolean {
  const { ctx } = exchange;
  const method = ctx.method;
  const target = targetPath(ctx.req.url ?? '/');
  if (target === '*' && method === 'OPTIONS') {
    exchange.resource = application.server;
    exchange.candidates = operationsFor(application, application.server, method);
    return true;
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
  if (match === null) return false;
  exchange.path = path;
  exchange.resource = match.target;
  exchange.pathValues = match.values;
  exchange.candidates = operationsFor(application, match.target, method);
  // The names that @koa/router uses, so that metrics and tracing middleware finds the route.
  ctx._matchedRoute = match.target.path;
  return true;
}

function operationsFor({ verbs }: CompiledApplication, resource: CompiledResource, method: string) {
  const found = resource.verbs.get(method);
  if (found !== undefined) return found;
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
