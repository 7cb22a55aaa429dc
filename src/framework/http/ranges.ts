import { type EntityTag, parseEntityTag, strongMatch } from './entity-tag.js';
import { parseHttpDate } from './http-date.js';
import { trimOws } from './ows.js';

/** A range of bytes, both positions inclusive, within the representation. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const UNIT = /^bytes=/i;
const SPEC = /^(\d*)-(\d*)$/;
// RFC 9110 §17.15: each part costs a header of its own and a seek. A reader of a catalogue wants a few.
const MOST_RANGES = 16;

/**
 * Reads `Range`, RFC 9110 §14.2, for a representation of `length` bytes.
 *
 * Ranges that overlap or adjoin become one (§15.3.7.2), in the place of the first of them, so that no byte is
 * sent twice; the others keep their order. Those that lie behind the end are left out.
 *
 * @returns the ranges, at least one; `unsatisfiable` where all lie behind the end, to be answered 416; `ignore`
 *   where the field must be ignored (another unit), or may be: where it is malformed, has more than 16 ranges, or
 *   asks for the last bytes of an empty representation: a range of no bytes can't be written as Content-Range.
 */
export function parseRange(
  header: string,
  length: number,
): readonly ByteRange[] | 'ignore' | 'unsatisfiable' {
  // §14.1: the names of units are case-insensitive.
  if (!UNIT.test(header)) return 'ignore';
  const ranges: ByteRange[] = [];
  let specs = 0;
  for (const part of header.slice('bytes='.length).split(',')) {
    const spec = trimOws(part);
    if (spec === '') continue;
    if (++specs > MOST_RANGES) return 'ignore';
    const range = parseSpec(spec, length);
    if (range === 'malformed') return 'ignore';
    if (range !== null) {
      if (length === 0) return 'ignore';
      add(ranges, range);
    }
  }
  if (specs === 0) return 'ignore';
  return ranges.length === 0 ? 'unsatisfiable' : ranges;
}

/** One `range-spec` of §14.1.1; null where it can't be satisfied (§14.1.2). */
function parseSpec(spec: string, length: number): ByteRange | 'malformed' | null {
  const match = SPEC.exec(spec);
  if (match === null) return 'malformed';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'malformed';
    const suffix = Number(last);
    return suffix === 0 ? null : { start: Math.max(0, length - suffix), end: length - 1 };
  }
  if (last !== '' && isGreater(first, last)) return 'malformed';
  // A number of many digits is rounded, or infinite; but it stays behind every end that there can be.
  const start = Number(first);
  if (start >= length) return null;
  return { start, end: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}

/** Compares two decimal numbers of any length digit by digit, since as numbers they could be rounded equal. */
function isGreater(a: string, b: string): boolean {
  const [x, y] = [withoutZeros(a), withoutZeros(b)];
  return x.length === y.length ? x > y : x.length > y.length;
}

function withoutZeros(digits: string): string {
  let start = 0;
  while (digits[start] === '0') start++;
  return digits.slice(start);
}

/** Adds a range, united with those that it overlaps or adjoins, in the place of the first of them. */
function add(ranges: ByteRange[], { start, end }: ByteRange): void {
  let place = ranges.length;
  for (let i = ranges.length - 1; i >= 0; i--) {
    const other = ranges[i];
    if (other === undefined || other.start > end + 1 || start > other.end + 1) continue;
    start = Math.min(start, other.start);
    end = Math.max(end, other.end);
    ranges.splice(i, 1);
    place = i;
  }
  ranges.splice(place, 0, { start, end });
}

/**
 * Whether `If-Range` allows ranges, RFC 9110 §13.1.5: where it doesn't, `Range` must be ignored. True without the
 * field, false where it is malformed.
 *
 * A tag is compared strongly. A date must be the very second of the last modification, and that second be over: as
 * long as it isn't, the representation may change again and keep its date (§8.8.2.2).
 *
 * @param etag that of the selected representation
 * @param now the server's clock
 */
export function ifRangeHolds(
  header: string | undefined,
  etag: EntityTag | null,
  lastModified: Date | null,
  now: Date = new Date(),
): boolean {
  if (header === undefined) return true;
  // A tag has a quote within its first three characters, a date has none.
  if (header.slice(0, 3).includes('"')) {
    const tag = parseEntityTag(header);
    return tag !== null && etag !== null && strongMatch(tag, etag);
  }
  const date = parseHttpDate(header, now);
  if (date === null || lastModified === null) return false;
  const modified = Math.floor(lastModified.getTime() / 1000);
  return date.getTime() / 1000 === modified && Math.floor(now.getTime() / 1000) > modified;
}
