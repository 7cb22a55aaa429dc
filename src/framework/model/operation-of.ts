import { METHODS } from 'node:http';
import { type Class, isClass, lineage } from '../class.js';
import { type Access, emittedType, type MethodRecord, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { isTransformed } from '../validation/to-writable.js';
import { type AccessModel, accessOf } from './access-of.js';
import { cachingOf } from './caching-of.js';
import { crossOriginOf } from './cross-origin-of.js';
import type { ActionArgs, Declarations } from './declarations.js';
import { loadOf } from './load-of.js';
import { both } from './locators.js';
import { consumesOf, producesOf } from './media-of.js';
import type { LocatorModel, OperationModel, ParameterModel } from './model.js';
import { parameterModels } from './parameters.js';
import { withPatch } from './patch-of.js';
import { joinPaths, joinTemplates, type PathTemplate, parseTemplate, TemplateError } from './template.js';

const VERBS = new Set(METHODS);
VERBS.delete('CONNECT');

/** Where a class's methods stand: it may be a root resource, or what a locator returns. */
export interface Place {
  readonly type: Class;
  /** What stands before the methods' own paths: the prefix and the class's path, or nothing below a locator. */
  readonly path: string;
  /** The locators on the way here. */
  readonly locators: readonly LocatorModel[];
  /** What they ask of who calls. */
  readonly guard: Access;
  /** Who may call a method where nothing is declared. */
  readonly fallback: Access;
}

/** Reads one method with a verb; null where its path can't be read. */
export function operationOf(
  place: Place,
  action: ActionArgs,
  declarations: Declarations,
  findings: Finding[],
): OperationModel | null {
  const { type, locators } = place;
  const { method } = action;
  const name = `${type.name}.${method}`;
  const record = declarations.record(type, method);
  const verb = action.type.toUpperCase();
  if (verb === 'ALL') {
    const remedy = 'declare the verbs that are meant; HEAD and OPTIONS come by themselves';
    findings.push(finding('not-supported', name, '@All is not supported', remedy));
  } else if (!VERBS.has(verb)) {
    const remedy = `use a method that Node's HTTP parser knows: ${[...VERBS].join(', ')}`;
    findings.push(finding('unknown-method', name, `${verb} is no method that can be served`, remedy));
  }
  const path = templateOf(place, name, record, action.route, findings);
  if (path === null) return null;
  refuseUnsupported(type, method, declarations, findings);
  const args = declarations.params(type, method);
  const declared = declaredBy(type, record);
  const readsForm =
    declared.consumes?.some((text) => FORM_TYPES.some((type) => text.toLowerCase().startsWith(type))) ??
    false;
  const parameters = parameterModels(type, method, args, record, readsForm, findings);
  const consumes = consumesOf(declared.consumes, parameters, name, findings);
  const contentType = declarations
    .handlers(type, method)
    .find((handler) => handler.type === 'content-type')?.value;
  const returned = emittedType(type.prototype as object, method, 'return');
  const produces = producesOf(
    declared.produces ?? (contentType === undefined ? undefined : [String(contentType)]),
    returned,
    name,
    findings,
  );
  return Object.freeze({
    name,
    controller: type,
    method,
    verb,
    path,
    locators,
    parameters: Object.freeze(withPatch(parameters, verb, consumes)),
    consumes,
    ...produces,
    returns: record?.returns ?? returnsOf(returned),
    ...guarded(place, method, record, parameters, declarations, findings),
    crossOrigin: crossOriginOf(type, method, record, findings),
    status: statusOf(type, method, declarations),
    maxBody: declared.maxBody ?? null,
    rateLimit: declared.rateLimit ?? null,
    languages: declared.languages ?? [],
    caching: cachingOf(type, verb, record),
    load: loadOf(type, method, record),
    headers: headersOf(type, method, declarations),
  });
}

/** An emitted type says something only where its class does. */
function returnsOf(emitted: unknown): OperationModel['returns'] {
  return isClass(emitted) && isTransformed(emitted) ? { type: emitted, options: {} } : null;
}

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'];
const AUTHENTICATED = Object.freeze({ kind: 'authenticated' } as const);

/** Who may call a method: what it asks for itself, and what the locators on the way do. */
export function guarded(
  { type, guard, fallback }: Place,
  method: string,
  record: MethodRecord | null,
  parameters: readonly ParameterModel[],
  declarations: Declarations,
  findings: Finding[],
): AccessModel {
  const { access, rules } = accessOf(type, method, record, declarations, findings, fallback);
  const own = access.kind === 'permit' && parameters.some(requiresPrincipal) ? AUTHENTICATED : access;
  return { access: both(guard, own, `${type.name}.${method}`, findings), rules };
}

/** routing-controllers' `@CurrentUser({ required: true })` asks for authentication by itself. */
function requiresPrincipal(parameter: ParameterModel): boolean {
  return parameter.kind === 'context' && parameter.what === 'principal' && parameter.required;
}

/** The whole path of a method: its own below its class's, below that of the last locator. */
export function templateOf(
  { path, locators }: Place,
  name: string,
  record: MethodRecord | null,
  route: unknown,
  findings: Finding[],
): PathTemplate | null {
  if (route !== undefined && typeof route !== 'string') {
    const remedy = 'write {rest: .*} in the path template';
    findings.push(
      finding('not-supported', name, 'a regular expression as the route is not supported', remedy),
    );
    return null;
  }
  const text = joinPaths(path, record?.path, route);
  try {
    const below = parseTemplate(text);
    const above = locators.at(-1)?.path;
    return above === undefined ? below : joinTemplates(above, below);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const remedy = 'write variables as {id}, {id: [0-9]+} or :id';
    findings.push(finding('malformed-path-template', name, `${text}: ${error.message}`, remedy));
    return null;
  }
}

/** What a method declares, else its class, else the class's ancestors. */
function declaredBy(type: Class, record: MethodRecord | null) {
  const classes = lineage(type).map((ancestor) => readRecord(ancestor));
  const first = <K extends 'consumes' | 'produces' | 'maxBody' | 'languages' | 'rateLimit'>(key: K) =>
    record?.[key] ?? classes.find((found) => found?.[key] !== undefined)?.[key];
  return {
    consumes: first('consumes'),
    produces: first('produces'),
    maxBody: first('maxBody'),
    languages: first('languages'),
    rateLimit: first('rateLimit'),
  };
}

function statusOf(type: Class, method: string, declarations: Declarations): number | null {
  const found = declarations.handlers(type, method).find((handler) => handler.type === 'success-code');
  return typeof found?.value === 'number' ? found.value : null;
}

function headersOf(type: Class, method: string, declarations: Declarations): OperationModel['headers'] {
  const found = declarations.handlers(type, method).filter((handler) => handler.type === 'header');
  return found.map((handler) => [String(handler.value), String(handler.secondaryValue)] as const);
}

const SUPPORTED = new Set(['success-code', 'content-type', 'header', 'authorized']);

const DECORATORS: Readonly<Record<string, string>> = {
  'on-null': '@OnNull',
  'on-undefined': '@OnUndefined',
  redirect: '@Redirect',
  location: '@Location',
  'rendered-template': '@Render',
  'response-class-transform-options': '@ResponseClassTransformOptions',
  'error-code': '@HttpCode for errors',
};

/** A declaration that did nothing in silence would be worse than one that is refused. */
export function refuseUnsupported(
  type: Class,
  method: string,
  declarations: Declarations,
  findings: Finding[],
): void {
  const names = declarations
    .handlers(type, method)
    .filter((handler) => !SUPPORTED.has(handler.type))
    .map((handler) => DECORATORS[handler.type] ?? handler.type);
  for (const name of [...names, ...declarations.uses(type, method)]) {
    const remedy = 'return a Reply, or put Koa middleware into app.use()';
    findings.push(finding('not-supported', `${type.name}.${method}`, `${name} is not supported`, remedy));
  }
}
