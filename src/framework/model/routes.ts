import type { Access } from '../declare/record.js';
import { formatMediaType } from '../http/media-type.js';
import type { ApplicationModel } from './model.js';

/** One line of the route listing. */
export interface RouteInfo {
  /** The HTTP method; `*` for a sub-resource locator that finds out at request time what is below its path. */
  readonly method: string;
  readonly path: string;
  /** `CaseController.find` */
  readonly handler: string;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  /** `everybody`, `nobody`, `authenticated`, or the roles; `, by a rule` where `@Allow` has a word in it. */
  readonly access: string;
}

/** The routes of an application, sorted by path and method. */
export function listRoutes(model: ApplicationModel): readonly RouteInfo[] {
  const routes = model.operations.map((operation) =>
    Object.freeze({
      method: operation.verb,
      path: operation.path.text,
      handler: operation.name,
      consumes: operation.consumes.map(formatMediaType),
      produces: operation.produces.map(formatMediaType),
      access: describe(operation.access) + (operation.rules.length > 0 ? ', by a rule' : ''),
    }),
  );
  const key = (route: RouteInfo): string => `${route.path} ${route.method}`;
  return Object.freeze(routes.sort((a, b) => (key(a) < key(b) ? -1 : 1)));
}

function describe(access: Access): string {
  if (access.kind === 'roles') return `roles: ${access.roles.join(', ')}`;
  return { permit: 'everybody', deny: 'nobody', authenticated: 'authenticated' }[access.kind];
}

/**
 * The listing as a table of text, a route a line.
 *
 * @example
 * ```ts
 * import { createApp, formatRoutes } from 'koanatomy';
 *
 * const app = await createApp({ controllers: 'src/controllers' });
 * console.log(formatRoutes(app.routes));
 * ```
 */
export function formatRoutes(routes: readonly RouteInfo[]): string {
  const rows = routes.map((route) => [
    route.method,
    route.path,
    route.handler,
    `${route.consumes.join(', ') || '-'} → ${route.produces.join(', ') || '-'}`,
    route.access,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n');
}
