import { FrameworkError } from '../errors/api-error.js';
import { isPlainData, toWritable } from '../validation/to-writable.js';
import type { Codec } from './codec.js';
import { decodeText } from './decode-text.js';
import { at, hasLoneSurrogate, scanJson } from './json-scan.js';

/**
 * JSON, RFC 8259, read as strictly as I-JSON (RFC 7493) asks: see {@link parseJson}. Writes as
 * {@link writeJson}, and an async iterable as an array, item by item.
 */
export const jsonCodec: Codec = {
  mediaTypes: ['application/json'],
  suffix: '+json',
  read(bytes, { charset, maxDepth }) {
    refuseWideEncoding(bytes);
    return parseJson(decodeText(bytes, charset), maxDepth);
  },
  write: writeJson,
  async *writeItems(items) {
    let separator = '[';
    for await (const item of items) {
      yield separator + writeJson(item ?? null);
      separator = ',';
    }
    yield separator === '[' ? '[]' : ']';
  },
};

/** RFC 8259 §8.1 has UTF-8 only. JSON starts with an ASCII character, whose zeros tell the others. */
function refuseWideEncoding(bytes: Buffer): void {
  const [first, second] = bytes;
  const hasMark = (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe);
  if (!hasMark && first !== 0 && second !== 0) return;
  throw new FrameworkError(
    'malformed-body',
    'The body must be encoded in UTF-8; it looks like UTF-16 or UTF-32',
  );
}

/**
 * A JSON text → its value. Refuses, besides what isn't JSON: nesting beyond `maxDepth`, a name twice in one
 * object however it is spelt, half a surrogate pair, a number that is infinite as a double, an integer without a
 * fraction part that a double can't hold exactly, and names that reach prototypes: `__proto__`, and
 * `constructor` with a `prototype` in it.
 *
 * @param subject What the messages speak of.
 * @throws FrameworkError `malformed-body`; its message says nothing of the text.
 */
export function parseJson(text: string, maxDepth: number, subject = 'The body'): unknown {
  const value = parsedQuickly(text, Math.min(maxDepth, DEEPEST_WALK));
  return value === DOUBTFUL ? parsedExactly(text, maxDepth, subject) : value;
}

/** A text that may have a fault; a look at each of its characters tells. */
const DOUBTFUL = Symbol('doubtful');
const DEEPEST_WALK = 100;

/**
 * The value of a text that has certainly none of the faults: what the value itself shows, and at most as many colons behind
 * names as it has members. A colon behind a quote or white space in a string counts too, so that there is doubt, and never
 * too few.
 */
function parsedQuickly(text: string, maxDepth: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return DOUBTFUL;
  }
  if (text.includes('\\u')) return DOUBTFUL;
  let colons = 0;
  for (let i = text.indexOf(':'); i !== -1; i = text.indexOf(':', i + 1)) {
    const before = text.charCodeAt(i - 1);
    if (before === 0x22 || before <= 0x20) colons++;
  }
  return membersOf(value, maxDepth) === colons ? value : DOUBTFUL;
}

/** The members of all objects in a value; NaN where one of its parts may be a fault. */
function membersOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return mayBeRounded(value) ? Number.NaN : 0;
  if (depth === 0) return Number.NaN;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' || mayBeRounded(item)) members += membersOf(item, depth - 1);
    }
    return members;
  }
  const keys = Object.keys(value);
  for (const key of keys) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (key === '__proto__' || key === 'constructor') return Number.NaN;
    if (typeof member === 'object' || mayBeRounded(member)) members += membersOf(member, depth - 1);
  }
  return members + keys.length;
}

function mayBeRounded(value: unknown): boolean {
  return typeof value === 'number' && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
}

function parsedExactly(text: string, maxDepth: number, subject: string): unknown {
  const members = scanJson(text, maxDepth, subject);
  const value = parsed(text, subject);
  if (hasLoneSurrogate(text)) {
    throw new FrameworkError('malformed-body', `${subject} has a string with half of a surrogate pair`);
  }
  if (members > 0 && countMembers(value, subject) !== members) {
    throw new FrameworkError('malformed-body', `${subject} has an object with the same key twice`);
  }
  return value;
}

function parsed(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    // V8's message may quote the text, which may say anything, but then it does not end in the place.
    const place = / at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
    const where = place === undefined ? '' : at(place);
    throw new FrameworkError('malformed-body', `${subject} is not valid JSON${where}`);
  }
}

/**
 * The members of all objects in a parsed value. `JSON.parse` keeps the last of those with one name, so fewer
 * than the text has colons tell of duplicates, at a tenth of what a set of names for each object costs.
 */
function countMembers(value: unknown, subject: string): number {
  let members = 0;
  const waiting: unknown[] = [value];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (Array.isArray(node)) {
      for (const item of node) if (isObject(item)) waiting.push(item);
    } else if (isObject(node)) {
      // Not for…in, which would count what somebody has put on Object.prototype.
      const keys = Object.keys(node);
      members += keys.length;
      for (const key of keys) {
        const member = node[key];
        if (isForbidden(key, member)) {
          throw new FrameworkError(
            'malformed-body',
            `${subject} has a key that is not allowed: __proto__ or constructor`,
          );
        }
        if (isObject(member)) waiting.push(member);
      }
    }
  }
  return members;
}

function isForbidden(key: string, member: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && isObject(member) && Object.hasOwn(member, 'prototype');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * A value → JSON text, without raw line breaks. Dates are ISO 8601, members that are undefined are left out,
 * NaN and the infinities are null; bigints are strings of their digits, since a number would be rounded by
 * most readers; sets are arrays and maps objects.
 *
 * @throws TypeError for what has no JSON form: undefined, functions, cycles, a map whose keys aren't texts.
 */
export function writeJson(value: unknown): string {
  const text = isPlainData(value) ? JSON.stringify(value) : JSON.stringify(value, toWritable);
  if (text === undefined) throw new TypeError('the returned value has no JSON form');
  return text;
}
