/** A constructor whose parameters are of no interest; `never[]` lets every class be one. */
export type Class<T = object> = abstract new (...parameters: never[]) => T;

/** Whether `value` can be called with `new`, as far as can be told: classes and old-style constructors. */
export function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

/** A class and its ancestors, nearest first. */
export function lineage(type: Class): readonly Class[] {
  const classes: Class[] = [];
  for (
    let at: unknown = type;
    typeof at === 'function' && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    classes.push(at as Class);
  }
  return classes;
}
