import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';

/** Enough for an address with brackets, zone and port. */
const LONGEST = 80;
/** More proxies in a row than this, nobody has; a field may have thousands of entries. */
const MOST_HOPS = 32;

/** `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]`, `[2001:db8::1]:443`: some proxies write the port, too. */
const WITH_PORT = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9A-Fa-f:.]{2,45})\])(?::\d{1,5})?$/;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/;

/**
 * An address in the one form in which equal ones are equal texts: IPv6 as RFC 5952 writes it, IPv4 that came in by an
 * IPv6 socket as IPv4, no zone. Null where it is none.
 */
export function plainAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (!isIPv6(bare)) return null;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return MAPPED.exec(address)?.[1] ?? address;
}

/** The address of one entry of `X-Forwarded-For`; null for `unknown`, made-up names, and what else is none. */
export function forwardedAddress(entry: string): string | null {
  if (entry.length > LONGEST) return null;
  const match = WITH_PORT.exec(entry);
  return plainAddress(match?.[1] ?? match?.[2] ?? entry);
}

/**
 * The addresses of `X-Forwarded-For` that can be believed, the client's first, as Koa's `ctx.ips` has them.
 *
 * Each proxy adds whom it talks to at the right end, so that the list is read from there, as long as those who wrote it
 * are trusted: the first address that is not is the client's. What stands left of it the client may have made up.
 * An entry that is no address ends the list: what is right of it is all that is known.
 */
export function believedAddresses(
  field: string | undefined,
  isTrusted: (address: string) => boolean,
): readonly string[] {
  const believed: string[] = [];
  let end = field?.length ?? 0;
  while (field !== undefined && end > 0 && believed.length < MOST_HOPS) {
    const comma = field.lastIndexOf(',', end - 1);
    const address = forwardedAddress(trimmed(field, comma + 1, end));
    if (address === null) break;
    believed.unshift(address);
    if (!isTrusted(address)) break;
    end = comma;
  }
  return believed;
}

/** The last entry of a list, which the nearest proxy wrote; '' where there is none. */
export function lastEntry(field: string | undefined): string {
  return field === undefined ? '' : trimmed(field, field.lastIndexOf(',') + 1, field.length);
}

/** Only what is short enough to be meant is copied. */
function trimmed(field: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(field.charCodeAt(from))) from++;
  while (to > from && isBlank(field.charCodeAt(to - 1))) to--;
  return field.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** An address or a range, as `BlockList` takes it. */
export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1`; null for what is none. */
export function parseRange(text: string): AddressRange | null {
  const [, given = '', size] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(given);
  if (version === 0) return null;
  const width = version === 4 ? 32 : 128;
  const prefix = size === undefined ? width : Number(size);
  if (prefix > width) return null;
  const address = plainAddress(given) ?? given;
  if (version === 4) return { address, prefix, family: 'ipv4' };
  if (!isIPv4(address)) return { address, prefix, family: 'ipv6' };
  // A mapped one is compared as what it maps.
  return prefix < 96 ? null : { address, prefix: prefix - 96, family: 'ipv4' };
}
