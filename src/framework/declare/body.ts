import type { ClassTransformOptions } from 'class-transformer';
import type { ValidatorOptions } from 'class-validator';
import { declaredOn, storage } from './record.js';

/** Options of {@link Body}. */
export interface BodyOptions {
  /** Whether its absence is an error. Default true. */
  readonly required?: boolean;
  /** The class of the items where the parameter is an array, or of the body where its type is an interface. */
  readonly type?: unknown;
  /** class-validator's options for this body, or false to validate nothing. */
  readonly validate?: boolean | ValidatorOptions;
  /** class-transformer's options for this body. */
  readonly transform?: ClassTransformOptions;
}

/**
 * The request's content: negotiated, deserialised, transformed to its class and validated before the method
 * runs. Works bare and called; a parameter without a decorator whose type is a class is the body too.
 *
 * @example
 * ```ts
 * import { IsString } from 'class-validator';
 * import { Body, Path, POST } from 'koanatomy';
 *
 * export class Draft {
 *   @IsString() title!: string;
 * }
 *
 * @Path('/cases')
 * export class CaseController {
 *   @POST
 *   create(@Body({ type: Draft }) drafts: Draft[]) {
 *     return drafts.length;
 *   }
 * }
 * ```
 */
export const Body = ((first?: unknown, method?: string | symbol, index?: number) => {
  if (typeof index === 'number') return record(first as object, String(method), index, {});
  const options = (first ?? {}) as BodyOptions;
  return (target: object, name: string | symbol, at: number) => record(target, String(name), at, options);
}) as {
  (options?: BodyOptions): ParameterDecorator;
  (target: object, method: string | symbol | undefined, index: number): void;
};

function record(object: object, method: string, index: number, options: BodyOptions): void {
  storage().params.push({
    type: 'body',
    object,
    method,
    index,
    parse: false,
    required: options.required ?? true,
    explicitType: options.type,
    ...(options.validate === undefined ? null : { validate: options.validate }),
    ...(options.transform === undefined ? null : { classTransform: options.transform }),
  });
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/**
 * The most bytes a body may have, for a method or every method of a class; more is answered 413.
 *
 * @param size bytes, or a text with a unit of 1024: `'512kb'`, `'2mb'`
 * @throws RangeError where it is no such size.
 */
export function MaxBody(size: number | string): ClassDecorator & MethodDecorator {
  const bytes = toBytes(size);
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).maxBody = bytes;
  };
}

/** Bytes of a size such as `'2mb'`. @throws RangeError where it is none. */
export function toBytes(size: number | string): number {
  const match = /^(\d+)(b|kb|mb|gb)?$/i.exec(String(size));
  const bytes = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2]?.toLowerCase() ?? 'b'] ?? 1);
  if (!Number.isSafeInteger(bytes)) throw new RangeError(`${String(size)} is no size: give bytes, or '2mb'`);
  return bytes;
}
