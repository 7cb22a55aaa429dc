import { expect, it } from 'vitest';
import { octetStreamCodec } from '../../../src/framework/codecs/octet-stream.js';

it('bytes are what they are, RFC 2046 §4.5.1', () => {
  const bytes = Buffer.from([0, 255, 0xfe, 0xff, 13, 10]);
  expect(octetStreamCodec.read?.(bytes, { charset: 'utf-7', parameters: new Map(), maxDepth: 0 })).toBe(
    bytes,
  );
  expect(octetStreamCodec.write).toBeUndefined();
});
