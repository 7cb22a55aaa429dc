import { type Container, createContainer } from '../container.js';
import type { Access } from '../declare/record.js';
import type { CrossOriginPolicy } from '../http/cross-origin.js';
import { formatMediaType } from '../http/media-type.js';
import { LOCATOR } from '../model/locators.js';
import type { OperationModel } from '../model/model.js';
import type { PathTemplate } from '../model/template.js';
import { Reply } from '../reply.js';
import { automaticOperation } from './automatic.js';
import { candidatesOf } from './candidates.js';
import { type CompileContext, compileOperation } from './compile-operation.js';
import { sharedPolicy } from './cross-origin.js';
import { classOf, toResource } from './locator.js';
import type { CompiledLocator, CompiledOperation, CompiledResource, RouteTarget } from './records.js';
import { Router } from './router.js';
import { createSubResources } from './sub-resources.js';

/** The order in which `Allow` names methods. */
const ORDER = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The compiled routes of an application. */
export interface CompiledRoutes {
  readonly router: Router<RouteTarget>;
  readonly server: CompiledResource;
  readonly verbs: ReadonlySet<string>;
}

/** What compiling the routes needs of the application. */
export interface RoutesContext extends CompileContext {
  readonly strictSlash: boolean;
  /** Who may call a method where nothing is declared. */
  readonly access: Access;
  /** Makes the classes that locators return; the default container where there is none. */
  readonly container?: Container;
}

/** Compiles the operations and arranges them by resource: one for each shape of a path. */
export function compileRoutes(
  operations: readonly OperationModel[],
  controllerOf: (operation: Pick<OperationModel, 'controller'>) => object,
  context: RoutesContext,
): CompiledRoutes {
  const container = context.container ?? createContainer();
  const { codecs, bulkheads } = context;
  const resources = new Set(bulkheads.resources.keys());
  const routesOf = createSubResources({ codecs, resources, fallback: context.access }, (found, finish) =>
    arrange(found, () => null, finish),
  );
  const { router, verbs } = arrange(operations, ({ controller, locators }) =>
    controllerOf({ controller: locators[0]?.controller ?? controller }),
  );
  const everything = new Map([...verbs].filter((verb) => verb !== 'OPTIONS').map((verb) => [verb, []]));
  return { router, server: resourceOf('*', everything), verbs };

  function arrange(
    models: readonly OperationModel[],
    rootOf: (operation: OperationModel) => object | null,
    finish: (model: OperationModel, compiled: CompiledOperation) => CompiledOperation = (_, compiled) =>
      compiled,
  ): Omit<CompiledRoutes, 'server'> {
    const resources = new Map<string, { template: PathTemplate; verbs: Verbs }>();
    const all = new Set<string>();
    const tree = new Router<RouteTarget>(context.strictSlash);
    for (const model of models) {
      const compiled = finish(model, compileOperation(model, rootOf(model), context, container));
      if (model.verb === LOCATOR) {
        tree.addLocator(model.path, locatorOf(model, compiled));
        continue;
      }
      const { shape } = model.path;
      const resource = resources.get(shape) ?? { template: model.path, verbs: new Map() };
      resources.set(shape, resource);
      const found = resource.verbs.get(model.verb);
      if (found === undefined) resource.verbs.set(model.verb, [compiled]);
      else found.push(compiled);
      all.add(model.verb);
    }
    for (const resource of resources.values()) {
      tree.add(resource.template, resourceOf(resource.template.text, resource.verbs));
    }
    return { router: tree, verbs: all };
  }

  function locatorOf({ name, path }: OperationModel, operation: CompiledOperation): CompiledLocator {
    return Object.freeze({
      isLocator: true as const,
      path: path.text,
      variables: path.variables,
      candidates: candidatesOf([operation]),
      operation,
      resourceOf: (answer: unknown) => toResource(answer, name, container),
      routesOf: async (resource: object, hasAuthenticators: boolean) =>
        routesOf(classOf(resource, name), hasAuthenticators).catch((error: unknown) => {
          throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error instanceof Error ? (error.cause ?? error) : error,
          });
        }),
    });
  }
}

type Verbs = Map<string, CompiledOperation[]>;

function resourceOf(path: string, verbs: Verbs): CompiledResource {
  const get = verbs.get('GET');
  if (get !== undefined && !verbs.has('HEAD')) verbs.set('HEAD', get);
  const names = new Set([...verbs.keys(), 'OPTIONS']);
  const known = ORDER.filter((verb) => names.has(verb));
  const allow = [...known, ...[...names].filter((verb) => !ORDER.includes(verb)).sort()].join(', ');
  const declared = [...verbs.values()].flat();
  const crossOrigin = sharedPolicy(declared);
  if (!verbs.has('OPTIONS'))
    verbs.set('OPTIONS', [automaticOptions(path, allow, readableBy(verbs.get('PATCH')), crossOrigin)]);
  const candidates = new Map([...verbs].map(([verb, operations]) => [verb, candidatesOf(operations)]));
  const hasCrossOrigin = declared.some((operation) => operation.crossOrigin !== null);
  return Object.freeze({ isLocator: false, path, verbs: candidates, allow, hasCrossOrigin, crossOrigin });
}

function readableBy(operations: readonly CompiledOperation[] = []): string {
  const types = operations.flatMap(({ body }) => body?.consumes.map(formatMediaType) ?? []);
  return [...new Set(types)].join(', ');
}

/** RFC 9110 §9.3.7: what the resource can do, without content. `Accept-Patch` is RFC 5789 §3.1. */
function automaticOptions(
  path: string,
  allow: string,
  patches: string,
  crossOrigin: CrossOriginPolicy | null,
): CompiledOperation {
  const reply = Reply.noContent().header('Allow', allow);
  const answer = patches === '' ? reply : reply.header('Accept-Patch', patches);
  return automaticOperation(`OPTIONS ${path}`, answer, crossOrigin);
}
