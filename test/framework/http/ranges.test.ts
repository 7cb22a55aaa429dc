import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EntityTag, parseEntityTag } from '../../../src/framework/http/entity-tag.js';
import { formatHttpDate } from '../../../src/framework/http/http-date.js';
import { type ByteRange, ifRangeHolds, parseRange } from '../../../src/framework/http/ranges.js';
import { anyText } from './any-text.js';

/** What `parseRange` says, in short: `0-4,7-9`. */
function read(header: string, length: number): string {
  const ranges = parseRange(header, length);
  if (typeof ranges === 'string') return ranges;
  return ranges.map(({ start, end }) => `${start}-${end}`).join();
}

const HUGE = '9'.repeat(400);

describe('a Range of 10 bytes', () => {
  it.each<[section: string, header: string, ranges: string]>([
    ['§14.1.2, from to', 'bytes=0-4', '0-4'],
    ['§14.1.2, from to', 'bytes=0-0', '0-0'],
    ['§14.1.2, from to', 'bytes=9-9', '9-9'],
    ['§14.1.2, from to', 'bytes=0-9', '0-9'],
    ['§14.1.2, from to', 'bytes=000-004', '0-4'],
    ['§14.1.2, to behind the end', 'bytes=5-10', '5-9'],
    ['§14.1.2, to behind the end', `bytes=5-${HUGE}`, '5-9'],
    ['§14.1.2, to the end', 'bytes=5-', '5-9'],
    ['§14.1.2, to the end', 'bytes=0-', '0-9'],
    ['§14.1.2, the last', 'bytes=-1', '9-9'],
    ['§14.1.2, the last', 'bytes=-10', '0-9'],
    ['§14.1.2, the last', 'bytes=-11', '0-9'],
    ['§14.1.2, the last', `bytes=-${HUGE}`, '0-9'],
    ['§14.1.2, first and last', 'bytes=0-0,-1', '0-0,9-9'],
    ['§14.1.2, white space', 'bytes= 0-1, 4-5 ,\t-1 ', '0-1,4-5,9-9'],
    ['§14.1, a unit is case-insensitive', 'Bytes=0-4', '0-4'],
    ['§14.1, a unit is case-insensitive', 'BYTES=0-4', '0-4'],
    ['§5.6.1.2, empty elements', 'bytes=,0-1,, ,4-5,', '0-1,4-5'],
    ['§15.3.7.2, the order asked for', 'bytes=8-9,0-1', '8-9,0-1'],
    ['§15.3.7.2, overlapping', 'bytes=0-4,3-6', '0-6'],
    ['§15.3.7.2, overlapping', 'bytes=3-6,0-4', '0-6'],
    ['§15.3.7.2, adjoining', 'bytes=5-6,0-1,2-4', '0-6'],
    ['§15.3.7.2, adjoining', 'bytes=0-4,5-9', '0-9'],
    ['§15.3.7.2, one in another', 'bytes=0-9,3-4', '0-9'],
    ['§15.3.7.2, one in another', 'bytes=3-4,0-9', '0-9'],
    ['§15.3.7.2, the same', 'bytes=3-4,3-4,3-4', '3-4'],
    ['§15.3.7.2, one that joins two', 'bytes=8-9,0-1,4-4,2-7', '0-9'],
    ['§15.3.7.2, in the place of the first', 'bytes=6-7,0-0,5-5,3-3', '5-7,0-0,3-3'],
    ['§15.3.7.2, a gap of one', 'bytes=0-3,5-9', '0-3,5-9'],
    ['§14.2, some behind the end', 'bytes=10-,3-4,20-30,-0', '3-4'],
    ['§14.2, 16 of them', `bytes=${'0-0,'.repeat(16)}`, '0-0'],
    ['§14.1.2, behind the end', 'bytes=10-', 'unsatisfiable'],
    ['§14.1.2, behind the end', 'bytes=10-10', 'unsatisfiable'],
    ['§14.1.2, behind the end', 'bytes=10-,20-30', 'unsatisfiable'],
    ['§14.1.2, behind the end', `bytes=${HUGE}-${HUGE}`, 'unsatisfiable'],
    ['§14.1.2, behind the end', 'bytes=99999999999999999998-99999999999999999999', 'unsatisfiable'],
    ['§14.1.2, the last none', 'bytes=-0', 'unsatisfiable'],
    ['§14.1.2, the last none', 'bytes=-000', 'unsatisfiable'],
    ['§14.1.1, to before from', 'bytes=4-3', 'ignore'],
    ['§14.1.1, to before from', 'bytes=0-1,4-3', 'ignore'],
    ['§14.1.1, to before from', 'bytes=20-19', 'ignore'],
    ['§14.1.1, to before from', 'bytes=10-9', 'ignore'],
    ['§14.1.1, to before from', 'bytes=99999999999999999999-99999999999999999998', 'ignore'],
    ['§14.1.1, to before from', `bytes=${HUGE}-0`, 'ignore'],
    ['§14.1.1, to before from', `bytes=${HUGE}0-${HUGE}`, 'ignore'],
    ['§14.1.1, zeros in front', `bytes=${'0'.repeat(400)}3-4`, '3-4'],
    ['§14.1.1, zeros in front', `bytes=3-${'0'.repeat(400)}4`, '3-4'],
    ['§14.2, another unit', 'items=0-4', 'ignore'],
    ['§14.2, another unit', 'bytesx=0-4', 'ignore'],
    ['§14.2, another unit', 'byte=0-4', 'ignore'],
    ['§14.2, another unit', 'none', 'ignore'],
    ['§14.2, no unit', '0-4', 'ignore'],
    ['§14.2, no unit', '=0-4', 'ignore'],
    ['§14.2, nothing', '', 'ignore'],
    ['§14.2, no range', 'bytes', 'ignore'],
    ['§14.2, no range', 'bytes=', 'ignore'],
    ['§14.2, no range', 'bytes= , ,', 'ignore'],
    ['§14.2, white space', 'bytes =0-4', 'ignore'],
    ['§14.2, white space', ' bytes=0-4', 'ignore'],
    ['§14.2, white space', 'bytes=0 - 4', 'ignore'],
    ['§14.2, white space', 'bytes=0- 4', 'ignore'],
    ['§14.2, white space', 'bytes=0-4\n', 'ignore'],
    ['§14.2, malformed', 'bytes=-', 'ignore'],
    ['§14.2, malformed', 'bytes=--1', 'ignore'],
    ['§14.2, malformed', 'bytes=4', 'ignore'],
    ['§14.2, malformed', 'bytes=0-4-5', 'ignore'],
    ['§14.2, malformed', 'bytes=+0-4', 'ignore'],
    ['§14.2, malformed', 'bytes=0x0-4', 'ignore'],
    ['§14.2, malformed', 'bytes=0-1e1', 'ignore'],
    ['§14.2, malformed', 'bytes=0.0-4', 'ignore'],
    ['§14.2, malformed', 'bytes=a-b', 'ignore'],
    ['§14.2, malformed', 'bytes=٠-٤', 'ignore'],
    ['§14.2, malformed', 'bytes=0-4;5-6', 'ignore'],
    ['§14.2, malformed', 'bytes=0-4,x', 'ignore'],
    ['§14.2, malformed', 'bytes=20-30,x', 'ignore'],
    ['§14.2, malformed', 'bytes=*', 'ignore'],
    ['§14.2, repeated', 'bytes=0-1, bytes=4-5', 'ignore'],
    ['§17.15, 17 of them', `bytes=${'0-0,'.repeat(17)}`, 'ignore'],
    ['§17.15, 17 behind the end', `bytes=${'20-,'.repeat(17)}`, 'ignore'],
  ])('%s: %s is %s', (_section, header, ranges) => {
    expect(read(header, 10)).toBe(ranges);
  });

  it.each([
    ['bytes=0-', 'unsatisfiable'],
    ['bytes=0-0', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-', 'unsatisfiable'],
    ['bytes=-1', 'ignore'],
    ['bytes=x', 'ignore'],
  ])('§14.1.2: where there are no bytes, %s is %s', (header, ranges) => {
    expect(read(header, 0)).toBe(ranges);
  });

  it('§14.1.2: reads numbers as long as the longest representation exactly', () => {
    const length = Number.MAX_SAFE_INTEGER;
    expect(read('bytes=9007199254740989-', length)).toBe('9007199254740989-9007199254740990');
    expect(read('bytes=9007199254740990-9007199254740993', length)).toBe('9007199254740990-9007199254740990');
    expect(read('bytes=9007199254740991-', length)).toBe('unsatisfiable');
    expect(read('bytes=9007199254740992-', length)).toBe('unsatisfiable');
    expect(read('bytes=-9007199254740993', length)).toBe('0-9007199254740990');
    expect(read('bytes=9007199254740993-9007199254740992', length)).toBe('ignore');
  });
});

describe('any Range', () => {
  const position = fc.integer({ min: 0, max: 40 });
  const spec = fc.oneof(
    fc.tuple(position, position).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    position.map((first) => `${first}-`),
    position.map((suffix) => `-${suffix}`),
  );

  /** The positions that a spec asks for, by slicing. */
  function slice(text: string, positions: readonly number[]): readonly number[] {
    const [first = '', last = ''] = text.split('-');
    if (first === '') return last === '0' ? [] : positions.slice(-Number(last));
    return positions.slice(Number(first), last === '' ? undefined : Number(last) + 1);
  }

  it('has the bytes that slicing gives, each of them once', () => {
    fc.assert(
      fc.property(
        fc.array(spec, { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 40 }),
        (specs, length) => {
          const positions = [...Array(length).keys()];
          const wanted = new Set(specs.flatMap((text) => slice(text, positions)));
          const ranges = parseRange(`bytes=${specs.join()}`, length);
          if (wanted.size === 0) {
            expect(ranges).toBe('unsatisfiable');
            return;
          }
          if (typeof ranges === 'string') throw new Error(ranges);
          const sent = ranges.flatMap(({ start, end }) => positions.slice(start, end + 1));
          expect(sent.toSorted((a, b) => a - b)).toEqual([...wanted].toSorted((a, b) => a - b));
          // None could have been united with another.
          const sorted = ranges.toSorted((a, b) => a.start - b.start);
          for (const [i, range] of sorted.entries()) {
            expect(range.start).toBeGreaterThan((sorted[i - 1]?.end ?? -2) + 1);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps the order of its ranges where none touch', () => {
    const starts = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(starts, (numbers) => {
        const ranges: readonly ByteRange[] = numbers.map((n) => ({ start: n * 3, end: n * 3 + 1 }));
        const header = `bytes=${ranges.map(({ start, end }) => `${start}-${end}`).join(', ')}`;
        expect(parseRange(header, 100)).toEqual(ranges);
      }),
    );
  });

  it('is within the representation, whatever it is', () => {
    const piece = fc.oneof(
      fc.constantFrom('bytes', '=', '-', ',', ' ', '0', '9', '18446744073709551616'),
      anyText,
    );
    const pieces = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''));
    const header = fc.oneof(
      pieces,
      pieces.map((text) => `bytes=${text}`),
    );
    fc.assert(
      fc.property(header, fc.maxSafeNat(), (text, length) => {
        const ranges = parseRange(text, length);
        if (typeof ranges === 'string') return;
        expect(ranges.length).toBeGreaterThan(0);
        for (const { start, end } of ranges) {
          expect(Number.isSafeInteger(start) && Number.isSafeInteger(end)).toBe(true);
          expect(start >= 0 && start <= end && end < length).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '0',
    '9',
    '-',
    ',',
    ' ',
    '0-0,',
    ' ,',
    '0-',
    '-0',
    'bytes=',
  ])('may be a long run of %j', (part) => {
    const run = part.repeat(300_000);
    for (const header of [run, `bytes=${run}`, `bytes=0-${run}`, `bytes=${run}-${run}`, `bytes=-${run}x`]) {
      expect(parseRange(header, 10)).toBeDefined();
    }
  });
});

describe('If-Range, RFC 9110 §13.1.5', () => {
  const NOW = new Date('1994-10-29T19:43:32.000Z');
  const MODIFIED = new Date('1994-10-29T19:43:31.999Z');
  const STRONG = parseEntityTag('"a"');
  const WEAK = parseEntityTag('W/"a"');

  it.each<
    [
      holds: boolean,
      header: string | undefined,
      etag: EntityTag | null,
      modified: Date | null,
      now: Date,
      why: string,
    ]
  >([
    [true, undefined, STRONG, MODIFIED, NOW, 'there is none'],
    [true, undefined, null, null, NOW, 'there is none'],
    [true, '"a"', STRONG, null, NOW, 'the tag is the same'],
    [false, '"b"', STRONG, MODIFIED, NOW, 'the tag is another'],
    [false, 'W/"a"', STRONG, MODIFIED, NOW, 'the tag is weak'],
    [false, '"a"', WEAK, MODIFIED, NOW, 'the own tag is weak'],
    [false, 'W/"a"', WEAK, MODIFIED, NOW, 'both tags are weak'],
    [false, '"a"', null, MODIFIED, NOW, 'there is no tag of its own'],
    [false, '"a", "b"', STRONG, MODIFIED, NOW, 'it is a list'],
    [false, '*', STRONG, MODIFIED, NOW, 'it is neither a tag nor a date'],
    [false, 'a', STRONG, MODIFIED, NOW, 'it is neither a tag nor a date'],
    [false, '', STRONG, MODIFIED, NOW, 'it is empty'],
    [true, 'Sat, 29 Oct 1994 19:43:31 GMT', STRONG, MODIFIED, NOW, 'the date is the same'],
    [true, 'Saturday, 29-Oct-94 19:43:31 GMT', null, MODIFIED, NOW, 'the date is the same'],
    [true, 'Sat Oct 29 19:43:31 1994', null, MODIFIED, NOW, 'the date is the same'],
    [false, 'Sat, 29 Oct 1994 19:43:30 GMT', STRONG, MODIFIED, NOW, 'the date is earlier'],
    [false, 'Sat, 29 Oct 1994 19:43:32 GMT', STRONG, MODIFIED, NOW, 'the date is later'],
    [false, 'Sat, 29 Oct 1994 19:43:31 GMT', STRONG, null, NOW, 'there is no date of its own'],
    [false, 'Sat, 29 Oct 1994 19:43:31 GMT', null, MODIFIED, MODIFIED, 'the second is not over, §8.8.2.2'],
    [
      false,
      'Sat, 29 Oct 1994 19:43:31 GMT',
      null,
      new Date('1994-10-29T19:43:31Z'),
      MODIFIED,
      'the second is not over, §8.8.2.2',
    ],
    [
      false,
      'Sat, 29 Oct 1994 19:43:31 GMT',
      null,
      MODIFIED,
      new Date('1994-10-29T19:43:00Z'),
      'the date is in the future, §8.8.2.2',
    ],
  ])('holds: %s for %j with %j and %o at %o, where %s', (holds, header, etag, modified, now, _why) => {
    expect(ifRangeHolds(header, etag, modified, now)).toBe(holds);
  });

  it('holds for the date that was sent, from the next second on', () => {
    const instant = fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: -3000, max: 3000 }), (modified, later) => {
        const now = new Date(modified.getTime() + later);
        const over = formatHttpDate(now) !== formatHttpDate(modified) && now > modified;
        expect(ifRangeHolds(formatHttpDate(modified), null, modified, now)).toBe(over);
      }),
    );
  });

  it('is taken to be at the present', () => {
    const now = new Date();
    expect(ifRangeHolds(formatHttpDate(MODIFIED), null, MODIFIED)).toBe(true);
    const ahead = new Date(now.getTime() + 60_000);
    expect(ifRangeHolds(formatHttpDate(ahead), null, ahead)).toBe(false);
  });

  it('holds or not, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          anyText.map((text) => `"${text}"`),
        ),
        (header) => {
          expect(ifRangeHolds(header, STRONG, MODIFIED, NOW)).toBe(header === '"a"');
        },
      ),
      { numRuns: 500 },
    );
  });
});
