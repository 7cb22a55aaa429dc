import { isUtf8 } from 'node:buffer';
import { FrameworkError } from '../errors/api-error.js';

/** Node allocates for each empty buffer; a body may have a million of them. */
const EMPTY = Buffer.alloc(0);

/**
 * Reads numbers in network byte order, texts and bytes from the front of a body. Each method throws
 * {@link FrameworkError} `malformed-body` where the body ends before what is asked for, so that a length that
 * the body only claims allocates nothing.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #format: string;
  #position = 0;

  /** @param format The format's name, for the messages. */
  constructor(bytes: Buffer, format: string) {
    this.#bytes = bytes;
    this.#format = format;
  }

  /** The number of bytes that have not been read. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  uint64(): number | bigint {
    return exactInteger(this.#bytes.readBigUInt64BE(this.#take(8)));
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): number | bigint {
    return exactInteger(this.#bytes.readBigInt64BE(this.#take(8)));
  }

  float32(): number {
    return this.#bytes.readFloatBE(this.#take(4));
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** Bytes of their own: the body isn't kept for a few of them. */
  bytes(length: number | bigint): Buffer {
    const start = this.#take(length);
    return this.#position === start ? EMPTY : Buffer.from(this.#bytes.subarray(start, this.#position));
  }

  /** UTF-8; where it isn't, it is refused, not replaced. */
  text(length: number | bigint): string {
    const start = this.#take(length);
    const text = this.#bytes.toString('utf8', start, this.#position);
    // Only where a character was replaced can there be a fault; looking for it is cheaper than a strict decoder.
    if (text.includes('\uFFFD') && !isUtf8(this.#bytes.subarray(start, this.#position))) {
      throw new FrameworkError('malformed-body', 'The body has a text that is not valid UTF-8');
    }
    return text;
  }

  /** Refuses to go on with a body that isn't what its format asks for. */
  refuse(): never {
    throw new FrameworkError(
      'malformed-body',
      `The body is not valid ${this.#format} (before byte ${this.#position})`,
    );
  }

  /** Refuses what doesn't end here. */
  end(): void {
    if (this.left === 0) return;
    throw new FrameworkError('malformed-body', `The body goes on after its ${this.#format} value`);
  }

  #take(length: number | bigint): number {
    if (length > this.left) {
      throw new FrameworkError('malformed-body', `The body ends before its ${this.#format} value does`);
    }
    const start = this.#position;
    this.#position += Number(length);
    return start;
  }
}

/** An integer as the number that is exactly it, or as it is where no number surely is. */
export function exactInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
