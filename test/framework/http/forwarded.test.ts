import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  believedAddresses,
  forwardedAddress,
  lastEntry,
  parseRange,
  plainAddress,
} from '../../../src/framework/http/forwarded.js';

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['192.0.2.01', null],
    ['192.0.2.256', null],
    ['0x7f.1', null],
    ['2130706433', null],
    ['localhost', null],
    ['', null],
  ])('%s is %s', (text, expected) => {
    expect(plainAddress(text)).toBe(expected);
  });

  it.each([
    ['192.0.2.1:80', '192.0.2.1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[192.0.2.1]:443', '192.0.2.1'],
    ['192.0.2.1:', null],
    ['192.0.2.1:123456', null],
    ['[2001:db8::1', null],
    ['[]', null],
    ['unknown', null],
    ['_hidden', null],
    ['"192.0.2.1"', null],
    ['192.0.2.1 192.0.2.2', null],
    [`2001:db8::1%${'z'.repeat(100)}`, null],
  ])('of an entry %s is %s', (text, expected) => {
    expect(forwardedAddress(text)).toBe(expected);
  });
});

describe('a range', () => {
  it.each([
    ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    ['192.0.2.1', { address: '192.0.2.1', prefix: 32, family: 'ipv4' }],
    ['2001:db8::/32', { address: '2001:db8::', prefix: 32, family: 'ipv6' }],
    ['::1', { address: '::1', prefix: 128, family: 'ipv6' }],
    ['::ffff:10.0.0.0/104', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    ['0.0.0.0/0', { address: '0.0.0.0', prefix: 0, family: 'ipv4' }],
    ['10.0.0.0/33', null],
    ['::/129', null],
    ['::ffff:0:0/90', null],
    ['10.0.0.0/', null],
    ['10.0.0.0/-1', null],
    ['10.0.0.0/8/8', null],
    ['10.0.0/8', null],
    ['10.0.0.0/255.0.0.0', null],
    ['fe80::1%eth0', null],
    [' 10.0.0.1', null],
    ['*', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(parseRange(text)).toEqual(expected);
  });
});

const proxy = fc.integer({ min: 0, max: 255 }).map((n) => `10.0.0.${n}`);
const outside = fc
  .tuple(fc.integer({ min: 11, max: 255 }), fc.integer({ min: 0, max: 255 }))
  .map(([a, b]) => `${a}.2.3.${b}`);
const isProxy = (address: string) => address.startsWith('10.');
const blank = fc.stringMatching(/^[ \t]{0,3}$/);

describe('the addresses that can be believed', () => {
  it('begin with the client, whatever it wrote itself', () => {
    fc.assert(
      fc.property(
        fc.string(),
        outside,
        fc.array(proxy, { maxLength: 10 }),
        blank,
        (made, client, hops, pad) => {
          const field = [made, client, ...hops].join(`${pad},${pad}`);
          expect(believedAddresses(field, isProxy)).toEqual([client, ...hops]);
        },
      ),
    );
  });

  it('are addresses, few, and made of the end of the field, whatever it is', () => {
    const part = fc.oneof(
      fc.string(),
      proxy,
      outside,
      fc.constantFrom(',', ' ', '::1', '[::1]:1', 'unknown'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const believed = believedAddresses(parts.join(','), isProxy);
        expect(believed.length).toBeLessThanOrEqual(32);
        for (const each of believed) expect(isIP(each)).not.toBe(0);
        // Only the first may be one that nobody trusts.
        expect(believed.slice(1).every(isProxy)).toBe(true);
      }),
    );
  });

  it('end where an entry is none', () => {
    expect(believedAddresses('1.1.1.1, unknown, 10.0.0.1', isProxy)).toEqual(['10.0.0.1']);
    expect(believedAddresses('1.1.1.1,', isProxy)).toEqual([]);
    expect(believedAddresses('', isProxy)).toEqual([]);
    expect(believedAddresses(undefined, isProxy)).toEqual([]);
  });

  it('are all there are where all are trusted', () => {
    expect(believedAddresses('10.0.0.2,10.0.0.1', isProxy)).toEqual(['10.0.0.2', '10.0.0.1']);
  });

  it('cost no more for a field of thousands of entries', () => {
    let asked = 0;
    const field = Array(100_000).fill('10.0.0.1').join(',');
    believedAddresses(field, () => ++asked > 0);
    expect(asked).toBe(32);
  });
});

it('the last entry of a list is without blanks', () => {
  expect(lastEntry('a, b\t,\t c ')).toBe('c');
  expect(lastEntry('a,')).toBe('');
  expect(lastEntry(undefined)).toBe('');
});
