import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounded, clientOf } from '../../../src/framework/load/client-key.js';

describe('whom an address stands for', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['64:ff9b:1::203.0.113.7', '64:ff9b:1:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1%eth0', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::ffff:1:203.0.113.7', '0:0:0:0::/64'],
    ['', ''],
    ['unknown', 'unknown'],
    ['[2001:db8::1]:443', '[2001:db8::1]:443'],
    ['1:2', '1:2'],
    [':::', ':::'],
  ])('%s → %s', (address, client) => {
    expect(clientOf(address)).toBe(client);
  });

  it('is the same however an address is written, and for all of its /64', () => {
    const group = fc.nat(0xffff);
    fc.assert(
      fc.property(fc.tuple(group, group, group, group), fc.ipV6(), (network, other) => {
        const [a, b, c, d] = network.map((each) => each.toString(16));
        const long = network.map((each) => each.toString(16).padStart(4, '0').toUpperCase()).join(':');
        const tail =
          other.includes('.') || other.includes('::') ? '1:2:3:4' : other.split(':').slice(4).join(':');
        const short = new URL(`http://[${long}:${tail}]`).hostname.slice(1, -1);
        if (network[0] === 0 || network[0] === 0x64) return;
        expect([clientOf(`${long}:${tail}`), clientOf(short)]).toEqual([
          `${a}:${b}:${c}:${d}::/64`,
          `${a}:${b}:${c}:${d}::/64`,
        ]);
      }),
    );
  });

  it('is never longer than what it is made of by much, nor fails', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const client = clientOf(text);
        if (isIP(text) === 0 && !text.includes('%')) expect(client).toBe(text);
        else expect(client.length).toBeLessThanOrEqual(Math.max(text.length, 24));
      }),
    );
  });
});

describe('a name in a store', () => {
  it('is short and printable, and another one for each', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }), (a, b) => {
        for (const name of [bounded(a), bounded(b)]) expect(name).toMatch(/^[\x21-\x7e]{0,100}$/);
        expect(bounded(a) === bounded(b)).toBe(a === b);
      }),
    );
  });

  it('of one client is not the hash of another', () => {
    const long = bounded('a'.repeat(200));
    expect(bounded(long)).not.toBe(long);
  });

  it('tells lone surrogates apart', () => {
    expect(bounded('\ud800')).not.toBe(bounded('\ud801'));
  });
});
