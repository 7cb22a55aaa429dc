import { hash } from 'node:crypto';
import { trimOws } from './ows.js';

/** An entity tag, RFC 9110 §8.8.3: what stands between the quotes, and whether it is marked `W/`. */
export interface EntityTag {
  readonly value: string;
  readonly weak: boolean;
}

const ENTITY_TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
const NEXT_TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const OPAQUE = /^[\x21\x23-\x7e\x80-\xff]*$/;
// Beyond what §8.8.3 forbids: the backslash, which some recipients unescape (its note); what isn't ASCII, which
// recipients decode in several ways; and the per cent sign, so that no two versions are written alike.
const ESCAPED = /[^\x21\x23\x24\x26-\x5b\x5d-\x7e]/gu;
// 162 bits.
const HASH_CHARACTERS = 27;

/** Reads one entity tag, RFC 9110 §8.8.3, without white space around it; null for anything else. */
export function parseEntityTag(text: string): EntityTag | null {
  const match = ENTITY_TAG.exec(text);
  return match === null ? null : { value: match[2] ?? '', weak: match[1] !== undefined };
}

/**
 * Reads the value of `If-Match` or `If-None-Match`, RFC 9110 §13.1.1: `*` or a list (§5.6.1.2), in which empty
 * elements don't count. A comma in quotes is part of its tag, and a backslash is a character like others. Null
 * where it is malformed, which `*` beside tags is too.
 */
export function parseEntityTags(header: string): readonly EntityTag[] | '*' | null {
  if (trimOws(header) === '*') return '*';
  const tags: EntityTag[] = [];
  let separated = true;
  // By hand, since an expression for `OWS [tag] OWS ","` would try each way to part a run of spaces.
  for (let i = 0; i < header.length; ) {
    const char = header[i];
    if (char === ' ' || char === '\t') {
      i++;
    } else if (char === ',') {
      separated = true;
      i++;
    } else {
      NEXT_TAG.lastIndex = i;
      const match = separated ? NEXT_TAG.exec(header) : null;
      if (match === null) return null;
      tags.push({ value: match[2] ?? '', weak: match[1] !== undefined });
      separated = false;
      i = NEXT_TAG.lastIndex;
    }
  }
  return tags;
}

/**
 * Writes an entity tag as a header field has it, RFC 9110 §8.8.3.
 *
 * @throws TypeError where the value has a character that a tag can't have, such as a quote or a line break.
 */
export function formatEntityTag({ value, weak }: EntityTag): string {
  if (!OPAQUE.test(value)) throw new TypeError('an entity tag has a character that is not allowed');
  return weak ? `W/"${value}"` : `"${value}"`;
}

/** The strong comparison of RFC 9110 §8.8.3.2: a weak tag equals none, not even itself. */
export function strongMatch(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.value === b.value;
}

/** The weak comparison of RFC 9110 §8.8.3.2: which of the two are weak makes no difference. */
export function weakMatch(a: EntityTag, b: EntityTag): boolean {
  return a.value === b.value;
}

/**
 * The entity tag of a version. Text that is an entity tag already, in quotes, is taken as that, and stays weak
 * where it says `W/`; any other text, a number and a date (as JSON writes it, to the millisecond) become the value
 * between the quotes. Characters that are not safe there are percent encoded, so that different versions always
 * have different tags.
 *
 * @throws TypeError for a number that is not finite and for an invalid date: such a version would equal itself
 *   whatever had changed.
 */
export function toEntityTag(version: string | number | bigint | Date, weak = false): EntityTag {
  if (typeof version !== 'string') return { value: encode(textOf(version)), weak };
  const tag = parseEntityTag(version);
  if (tag === null) return { value: encode(version), weak };
  return weak && !tag.weak ? { value: tag.value, weak } : tag;
}

function textOf(version: number | bigint | Date): string {
  if (typeof version === 'bigint') return String(version);
  if (!Number.isFinite(Number(version))) throw new TypeError('a version is no finite number or valid date');
  return typeof version === 'number' ? String(version) : version.toISOString();
}

function encode(text: string): string {
  const escaped = text.replace(ESCAPED, (char) => {
    const code = char.codePointAt(0) ?? 0;
    // Half of a surrogate pair has no UTF-8.
    return code >= 0xd800 && code <= 0xdfff ? `%u${code.toString(16)}` : encodeURIComponent(char);
  });
  // Two hyphens begin what another representation or a coding adds: no version has them.
  return escaped.replaceAll('--', '-%2D');
}

/**
 * A strong entity tag of a representation, from its bytes, or from text as UTF-8: SHA-256, cut off at 162 bits.
 *
 * SHA-1 would cost the same (0.4 µs for 100 bytes, 57 µs for 100 kB); but whoever may upload two bodies can make
 * them with one SHA-1, and a strong tag that both have lets the one overwrite the other unseen.
 */
export function hashTag(bytes: string | Uint8Array): EntityTag {
  return { value: hash('sha256', bytes, 'base64url').slice(0, HASH_CHARACTERS), weak: false };
}

/**
 * A tag in another representation or content coding: strong ones must not be shared between them (RFC 9110
 * §8.8.3.3), weak ones may.
 */
export function withSuffix(tag: EntityTag, suffix: string): EntityTag {
  return tag.weak || suffix === '' ? tag : { value: tag.value + suffix, weak: false };
}
