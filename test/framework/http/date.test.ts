import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDate } from '../../../src/framework/http/date.js';

function iso(text: string): string | null {
  return parseDate(text)?.toISOString() ?? null;
}

describe('dates and times, RFC 3339 §5.6', () => {
  it.each<[text: string, instant: string]>([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['0000-02-29', '0000-02-29T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['9999-12-31', '9999-12-31T00:00:00.000Z'],
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31t12:00:00z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T23:59:59.999999999Z', '2026-01-31T23:59:59.999Z'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000Z'],
    ['2026-01-31T12:00:00-23:59', '2026-02-01T11:59:00.000Z'],
    ['2026-01-31T12:00:00-00:00', '2026-01-31T12:00:00.000Z'],
  ])('%s', (text, instant) => {
    expect(iso(text)).toBe(instant);
  });

  it.each([
    '',
    ' 2026-01-31',
    '2026-01-31 ',
    '2026-01-31\n',
    '2026-1-31',
    '26-01-31',
    '+2026-01-31',
    '-2026-01-31',
    '12026-01-31',
    '20260131',
    '2026/01/31',
    '31.01.2026',
    '2026-01',
    '2026',
    '2026-W05-6',
    '2026-031',
    '2026-01-00',
    '2026-00-01',
    '2026-13-01',
    '2026-01-32',
    '2026-04-31',
    '2026-02-29',
    '1900-02-29',
    '2100-02-29',
    '2026-01-31T12:00:00',
    '2026-01-31T12:00Z',
    '2026-01-31T12Z',
    '2026-01-31 12:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31T12:00:00.Z',
    '2026-01-31T12:00:00,5Z',
    '2026-01-31T12:00:00.1234567890Z',
    '2026-01-31T12:00:00+1:00',
    '2026-01-31T12:00:00+0100',
    '2026-01-31T12:00:00+24:00',
    '2026-01-31T12:00:00+01:60',
    '2026-01-31T12:00:00 Z',
    '2026-01-31T12:00:00ZZ',
    '2026-01-31Z',
    '２０２６-01-31',
    '1769860800000',
    'Sat, 31 Jan 2026 12:00:00 GMT',
    'now',
    'Invalid Date',
  ])('not %j', (text) => {
    expect(parseDate(text)).toBeNull();
  });

  it('an offset leads no date out of the four digits that a year has', () => {
    expect(iso('0000-01-01T00:00:00+00:01')).toBeNull();
    expect(iso('9999-12-31T23:59:59-00:01')).toBeNull();
    expect(iso('0000-01-01T00:01:00+00:01')).toBe('0000-01-01T00:00:00.000Z');
  });
});

describe('against a calendar of its own', () => {
  /** Every day from 0000-01-01 on, by its number; counted, not computed. */
  const days = new Map<string, number>();
  const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  for (let year = 0, day = 0; year < 2500; year++) {
    for (const [month, length] of LENGTHS.entries()) {
      const leap = month === 1 && (year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0)) ? 1 : 0;
      for (let date = 1; date <= length + leap; date++) days.set(written(year, month + 1, date), day++);
    }
  }
  const epoch = days.get('1970-01-01') ?? 0;

  it('every date it has is that day, and no other is one', () => {
    const field = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(field(2499), field(14), field(33), (year, month, date) => {
        const text = written(year, month, date);
        const day = days.get(text);
        expect(parseDate(text)?.getTime()).toBe(day === undefined ? undefined : (day - epoch) * 86_400_000);
      }),
      { numRuns: 3000 },
    );
  });

  it('every instant comes back from every way to write it', () => {
    const instant = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    const minutes = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(instant, minutes, (date, offset) => {
        expect(parseDate(date.toISOString())).toEqual(date);
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(offset);
        const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
        expect(parseDate(local + zone)).toEqual(date);
      }),
    );
  });

  it('whatever is read can be written so that it is read again', () => {
    const unit = fc.constantFrom('0', '1', '2', '9', '-', ':', 'T', 'Z', '.', '+');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit }),
          fc.stringMatching(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:\d\d:\d\d[+-]\d\d:\d\d$/),
        ),
        (text) => {
          const date = parseDate(text);
          if (date !== null) expect(parseDate(date.toISOString())).toEqual(date);
        },
      ),
      { numRuns: 2000 },
    );
  });

  function written(year: number, month: number, date: number): string {
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}`;
  }

  function pad(number: number, length: number): string {
    return String(number).padStart(length, '0');
  }
});
