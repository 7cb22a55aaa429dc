import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

/**
 * Whom an address stands for: an IPv4 address for itself, also where it is written as IPv6, and an IPv6 address for its
 * /64, the least that a client gets: one that could choose among 2^64 addresses would have no limit. What is no address
 * stays as it is.
 */
export function clientOf(address: string): string {
  if (!address.includes(':')) return address;
  const [text = ''] = address.split('%', 1);
  if (!isIPv6(text)) return address;
  const groups = groupsOf(text);
  if (MAPPED.every((group, i) => group === groups[i]) || NAT64.every((group, i) => group === groups[i]))
    return dotted(groups[6] ?? 0, groups[7] ?? 0);
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** `::ffff:0:0/96` (RFC 4291 §2.5.5.2), as a socket for both families tells IPv4. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/** `64:ff9b::/96` (RFC 6052 §2.1): every IPv4 client behind such a translator has the same /64. */
const NAT64 = [0x64, 0xff9b, 0, 0, 0, 0];

/** The eight groups of an address that is valid. */
function groupsOf(text: string): readonly number[] {
  const [head = '', tail] = text.split('::');
  const before = numbersOf(head);
  if (tail === undefined) return before;
  const after = numbersOf(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function numbersOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Without a `#` in front: nobody is called like the hash of somebody else. */
const PLAIN = /^(?!#)[\x21-\x7e]{0,100}$/;

/**
 * A client's name as a store has it: one that is long, which the client may have chosen, as a hash, so that it fills no
 * memory; one that isn't printable too, so that every store takes it for the same.
 */
export function bounded(name: string): string {
  if (PLAIN.test(name)) return name;
  return `#${createHash('sha256').update(name, 'utf16le').digest('base64url')}`;
}
