import { isAscii } from 'node:buffer';
import { FrameworkError } from '../errors/api-error.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Bytes → text. Invalid UTF-8 is refused, not replaced: a replaced character is data lost in silence.
 * A byte order mark is dropped (RFC 8259 §8.1 lets a reader do so).
 */
export function decodeText(bytes: Buffer, charset: string | null): string {
  if (charset !== null && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    throw new FrameworkError('unsupported-media-type', 'The body must be encoded in UTF-8');
  }
  if (charset === 'us-ascii' && !isAscii(bytes)) {
    throw new FrameworkError('malformed-body', 'The body is not US-ASCII, though it says so');
  }
  // A mark can't be in it, and Latin-1 is the same for it, without a decoder.
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    throw new FrameworkError('malformed-body', 'The body is not valid UTF-8');
  }
}
