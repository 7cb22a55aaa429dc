import type { CompiledApplication, CompiledResource, RouteTarget } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { notValid } from '../framework/validation/refuse.js';
import { allow } from './allow.js';
import { authenticate } from './authenticate.js';
import { authorise } from './authorise.js';
import { validate } from './validate.js';

/** The most locators that one request may call: each may ask a database, and a path has room for thousands. */
const MOST_LOCATORS = 50;

/** What locators have led to. */
export interface Located {
  readonly resource: CompiledResource;
  /** The methods that some resource of its class answers. */
  readonly verbs: ReadonlySet<string>;
  /** The templates on the way, as one. */
  readonly path: string;
}

/**
 * From a locator to the resource, through as many more as the objects have (Jakarta REST 4.0 §3.7.2). A locator
 * takes the steps of a method before it is called: 401 and 403 by its own access, 400 for its parameters. What it
 * answers has the rest of the path, or it is 404: nothing leads back out of it.
 */
export async function locate(
  application: CompiledApplication,
  exchange: Exchange,
  target: RouteTarget,
  depth: number,
): Promise<Located> {
  const seen = new Map<string, string>();
  let verbs: ReadonlySet<string> = new Set();
  let path = '';
  for (let at = target, from = depth, count = 0; ; count++) {
    path = at.path === '/' ? path : path + at.path;
    if (!at.isLocator) return { resource: at, verbs, path: path === '' ? '/' : path };
    if (count === MOST_LOCATORS) throw notFound();
    const { candidates, operation, variables } = at;
    exchange.candidates = candidates;
    exchange.operation = operation;
    if (exchange.principal === null) await authenticate(application, exchange);
    authorise(application, exchange);
    await validate(application, exchange);
    if (exchange.issues !== null) throw notValid(exchange.issues);
    await allow(application, exchange);
    for (const [i, value] of exchange.pathValues.entries()) {
      if (value !== undefined) seen.set(variables[i] ?? '', value);
    }
    exchange.located = at.resourceOf(await operation.call(exchange.args, exchange));
    const routes = await at.routesOf(exchange.located, !application.authentication.isEmpty);
    const match = routes.router.match(exchange.path, from);
    if (match === null) throw notFound();
    exchange.pathValues = [...routes.outer.map((name) => seen.get(name)), ...match.values];
    verbs = routes.verbs;
    at = match.target;
    from = match.depth;
  }
}

function notFound(): FrameworkError {
  return new FrameworkError('not-found', 'There is no resource at this path');
}
