/**
 * Where two results differ, as a path; null where they are equal: values, prototypes, own keys and their order,
 * and which places hold one and the same object.
 */
export function difference(left: unknown, right: unknown): string | null {
  return compare(left, right, '$', new Map(), new Map());
}

type Pairs = Map<object, object>;

function compare(left: unknown, right: unknown, at: string, there: Pairs, back: Pairs): string | null {
  if (Object.is(left, right)) return null;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return `${at}: ${show(left)} and ${show(right)}`;
  }
  const known = there.get(left);
  if (known !== undefined || back.has(right)) {
    return known === right && back.get(right) === left ? null : `${at}: not the same object as elsewhere`;
  }
  there.set(left, right);
  back.set(right, left);
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return `${at}: another prototype`;
  if (left instanceof Date && right instanceof Date && !Object.is(left.getTime(), right.getTime())) {
    return `${at}: ${show(left)} and ${show(right)}`;
  }
  for (const [name, of] of [
    ['entries', entriesOf],
    ['boxed', boxedOf],
  ] as const) {
    const [ours, theirs] = [of(left), of(right)];
    if (ours === null || theirs === null) continue;
    const found = compare(ours, theirs, `${at}<${name}>`, there, back);
    if (found !== null) return found;
  }
  const keys = Reflect.ownKeys(left);
  const others = Reflect.ownKeys(right);
  if (keys.length !== others.length || keys.some((key, i) => key !== others[i])) {
    return `${at}: keys ${keys.map(String).join()} and ${others.map(String).join()}`;
  }
  for (const key of keys) {
    const one = Reflect.getOwnPropertyDescriptor(left, key);
    const other = Reflect.getOwnPropertyDescriptor(right, key);
    if (one?.enumerable !== other?.enumerable) return `${at}.${String(key)}: enumerable or not`;
    const found = compare(one?.value, other?.value, `${at}.${String(key)}`, there, back);
    if (found !== null) return found;
  }
  return null;
}

function entriesOf(value: object): unknown {
  if (value instanceof Map) return [...value.entries()];
  return value instanceof Set ? [...value] : null;
}

function boxedOf(value: object): unknown {
  if (value instanceof String || value instanceof Number || value instanceof Boolean)
    return [value.valueOf()];
  return null;
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}

/** A value that shares nothing with another one; what is no plain data is the same in both. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Set) return new Set([...value].map(copy));
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, copy(each)]));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]));
}
