import { parseDate } from './date.js';

/** Why a text could not become a value: the code and the sentence of the issue. */
export class Mismatch {
  constructor(
    readonly code: string,
    readonly message: string,
  ) {}
}

/** Text → value, or a {@link Mismatch}. The whole text must fit the grammar: no prefixes, no trimming. */
export type Converter = (text: string) => unknown;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;

const NOT_A_NUMBER = new Mismatch('isNumber', 'must be a number');
const NOT_AN_INTEGER = new Mismatch('isInt', 'must be an integer');
const NOT_EXACT = new Mismatch('isSafe', 'must be between -9007199254740991 and 9007199254740991');
const NOT_FINITE = new Mismatch('isFinite', 'must be a number that a double can hold');
const TOO_LONG = new Mismatch('maxLength', 'must have at most 1000 digits');
const NOT_A_BOOLEAN = new Mismatch('isBoolean', 'must be true or false');
const NOT_A_DATE = new Mismatch(
  'isDate',
  'must be a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z',
);

/**
 * The number grammar of JSON (RFC 8259 §6). What a double would round so that another integer results is
 * refused, as is a number that overflows to infinity or underflows to zero: what the client wrote is what the
 * handler gets, up to digits behind the point that no double has.
 */
export function toNumber(text: string): number | Mismatch {
  if (INTEGER.test(text)) return exactInteger(text);
  if (!NUMBER.test(text)) return NOT_A_NUMBER;
  const value = Number(text);
  if (!Number.isFinite(value)) return NOT_FINITE;
  if (value === 0) return significantDigits(text) === '' ? 0 : NOT_FINITE;
  const large = Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return large && significantDigits(text) !== significantDigits(String(value)) ? NOT_EXACT : value;
}

/** The digits of a number without sign, point, exponent, and zeros at either end. */
function significantDigits(text: string): string {
  const digits = text.replace(/[eE].*$/, '').replace(/[-.]/g, '');
  let end = digits.length;
  // No expression does: `0+$` would try each zero of a long run as a start.
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end).replace(/^0+/, '');
}

/** Decimal digits, without leading zeros, a fraction or an exponent. */
export function toInteger(text: string): number | Mismatch {
  return INTEGER.test(text) ? exactInteger(text) : NOT_AN_INTEGER;
}

function exactInteger(text: string): number | Mismatch {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return NOT_EXACT;
  return value === 0 ? 0 : value;
}

/** Decimal digits, at most a thousand: making an integer of them takes time that grows faster than they do. */
export function toBigInt(text: string): bigint | Mismatch {
  if (!INTEGER.test(text)) return NOT_AN_INTEGER;
  const digits = text.startsWith('-') ? text.length - 1 : text.length;
  return digits > 1000 ? TOO_LONG : BigInt(text);
}

/** `true` or `false`, nothing else: an empty value, 1 or yes could mean either. */
export function toBoolean(text: string): boolean | Mismatch {
  if (text === 'true') return true;
  return text === 'false' ? false : NOT_A_BOOLEAN;
}

/** A date (midnight UTC) or a time with its offset, RFC 3339. */
export function toDate(text: string): Date | Mismatch {
  return parseDate(text) ?? NOT_A_DATE;
}

export const toText: Converter = (text) => text;

/** Names for the values that `values` allows; a numeric TypeScript enum takes names and numbers. */
export function enumConverter(values: object): Converter {
  const known = enumValues(values);
  const mismatch = new Mismatch('isEnum', `must be one of: ${[...known.keys()].join(', ')}`);
  return (text) => (known.has(text) ? known.get(text) : mismatch);
}

/** The allowed texts with their values. A `Map`, so that `constructor` is a name like any other. */
export function enumValues(values: object): ReadonlyMap<string, unknown> {
  const known = new Map<string, unknown>();
  if (Array.isArray(values)) {
    for (const value of values) known.set(String(value), value);
    return known;
  }
  for (const [name, value] of Object.entries(values)) {
    if (isReverse(values, name, value)) continue;
    known.set(String(value), value);
    if (typeof value === 'number') known.set(name, value);
  }
  return known;
}

/** A numeric enum is an object with both directions; `0: 'Low'` is the reverse one of `Low: 0`. */
function isReverse(values: object, name: string, value: unknown): boolean {
  if (typeof value !== 'string' || !Object.hasOwn(values, value)) return false;
  const forward: unknown = Reflect.get(values, value);
  return typeof forward === 'number' && String(forward) === name;
}
