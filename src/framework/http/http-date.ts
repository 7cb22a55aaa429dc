const SHORT_DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';

const IMF_FIXDATE = new RegExp(`^${SHORT_DAY}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`);
const RFC_850 = new RegExp(`^${LONG_DAY}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`);
const ASCTIME = new RegExp(`^${SHORT_DAY} ${MONTH} (?<day>\\d{2}| \\d) ${TIME} (?<year>\\d{4})$`);

const WRITABLE_YEAR = 9999;

/**
 * Reads an HTTP-date, RFC 9110 §5.6.7, in each of its three formats; null for anything else, which a day that the
 * month doesn't have and 24:00:00 are too. Whole seconds; case-sensitive.
 *
 * The name of the day must be one, but needn't be the day's: to ignore the field for it would let a request with
 * If-Unmodified-Since pass unchecked. A leap second, 23:59:60, is the second before, as the clocks of most servers
 * count it.
 *
 * @param now what the two digits of a year in the RFC 850 format are relative to
 */
export function parseHttpDate(text: string, now: Date = new Date()): Date | null {
  const fixdate = IMF_FIXDATE.exec(text) ?? ASCTIME.exec(text);
  if (fixdate !== null) return toDate(fixdate, Number(fixdate.groups?.year));
  const rfc850 = RFC_850.exec(text);
  if (rfc850 === null) return null;
  // Of the years with these digits the last that is no more than fifty years ahead.
  const limit = new Date(now);
  const limitYear = now.getUTCFullYear() + 50;
  limit.setUTCFullYear(limitYear);
  const year = limitYear - (limitYear % 100) + Number(rfc850.groups?.year);
  const date = toDate(rfc850, year);
  // 29 February of a year 00 may only be one a hundred years before.
  return date === null || date > limit ? toDate(rfc850, year - 100) : date;
}

function toDate({ groups = {} }: RegExpExecArray, year: number): Date | null {
  const month = MONTHS.indexOf(groups.month ?? '');
  const [day, hour, minute] = [Number(groups.day), Number(groups.hour), Number(groups.minute)];
  let second = Number(groups.second);
  if (hour === 23 && minute === 59 && second === 60) second = 59;
  if (minute > 59 || second > 59) return null;
  const date = new Date(0);
  // Not `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second);
  // A day that the month doesn't have, and an hour that the day doesn't have, roll over to another day.
  return date.getUTCDate() === day && date.getUTCMonth() === month ? date : null;
}

/**
 * Writes a date as IMF-fixdate, RFC 9110 §5.6.7; parts of a second are cut off.
 *
 * @throws TypeError for an invalid date and for a year that has not four digits.
 */
export function formatHttpDate(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= WRITABLE_YEAR))
    throw new TypeError('the date is invalid, or its year has not four digits');
  return date.toUTCString();
}
