/** A JSON object: any object that is no array. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Gives an object a member of its own, whatever its name: assigning to `__proto__` would change the
 * prototype, and assigning to `toString` throws where somebody has frozen `Object.prototype`.
 */
export function setMember(object: JsonObject, name: string, value: unknown): void {
  if (name in Object.prototype) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[name] = value;
  }
}

/**
 * A copy that shares nothing with the value. It keeps a list of what is left to do in place of recursion, so
 * that nesting is limited by memory and not by the stack.
 *
 * @param visit called for each value before it is copied, with the name that it has in its object; may throw
 */
export function deepCopy(value: unknown, visit?: (value: unknown, name: string) => void): unknown {
  const open: (readonly [from: object, to: JsonObject | unknown[]])[] = [];
  const shell = (each: unknown, name: string): unknown => {
    visit?.(each, name);
    if (typeof each !== 'object' || each === null) return each;
    const to = Array.isArray(each) ? [] : {};
    open.push([each, to]);
    return to;
  };
  const copy = shell(value, '');
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, to] = next;
    if (Array.isArray(to)) for (const item of from as readonly unknown[]) to.push(shell(item, ''));
    else for (const [name, member] of Object.entries(from)) setMember(to, name, shell(member, name));
  }
  return copy;
}

/**
 * Equality of RFC 6902 §4.6: the same JSON type, numbers by their value, strings by their code points (with
 * no normalisation), arrays in order, objects in any order.
 */
export function equal(left: unknown, right: unknown): boolean {
  const open: (readonly [left: unknown, right: unknown])[] = [[left, right]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [a, b] = next;
    if (a === b) continue;
    if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) return false;
      for (const [i, item] of a.entries()) open.push([item, b[i]]);
    } else if (isJsonObject(a) && isJsonObject(b)) {
      const names = Object.keys(a);
      if (names.length !== Object.keys(b).length) return false;
      for (const name of names) {
        if (!Object.hasOwn(b, name)) return false;
        open.push([a[name], b[name]]);
      }
    } else {
      return false;
    }
  }
  return true;
}

/** How deep arrays and objects are nested: 0 for a string, 1 for `[]`, 2 for `[{}]`. */
export function depthOf(value: unknown): number {
  let depth = 0;
  for (let level = [value].filter(isContainer); level.length > 0; depth++) {
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return depth;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
