import { FrameworkError } from '../errors/api-error.js';

/**
 * Looks through a JSON text before it is parsed, in one pass, for what `JSON.parse` wouldn't tell of: nesting
 * beyond the limit, which would overflow the stack of whatever walks the value recursively, and numbers that
 * are not the ones that were sent once they are doubles (RFC 8259 §6, RFC 7493 §2.2).
 *
 * Of a text that isn't JSON it may find nothing, and finds it in linear time.
 *
 * @param subject What the messages speak of, such as `The body`.
 * @returns how many colons stand outside of strings: the members of all objects, where the text is JSON.
 * @throws FrameworkError `malformed-body`.
 */
export function scanJson(text: string, maxDepth: number, subject: string): number {
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    switch (char) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > maxDepth) {
          throw new FrameworkError('malformed-body', `${subject} is nested deeper than ${maxDepth} levels`);
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      default:
        if (isDigit(char)) i = endOfNumber(text, i, subject) - 1;
    }
  }
  return members;
}

const NEAR = 32;

/** The index of the quote that ends the string, or the text's length. */
function endOfString(text: string, start: number): number {
  // Most strings are short, and end sooner than a search for their end begins.
  const near = Math.min(start + NEAR, text.length);
  for (let i = start + 1; i < near; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) return i;
    if (char === 0x5c) break;
  }
  let i = start;
  for (;;) {
    i = text.indexOf('"', i + 1);
    if (i === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return i;
  }
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

/** The index behind a number, which is looked at where it has room for what a double can't hold. */
function endOfNumber(text: string, start: number, subject: string): number {
  let hasFraction = false;
  let hasExponent = false;
  let i = start + 1;
  for (; ; i++) {
    const char = text.charCodeAt(i);
    if (isDigit(char)) continue;
    if (char === 0x2e) hasFraction = true;
    else if (char === 0x65 || char === 0x45) hasExponent = true;
    else if (char !== 0x2b && char !== 0x2d) break;
  }
  // 15 digits always fit; 300 characters without an exponent are finite, and a fraction may be rounded.
  const length = i - start;
  if (hasExponent || length > 300 || (length > 15 && !hasFraction)) {
    refuseLoss(text.slice(start, i), start, subject);
  }
  return i;
}

/** Without a sign, which changes nothing here, and without a fraction: an integer, or tenths of one. */
const INTEGER = /^(0|[1-9]\d*)(?:[eE]([+-]?\d+))?$/;

/** Refuses a literal that is infinite as a double, or an integer that would be another one. */
function refuseLoss(literal: string, start: number, subject: string): void {
  const value = Number(literal);
  // NaN is no number of JSON's; the parser refuses it. An integer up to 2^53 - 1 is what it says.
  if (Number.isNaN(value) || value <= Number.MAX_SAFE_INTEGER) return;
  if (value === Number.POSITIVE_INFINITY) {
    throw new FrameworkError('malformed-body', `${subject} has a number that is too large${at(start)}`);
  }
  const [, digits, exponent = '0'] = INTEGER.exec(literal) ?? [];
  if (digits === undefined) return;
  // Zeros go to the exponent and back: a million digits with an exponent of minus a million are finite.
  const end = endOfSignificant(digits);
  const zeros = digits.length - end + Number(exponent);
  if (zeros < 0) return;
  // As JavaScript writes a double: 2 ** 60 comes back as it was sent, though it is not that number exactly.
  if (literal === String(value)) return;
  if (BigInt(digits.slice(0, end) + '0'.repeat(zeros)) !== BigInt(value)) {
    throw new FrameworkError(
      'malformed-body',
      `${subject} has an integer that would be rounded${at(start)}: send it as a string`,
    );
  }
}

/** A loop, since `/0+$/` looks at a run of zeros in the middle once for each of its zeros. */
function endOfSignificant(digits: string): number {
  let end = digits.length;
  while (end > 1 && digits.charCodeAt(end - 1) === 0x30) end--;
  return end;
}

/** Where in the text something is, for a message. */
export function at(position: number | string): string {
  return ` (at position ${position})`;
}

const SURROGATE = /\\u[dD][89a-fA-F]/;
/** One escape after another, a pair of surrogates as one; the group is a surrogate that isn't in a pair. */
const ESCAPE = /\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]|u([dD][89a-fA-F])|.)/g;

/**
 * Whether a valid JSON text has a string with half of a surrogate pair, `"\ud800"`. RFC 7493 §2.1 forbids it:
 * it has no UTF-8 form, so that whoever stores or forwards it would replace it. (The noncharacters forbidden
 * there too are let through: they have a form, and come back as they went.)
 */
export function hasLoneSurrogate(text: string): boolean {
  if (!text.includes('\\u') || !SURROGATE.test(text)) return false;
  for (const [, lone] of text.matchAll(ESCAPE)) if (lone !== undefined) return true;
  return false;
}
