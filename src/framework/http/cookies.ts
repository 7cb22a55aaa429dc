import { trimOws } from './ows.js';
import { percentDecode } from './percent.js';

/**
 * The cookies of a `Cookie` header (RFC 6265 §5.4), by name; of two with one name the first counts, since
 * user agents send the one with the longer path first. The percent escapes of values are decoded where that
 * is possible. A `Map`, since names come from strangers.
 */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  if (header === undefined) return cookies;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const name = trimOws(pair.slice(0, equals));
    if (name !== '' && !cookies.has(name)) cookies.set(name, decodeValue(trimOws(pair.slice(equals + 1))));
  }
  return cookies;
}

function decodeValue(raw: string): string {
  const bare = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw;
  // RFC 6265 gives escapes no meaning, so a value that isn't one is a value all the same.
  return percentDecode(bare) ?? bare;
}
