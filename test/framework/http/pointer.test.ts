import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointer } from '../../../src/framework/http/pointer.js';

describe('a JSON pointer, RFC 6901 §3', () => {
  it.each<[keys: readonly string[], text: string]>([
    [[], ''],
    [[''], '/'],
    [['items', '0'], '/items/0'],
    [['a/b'], '/a~1b'],
    [['m~n'], '/m~0n'],
    [['~1'], '/~01'],
    [['c%d', 'e^f', 'g|h', 'i\\j', 'k"l', ' '], '/c%d/e^f/g|h/i\\j/k"l/ '],
  ])('%j', (keys, text) => {
    expect(pointer(...keys)).toBe(text);
  });

  it('leads back to its keys', () => {
    const key = fc.string({ unit: fc.constantFrom('a', '/', '~', '0', '1', 'ö') });
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const [, ...parts] = pointer(...keys).split('/');
        expect(parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))).toEqual(keys);
      }),
    );
  });
});
