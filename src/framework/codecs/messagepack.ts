import { encode } from '@msgpack/msgpack';
import { FrameworkError } from '../errors/api-error.js';
import { ByteReader } from './byte-reader.js';
import type { Codec } from './codec.js';
import { toPlain } from './plain-value.js';
import { ValueBuilder } from './value-builder.js';

/** The extension type of timestamps. */
const TIMESTAMP = -1;

/**
 * MessagePack, by the specification of msgpack.org. Reads what JSON could say too, and besides: bytes as
 * `Buffer`, timestamps as dates (to the millisecond), and integers beyond 2^53 as bigints, never rounded. Keys
 * that are no texts, twice there, or reach prototypes are refused, as are other extension types.
 *
 * It writes dates as timestamps, and bigints as integers, or as the text of their digits where 64 bits don't do.
 *
 * The reader is our own: the library's replaces invalid UTF-8 or lets it through, takes the last of equal keys,
 * and allocates an array of whatever length the body claims.
 */
export const messagePackCodec: Codec = {
  mediaTypes: ['application/vnd.msgpack', 'application/msgpack', 'application/x-msgpack'],
  read(bytes, { maxDepth }) {
    const reader = new ByteReader(bytes, 'MessagePack');
    const builder = new ValueBuilder(maxDepth);
    while (!builder.isDone) readItem(reader, builder);
    reader.end();
    return builder.value;
  },
  write(value) {
    // The library counts depth for cycles, which toPlain has refused.
    const maxDepth = Number.POSITIVE_INFINITY;
    return encode(widened(toPlain(value, 'MessagePack')), { useBigInt64: true, maxDepth });
  },
};

/** The lengths of arrays and maps are what the body claims; nothing is allocated for them. */
function readItem(reader: ByteReader, builder: ValueBuilder): void {
  const first = reader.uint8();
  if (first >= 0x80 && first < 0x90) builder.beginObject(first & 0x0f);
  else if (first >= 0x90 && first < 0xa0) builder.beginArray(first & 0x0f);
  else if (first === 0xdc) builder.beginArray(reader.uint16());
  else if (first === 0xdd) builder.beginArray(reader.uint32());
  else if (first === 0xde) builder.beginObject(reader.uint16());
  else if (first === 0xdf) builder.beginObject(reader.uint32());
  else builder.add(leaf(reader, first));
}

/** What is no array and no map, by its first byte. */
function leaf(reader: ByteReader, first: number): unknown {
  if (first < 0x80) return first;
  if (first < 0xc0) return reader.text(first & 0x1f);
  if (first >= 0xe0) return first - 0x100;
  switch (first) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return reader.bytes(reader.uint8());
    case 0xc5:
      return reader.bytes(reader.uint16());
    case 0xc6:
      return reader.bytes(reader.uint32());
    case 0xc7:
      return extension(reader, reader.uint8());
    case 0xc8:
      return extension(reader, reader.uint16());
    case 0xc9:
      return extension(reader, reader.uint32());
    case 0xca:
      return reader.float32();
    case 0xcb:
      return reader.float64();
    case 0xcc:
      return reader.uint8();
    case 0xcd:
      return reader.uint16();
    case 0xce:
      return reader.uint32();
    case 0xcf:
      return reader.uint64();
    case 0xd0:
      return reader.int8();
    case 0xd1:
      return reader.int16();
    case 0xd2:
      return reader.int32();
    case 0xd3:
      return reader.int64();
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(reader, 1 << (first - 0xd4));
    case 0xd9:
      return reader.text(reader.uint8());
    case 0xda:
      return reader.text(reader.uint16());
    case 0xdb:
      return reader.text(reader.uint32());
    default:
      // 0xc1, which the specification never uses.
      return reader.refuse();
  }
}

/** The timestamp extension: 32, 64 or 96 bits. */
function extension(reader: ByteReader, length: number): Date {
  if (reader.int8() !== TIMESTAMP) {
    throw new FrameworkError(
      'malformed-body',
      'The body has a MessagePack extension type that is not supported',
    );
  }
  switch (length) {
    case 4:
      return timestamp(reader.uint32(), 0);
    case 8: {
      // 30 bits of nanoseconds, and 34 of seconds.
      const high = reader.uint32();
      return timestamp((high % 4) * 2 ** 32 + reader.uint32(), Math.floor(high / 4));
    }
    case 12: {
      const nanoseconds = reader.uint32();
      return timestamp(Number(reader.int64()), nanoseconds);
    }
    default:
      return reader.refuse();
  }
}

function timestamp(seconds: number, nanoseconds: number): Date {
  const date = new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
  if (nanoseconds < 1e9 && !Number.isNaN(date.getTime())) return date;
  throw new FrameworkError('malformed-body', 'The body has a date that does not exist');
}

/**
 * The same value with integers as the library has to be given them: as bigints beyond 32 bits, since it would
 * write them as floats, which readers with types refuse for an integer; as numbers within.
 */
function widened(value: unknown): unknown {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !isShort(value) ? BigInt(value) : value;
  if (typeof value === 'bigint') {
    if (isShort(value)) return Number(value);
    return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value ? value : String(value);
  }
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) {
    return value;
  }
  if (Array.isArray(value)) return value.map(widened);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, widened(member)]));
}

function isShort(value: number | bigint): boolean {
  return value >= -0x8000_0000 && value <= 0xffff_ffff;
}
