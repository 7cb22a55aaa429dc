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

/** Decodes `+` and percent escapes (WHATWG URL §5.1); null where an escape or the UTF-8 in it is invalid. */
export function decodeComponent(raw: string): string | null {
  return percentDecode(raw.includes('+') ? raw.replaceAll('+', ' ') : raw);
}
