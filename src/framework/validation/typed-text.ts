import { type Class, isClass } from '../class.js';
import { parseJson } from '../codecs/json.js';
import type { Issue } from '../errors/api-error.js';
import {
  type Converter,
  enumConverter,
  Mismatch,
  toBigInt,
  toBoolean,
  toDate,
  toNumber,
  toText,
} from '../http/convert.js';
import { pointer } from '../http/pointer.js';
import { BUILT_IN } from '../model/built-in.js';
import { type DeclaredProperty, declaredProperties } from './declared-types.js';

/** Texts in a body → the types that its class declares; texts that don't convert are issues. */
export type TypedText = (value: unknown, issues: Issue[]) => unknown;

/**
 * Compiles the way from a body whose scalars are all texts, as those of XML and CSV are, to what JSON would have
 * had: numbers, booleans, dates and bigints where the class declares them, an array where one element was sent
 * for an array, and an object for an empty element. What the class doesn't know stays as it is, and so does what
 * has another shape than declared: the rules speak of it afterwards. Metadata is read here, never per request.
 *
 * Texts convert as parameters do, the whole of them; one that doesn't is an issue with the code `type`, and its
 * property is left out. An empty text for a property that is a number, boolean, bigint, date or enum is an absent
 * one, since CSV has no other. A property with `@Transform` keeps its text: its function makes the value. A date
 * with `@Type(() => Date)` is checked and stays text too: class-transformer makes the date.
 *
 * @param type The class or primitive of the body, or of each item; null where nothing is declared.
 * @param list Whether the body is a list; an element with children of one name is one.
 */
export function typedText(type: Class | null, list: boolean): TypedText {
  const one = conversionOf(type, new Map());
  if (!list) return (value, issues) => one(value, [], issues);
  return (value, issues) => {
    const items = itemsOf(value);
    return items === null ? value : items.map((item, i) => one(item, [String(i)], issues));
  };
}

/** A list as XML has it: `<items><item/>…</items>`, in which a single item looks like a property. */
function itemsOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (value === '') return [];
  if (!isObject(value)) return null;
  const members: readonly unknown[] = Object.values(value);
  if (members.length !== 1) return null;
  const [only] = members;
  return Array.isArray(only) ? only : [only];
}

type Conversion = (value: unknown, at: readonly string[], issues: Issue[]) => unknown;

const SCALARS = new Map<unknown, Converter>([
  [String, toText],
  [Number, toNumber],
  [Boolean, toBoolean],
  [BigInt, toBigInt],
  [Date, toDate],
]);

const asItIs: Conversion = (value) => value;

function conversionOf(type: unknown, known: Map<Class, Conversion>): Conversion {
  const converter = SCALARS.get(type);
  if (converter !== undefined) return scalar(converter);
  if (!isClass(type) || BUILT_IN.has(type)) return asItIs;
  const found = known.get(type);
  if (found !== undefined) return found;
  let compiled = asItIs;
  // Known before its properties are looked at: one of them may be of the class itself.
  const conversion: Conversion = (value, at, issues) => compiled(value, at, issues);
  known.set(type, conversion);
  compiled = object(membersOf(type, known));
  return conversion;
}

function scalar(converter: Converter): Conversion {
  if (converter === toText) return asItIs;
  return (value, at, issues) => {
    if (typeof value !== 'string') return value;
    const converted = converter(value);
    if (!(converted instanceof Mismatch)) return converted;
    const message = `${subject(at)} ${converted.message}`;
    issues.push({ in: 'body', path: pointer(...at), code: 'type', message });
    return undefined;
  };
}

function subject(at: readonly string[]): string {
  const name = at.at(-1) ?? 'the body';
  return /^\d+$/.test(name) ? `item ${name}` : name;
}

const toDateObject = scalar(toDate);

/** The text of a date, in the capitals that `new Date` reads in every case. */
const toDateText: Conversion = (value, at, issues) => {
  const date = toDateObject(value, at, issues);
  return typeof value === 'string' && date !== undefined ? value.toUpperCase() : date;
};

/** A property of a class. */
interface Member {
  readonly property: string;
  readonly convert: Conversion;
  /** Whether an empty text says that there is none. */
  readonly emptyIsAbsent: boolean;
}

/** By the names that properties have in a body. */
function membersOf(type: Class, known: Map<Class, Conversion>): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (const declared of declaredProperties(type)) {
    const member = memberOf(declared, known);
    for (const name of declared.names) members.set(name, member);
  }
  return members;
}

function memberOf(declared: DeclaredProperty, known: Map<Class, Conversion>): Member {
  const { property, shape, type, values, isMade } = declared;
  let convert = conversionOf(type, known);
  if (values !== null) convert = scalar(enumConverter(values));
  else if (type === Date && isMade) convert = toDateText;
  if (shape === 'list') return { property, convert: array(convert), emptyIsAbsent: false };
  if (shape === 'map') return { property, convert: dictionary(convert), emptyIsAbsent: false };
  const isText = type === String || !SCALARS.has(type);
  return { property, convert, emptyIsAbsent: values !== null || !isText };
}

function object(members: ReadonlyMap<string, Member>): Conversion {
  return (value, at, issues) => {
    if (value === '') return {};
    const object = inCell(value, '{');
    if (!isObject(object)) return value;
    const entries: [string, unknown][] = [];
    for (const [key, sent] of Object.entries(object)) {
      const member = members.get(key);
      if (sent === '' && member?.emptyIsAbsent === true) continue;
      const converted = member === undefined ? sent : member.convert(sent, [...at, member.property], issues);
      if (converted !== undefined) entries.push([key, converted]);
    }
    // Not by assignment: whatever the key, it is the object's own.
    return Object.fromEntries(entries);
  };
}

const DEEPEST_CELL = 100;

/** A cell of CSV has one text: what has several values is written into it as JSON. Anything else stays what it is. */
function inCell(value: unknown, start: '[' | '{'): unknown {
  if (typeof value !== 'string' || !value.startsWith(start)) return value;
  try {
    return parseJson(value, DEEPEST_CELL);
  } catch {
    return value;
  }
}

/** XML can't tell one of many from one. */
function array(item: Conversion): Conversion {
  return (value, at, issues) => {
    if (value === null) return null;
    if (value === '') return [];
    const sent = inCell(value, '[');
    const items: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
    return items.map((each, i) => item(each, [...at, String(i)], issues));
  };
}

/** An object whose keys are data, of which class-transformer makes a `Map`. */
function dictionary(item: Conversion): Conversion {
  return (value, at, issues) => {
    if (value === '') return {};
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(
      ([key, each]) => [key, item(each, [...at, key], issues)] as const,
    );
    return Object.fromEntries(entries);
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
