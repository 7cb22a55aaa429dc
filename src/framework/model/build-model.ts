import { METHODS } from 'node:http';
import { type Class, lineage } from '../class.js';
import { emittedType, type MethodRecord, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { accessOf } from './access-of.js';
import { type ActionArgs, Declarations } from './declarations.js';
import { consumesOf, producesOf } from './media-of.js';
import type { OperationModel, ParameterModel } from './model.js';
import { parameterModels } from './parameters.js';
import { joinPaths, type PathTemplate, parseTemplate, TemplateError } from './template.js';

const VERBS = new Set(METHODS);
VERBS.delete('CONNECT');

/** Reads what was declared on the classes into operations; what is wrong with it goes to `findings`. */
export function buildModel(types: readonly Class[], prefix: string, findings: Finding[]): OperationModel[] {
  const declarations = new Declarations();
  return types.flatMap((type) => {
    const actions = declarations.actions(type);
    const half = declarations.halfOverridden(type);
    for (const { method, base } of half) {
      const message = `it has decorators but no verb, so that those of ${base.name}.${method} do not hold (Jakarta REST §3.6)`;
      const remedy =
        'repeat the verb, the path, the access and the parameters of the overridden method, or decorate nothing';
      findings.push(finding('half-overridden', `${type.name}.${method}`, message, remedy));
    }
    if (actions.length === 0 && half.length === 0) {
      const remedy = 'decorate a method with @GET, @POST, …';
      findings.push(finding('no-verb', type.name, 'no method of it answers a verb', remedy));
    }
    return actions.flatMap((action) => operation(type, action, declarations, prefix, findings) ?? []);
  });
}

function operation(
  type: Class,
  action: ActionArgs,
  declarations: Declarations,
  prefix: string,
  findings: Finding[],
): OperationModel | null {
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
  const path = templateOf(type, action, record, declarations, prefix, findings);
  if (path === null) return null;
  refuseUnsupported(type, method, declarations, findings);
  const args = declarations.params(type, method);
  const declared = declaredBy(type, record);
  const readsForm = declared.consumes?.some((text) => text.toLowerCase().startsWith(FORM_TYPE)) ?? false;
  const parameters = parameterModels(type, method, args, record, readsForm, findings);
  const access = accessOf(type, method, record, declarations, findings);
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
    parameters: Object.freeze(parameters),
    consumes: consumesOf(declared.consumes, parameters, name, findings),
    ...produces,
    access: access.kind === 'permit' && parameters.some(requiresPrincipal) ? AUTHENTICATED : access,
    status: statusOf(type, method, declarations),
    maxBody: declared.maxBody ?? null,
    headers: headersOf(type, method, declarations),
  });
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const AUTHENTICATED = Object.freeze({ kind: 'authenticated' } as const);

/** routing-controllers' `@CurrentUser({ required: true })` asks for authentication by itself. */
function requiresPrincipal(parameter: ParameterModel): boolean {
  return parameter.kind === 'context' && parameter.what === 'principal' && parameter.required;
}

function templateOf(
  type: Class,
  action: ActionArgs,
  record: MethodRecord | null,
  declarations: Declarations,
  prefix: string,
  findings: Finding[],
): PathTemplate | null {
  const name = `${type.name}.${action.method}`;
  if (action.route !== undefined && typeof action.route !== 'string') {
    const remedy = 'write {rest: .*} in the path template';
    findings.push(
      finding('not-supported', name, 'a regular expression as the route is not supported', remedy),
    );
    return null;
  }
  const text = joinPaths(prefix, declarations.controller(type)?.route, record?.path, action.route);
  try {
    return parseTemplate(text);
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
  const first = <K extends 'consumes' | 'produces' | 'maxBody'>(key: K) =>
    record?.[key] ?? classes.find((found) => found?.[key] !== undefined)?.[key];
  return { consumes: first('consumes'), produces: first('produces'), maxBody: first('maxBody') };
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
function refuseUnsupported(
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
