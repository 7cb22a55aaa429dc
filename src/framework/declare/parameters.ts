import type { Class } from '../class.js';
import type { UploadedFile } from '../codecs/upload.js';
import type { Preconditions } from '../preconditions.js';
import type { Principal } from '../security/principal.js';
import { type Apply, bareable } from './bareable.js';
import { classRecord, methodRecord, type OwnParameter, type ParameterExtras, storage } from './record.js';

/** Options of a parameter taken from the path, the query, a header, a cookie, a form or a matrix. */
export interface ParameterOptions {
  /** Whether its absence is an error. Default false: an absent one is `undefined`, or its default. */
  readonly required?: boolean;
  /** The type, or the type of a list's items, where TypeScript emits too little (`ids: number[]`). */
  readonly type?: unknown;
  /** Accept integers only. */
  readonly integer?: boolean;
  /** The values it may have: a TypeScript enum or a list. */
  readonly enum?: object;
  /** What separates the items of a list in one value; without it each item is a parameter of its own. */
  readonly separator?: string;
}

/** For a method's parameter, or for a property of a class that `@BeanParam` binds. */
export type BindingDecorator = ParameterDecorator & PropertyDecorator;

type Slot = 'param' | 'query' | 'header' | 'cookie';

/** A parameter in a slot of routing-controllers' storage; as a property it goes to the class's record. */
function slotted(type: Slot, source: OwnParameter['source'], name: string, options: ParameterOptions) {
  return ((target: object, member: string | symbol | undefined, index?: number) => {
    if (typeof index !== 'number') {
      classRecord(target.constructor as Class).properties.set(String(member), own(source, name, options));
      return;
    }
    storage().params.push({
      type,
      object: target,
      method: String(member),
      index,
      name,
      parse: false,
      required: options.required ?? type === 'param',
      explicitType: options.type,
    });
    methodRecord(target, String(member)).extras.set(index, extras(options));
  }) as BindingDecorator;
}

function unslotted(
  source: OwnParameter['source'],
  name: string,
  options: ParameterOptions,
): BindingDecorator {
  return ((target: object, member: string | symbol | undefined, index?: number) => {
    const parameter = own(source, name, options);
    if (typeof index === 'number') methodRecord(target, String(member)).own.set(index, parameter);
    else classRecord(target.constructor as Class).properties.set(String(member), parameter);
  }) as BindingDecorator;
}

function own(source: OwnParameter['source'], name: string, options: ParameterOptions): OwnParameter {
  return { source, name, required: options.required ?? false, type: options.type, ...extras(options) };
}

function extras({ integer, enum: values, separator }: ParameterOptions): ParameterExtras {
  return {
    ...(integer === undefined ? null : { integer }),
    ...(values === undefined ? null : { enum: values }),
    ...(separator === undefined ? null : { separator }),
  };
}

/**
 * A variable of the path template, decoded once and converted to the parameter's type.
 *
 * Converted are `string`, `number`, `boolean`, `Date`, `bigint`, enums and lists of these, by grammars that
 * take the whole text; a value that doesn't fit is answered 400.
 */
export function PathParam(name: string, options: ParameterOptions = {}): BindingDecorator {
  return slotted('param', 'path', name, options);
}

/**
 * A parameter of the query. A repeated one is an error, except for lists.
 *
 * @example
 * ```ts
 * import { DefaultValue, GET, Path, QueryParam } from 'koanatomy';
 *
 * @Path('/cases')
 * export class CaseController {
 *   @GET
 *   list(
 *     @QueryParam('limit', { integer: true }) @DefaultValue(20) limit: number,
 *     @QueryParam('tag') tags: string[],
 *   ) {
 *     return { limit, tags };
 *   }
 * }
 * ```
 */
export function QueryParam(name: string, options: ParameterOptions = {}): BindingDecorator {
  return slotted('query', 'query', name, options);
}

/** A request header by its name, in any case; a list's items are separated by commas (RFC 9110 §5.6.1). */
export function HeaderParam(name: string, options: ParameterOptions = {}): BindingDecorator {
  return slotted('header', 'header', name, options);
}

/** A cookie (RFC 6265) by its name. */
export function CookieParam(name: string, options: ParameterOptions = {}): BindingDecorator {
  return slotted('cookie', 'cookie', name, options);
}

/** A matrix parameter (`/cars;color=red`) of any segment of the path; it takes no part in matching. */
export function MatrixParam(name: string, options: ParameterOptions = {}): BindingDecorator {
  return unslotted('matrix', name, options);
}

/**
 * A field of a form, sent as `application/x-www-form-urlencoded` or as `multipart/form-data`; or a file, where the
 * type is {@link UploadedFile}. An operation that takes a file reads `multipart/form-data` only.
 *
 * @example
 * ```ts
 * import { FormParam, Path, POST, UploadedFile } from 'koanatomy';
 *
 * @Path('/albums')
 * export class AlbumController {
 *   @POST
 *   create(
 *     @FormParam('title', { required: true }) title: string,
 *     @FormParam('photo', { type: UploadedFile }) photos: UploadedFile[],
 *   ) {
 *     return { title, sizes: photos.map((photo) => photo.size) };
 *   }
 * }
 * ```
 */
export function FormParam(name: string, options: ParameterOptions = {}): BindingDecorator {
  return unslotted('form', name, options);
}

/**
 * An object of a class whose properties carry `@QueryParam`, `@HeaderParam` and the like, bound together;
 * class-validator's rules on them are checked.
 *
 * @example
 * ```ts
 * import { Max, Min } from 'class-validator';
 * import { BeanParam, GET, Path, QueryParam } from 'koanatomy';
 *
 * export class Page {
 *   @QueryParam('limit', { integer: true }) @Min(1) @Max(100)
 *   limit: number = 20;
 * }
 *
 * @Path('/cases')
 * export class CaseController {
 *   @GET
 *   list(@BeanParam() page: Page) {
 *     return page.limit;
 *   }
 * }
 * ```
 */
export const BeanParam = bareable<ParameterDecorator>(unslotted('bean', '', {}) as Apply);

/**
 * What `@Context` can be asked for by name: `Principal`, `AbortSignal`, `Preconditions`, Koa's context as `'koa'`,
 * and the language that was chosen for the answer as `'language'`.
 */
export type ContextSelector =
  | typeof Principal
  | typeof AbortSignal
  | typeof Preconditions
  | 'koa'
  | 'language';

/**
 * From the request's surroundings, by the parameter's type: `AbortSignal` (fires when the client leaves),
 * {@link Principal}, {@link Preconditions}, and Koa's context for everything that TypeScript emits as `Object`. A union such as
 * `Principal | undefined` is emitted as `Object` too: write `who?: Principal`, or name what is meant.
 *
 * @example
 * ```ts
 * import { Context, GET, Path, Principal } from 'koanatomy';
 *
 * @Path('/greeting')
 * export class GreetingController {
 *   @GET
 *   greet(@Context(Principal) who: Principal | undefined) {
 *     return { hello: who?.name ?? 'stranger' };
 *   }
 * }
 * ```
 */
export const Context = ((first?: unknown, member?: string | symbol, index?: number) => {
  if (typeof index !== 'number') return unslotted('context', '', { type: first });
  return unslotted('context', '', {})(first as object, member as string, index);
}) as {
  (selector?: ContextSelector): ParameterDecorator;
  (target: object, method: string | symbol | undefined, index: number): void;
};

/**
 * The value of a parameter that is absent. It applies to absence only: an empty or malformed value is an
 * error. A text is converted like one that was sent, once, at startup.
 */
export function DefaultValue(value: unknown): BindingDecorator {
  return ((target: object, member: string | symbol | undefined, index?: number) => {
    if (typeof index === 'number') methodRecord(target, String(member)).defaults.set(index, value);
    else classRecord(target.constructor as Class).propertyDefaults.set(String(member), value);
  }) as BindingDecorator;
}
