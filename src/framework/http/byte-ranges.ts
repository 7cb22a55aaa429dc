import { randomBytes } from 'node:crypto';
import { checkHeaderValue } from './header-value.js';
import type { ByteRange } from './ranges.js';

/** The content of a 206 with several ranges. */
export interface MultipartByteRanges {
  /** With the boundary; the response has no Content-Range of its own (RFC 9110 §15.3.7.2). */
  readonly contentType: string;
  /** In bytes, of all of `body`. */
  readonly contentLength: number;
  readonly body: AsyncIterable<Uint8Array>;
}

// What RFC 2046 §5.1.1 allows and is a token too: some clients misread quotes (RFC 9110 §14.6).
const BOUNDARY = /^[0-9A-Za-z'+_.-]{1,70}$/;
const BOUNDARY_BYTES = 18;

/**
 * `Content-Range`, RFC 9110 §14.4: of a part, or with null of a 416.
 *
 * @param length that of the whole representation, in bytes
 */
export function contentRange(range: ByteRange | null, length: number): string {
  return range === null ? `bytes */${length}` : `bytes ${range.start}-${range.end}/${length}`;
}

/**
 * Several ranges as `multipart/byteranges`, RFC 9110 §14.6, framed as RFC 2046 §5.1.1 has it.
 *
 * `read` is asked for one range after the other, when its turn has come. Where it gives another number of bytes than
 * the range has, `body` throws a RangeError and sends none that are too many: on a connection that is kept alive,
 * the client would take them for the next response.
 *
 * @param length that of the whole representation, in bytes
 * @param contentType that of the representation; null or empty where it has none
 * @param boundary by default one that nobody can have put into the data
 * @throws TypeError where there is no range, the boundary is none, or the content type may not stand in a header.
 */
export function multipartByteRanges(
  ranges: readonly ByteRange[],
  length: number,
  contentType: string | null,
  read: (range: ByteRange) => AsyncIterable<Uint8Array> | Uint8Array,
  boundary: string = randomBytes(BOUNDARY_BYTES).toString('base64url'),
): MultipartByteRanges {
  if (ranges.length === 0) throw new TypeError('a multipart has at least one part');
  if (!BOUNDARY.test(boundary)) throw new TypeError('the boundary has a character that is not allowed');
  const type = contentType ? `Content-Type: ${checkHeaderValue('Content-Type', contentType)}\r\n` : '';
  const parts = ranges.map((range, i) => {
    const delimiter = `${i === 0 ? '' : '\r\n'}--${boundary}\r\n`;
    const head = `${delimiter}${type}Content-Range: ${contentRange(range, length)}\r\n\r\n`;
    return { range, head: Buffer.from(head, 'latin1') };
  });
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  const contentLength = parts.reduce(
    (sum, { head, range }) => sum + head.length + sizeOf(range),
    tail.length,
  );
  return { contentType: `multipart/byteranges; boundary=${boundary}`, contentLength, body: content() };

  async function* content(): AsyncGenerator<Uint8Array> {
    for (const { range, head } of parts) {
      yield head;
      yield* exactly(sizeOf(range), read(range));
    }
    yield tail;
  }
}

function sizeOf({ start, end }: ByteRange): number {
  return end - start + 1;
}

async function* exactly(
  size: number,
  source: AsyncIterable<Uint8Array> | Uint8Array,
): AsyncGenerator<Uint8Array> {
  let rest = size;
  for await (const chunk of source instanceof Uint8Array ? [source] : source) {
    rest -= chunk.length;
    if (rest < 0) throw new RangeError('a range was read with more bytes than it has');
    yield chunk;
  }
  if (rest > 0) throw new RangeError('a range was read with fewer bytes than it has');
}
