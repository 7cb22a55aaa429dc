import type { FormValue } from '../codecs/multipart-form.js';
import { ApiError, type Issue } from '../errors/api-error.js';
import type { Exchange } from '../exchange.js';
import { Mismatch } from '../http/convert.js';
import { splitUnquoted } from '../http/media-type.js';
import { trimOws } from '../http/ows.js';
import { type DeclaredNames, decodeComponent, decodeOctets, type RawValue } from '../http/pairs.js';
import { pointer } from '../http/pointer.js';
import { converterOf } from '../model/converter-of.js';
import type { BeanModel, ContextModel, ParameterModel, ScalarModel } from '../model/model.js';
import { Preconditions } from '../preconditions.js';
import type { Binder } from './records.js';

/** Where a binder finds what it binds. */
export interface BinderContext {
  /** The names of the path template's variables by position. */
  readonly variables: readonly string[];
  /** Those of the operation's query; each binder adds its own. */
  readonly query: DeclaredNames;
}

/** Compiles one parameter. */
export function compileBinder(
  model: ParameterModel,
  context: BinderContext,
  unknownProperties: 'strip' | 'refuse',
): Binder {
  if (model.kind === 'scalar') return argumentBinder(model, context);
  if (model.kind === 'bean') return beanBinder(model, context);
  if (model.kind === 'context') return contextBinder(model);
  if (model.form === null) return ({ body }) => body;
  const fromForm = beanBinder(model.form, context);
  const known = new Set(model.form.fields.map(({ parameter }) => parameter.name));
  return (exchange, issues) => {
    if (!(exchange.body instanceof Map)) return exchange.body;
    if (unknownProperties === 'refuse') {
      for (const name of exchange.form.keys()) if (!known.has(name)) issues.push(unknownField(name));
    }
    return fromForm(exchange, issues);
  };
}

/** With class-validator's code and words for the same thing in JSON. */
function unknownField(name: string): Issue {
  return {
    in: 'form',
    path: pointer(name),
    code: 'whitelistValidation',
    message: `property ${name} should not exist`,
  };
}

/** An absent list is an empty one for a method; in a bean it leaves the property's initial value. */
function argumentBinder(model: ScalarModel, context: BinderContext): Binder {
  const bind = scalarBinder(model, context);
  if (!model.list || model.required) return bind;
  return (exchange, issues) => bind(exchange, issues) ?? [];
}

/** A value of a parameter, a text but for the files of a form; null where it can't be decoded. */
type Given = FormValue | null;

/** What a parameter has in a request: undefined where it is absent, a list where it stands there several times. */
type Values = (exchange: Exchange) => Given | readonly Given[] | undefined;

function scalarBinder(model: ScalarModel, context: BinderContext): Binder {
  const values = valuesOf(model, context);
  const convert = converterOf(model);
  const path = pointer(model.name);
  const issue = (code: string, message: string): Issue => ({ in: model.in, path, code, message });
  const missing = issue('required', `${model.name} is required`);
  const repeated = issue('repeated', `${model.name} may be given once`);
  const malformed = issue('malformed', `${model.name} is not valid UTF-8 in percent encoding`);
  const noFile = issue('type', `${model.name} must be a file`);
  const noText = issue('type', `${model.name} must be text, not a file`);
  const one = (given: Given, issues: Issue[]): unknown => {
    if (given === null) return void issues.push(malformed);
    if (model.isFile) return typeof given === 'string' ? void issues.push(noFile) : given;
    if (typeof given !== 'string') return void issues.push(noText);
    const value = convert(given);
    if (!(value instanceof Mismatch)) return value;
    return void issues.push(issue(value.code, `${model.name} ${value.message}`));
  };
  const absent = (issues: Issue[]): unknown => {
    if (model.required) issues.push(missing);
    if (!model.hasDefault) return undefined;
    // A list is copied, so that a handler that changes its argument changes no later request's.
    return Array.isArray(model.default) ? [...model.default] : model.default;
  };
  if (model.list) {
    // RFC 9110 §5.6.1.2: white space and empty elements are no part of a header's list.
    const items = model.in === 'header' && model.separator === ',' ? headerItems : split;
    return listBinder(values, model.separator, items, one, absent);
  }
  return (exchange, issues) => {
    const found = values(exchange);
    if (found === undefined) return absent(issues);
    if (!isList(found)) return one(found, issues);
    return found.length > 1 ? void issues.push(repeated) : one(found[0] ?? null, issues);
  };
}

function listBinder(
  values: Values,
  separator: string | null,
  itemsOf: typeof split,
  one: (given: Given, issues: Issue[]) => unknown,
  absent: (issues: Issue[]) => unknown,
): Binder {
  return (exchange, issues) => {
    const given = values(exchange);
    if (given === undefined) return absent(issues);
    const found = isList(given) ? given : [given];
    const items = separator === null ? found : found.flatMap((value) => itemsOf(value, separator));
    return items.map((item) => one(item, issues));
  };
}

function split(text: Given, separator: string): readonly Given[] {
  if (typeof text !== 'string') return [text];
  if (text === '') return [];
  return separator === ',' ? splitUnquoted(text, ',') : text.split(separator);
}

function headerItems(text: Given): readonly Given[] {
  if (typeof text !== 'string') return [text];
  return splitUnquoted(text, ',')
    .map(trimOws)
    .filter((item) => item !== '');
}

function isList(given: Given | readonly Given[]): given is readonly Given[] {
  return Array.isArray(given);
}

function valuesOf({ in: source, name }: ScalarModel, { variables, query }: BinderContext): Values {
  switch (source) {
    case 'path': {
      const position = variables.indexOf(name);
      return ({ pathValues }) => pathValues[position];
    }
    case 'query': {
      const place = query.placeOf(name);
      return (exchange) => decoded(exchange.query(query)[place]);
    }
    case 'matrix':
      return ({ matrix }) => matrix.get(name)?.map(decodeComponent);
    case 'form':
      return ({ form }) => form.get(name);
    case 'cookie':
      return ({ cookies }) => cookies.get(name);
    case 'header':
      return headerTexts(name.toLowerCase());
  }
}

function decoded(value: RawValue): Given | readonly Given[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? decodeOctets(value) : value.map(decodeOctets);
}

function headerTexts(name: string): Values {
  return ({ ctx }) => {
    // `hasOwn`, so that a header parameter named `constructor` finds what was sent and nothing else. Node joins
    // repeated fields in `headers`, which would make one value of two.
    const { headers, headersDistinct } = ctx.req;
    if (!Object.hasOwn(headers, name)) return undefined;
    return headersDistinct[name];
  };
}

function beanBinder(model: BeanModel, context: BinderContext): Binder {
  const Type = model.type as new () => object;
  const fields = model.fields.map(({ property, parameter }) => ({
    property,
    bind: scalarBinder(parameter, context),
  }));
  return (exchange, issues) => {
    const bean = new Type();
    for (const { property, bind } of fields) {
      const value = bind(exchange, issues);
      // An absent one leaves the property's initial value, which is its default.
      if (value !== undefined) assign(bean, property, value, issues);
    }
    return bean;
  };
}

/** A setter that throws says that the value is none of its: the same in a body. */
function assign(bean: object, property: string, value: unknown, issues: Issue[]): void {
  try {
    Reflect.set(bean, property, value);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    issues.push({
      in: 'query',
      path: pointer(property),
      code: 'transform',
      message: `${property} is not valid`,
    });
  }
}

function contextBinder({ what }: ContextModel): Binder {
  switch (what) {
    case 'koa':
      return ({ ctx }) => ctx;
    case 'request':
      return ({ ctx }) => ctx.request;
    case 'response':
      return ({ ctx }) => ctx.response;
    case 'state':
      return ({ ctx }) => ctx.state;
    case 'signal':
      return (exchange) => exchange.signal;
    case 'principal':
      return ({ principal }) => principal ?? undefined;
    case 'preconditions':
      return (exchange) => new Preconditions(exchange.preconditionContext());
    case 'language':
      return ({ language }) => language ?? undefined;
  }
}
