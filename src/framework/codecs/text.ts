import type { Codec } from './codec.js';
import { decodeText } from './decode-text.js';

/** Plain text in UTF-8, RFC 2046 §4.1.3. Writes strings, numbers and booleans; an object has no text. */
export const textCodec: Codec = {
  mediaTypes: ['text/plain'],
  readsEmpty: true,
  read: (bytes, { charset }) => decodeText(bytes, charset),
  write(value) {
    if (typeof value === 'object' && value !== null) {
      throw new TypeError('an object has no text/plain form: return a string, or produce application/json');
    }
    return String(value);
  },
  /** Chunks of text, one after the other. */
  async *writeItems(items) {
    for await (const item of items) yield item instanceof Uint8Array ? item : String(this.write?.(item));
  },
};
