import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../../../src/framework/http/http-date.js';
import { anyText } from './any-text.js';

const NOW = new Date('2026-06-15T12:00:00Z');

function iso(text: string, now = NOW): string | null {
  return parseHttpDate(text, now)?.toISOString() ?? null;
}

describe('an HTTP-date, RFC 9110 §5.6.7', () => {
  it.each<[format: string, text: string, instant: string]>([
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['rfc850-date', 'Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['asctime-date', 'Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
    ['asctime-date', 'Wed Nov 16 08:49:37 1994', '1994-11-16T08:49:37.000Z'],
    ['asctime-date with a zero', 'Sun Nov 06 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
    ['the first second of a day', 'Thu, 01 Jan 1970 00:00:00 GMT', '1970-01-01T00:00:00.000Z'],
    ['the last second of a day', 'Thu, 31 Dec 2026 23:59:59 GMT', '2026-12-31T23:59:59.000Z'],
    ['a leap day', 'Thu, 29 Feb 2024 00:00:00 GMT', '2024-02-29T00:00:00.000Z'],
    ['a leap day of a century', 'Tue, 29 Feb 2000 00:00:00 GMT', '2000-02-29T00:00:00.000Z'],
    ['a leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', '2016-12-31T23:59:59.000Z'],
    ['a leap second, rfc850', 'Saturday, 31-Dec-16 23:59:60 GMT', '2016-12-31T23:59:59.000Z'],
    ['a leap second of the last year', 'Fri, 31 Dec 9999 23:59:60 GMT', '9999-12-31T23:59:59.000Z'],
    ['another day’s name', 'Mon, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['the first year', 'Sat, 01 Jan 0000 00:00:00 GMT', '0000-01-01T00:00:00.000Z'],
    ['a year below 100', 'Mon, 01 Jan 0001 00:00:00 GMT', '0001-01-01T00:00:00.000Z'],
    ['a year below 100, asctime', 'Sat Feb 29 00:00:00 0096', '0096-02-29T00:00:00.000Z'],
  ])('%s: %s', (_format, text, instant) => {
    expect(iso(text)).toBe(instant);
  });

  it.each([
    '',
    'now',
    '0',
    '784111777',
    '1994-11-06T08:49:37Z',
    // Another capitalisation.
    'sun, 06 Nov 1994 08:49:37 GMT',
    'SUN, 06 NOV 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 gmt',
    'sunday, 06-Nov-94 08:49:37 GMT',
    // Another zone.
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 Z',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 GMT+1',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun Nov  6 08:49:37 1994 GMT',
    // Another space.
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    'Sun,  06 Nov 1994 08:49:37 GMT',
    'Sun,06 Nov 1994 08:49:37 GMT',
    'Sun,\t06 Nov 1994 08:49:37 GMT',
    'Sun, 06\xa0Nov 1994 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov   6 08:49:37 1994',
    // Other names, and the formats mixed.
    'Son, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 November 1994 08:49:37 GMT',
    'Sun, 06 Okt 1994 08:49:37 GMT',
    'Sunday, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Tueday, 06-Nov-94 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    '06 Nov 1994 08:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sunday Nov  6 08:49:37 1994',
    // Other digits.
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun,  6 Nov 1994 08:49:37 GMT',
    'Sun, 006 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 01994 08:49:37 GMT',
    'Sun, 06 Nov -994 08:49:37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 06 Nov 1994 08:49:37.0 GMT',
    'Sun, 0６ Nov 1994 08:49:37 GMT',
    // What no calendar and no clock has.
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun Nov  0 08:49:37 1994',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 32 Dec 1994 08:49:37 GMT',
    'Sun, 99 Dec 1994 08:49:37 GMT',
    'Wed, 29 Feb 2023 00:00:00 GMT',
    'Mon, 29 Feb 2100 00:00:00 GMT',
    'Sat, 31 Feb 2024 00:00:00 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 23:60:00 GMT',
    'Sun, 06 Nov 1994 23:59:61 GMT',
    'Sun, 06 Nov 1994 22:59:60 GMT',
    'Sun, 06 Nov 1994 23:58:60 GMT',
    'Sun, 06 Nov 1994 08:49:60 GMT',
    'Sun, 06 Nov 1994 99:99:99 GMT',
    // Two of them: RFC 9110 §13.1.3.
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  ])('not %j', (text) => {
    expect(parseHttpDate(text)).toBeNull();
  });

  it.each<[now: string, digits: string, year: number]>([
    ['2026-06-15T12:00:00Z', '26', 2026],
    ['2026-06-15T12:00:00Z', '00', 2000],
    ['2026-06-15T12:00:00Z', '75', 2075],
    ['2026-06-15T12:00:00Z', '76', 2076],
    ['2026-06-15T11:59:59Z', '76', 1976],
    ['2026-06-15T12:00:00Z', '77', 1977],
    ['2026-06-15T12:00:00Z', '99', 1999],
    ['2050-06-15T11:59:59Z', '00', 2000],
    ['2050-06-15T12:00:00Z', '00', 2100],
    ['2099-01-01T00:00:00Z', '99', 2099],
    ['2099-01-01T00:00:00Z', '01', 2101],
    ['2099-01-01T00:00:00Z', '49', 2049],
  ])('of a year of two digits, more than 50 years ahead is the past: at %s, %s is %i', (now, digits, year) => {
    expect(iso(`Monday, 15-Jun-${digits} 12:00:00 GMT`, new Date(now))).toBe(`${year}-06-15T12:00:00.000Z`);
  });

  it('29 February of a year of two digits is in the last one that has it', () => {
    expect(iso('Tuesday, 29-Feb-00 00:00:00 GMT')).toBe('2000-02-29T00:00:00.000Z');
    expect(iso('Monday, 29-Feb-00 00:00:00 GMT', new Date('2060-01-01'))).toBe('2000-02-29T00:00:00.000Z');
    expect(iso('Sunday, 29-Feb-76 00:00:00 GMT', new Date('2020-01-01'))).toBe('1976-02-29T00:00:00.000Z');
    expect(iso('Saturday, 29-Feb-75 00:00:00 GMT')).toBeNull();
    expect(iso('Wednesday, 29-Feb-00 00:00:00 GMT', new Date('2048-01-01'))).toBe('2000-02-29T00:00:00.000Z');
  });
});

describe('any date', () => {
  const date = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });

  function whole(instant: Date): Date {
    return new Date(Math.floor(instant.getTime() / 1000) * 1000);
  }

  it('is written as toUTCString does, and comes back without the parts of its second', () => {
    fc.assert(
      fc.property(date, (instant) => {
        const text = formatHttpDate(instant);
        expect(text).toBe(instant.toUTCString());
        expect(text).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
        expect(parseHttpDate(text)).toEqual(whole(instant));
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back from the obsolete formats', () => {
    const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
    fc.assert(
      fc.property(date, (instant) => {
        const match = /^(...), (\d\d) (...) (\d\d(\d\d)) (\S+) GMT$/.exec(instant.toUTCString());
        const [, day, dayOfMonth = '', month, year, digits, time] = match ?? [];
        const asctime = `${day} ${month} ${dayOfMonth.replace(/^0/, ' ')} ${time} ${year}`;
        expect(parseHttpDate(asctime)).toEqual(whole(instant));
        const rfc850 = `${days[instant.getUTCDay()]}, ${dayOfMonth}-${month}-${digits} ${time} GMT`;
        expect(parseHttpDate(rfc850, instant)).toEqual(whole(instant));
      }),
      { numRuns: 1000 },
    );
  });

  it('is one where its day is one, and no other', () => {
    const text = fc
      .tuple(
        fc.integer({ min: 0, max: 33 }),
        fc.constantFrom('Jan', 'Feb', 'Apr', 'Nov', 'Dec'),
        fc.integer({ min: 1890, max: 2110 }),
      )
      .map(([day, month, year]) => `${String(day).padStart(2, '0')} ${month} ${year} 00:00:00 GMT`);
    fc.assert(
      fc.property(text, (rest) => {
        // The engine's own reading rolls over, and then writes another day.
        const read = new Date(rest);
        const exists = !Number.isNaN(read.getTime()) && read.toUTCString().endsWith(rest);
        expect(parseHttpDate(`Mon, ${rest}`)).toEqual(exists ? read : null);
      }),
      { numRuns: 1000 },
    );
  });

  it('is read or refused, whatever it is', () => {
    const piece = fc.oneof(
      fc.constantFrom('Sun', 'Sunday', ', ', '06', ' ', 'Nov', '-', '94', '1994', '08:49:37', ' GMT', '60'),
      anyText,
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 10 }).map((parts) => parts.join('')),
        (text) => {
          const read = parseHttpDate(text);
          if (read !== null) expect(parseHttpDate(formatHttpDate(read))).toEqual(read);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    new Date(Number.NaN),
    new Date('-000001-12-31T23:59:59Z'),
    new Date('+010000-01-01T00:00:00Z'),
  ])('can not be written where its year has not four digits', (instant) => {
    expect(() => formatHttpDate(instant)).toThrow(TypeError);
  });

  it.each(['Sun', ' ', '0', 'Sun, ', 'Sun Nov  6 08:49:37 1994'])('may be a long run of %j', (part) => {
    expect(parseHttpDate(part.repeat(100_000))).toBeNull();
  });
});
