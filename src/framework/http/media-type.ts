import { trimOws } from './ows.js';

/** A media type or range, RFC 9110 §8.3.1, names in lower case. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  /** Parameters by lower-case name, without `q`/`qs`, quotes removed. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The weight: `q` in Accept, `qs` in @Produces; 1 where none was given. */
  readonly weight: number;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 9110 §12.4.2, and what clients send for it: `.2` is the default of Java's, other ones write more digits.
const WEIGHT = /^(?:0(?:\.\d*)?|\.\d+|1(?:\.0*)?)$/;
const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

/** Reads one media type with its parameters; null where it is malformed. */
export function parseMediaType(text: string): MediaType | null {
  const [first = '', ...rest] = splitUnquoted(text, ';');
  const name = trimOws(first).toLowerCase();
  const slash = name.indexOf('/');
  const type = name.slice(0, slash);
  const subtype = name.slice(slash + 1);
  if (slash === -1 || !TOKEN.test(type) || !TOKEN.test(subtype)) return null;
  if (type === '*' && subtype !== '*') return null;
  let weight: number | null = null;
  let parameters: Map<string, string> | null = null;
  for (const part of rest) {
    const parameter = trimOws(part);
    if (parameter === '') continue;
    // RFC 9110 §5.6.6 has no white space around the equals sign.
    const equals = parameter.indexOf('=');
    const key = parameter.slice(0, equals).toLowerCase();
    const value = unquote(parameter.slice(equals + 1));
    if (equals === -1 || !TOKEN.test(key) || value === null) return null;
    // A parameter given twice is an error (RFC 6838 §4.3); which one counts, two servers could see differently.
    if (key === 'q' || key === 'qs') {
      if (weight !== null || !WEIGHT.test(value)) return null;
      weight = Number(value);
    } else {
      parameters ??= new Map();
      if (parameters.has(key)) return null;
      parameters.set(key, value);
    }
  }
  return { type, subtype, parameters: parameters ?? NO_PARAMETERS, weight: weight ?? 1 };
}

/** Splits at a separator that isn't inside a quoted string. */
export function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** A token, or the text of a quoted string (RFC 9110 §5.6.4); null where it is neither. */
function unquote(value: string): string | null {
  if (!value.startsWith('"')) return TOKEN.test(value) ? value : null;
  let text = '';
  for (let i = 1; i < value.length; i++) {
    if (value[i] === '"') return i === value.length - 1 ? text : null;
    if (value[i] === '\\') i++;
    const char = value[i];
    if (char === undefined || /[^\t\x20-\x7e\x80-\xff]/.test(char)) return null;
    text += char;
  }
  return null;
}

/** Whether `range` (which may have wildcards and parameters) includes `type`. */
export function includes(range: MediaType, type: MediaType): boolean {
  if (range.type !== '*' && range.type !== type.type) return false;
  if (range.subtype !== '*' && range.subtype !== type.subtype) return false;
  for (const [name, value] of range.parameters) {
    // UTF-8 is what every text without a charset is in, so a client that asks for it gets what it asks for.
    const given = type.parameters.get(name) ?? (name === 'charset' ? 'utf-8' : null);
    if (given === null || !equalValues(name, given, value)) return false;
  }
  return true;
}

function equalValues(name: string, a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y || (name === 'charset' && x.replace('utf8', 'utf-8') === y.replace('utf8', 'utf-8'));
}

/** Whether both names are there, and no wildcard. */
export function isConcrete({ type, subtype }: MediaType): boolean {
  return type !== '*' && subtype !== '*';
}

/** How precise a range is: 0 for any type, 1 for any subtype, 2 for both named, one more per parameter. */
export function specificity({ type, subtype, parameters }: MediaType): number {
  if (type === '*') return 0;
  if (subtype === '*') return 1;
  return 2 + parameters.size;
}

/** `type/subtype` with its parameters, as a Content-Type has it. */
export function formatMediaType({ type, subtype, parameters }: MediaType): string {
  let text = `${type}/${subtype}`;
  for (const [name, value] of parameters) {
    text += `; ${name}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
  }
  return text;
}
