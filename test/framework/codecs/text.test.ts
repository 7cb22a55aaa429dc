import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../src/framework/codecs/decode-text.js';
import { textCodec } from '../../../src/framework/codecs/text.js';
import { anyText } from '../http/any-text.js';

function read(content: string | Uint8Array, charset: string | null = null): unknown {
  return textCodec.read?.(Buffer.from(content), { charset, parameters: new Map(), maxDepth: 1 });
}

describe('text, RFC 2046 §4.1.3', () => {
  it('comes back as it was written, without a byte order mark', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read(String(textCodec.write?.(text)))).toBe(text.replace(/^\ufeff/, ''));
      }),
    );
  });

  it.each<[value: unknown, text: string]>([
    ['', ''],
    [0, '0'],
    [false, 'false'],
    [10n, '10'],
    [null, 'null'],
  ])('%s is written', (value, text) => {
    expect(textCodec.write?.(value)).toBe(text);
  });

  it.each([[{}], [[]], [new Date(0)]])('an object has none: %j', (value) => {
    expect(() => textCodec.write?.(value)).toThrow(TypeError);
  });

  it.each(['utf-16', 'iso-8859-1', 'windows-1252', 'utf-7', '__proto__'])('is refused in %s', (charset) => {
    expect(() => read('a', charset)).toThrow(expect.objectContaining({ code: 'unsupported-media-type' }));
  });

  it('is refused where it is no UTF-8, and the next one is read', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        // An independent judge: replacement changes the bytes of what isn't UTF-8.
        const content = Buffer.from(bytes);
        const valid = Buffer.compare(Buffer.from(content.toString('utf8')), content) === 0;
        if (valid) expect(Buffer.from(decodeText(content, null))).toEqual(content.subarray(startOf(content)));
        else
          expect(() => decodeText(content, null)).toThrow(
            expect.objectContaining({ code: 'malformed-body' }),
          );
        expect(decodeText(Buffer.from('next'), 'utf-8')).toBe('next');
      }),
    );
  });

  function startOf(content: Buffer): number {
    return content.subarray(0, 3).equals(Buffer.from('\ufeff')) ? 3 : 0;
  }
});
