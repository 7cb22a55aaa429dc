import { type Class, isClass } from '../class.js';
import { emittedTypes, type MethodRecord, type OwnParameter, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { Preconditions } from '../preconditions.js';
import { Principal } from '../security/principal.js';
import { beanModel, ruledBean } from './bean-of.js';
import { bodyModel, decoratorFor, whyNoClass } from './body-type.js';
import { BUILT_IN } from './built-in.js';
import type { ParamArgs } from './declarations.js';
import type { ContextModel, ParameterModel } from './model.js';
import { NOT_EMITTED_REMEDY, scalarModel } from './scalar-type.js';

const SCALARS = { param: 'path', query: 'query', header: 'header', cookie: 'cookie' } as const;

const CONTEXTS = {
  context: 'koa',
  request: 'request',
  response: 'response',
  'current-user': 'principal',
  state: 'state',
} as const;

/** Settles the parameters of one method, in their order. */
export function parameterModels(
  type: Class,
  method: string,
  args: readonly ParamArgs[],
  record: MethodRecord | null,
  readsForm: boolean,
  findings: Finding[],
): readonly ParameterModel[] {
  const where = `${type.name}.${method}`;
  const emitted = emittedTypes(type.prototype as object, method);
  const handler: unknown = Reflect.get(type.prototype as object, method);
  const declared = [...args.map((arg) => arg.index), ...(record?.own.keys() ?? [])];
  const length = typeof handler === 'function' ? handler.length : 0;
  const count = Math.max(emitted?.length ?? length, ...declared.map((index) => index + 1));
  return Array.from({ length: count }, (_, index) => {
    const at = `${where}(parameter ${index + 1})`;
    const arg = args.find((candidate) => candidate.index === index);
    const own = record?.own.get(index);
    const designed = emitted?.[index];
    if (own !== undefined) return ownModel(own, designed, record?.defaults, index, at, findings);
    if (arg !== undefined) return slottedModel(arg, designed, record, readsForm, at, findings);
    return undecorated(designed, emitted !== null, readsForm, at, findings);
  });
}

function slottedModel(
  arg: ParamArgs,
  emitted: unknown,
  record: MethodRecord | null,
  readsForm: boolean,
  where: string,
  findings: Finding[],
): ParameterModel {
  if (arg.type in SCALARS) {
    return scalarModel(
      {
        in: SCALARS[arg.type as keyof typeof SCALARS],
        name: arg.name ?? '',
        required: arg.required === true,
        emitted,
        explicit: arg.explicitType,
        isArray: arg.isArray ?? false,
        hasDefault: record?.defaults.has(arg.index) ?? false,
        default: record?.defaults.get(arg.index),
        ...record?.extras.get(arg.index),
      },
      where,
      findings,
    );
  }
  if (arg.type === 'body') return bodyModel(arg, emitted, readsForm, where, findings);
  if (arg.type in CONTEXTS) {
    const what = CONTEXTS[arg.type as keyof typeof CONTEXTS];
    return { kind: 'context', what, required: arg.required === true };
  }
  if (arg.type === 'queries') return queriesModel(arg, emitted, where, findings);
  const remedy = 'use a decorator that docs/decorators.md lists';
  findings.push(
    finding('not-supported', where, `a parameter of the kind "${arg.type}" is not supported`, remedy),
  );
  return { kind: 'context', what: 'koa', required: false };
}

function ownModel(
  own: OwnParameter,
  emitted: unknown,
  defaults: ReadonlyMap<number, unknown> | undefined,
  index: number,
  where: string,
  findings: Finding[],
): ParameterModel {
  if (own.source === 'bean') return beanModel(emitted, where, findings);
  if (own.source === 'context') return contextModel(own.type ?? emitted, where, findings);
  const fallback = { hasDefault: defaults?.has(index) ?? false, default: defaults?.get(index) };
  return scalarModel({ ...own, in: own.source, emitted, explicit: own.type, ...fallback }, where, findings);
}

function undecorated(
  emitted: unknown,
  known: boolean,
  readsForm: boolean,
  where: string,
  findings: Finding[],
): ParameterModel {
  const bindable = isClass(emitted) && !BUILT_IN.has(emitted);
  if (bindable && (readRecord(emitted)?.properties.size ?? 0) > 0) {
    const message = `the properties of ${emitted.name} are bound one by one, and nothing asks for it`;
    findings.push(finding('unbound-parameter', where, message, 'add @BeanParam()'));
    return { kind: 'context', what: 'koa', required: false };
  }
  if (bindable) return bodyModel({ required: true }, emitted, readsForm, where, findings);
  if (!known)
    findings.push(finding('type-not-emitted', where, 'its type was not emitted', NOT_EMITTED_REMEDY));
  else {
    const name = typeof emitted === 'function' ? emitted.name : String(emitted);
    const message = `nothing says where its value comes from (its type is emitted as ${name})`;
    const remedy =
      decoratorFor(emitted) ??
      `decorate it with @PathParam, @QueryParam, @Context, …; a body needs a class${whyNoClass(emitted)}`;
    findings.push(finding('unbound-parameter', where, message, remedy));
  }
  return { kind: 'context', what: 'koa', required: false };
}

function contextModel(emitted: unknown, where: string, findings: Finding[]): ContextModel {
  if (emitted === 'koa') return { kind: 'context', what: 'koa', required: false };
  if (emitted === 'language') return { kind: 'context', what: 'language', required: false };
  if (emitted === Preconditions) return { kind: 'context', what: 'preconditions', required: false };
  if (emitted === AbortSignal) return { kind: 'context', what: 'signal', required: false };
  if (emitted === Principal) return { kind: 'context', what: 'principal', required: false };
  if (emitted !== Object && emitted !== undefined) {
    const name = typeof emitted === 'function' ? emitted.name : String(emitted);
    const remedy = `use AbortSignal, Principal, Preconditions, or Koa's Context (import type { Context } from 'koa')${whyNoClass(emitted)}`;
    findings.push(finding('type-not-convertible', where, `@Context has no ${name}`, remedy));
  }
  if (emitted === undefined) {
    findings.push(finding('type-not-emitted', where, 'its type was not emitted', NOT_EMITTED_REMEDY));
  }
  return { kind: 'context', what: 'koa', required: false, isGuess: true };
}

/** routing-controllers' `@QueryParams()`: a bean whose properties are the ones that have rules. */
function queriesModel(arg: ParamArgs, emitted: unknown, where: string, findings: Finding[]): ParameterModel {
  const type: unknown = arg.explicitType ?? emitted;
  if (isClass(type) && !BUILT_IN.has(type)) return ruledBean(type, 'query', findings);
  const remedy = 'give it a class with class-validator rules, or use @QueryParam for each one';
  findings.push(finding('type-not-convertible', where, '@QueryParams needs a class as its type', remedy));
  return { kind: 'context', what: 'koa', required: false };
}
