import type { ClassTransformOptions } from 'class-transformer';
import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum.js';
import { type Class, isClass } from '../class.js';
import type { TransformMetadata } from '../validation/compiled/transform-metadata.js';
import {
  type ClassPlan,
  compilePlan,
  isClean,
  type Member,
  type PlainContext,
  plainContext,
  undeclared,
  untyped,
} from './class-plan.js';
import * as out from './json-bytes.js';

/** Deeper, the library may find that the value has no end. */
const DEEPEST = 200;
/** Names that data brings, such as those of a dictionary, are not remembered for ever. */
const MOST_MEMBERS = 1000;

/** Thrown where a value has something that only the library writes. */
const UNKNOWN = Symbol('only the library writes this');

/**
 * class-transformer's `instanceToPlain` and `JSON.stringify` in one walk, for values of a declared class: the class's
 * decorators are read once, and no plain copy is made. What it doesn't know, it leaves to the library: Maps, bytes,
 * promises, discriminators.
 */
export class ClassWriter {
  readonly #context: PlainContext;
  readonly #plans = new WeakMap<Class, ClassPlan | null>();
  readonly #untyped: ClassPlan | null;

  constructor(options: ClassTransformOptions = {}) {
    this.#context = plainContext(options);
    this.#untyped = this.#context.walksUntyped ? untyped() : null;
  }

  /** The library's plain value. @throws what the library throws */
  toPlain(value: unknown, type: Class): unknown {
    return this.#context.library.transform(undefined, value, type, undefined, value instanceof Map);
  }

  /**
   * The JSON text of a value, as text or as UTF-8; null where the library has to make a plain value first.
   *
   * @throws what getters and `@Transform` functions throw
   */
  write(value: unknown, type: Class): string | Buffer | null {
    if (!this.#context.isOrdinary || isWriting || hasEnumerable()) return null;
    isWriting = true;
    try {
      out.begin();
      return this.#value(value, type, DEEPEST) ? out.finish() : null;
    } catch (error) {
      if (error === UNKNOWN) return null;
      throw error;
    } finally {
      isWriting = false;
    }
  }

  /** False for what an object leaves out and a list has null for; nothing is written then. */
  #value(value: unknown, type: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        if (SCALARS.has(type)) return this.#scalar(value, type);
        out.string(value);
        return true;
      case 'number':
        if (SCALARS.has(type)) return this.#scalar(value, type);
        out.number(value);
        return true;
      case 'boolean':
        if (SCALARS.has(type)) return this.#scalar(value, type);
        out.ascii(value ? 'true' : 'false');
        return true;
      case 'object':
        if (value === null) out.ascii('null');
        else this.#object(value, type, depth - 1);
        return true;
      case 'undefined':
        return false;
      case 'bigint':
        if (SCALARS.has(type)) return this.#scalar(value, type);
        out.ascii(`"${value}"`);
        return true;
      default:
        // Functions and symbols; a type may make something of them.
        if (SCALARS.has(type)) throw UNKNOWN;
        return false;
    }
  }

  #scalar(value: unknown, type: unknown): boolean {
    if (type === String) out.string(String(value));
    else if (type === Number) out.number(Number(value));
    else if (type === Boolean) out.ascii(value ? 'true' : 'false');
    else if (type === Date) out.date(new Date(value as string));
    else throw UNKNOWN;
    return true;
  }

  #object(value: object, type: unknown, depth: number): void {
    if (depth === 0) throw UNKNOWN;
    if (Array.isArray(value)) return void this.#list(value, type, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Date.prototype && (type === undefined || type === Date))
      return void out.date(value as Date);
    const plan = this.#planOf(value, type);
    const isOwn = prototype === plan.Type?.prototype || prototype === Object.prototype || prototype === null;
    if (!isOwn && !isOrdinary(value, prototype as object)) throw UNKNOWN;
    // Else it is among the keys that are walked.
    if (!plan.walksKeys && typeof Reflect.get(value, 'then') === 'function') throw UNKNOWN;
    this.#members(value as Values, plan, depth);
  }

  #list(values: readonly unknown[], type: unknown, depth: number): void {
    if (typeof type === 'object') throw UNKNOWN;
    let code = 0x5b;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      // The library walks by forEach, which passes over holes.
      if (value === undefined && !(i in values)) continue;
      out.character(code);
      code = 0x2c;
      if (!this.#value(value, type, depth)) out.ascii('null');
    }
    if (code === 0x5b) out.character(code);
    out.character(0x5d);
  }

  #members(object: Values, plan: ClassPlan, depth: number): void {
    let isEmpty = true;
    if (plan.walksKeys) {
      const { order, members } = plan;
      let i = 0;
      for (const key in object) {
        // Objects of one class mostly have their keys in one order.
        const hint = order[i];
        const member = hint !== undefined && hint.key === key ? hint : this.#memberOf(plan, members, key, i);
        i++;
        if (member.isLeftOut) continue;
        let value = object[key];
        if (typeof value === 'function' || member.isSpecial) value = this.#special(object, member, value);
        else if (value === undefined || typeof value === 'symbol') value = NOTHING;
        if (value === NOTHING) continue;
        if (isEmpty) out.character(0x7b);
        out.literal(member.prefix, isEmpty ? 1 : 0);
        isEmpty = false;
        this.#value(value, member.typeOf === null ? undefined : member.typeOf(), depth);
      }
    }
    for (const member of plan.exposed) {
      if (plan.walksKeys && Object.prototype.propertyIsEnumerable.call(object, member.key)) continue;
      const value = this.#special(object, member, object[member.key]);
      if (value === NOTHING) continue;
      if (isEmpty) out.character(0x7b);
      out.literal(member.prefix, isEmpty ? 1 : 0);
      isEmpty = false;
      this.#value(value, member.typeOf === null ? undefined : member.typeOf(), depth);
    }
    if (isEmpty) out.character(0x7b);
    out.character(0x7d);
  }

  /** A member's value where it is more than what the object has; `NOTHING` where it is left out. */
  #special(object: Values, { key, typeOf, transforms }: Member, own: unknown): unknown {
    if (key === 'then' && typeof own === 'function') throw UNKNOWN;
    let value = typeof own === 'function' ? called(object, key) : own;
    if (transforms.length > 0) value = this.#transformed(object, key, value, transforms);
    if (value === undefined) return NOTHING;
    if (typeof value !== 'symbol' && typeof value !== 'function') return value;
    if (typeOf !== null && SCALARS.has(typeOf())) throw UNKNOWN;
    return NOTHING;
  }

  /** As the library: where the functions leave the value as it was, a method's own result counts. */
  #transformed(object: Values, key: string, own: unknown, transforms: readonly TransformMetadata[]): unknown {
    let value: unknown = object[key];
    const type = TransformationType.CLASS_TO_PLAIN;
    for (const { transformFn } of transforms) {
      value = transformFn({ value, key, obj: object, type, options: this.#context.options });
    }
    return object[key] === value ? own : value;
  }

  #planOf(value: object, type: unknown): ClassPlan {
    const Type: unknown = type || (value.constructor === Object ? null : value.constructor);
    if (Type === null || Type === undefined || Type === Object) {
      if (this.#untyped === null) throw UNKNOWN;
      return this.#untyped;
    }
    if (!isClass(Type)) throw UNKNOWN;
    let plan = this.#plans.get(Type);
    if (plan === undefined) {
      plan = compilePlan(this.#context, Type);
      this.#plans.set(Type, plan);
    }
    if (plan === null) throw UNKNOWN;
    return plan;
  }

  #memberOf({ given, order }: ClassPlan, members: Map<string, Member>, key: string, at: number): Member {
    let member = members.get(key);
    if (member === undefined) {
      if (given.has(key)) throw UNKNOWN;
      member = undeclared(key);
      if (members.size < MOST_MEMBERS) members.set(key, member);
    }
    if (at < MOST_MEMBERS) order[at] = member;
    return member;
  }
}

/** The members of an object. */
type Values = Readonly<Record<string, unknown>>;

/** No value at all. */
const NOTHING = Symbol('left out');

let isWriting = false;

const SCALARS = new Set<unknown>([String, Number, Boolean, Date, Buffer]);

function called(object: Values, key: string): unknown {
  return (object as Readonly<Record<string, () => unknown>>)[key]?.();
}

/** Whether the library takes an object of another class than the declared one for its members, and nothing else. */
function isOrdinary(value: object, prototype: object): boolean {
  const isOther =
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Date ||
    value instanceof Uint8Array ||
    typeof Reflect.get(value, 'then') === 'function';
  return !isOther && isClean(prototype);
}

/** Whether somebody has put something on every object. */
function hasEnumerable(): boolean {
  for (const _ in EMPTY) return true;
  return false;
}

const EMPTY = {};
