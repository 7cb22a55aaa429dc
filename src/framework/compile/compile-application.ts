import type { OperationModel } from '../model/model.js';
import type { PathTemplate } from '../model/template.js';
import { Reply } from '../reply.js';
import { type CompileContext, compileOperation } from './compile-operation.js';
import type { CompiledOperation, CompiledResource } from './records.js';
import { Router } from './router.js';

/** The order in which `Allow` names methods. */
const ORDER = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The compiled routes of an application. */
export interface CompiledRoutes {
  readonly router: Router<CompiledResource>;
  readonly server: CompiledResource;
  readonly verbs: ReadonlySet<string>;
}

/** Compiles the operations and arranges them by resource: one for each shape of a path. */
export function compileRoutes(
  operations: readonly OperationModel[],
  controllerOf: (operation: OperationModel) => object,
  context: CompileContext & { readonly strictSlash: boolean },
): CompiledRoutes {
  const resources = new Map<string, { template: PathTemplate; verbs: Map<string, CompiledOperation[]> }>();
  const all = new Set<string>();
  for (const model of operations) {
    const { shape } = model.path;
    const resource = resources.get(shape) ?? { template: model.path, verbs: new Map() };
    resources.set(shape, resource);
    const compiled = compileOperation(model, controllerOf(model), context);
    const found = resource.verbs.get(model.verb);
    if (found === undefined) resource.verbs.set(model.verb, [compiled]);
    else found.push(compiled);
    all.add(model.verb);
  }
  const router = new Router<CompiledResource>(context.strictSlash);
  for (const { template, verbs } of resources.values())
    router.add(template, resourceOf(template.text, verbs));
  const verbs = [...all].filter((verb) => verb !== 'OPTIONS');
  const everything = new Map(verbs.map((verb) => [verb, [] as CompiledOperation[]]));
  return { router, server: resourceOf('*', everything), verbs: all };
}

function resourceOf(path: string, verbs: Map<string, CompiledOperation[]>): CompiledResource {
  const get = verbs.get('GET');
  if (get !== undefined && !verbs.has('HEAD')) verbs.set('HEAD', get);
  const names = new Set([...verbs.keys(), 'OPTIONS']);
  const known = ORDER.filter((verb) => names.has(verb));
  const allow = [...known, ...[...names].filter((verb) => !ORDER.includes(verb)).sort()].join(', ');
  if (!verbs.has('OPTIONS')) verbs.set('OPTIONS', [automaticOptions(path, allow)]);
  return Object.freeze({ path, verbs, allow });
}

/** RFC 9110 §9.3.7: what the resource can do, without content. */
function automaticOptions(path: string, allow: string): CompiledOperation {
  return Object.freeze({
    name: `OPTIONS ${path}`,
    verb: 'OPTIONS',
    access: { kind: 'permit' } as const,
    needsPrincipal: false,
    takesPrincipal: false,
    body: null,
    produces: [],
    producesDeclared: false,
    binders: [],
    checks: [],
    call: () => Reply.noContent().header('Allow', allow),
    status: null,
    headers: null,
  });
}
