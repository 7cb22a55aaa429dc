import { type Class, isClass } from '../class.js';
import type { Issue } from '../errors/api-error.js';
import { Mismatch, toBigInt, toDate } from '../http/convert.js';
import { pointer } from '../http/pointer.js';
import { BUILT_IN } from '../model/built-in.js';
import { type DeclaredProperty, declaredProperties } from './declared-types.js';
import type { TypedText } from './typed-text.js';

type Check = (value: unknown, at: readonly string[], issues: Issue[]) => unknown;

interface Member {
  readonly property: string;
  readonly shape: DeclaredProperty['shape'];
  readonly check: Check;
}

/**
 * Checks what class-transformer would guess at: `new Date` rolls the 30th of February over into March, takes a
 * number for milliseconds and a year for a day, and reads times without an offset in the server's zone. A text for
 * a property with `@Type(() => Date)` has to be a date of RFC 3339, as parameters have to; and for a `bigint`, which
 * JSON has no type of its own for, an integer or its digits.
 *
 * Null where a class has no such property, at any depth: most bodies pay nothing.
 */
export function strictValues(type: Class | null, list: boolean): TypedText | null {
  const known = new Map<Class, Compiled>();
  const check = ofType(type, known);
  if (check === null || ![...known.values()].some(({ isNeeded }) => isNeeded)) return null;
  return (value, issues) => {
    if (!list || !Array.isArray(value)) return check(value, [], issues);
    return value.map((item: unknown, i) => check(item, [String(i)], issues));
  };
}

/** A class that is being compiled may have properties of its own class. */
interface Compiled {
  members: ReadonlyMap<string, Member>;
  isNeeded: boolean;
}

function ofType(type: unknown, known: Map<Class, Compiled>): Check | null {
  if (!isClass(type) || BUILT_IN.has(type)) return null;
  const found = known.get(type);
  const compiled = found ?? { members: new Map(), isNeeded: false };
  if (found === undefined) {
    known.set(type, compiled);
    const members = declaredProperties(type).flatMap((declared) => membersOf(declared, known));
    compiled.members = new Map(members);
    compiled.isNeeded = members.some(([, { check }]) => check === dateText || check === bigInteger);
  }
  return (value, at, issues) => object(compiled.members, value, at, issues);
}

function membersOf(declared: DeclaredProperty, known: Map<Class, Compiled>): readonly [string, Member][] {
  const { property, names, shape, type, isMade } = declared;
  const scalar = type === Date && isMade ? dateText : type === BigInt ? bigInteger : null;
  const check = scalar ?? ofType(type, known);
  return check === null ? [] : names.map((name) => [name, { property, shape, check }]);
}

function object(
  members: ReadonlyMap<string, Member>,
  value: unknown,
  at: readonly string[],
  issues: Issue[],
): unknown {
  if (!isObject(value)) return value;
  const entries: [string, unknown][] = [];
  for (const [key, sent] of Object.entries(value)) {
    const member = members.get(key);
    const checked = member === undefined ? sent : several(member, sent, [...at, member.property], issues);
    if (checked !== undefined) entries.push([key, checked]);
  }
  // Not by assignment: whatever the key, it is the object's own.
  return Object.fromEntries(entries);
}

function several({ shape, check }: Member, value: unknown, at: readonly string[], issues: Issue[]): unknown {
  if (shape === 'list' && Array.isArray(value)) {
    return value.map((item: unknown, i) => check(item, [...at, String(i)], issues));
  }
  if (shape === 'map' && isObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, check(item, [...at, key], issues)]);
    return Object.fromEntries(entries) as object;
  }
  return check(value, at, issues);
}

const NO_TEXT = new Mismatch('isDate', 'must be a date, as text');
const NO_INTEGER = new Mismatch('isInt', 'must be an integer, or its digits as text');

/** Stays text: class-transformer makes the date, of the capitals that `new Date` reads in every case. */
const dateText: Check = (value, at, issues) => {
  if (value === null || value instanceof Date) return value;
  const date = typeof value === 'string' ? toDate(value) : NO_TEXT;
  if (!(date instanceof Mismatch)) return (value as string).toUpperCase();
  return refuse(date, at, issues);
};

const bigInteger: Check = (value, at, issues) => {
  if (value === null || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  const integer = typeof value === 'string' ? toBigInt(value) : NO_INTEGER;
  return integer instanceof Mismatch ? refuse(integer, at, issues) : integer;
};

function refuse({ message }: Mismatch, at: readonly string[], issues: Issue[]): undefined {
  issues.push({
    in: 'body',
    path: pointer(...at),
    code: 'type',
    message: `${at.at(-1) ?? 'the body'} ${message}`,
  });
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
