import { isOrdinaryObject } from '../validation/to-writable.js';

/**
 * The JSON text of small plain data in one walk, as `JSON.stringify` writes it; null where it is large, or where
 * something in it isn't plain, whatever that is: somebody else writes it then.
 *
 * @param most the most values that it may have
 *
 * For a handful of members this takes two thirds of what a look at the value and `JSON.stringify` take; for many it takes
 * more, hence the limit.
 */
export function shortJson(value: unknown, most = MOST_VALUES): string | null {
  budget = most;
  return textOf(value);
}

const MOST_VALUES = 32;
let budget = 0;

function textOf(value: unknown): string | null {
  if (--budget < 0) return null;
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Number.isFinite(value) ? `${value}` : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : ofObject(value);
    default:
      return null;
  }
}

function ofObject(value: object): string | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return ofArray(value as readonly unknown[]);
  if (prototype === Date.prototype) return Object.hasOwn(value, 'toJSON') ? null : JSON.stringify(value);
  const isLiteral = prototype === Object.prototype || prototype === null;
  if (!isLiteral && !isOrdinaryObject(value, prototype as object)) return null;
  let text = '{';
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member === undefined || !(isLiteral || Object.hasOwn(value, key))) continue;
    const written = textOf(member);
    if (written === null) return null;
    text += text === '{' ? keyOf(key) + written : `,${keyOf(key)}${written}`;
  }
  return `${text}}`;
}

function ofArray(values: readonly unknown[]): string | null {
  if (values.length > budget || 'toJSON' in values) return null;
  let text = '[';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const written = value === undefined ? 'null' : textOf(value);
    if (written === null) return null;
    text += i === 0 ? written : `,${written}`;
  }
  return `${text}]`;
}

/** What a string has to say otherwise (RFC 8259 §7), and halves of surrogate pairs, which are escaped too. */
const ESCAPED = /["\\]|[^\x20-\ud7ff\ue000-\uffff]/;
const SHORT = 48;

/** A string with its quotes, as `JSON.stringify` writes it. */
export function quoted(text: string): string {
  if (text.length > SHORT) return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
  // For short ones the expression costs more than what it looks at.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) {
      return JSON.stringify(text);
    }
  }
  return `"${text}"`;
}

/** Names with their quotes and colon: those of a program are few, those of its data may be many. */
const keys = new Map<string, string>();
const MOST_KEYS = 1000;

function keyOf(key: string): string {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const made = `${JSON.stringify(key)}:`;
  if (keys.size >= MOST_KEYS) keys.clear();
  if (key.length <= SHORT) keys.set(key, made);
  return made;
}
