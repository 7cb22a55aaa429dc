import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZstdFrame } from '../../../src/framework/http/zstd-frame.js';

const MAGIC = '28b52ffd';

/** A block's header, RFC 8878 §3.1.1.2, in hexadecimal. */
function block(type: 'raw' | 'rle' | 'compressed', size: number, isLast: boolean): string {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (['raw', 'rle', 'compressed'].indexOf(type) << 1) | Number(isLast), 0, 3);
  return header.toString('hex');
}

function content(size: number): string {
  return 'ab'.repeat(size);
}

const RAW_5 = block('raw', 5, true) + content(5);

const FRAMES: readonly (readonly [name: string, hex: string])[] = [
  ['a window, §3.1.1.1.2', `${MAGIC}0050${RAW_5}`],
  ['no window', `${MAGIC}2005${RAW_5}`],
  ['a content size of two bytes, §3.1.1.1.4', `${MAGIC}40500500${RAW_5}`],
  ['a content size of four bytes', `${MAGIC}a005000000${RAW_5}`],
  ['a content size of eight bytes', `${MAGIC}e00500000000000000${RAW_5}`],
  ['a dictionary of one byte, §3.1.1.1.3', `${MAGIC}210105${RAW_5}`],
  ['a dictionary of two bytes', `${MAGIC}22010205${RAW_5}`],
  ['a dictionary of four bytes', `${MAGIC}230102030405${RAW_5}`],
  ['a checksum', `${MAGIC}2405${RAW_5}01020304`],
  ['an empty block', `${MAGIC}2000${block('raw', 0, true)}`],
  ['an empty block with a checksum', `${MAGIC}2400${block('raw', 0, true)}01020304`],
  ['a byte that is repeated, §3.1.1.2.2', `${MAGIC}0050${block('rle', 100_000, true)}61`],
  ['blocks', `${MAGIC}0050${block('rle', 9, false)}61${block('raw', 0, false)}${RAW_5}`],
  ['the largest block', `${MAGIC}0050${block('compressed', 131_072, true)}${content(131_072)}`],
];

describe('the end of a zstd frame, RFC 8878 §3.1.1', () => {
  it.each(FRAMES)('with %s is where it is, and nowhere else', (_name, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    const step = Math.ceil(bytes.length / 50);
    for (let length = 0; length < bytes.length; length += step) {
      const frame = new ZstdFrame();
      expect(frame.take(bytes.subarray(0, length)), String(length)).toBe(true);
      expect(frame.isComplete, String(length)).toBe(false);
      expect(frame.take(bytes.subarray(length))).toBe(true);
      expect(frame.isComplete).toBe(true);
      expect(frame.take(Buffer.alloc(0))).toBe(true);
      expect(frame.take(Buffer.alloc(1))).toBe(false);
    }
    expect(new ZstdFrame().take(Buffer.concat([bytes, bytes]))).toBe(false);
  });

  it.each(['29', '28b52ffe', '502a4d1800000000', '1f8b'])('is not that of %s…', (hex) => {
    expect(new ZstdFrame().take(Buffer.from(hex, 'hex'))).toBe(false);
  });

  it('is found however the bytes are cut, and whatever they are', () => {
    const bytes = fc
      .tuple(fc.constantFrom(MAGIC, ''), fc.uint8Array({ maxLength: 50 }))
      .map(([magic, rest]) => Buffer.concat([Buffer.from(magic, 'hex'), rest]));
    fc.assert(
      fc.property(bytes, (all) => {
        const whole = new ZstdFrame();
        const cut = new ZstdFrame();
        const taken = whole.take(all);
        expect([...all].every((byte) => cut.take(Uint8Array.of(byte)))).toBe(taken);
        expect(cut.isComplete).toBe(whole.isComplete);
      }),
      { numRuns: 1000 },
    );
  });

  const zstd: unknown = Reflect.get(zlib, 'zstdCompressSync');

  it.runIf(typeof zstd === 'function')('is that of what Node makes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(100), (unit, times) => {
        const encoded = (zstd as (bytes: Uint8Array) => Buffer)(Buffer.alloc(unit.length * times, unit));
        const frame = new ZstdFrame();
        expect(frame.take(encoded.subarray(0, -1))).toBe(true);
        expect(frame.isComplete).toBe(false);
        expect(frame.take(encoded.subarray(-1))).toBe(true);
        expect(frame.isComplete).toBe(true);
      }),
    );
  });
});
