const DURATION = /^(\d{1,12})(ms|s|m|h)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest that Node's timers take; what is longer would fire at once. */
export const LONGEST = 2 ** 31 - 1;

/**
 * A duration in milliseconds.
 *
 * @param given a number of milliseconds, `Infinity`, or a whole number with `ms`, `s`, `m` or `h`
 * @param where what it is for, for the message
 * @throws TypeError where it is none, or not above zero.
 */
export function toMilliseconds(given: unknown, where: string): number {
  const value = typeof given === 'string' ? parse(given) : given;
  if (value === Number.POSITIVE_INFINITY) return value;
  if (typeof value === 'number' && value > 0 && value <= LONGEST) return value;
  throw new TypeError(
    `${where} takes milliseconds up to ${LONGEST}, or a text such as '500ms', '30s' or '2m'`,
  );
}

function parse(text: string): number {
  const [, digits, unit = ''] = DURATION.exec(text) ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN);
}
