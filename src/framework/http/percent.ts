import { isUtf8 } from 'node:buffer';

/**
 * Decodes percent escapes (RFC 3986 §2.1); null where one is malformed, or what they stand for is no UTF-8.
 *
 * `decodeURIComponent` would say the same by throwing, at 4 µs each: a query of thousands of bad names would
 * cost the server more than it cost the client.
 */
export function percentDecode(text: string): string | null {
  if (!text.includes('%')) return text;
  // Escapes of ASCII alone can't be invalid UTF-8, and are most of them.
  if (/%(?![0-7][0-9A-Fa-f])/.test(text) && !isEncodedUtf8(text)) return null;
  return decodeURIComponent(text);
}

function isEncodedUtf8(text: string): boolean {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] ?? 0;
    if (byte === 0x25) {
      byte = hexDigit(bytes[i + 1]) * 16 + hexDigit(bytes[i + 2]);
      if (Number.isNaN(byte)) return false;
      i += 2;
    }
    bytes[length++] = byte;
  }
  return isUtf8(bytes.subarray(0, length));
}

function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}
