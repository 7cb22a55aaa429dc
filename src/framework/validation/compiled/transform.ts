import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum.js';
import type { Class } from '../../class.js';
import type { TypeMetadata } from './transform-metadata.js';
import {
  type ClassPlan,
  classPlan,
  implicitType,
  isBlocked,
  type MemberPlan,
  type TransformContext,
} from './transform-plan.js';

type Plain = Record<string, unknown>;

/**
 * class-transformer's `plainToInstance` with the metadata read once. What it does not know, it gives to the
 * library: Maps, promises, arrays with a discriminator, objects that are no plain ones.
 *
 * @throws what the library throws, and what constructors and `@Transform` functions throw
 */
export function transform(context: TransformContext, value: unknown, type: Class): unknown {
  if (!(value instanceof Map)) return convert(context, value, type, undefined, false);
  return context.library.transform(undefined, value, type, undefined, undefined);
}

/** One value, by the type that it is to have. */
export function convert(
  context: TransformContext,
  value: unknown,
  type: unknown,
  listType: unknown,
  isMap: boolean,
): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== 'object') return isMap ? value : scalar(value, type);
  if (typeof type === 'object' && type !== null) return byLibrary(context, value, type, listType, isMap);
  if (Array.isArray(value)) return list(context, value, type, listType);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (isMap || prototype !== Object.prototype) return byLibrary(context, value, type, listType, isMap);
  if (SCALARS.has(type)) return scalar(value, type);
  if (typeof (value as Plain).then === 'function') return byLibrary(context, value, type, listType, isMap);
  if (!type) return untyped(context, value as Plain, type, listType);
  const plan = typeof type === 'function' ? classPlan(context, type) : null;
  return plan === null
    ? byLibrary(context, value, type, listType, isMap)
    : instance(context, plan, value as Plain);
}

function byLibrary(
  { library }: TransformContext,
  value: object,
  type: unknown,
  listType: unknown,
  isMap: boolean,
): unknown {
  const container = Array.isArray(value) ? listType : undefined;
  return library.transform(undefined, value, type, container, isMap || value instanceof Map);
}

const SCALARS = new Set<unknown>([String, Number, Boolean, Date, Buffer]);

function scalar(value: unknown, type: unknown): unknown {
  if (type === String) return String(value);
  if (type === Number) return Number(value);
  if (type === Boolean) return Boolean(value);
  if (type === Date) return new Date(value as string);
  if (type === Buffer) return Buffer.from(value as string);
  return value;
}

function list(
  context: TransformContext,
  values: readonly unknown[],
  type: unknown,
  listType: unknown,
): unknown {
  const made = listType ? listOf(listType as new () => object) : [];
  const { length } = values;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    // As forEach does, which the library walks by.
    if (value === undefined && !(i in values)) continue;
    const item = convert(context, value, type, undefined, false);
    if (made instanceof Set) made.add(item);
    else made.push(item);
  }
  return made;
}

function listOf(Type: new () => object): Set<unknown> | unknown[] {
  const made = new Type();
  if (made instanceof Set) return made;
  return 'push' in made ? (made as unknown[]) : [];
}

/** An object that no class was named for: its copy, without what would hide a method of every object. */
function untyped(context: TransformContext, plain: Plain, type: unknown, listType: unknown): unknown {
  // With a key `constructor` the library takes its value for the class.
  if (plain.constructor !== Object) return byLibrary(context, plain, type, listType, false);
  const made: Plain = {};
  if (!context.walksUntyped) return made;
  for (const key of Object.keys(plain)) {
    if (key === '__proto__' || (key in made && isSkipped(made, key))) continue;
    assign(context, made, key, convert(context, plain[key], undefined, undefined, false));
  }
  return made;
}

function instance(context: TransformContext, plan: ClassPlan, plain: Plain): object {
  const keys = plan.walksKeys ? Object.keys(plain) : NONE;
  const made = new plan.Type() as Plain;
  // A constructor may return what it likes.
  const isOther = made.constructor !== plan.Type;
  for (const key of keys) {
    const member = plan.members.get(key);
    if (member === undefined) undeclared(context, plan, plain, key, made, isOther);
    else if (member !== null) declared(context, member, plain, made, isOther);
  }
  for (const member of plan.exposed) {
    if (keys !== NONE && Object.prototype.propertyIsEnumerable.call(plain, member.key)) continue;
    declared(context, member, plain, made, isOther);
  }
  return made;
}

const NONE: readonly string[] = [];

function declared(
  context: TransformContext,
  member: MemberPlan,
  plain: Plain,
  made: Plain,
  isOther: boolean,
): void {
  const { key, property } = member;
  const value = plain[key];
  const type = typeOf(member, value, plain, made);
  if (isOther ? isSkipped(made, property) : member.isBlocked || made[property] instanceof Function) return;
  if (value === undefined && context.keepsDefaults) {
    assign(context, made, property, made[property]);
    return;
  }
  let final = convert(context, value, type, member.listType, member.isMap);
  for (const { transformFn } of member.transforms) {
    final = transformFn({
      value: final,
      key: property,
      obj: plain,
      type: TransformationType.PLAIN_TO_CLASS,
      options: context.options,
    });
  }
  assign(context, made, property, final);
}

/** A key that no decorator knows, and no member of the class's prototype. */
function undeclared(
  context: TransformContext,
  plan: ClassPlan,
  plain: Plain,
  key: string,
  made: Plain,
  isOther: boolean,
): void {
  const value = plain[key];
  const type = context.isImplicit ? implicitType(plan.Type, key) : undefined;
  if (isOther ? isSkipped(made, key) : made[key] instanceof Function) return;
  if (value === undefined && context.keepsDefaults) assign(context, made, key, made[key]);
  else assign(context, made, key, convert(context, value, type, undefined, false));
}

function assign({ keepsUndefined }: TransformContext, made: Plain, property: string, value: unknown): void {
  if (value !== undefined || keepsUndefined) made[property] = value;
}

/** Whether class-transformer leaves a property alone: a getter, a method, or a function as its value. */
function isSkipped(made: Plain, property: string): boolean {
  const prototype: unknown = made.constructor.prototype;
  if (!prototype) return false;
  return isBlocked(prototype as object, property) || made[property] instanceof Function;
}

/** Functions of `@Type` are called for each value, as the library does: nothing says that they are constant. */
function typeOf(member: MemberPlan, value: unknown, plain: Plain, made: Plain): unknown {
  const { typed, key, property } = member;
  if (typed === null) return member.implicitType;
  const { typeFunction } = typed;
  const type = typeFunction
    ? typed.typeFunction?.({ newObject: made, object: plain, property })
    : typed.reflectedType;
  if (!member.isDiscriminated) return type;
  // The library finds out for each item; given the metadata for a class, it knows that it has to.
  // biome-ignore lint/suspicious/useIsArray: what the library asks here isn't quite the same.
  if (plain[key] instanceof Array) return typed;
  return discriminated(typed, value, type);
}

function discriminated({ options }: TypeMetadata, value: unknown, otherwise: unknown): unknown {
  const discriminator = options?.discriminator;
  if (discriminator === undefined) return otherwise;
  const isTold = value instanceof Object && discriminator.property in value;
  const told = isTold ? (value as Plain)[discriminator.property] : undefined;
  const found = discriminator.subTypes.find(({ name }) => isTold && name === told);
  if (isTold && !options?.keepDiscriminatorProperty) delete (value as Plain)[discriminator.property];
  return found === undefined ? otherwise : found.value;
}
