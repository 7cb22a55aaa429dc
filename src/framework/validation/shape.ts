import { ValidationTypes } from 'class-validator/cjs/validation/ValidationTypes.js';
import { type Class, isClass } from '../class.js';
import { emittedType } from '../declare/record.js';
import type { Issue } from '../errors/api-error.js';
import type { Place } from './issues.js';
import { rulesOf } from './rules.js';

/** What a property must be where class-validator looks only at the elements. */
export interface ShapeRule {
  readonly property: string;
  readonly declared: 'array' | 'object' | null;
  readonly nested: boolean;
}

const plans = new WeakMap<Class, readonly ShapeRule[]>();

/**
 * Holds arrays against objects, in depth. class-validator takes an array where an object is declared (it
 * validates the elements, and an empty array has none), and a single value where an array is declared
 * (`each` then looks at the value itself); a handler would call `.map` of a string.
 */
export function checkShape(value: object, at: readonly string[], place: Place, issues: Issue[]): void {
  const wrong = (keys: readonly string[], code: string, message: string): void => {
    issues.push({ ...place(keys), code, message });
  };
  for (const { property, declared, nested } of shapeOf(value.constructor as Class)) {
    const member: unknown = Reflect.get(value, property);
    if (member === undefined || member === null) continue;
    const keys = [...at, property];
    const items = itemsOf(member);
    if (declared === 'array' && !Array.isArray(member)) {
      wrong(keys, 'isArray', `${property} must be an array`);
    } else if (declared === 'object' && items !== null) {
      wrong(keys, 'isObject', `${property} must be an object`);
    } else if (nested) {
      for (const [i, item] of items?.entries() ?? [[-1, member] as const]) {
        const where = i === -1 ? keys : [...keys, String(i)];
        if (Array.isArray(item)) wrong(where, 'isObject', `${property} must hold objects, not arrays`);
        else if (typeof item === 'object' && item !== null) checkShape(item, where, place, issues);
      }
    }
  }
}

function itemsOf(member: unknown): readonly unknown[] | null {
  if (Array.isArray(member)) return member;
  return member instanceof Set || member instanceof Map ? [...member.values()] : null;
}

/** What the properties of a class must be. */
export function shapeOf(type: Class): readonly ShapeRule[] {
  const found = plans.get(type);
  if (found !== undefined) return found;
  const rules = typeof type === 'function' ? rulesOf(type) : [];
  const nested = new Set(
    rules.filter((rule) => rule.type === ValidationTypes.NESTED_VALIDATION).map((rule) => rule.propertyName),
  );
  const shape = [...new Set(rules.map((rule) => rule.propertyName))].map((property) => {
    const emitted = emittedType(type.prototype as object, property, 'property');
    // A union of classes is emitted as Object; that its rule isn't for `each` says that it is one object.
    const single = !rules.some((rule) => rule.propertyName === property && rule.each);
    const isObject =
      nested.has(property) && isClass(emitted) && !COLLECTIONS.has(emitted) && (emitted !== Object || single);
    const declared = emitted === Array ? 'array' : isObject ? 'object' : null;
    return { property, declared, nested: nested.has(property) } as const;
  });
  const plan = shape.filter((rule) => rule.declared !== null || rule.nested);
  plans.set(type, plan);
  return plan;
}

const COLLECTIONS: ReadonlySet<unknown> = new Set([Array, Map, Set, Promise]);
