/**
 * JSON text as it is written, as bytes of UTF-8: a text put together of thousands of pieces would be copied once more, and
 * a look at each character for what has to be escaped copies it along the way.
 *
 * There is one for the process: between `begin` and `finish` nobody else may write.
 */

let bytes = Buffer.allocUnsafeSlow(64 * 1024);
let at = 0;

/** What is kept between two texts; a larger one that was needed once is given back. */
const MOST_KEPT = 1024 * 1024;
/** Above this, bytes go to the socket as they are; below, a text and the header section go out as one. */
const SHORT = 4096;

export function begin(): void {
  at = 0;
}

/** Where the next byte goes. */
export function position(): number {
  return at;
}

/** What was written: a text where it is short, else its bytes. */
export function finish(): string | Buffer {
  const made = at <= SHORT ? bytes.toString('utf8', 0, at) : copied();
  if (bytes.length > MOST_KEPT) bytes = Buffer.allocUnsafeSlow(64 * 1024);
  return made;
}

function copied(): Buffer {
  const copy = Buffer.allocUnsafeSlow(at);
  bytes.copy(copy, 0, 0, at);
  return copy;
}

/** Room for as many bytes more. */
function reserve(length: number): void {
  if (at + length <= bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, at + length));
  bytes.copy(larger, 0, 0, at);
  bytes = larger;
}

/** One ASCII character. */
export function character(code: number): void {
  reserve(1);
  bytes[at++] = code;
}

/** Text that needs no escaping, prepared by {@link prepare}. */
export function literal(prepared: Uint8Array, from = 0): void {
  const { length } = prepared;
  reserve(length);
  const out = bytes;
  let to = at;
  for (let i = from; i < length; i++) out[to++] = prepared[i] as number;
  at = to;
}

/** Bytes for {@link literal}. */
export function prepare(text: string): Uint8Array {
  return Buffer.from(text);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** From here on, the engine's own search and copy are faster than a loop over characters. */
const LONG = 128;
/** RFC 8259 §7, and halves of surrogate pairs, which are escaped too. */
const ESCAPED = /["\\]|[^\x20-\ud7ff\ue000-\uffff]/;

/** A string with its quotes, as `JSON.stringify` writes it. */
export function string(text: string): void {
  const { length } = text;
  if (length >= LONG) return void longString(text);
  // Each character has three bytes at most; an escape that has more is written elsewhere.
  reserve(3 * length + 2);
  const start = at;
  const out = bytes;
  let to = at;
  out[to++] = QUOTE;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80 || code < 0x20) {
      at = start;
      return void longString(text);
    }
    if (code === QUOTE || code === BACKSLASH) out[to++] = BACKSLASH;
    out[to++] = code;
  }
  out[to++] = QUOTE;
  at = to;
}

function longString(text: string): void {
  const written = ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
  reserve(3 * written.length);
  at += bytes.write(written, at);
}

/** A number; null for what JSON has no number for. */
export function number(value: number): void {
  if (value >= 0 && value < 100 && (value | 0) === value) {
    reserve(2);
    if (value >= 10) bytes[at++] = 0x30 + ((value / 10) | 0);
    bytes[at++] = 0x30 + (value % 10);
    return;
  }
  ascii(Number.isFinite(value) ? `${value}` : 'null');
}

/** Text of ASCII that needs no escaping. */
export function ascii(text: string): void {
  const { length } = text;
  reserve(length);
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  at += length;
}

const DAY = 86_400_000;
/** The years 0 to 9999; others have a sign and six digits. */
const FIRST = -62_167_219_200_000;
const LAST = 253_402_300_799_999;

/** A date as `toISOString` writes it, with its quotes; null for an invalid one. */
export function date(value: Date): void {
  const time = value.getTime();
  if (!(time >= FIRST && time <= LAST)) return void ascii(JSON.stringify(value));
  const day = Math.floor(time / DAY);
  let rest = time - day * DAY;
  const hours = (rest / 3_600_000) | 0;
  rest -= hours * 3_600_000;
  const minutes = (rest / 60_000) | 0;
  rest -= minutes * 60_000;
  const seconds = (rest / 1000) | 0;
  reserve(26);
  bytes[at++] = QUOTE;
  calendarDate(day);
  bytes[at++] = 0x54;
  digits(hours);
  bytes[at++] = 0x3a;
  digits(minutes);
  bytes[at++] = 0x3a;
  digits(seconds);
  bytes[at++] = 0x2e;
  const milliseconds = rest - seconds * 1000;
  const hundreds = (milliseconds / 100) | 0;
  bytes[at++] = 0x30 + hundreds;
  digits(milliseconds - hundreds * 100);
  bytes[at++] = 0x5a;
  bytes[at++] = QUOTE;
}

/**
 * Days since 1970 as year, month and day. Years are counted from March, so that the day that comes and goes is the last one
 * of a year, in eras of 400 years that have 146,097 days each.
 */
function calendarDate(sinceEpoch: number): void {
  const days = sinceEpoch + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const year = ((ofEra - ((ofEra / 1460) | 0) + ((ofEra / 36_524) | 0) - ((ofEra / 146_096) | 0)) / 365) | 0;
  const ofYear = ofEra - (365 * year + ((year / 4) | 0) - ((year / 100) | 0));
  const fromMarch = ((5 * ofYear + 2) / 153) | 0;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const full = year + era * 400 + (month <= 2 ? 1 : 0);
  const century = (full / 100) | 0;
  digits(century);
  digits(full - century * 100);
  bytes[at++] = 0x2d;
  digits(month);
  bytes[at++] = 0x2d;
  digits(ofYear - (((153 * fromMarch + 2) / 5) | 0) + 1);
}

function digits(value: number): void {
  const tens = (value / 10) | 0;
  bytes[at++] = 0x30 + tens;
  bytes[at++] = 0x30 + value - tens * 10;
}
