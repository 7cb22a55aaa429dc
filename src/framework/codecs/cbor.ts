import { encode, rfc8949EncodeOptions, Token, Type } from 'cborg';
import { bigIntEncoder } from 'cborg/taglib';
import { FrameworkError } from '../errors/api-error.js';
import { parseDate } from '../http/date.js';
import { ByteReader, exactInteger } from './byte-reader.js';
import type { Codec } from './codec.js';
import { toPlain } from './plain-value.js';
import { ValueBuilder } from './value-builder.js';

/** The additional information of an initial byte that says: until a break (RFC 8949 §3.2). */
const INDEFINITE = 31;
const BREAK = 0xff;

/** 8192 bits. Making a bignum is linear, but printing one grows faster than its digits. */
const MOST_BIGNUM_BYTES = 1024;

/**
 * CBOR, RFC 8949. Reads all that is well-formed and valid (§1.2, §5.3), in any of its encodings, as far as JSON
 * could say it too, and besides: bytes as `Buffer`, the dates of tags 0 and 1, the bignums of tags 2 and 3, and
 * integers beyond 2^53 as bigints, never rounded. Undefined becomes null (§6.1). Keys that are no texts, twice
 * there, or reach prototypes are refused, as are other tags, whose content means something else without them.
 *
 * It writes the core deterministic encoding (§4.2.1), dates as tag 1, and an async iterable as an array of
 * indefinite length (§3.2.2).
 *
 * The reader is our own: cborg's replaces invalid UTF-8, drops U+FEFF in front of a text, knows no strings of
 * indefinite length, and recurses as deep as the body asks for.
 */
export const cborCodec: Codec = {
  mediaTypes: ['application/cbor'],
  suffix: '+cbor',
  read(bytes, { maxDepth }) {
    const reader = new ByteReader(withoutMark(bytes), 'CBOR');
    const builder = new ValueBuilder(maxDepth);
    while (!builder.isDone) readItem(reader, builder);
    reader.end();
    return builder.value;
  },
  write,
  async *writeItems(items) {
    yield Uint8Array.of(0x9f);
    for await (const item of items) yield write(item ?? null);
    yield Uint8Array.of(BREAK);
  },
};

/** RFC 8949 §3.4.6: the tag 55799 in front says that this is CBOR, and nothing else. */
function withoutMark(bytes: Buffer): Buffer {
  const isMarked = bytes[0] === 0xd9 && bytes[1] === 0xd9 && bytes[2] === 0xf7;
  return isMarked ? bytes.subarray(3) : bytes;
}

function readItem(reader: ByteReader, builder: ValueBuilder): void {
  const initial = reader.uint8();
  const major = initial >> 5;
  const info = initial & 0x1f;
  if (initial === BREAK) {
    if (!builder.end()) reader.refuse();
  } else if (major === 4) {
    builder.beginArray(count(reader, info));
  } else if (major === 5) {
    builder.beginObject(count(reader, info));
  } else {
    builder.add(leaf(reader, major, info));
  }
}

/** RFC 8949 §3.1: what is no array and no map, by its major type. */
function leaf(reader: ByteReader, major: number, info: number): unknown {
  switch (major) {
    case 0:
      return argument(reader, info);
    case 1:
      return negative(argument(reader, info));
    case 2:
      return bytesOf(reader, info);
    case 3:
      return textOf(reader, info);
    case 6:
      return tagged(reader, argument(reader, info));
    default:
      return simple(reader, info);
  }
}

/** RFC 8949 §3: the number in an initial byte, or in the bytes behind it. */
function argument(reader: ByteReader, info: number): number | bigint {
  if (info < 24) return info;
  switch (info) {
    case 24:
      return reader.uint8();
    case 25:
      return reader.uint16();
    case 26:
      return reader.uint32();
    case 27:
      return reader.uint64();
    default:
      return reader.refuse();
  }
}

function negative(value: number | bigint): number | bigint {
  return value < Number.MAX_SAFE_INTEGER ? -1 - Number(value) : exactInteger(-1n - BigInt(value));
}

/** The items of an array or pairs of a map. Nothing is allocated for them: the body may only claim to have them. */
function count(reader: ByteReader, info: number): number {
  return info === INDEFINITE ? Number.POSITIVE_INFINITY : Number(argument(reader, info));
}

function bytesOf(reader: ByteReader, info: number): Buffer {
  if (info !== INDEFINITE) return reader.bytes(argument(reader, info));
  const chunks: Buffer[] = [];
  for (const length of chunkLengths(reader, 0x40)) chunks.push(reader.bytes(length));
  return Buffer.concat(chunks);
}

function textOf(reader: ByteReader, info: number): string {
  if (info !== INDEFINITE) return reader.text(argument(reader, info));
  let text = '';
  // RFC 8949 §3.2.3: no character may be split between chunks, so each one is UTF-8 by itself.
  for (const length of chunkLengths(reader, 0x60)) text += reader.text(length);
  return text;
}

/** RFC 8949 §3.2.3: a string of indefinite length is strings of the same major type and of definite length. */
function* chunkLengths(reader: ByteReader, major: number): Generator<number | bigint, void> {
  for (let initial = reader.uint8(); initial !== BREAK; initial = reader.uint8()) {
    if ((initial & 0xe0) !== major) reader.refuse();
    yield argument(reader, initial & 0x1f);
  }
}

/** RFC 8949 §3.3. */
function simple(reader: ByteReader, info: number): unknown {
  switch (info) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
    case 23:
      return null;
    case 25:
      return half(reader.uint16());
    case 26:
      return reader.float32();
    case 27:
      return reader.float64();
    default:
      return reader.refuse();
  }
}

/** RFC 8949 appendix D: IEEE 754's binary16, which `DataView` of Node 20 can't read. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent < 31) return sign * (fraction + 1024) * 2 ** (exponent - 25);
  return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
}

/** RFC 8949 §3.4.1 to §3.4.3. The content of these tags is no array or map, so nothing nests here. */
function tagged(reader: ByteReader, tag: number | bigint): unknown {
  const initial = reader.uint8();
  const major = initial >> 5;
  const info = initial & 0x1f;
  if (tag === 0 && major === 3) return dateOf(parseTime(textOf(reader, info)));
  if (tag === 1 && major === 0) return dateOf(Number(argument(reader, info)));
  if (tag === 1 && major === 1) return dateOf(Number(negative(argument(reader, info))));
  if (tag === 1 && major === 7) {
    const seconds = simple(reader, info);
    return dateOf(typeof seconds === 'number' ? seconds : Number.NaN);
  }
  if ((tag === 2 || tag === 3) && major === 2) {
    const magnitude = bignum(bytesOf(reader, info));
    return exactInteger(tag === 2 ? magnitude : -1n - magnitude);
  }
  throw new FrameworkError(
    'malformed-body',
    'The body has a CBOR tag that is not supported, or on the wrong value',
  );
}

/** The `date-time` of RFC 3339, in seconds. A date without a time is tag 1004's. */
function parseTime(text: string): number {
  const date = text.length > '2013-03-21'.length ? parseDate(text) : null;
  return date === null ? Number.NaN : date.getTime() / 1000;
}

function dateOf(seconds: number): Date {
  // The fraction by itself: as milliseconds a distant date has a digit too many for a double.
  const whole = Math.floor(seconds);
  const date = new Date(whole * 1000 + Math.round((seconds - whole) * 1000));
  if (!Number.isNaN(date.getTime())) return date;
  throw new FrameworkError('malformed-body', 'The body has a date that does not exist');
}

function bignum(bytes: Buffer): bigint {
  if (bytes.length > MOST_BIGNUM_BYTES) {
    throw new FrameworkError(
      'malformed-body',
      `The body has an integer of more than ${MOST_BIGNUM_BYTES} bytes`,
    );
  }
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

const OPTIONS = { ...rfc8949EncodeOptions, typeEncoders: { bigint: bigIntEncoder, Date: encodeDate } };

function write(value: unknown): Uint8Array {
  return encode(toPlain(value, 'CBOR'), OPTIONS);
}

/** RFC 8949 §3.4.2: tag 1 has years beyond 9999 too, and is shorter than the text of tag 0. */
function encodeDate(date: Date): Token[] {
  const seconds = date.getTime() / 1000;
  if (!Number.isInteger(seconds)) return [new Token(Type.tag, 1), new Token(Type.float, seconds)];
  return [new Token(Type.tag, 1), new Token(seconds < 0 ? Type.negint : Type.uint, seconds)];
}
