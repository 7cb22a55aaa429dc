import { encodeOctets } from './path.js';
import { percentDecode } from './percent.js';

/**
 * The name=value pairs of a query or a form, values still encoded: most names of a query are nobody's, so
 * that only those somebody declared are decoded. A `Map`, since names come from strangers.
 */
export type RawPairs = ReadonlyMap<string, readonly string[]>;

const NONE: RawPairs = new Map();

/**
 * Splits `a=1&b=2`. A pair whose name is no valid UTF-8 is dropped: nobody can have declared it.
 *
 * @param malformed called for such a pair, for those who refuse it
 */
export function parsePairs(text: string, malformed?: () => void): RawPairs {
  if (text === '') return NONE;
  const pairs = new Map<string, string[]>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeComponent(equals === -1 ? pair : pair.slice(0, equals));
    if (name === null) {
      malformed?.();
      continue;
    }
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    const values = pairs.get(name);
    if (values === undefined) pairs.set(name, [value]);
    else values.push(value);
  }
  return pairs;
}

/** A value that stands in the request, still encoded; several where it stands there several times. */
export type RawValue = string | string[] | undefined;

/**
 * The names of a query that an operation declares, each with a place of its own: what else the query has is passed over
 * in the one walk that finds them.
 */
export class DeclaredNames {
  readonly #places = new Map<string, number>();

  /** The place of a name's value in what {@link read} gives. */
  placeOf(name: string): number {
    const place = this.#places.get(name) ?? this.#places.size;
    this.#places.set(name, place);
    return place;
  }

  /** Splits `a=1&b=2`, as {@link parsePairs} does. */
  read(text: string): readonly RawValue[] {
    const values: RawValue[] = new Array<RawValue>(this.#places.size).fill(undefined);
    for (let start = 0; start < text.length; ) {
      const and = text.indexOf('&', start);
      const end = and === -1 ? text.length : and;
      const equals = text.indexOf('=', start);
      const hasValue = equals !== -1 && equals < end;
      const name = decodeOctets(text.slice(start, hasValue ? equals : end));
      const place = name === null || start === end ? undefined : this.#places.get(name);
      if (place !== undefined) add(values, place, hasValue ? text.slice(equals + 1, end) : '');
      start = end + 1;
    }
    return values;
  }
}

function add(values: RawValue[], place: number, value: string): void {
  const before = values[place];
  if (before === undefined) values[place] = value;
  else if (typeof before === 'string') values[place] = [before, value];
  else before.push(value);
}

/** As {@link decodeComponent}, of a text that may have octets which nobody has encoded. */
export function decodeOctets(raw: string): string | null {
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === PERCENT || code === PLUS || code > 0x7f) return decodeComponent(encodeOctets(raw));
  }
  return raw;
}

const PERCENT = 0x25;
const PLUS = 0x2b;

/** Decodes `+` and percent escapes (WHATWG URL §5.1); null where an escape or the UTF-8 in it is invalid. */
export function decodeComponent(raw: string): string | null {
  return percentDecode(raw.includes('+') ? raw.replaceAll('+', ' ') : raw);
}
