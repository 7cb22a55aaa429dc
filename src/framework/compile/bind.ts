import type { FormValue } from '../codecs/multipart-form.js';
import { ApiError, type Issue } from '../errors/api-error.js';
import type { Exchange } from '../exchange.js';
import { Mismatch } from '../http/convert.js';
import { splitUnquoted } from '../http/media-type.js';
import { trimOws } from '../http/ows.js';
import { decodeComponent } from '../http/pairs.js';
import { pointer } from '../http/pointer.js';
import { converterOf } from '../model/converter-of.js';
import type { BeanModel, ContextModel, ParameterModel, ScalarModel } from '../model/model.js';
import { Preconditions } from '../preconditions.js';
import type { Binder } from './records.js';

/** Compiles one parameter; `variables` are the names of the path template's variables by position. */
export function compileBinder(
  model: ParameterModel,
  variables: readonly string[],
  unknownProperties: 'strip' | 'refuse',
): Binder {
  if (model.kind === 'scalar') return argumentBinder(model, variables);
  if (model.kind === 'bean') return beanBinder(model, variables);
  if (model.kind === 'context') return contextBinder(model);
  if (model.form === null) return ({ body }) => body;
  const fromForm = beanBinder(model.form, variables);
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
function argumentBinder(model: ScalarModel, variables: readonly string[]): Binder {
  const bind = scalarBinder(model, variables);
  if (!model.list || model.required) return bind;
  return (exchange, issues) => bind(exchange, issues) ?? [];
}

/**
 * The values a parameter has in a request, texts but for the files of a form; none where it is absent, null where
 * one can't be decoded.
 */
type Values = (exchange: Exchange) => readonly (FormValue | null)[] | undefined;

function scalarBinder(model: ScalarModel, variables: readonly string[]): Binder {
  const values = valuesOf(model, variables);
  const convert = converterOf(model);
  const path = pointer(model.name);
  const issue = (code: string, message: string): Issue => ({ in: model.in, path, code, message });
  const missing = issue('required', `${model.name} is required`);
  const repeated = issue('repeated', `${model.name} may be given once`);
  const malformed = issue('malformed', `${model.name} is not valid UTF-8 in percent encoding`);
  const noFile = issue('type', `${model.name} must be a file`);
  const noText = issue('type', `${model.name} must be text, not a file`);
  const one = (given: FormValue | null, issues: Issue[]): unknown => {
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
    if (found.length > 1) return void issues.push(repeated);
    return one(found[0] ?? null, issues);
  };
}

function listBinder(
  values: Values,
  separator: string | null,
  itemsOf: typeof split,
  one: (given: FormValue | null, issues: Issue[]) => unknown,
  absent: (issues: Issue[]) => unknown,
): Binder {
  return (exchange, issues) => {
    const found = values(exchange);
    if (found === undefined) return absent(issues);
    const items = separator === null ? found : found.flatMap((value) => itemsOf(value, separator));
    return items.map((item) => one(item, issues));
  };
}

function split(text: FormValue | null, separator: string): readonly (FormValue | null)[] {
  if (typeof text !== 'string') return [text];
  if (text === '') return [];
  return separator === ',' ? splitUnquoted(text, ',') : text.split(separator);
}

function headerItems(text: FormValue | null): readonly (FormValue | null)[] {
  if (typeof text !== 'string') return [text];
  return splitUnquoted(text, ',')
    .map(trimOws)
    .filter((item) => item !== '');
}

function valuesOf({ in: source, name }: ScalarModel, variables: readonly string[]): Values {
  switch (source) {
    case 'path': {
      const position = variables.indexOf(name);
      return ({ pathValues }) => {
        const value = pathValues[position];
        return value === undefined ? undefined : [value];
      };
    }
    case 'query':
      return ({ query }) => query.get(name)?.map(decodeComponent);
    case 'matrix':
      return ({ matrix }) => matrix.get(name)?.map(decodeComponent);
    case 'form':
      return ({ form }) => form.get(name);
    case 'cookie':
      return ({ cookies }) => {
        const value = cookies.get(name);
        return value === undefined ? undefined : [value];
      };
    case 'header':
      return headerTexts(name.toLowerCase());
  }
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

function beanBinder(model: BeanModel, variables: readonly string[]): Binder {
  const Type = model.type as new () => object;
  const fields = model.fields.map(({ property, parameter }) => ({
    property,
    bind: scalarBinder(parameter, variables),
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
