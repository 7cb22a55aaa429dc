import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentDecode } from '../../../src/framework/http/percent.js';

describe('percent escapes, RFC 3986 §2.1', () => {
  it.each<[text: string, decoded: string | null]>([
    ['', ''],
    ['a+b', 'a+b'],
    ['%41%62', 'Ab'],
    ['%c3%b6%F0%9F%90%A8', 'ö🐨'],
    ['ö%C3%B6', 'öö'],
    ['%EF%BB%BFa', '\ufeffa'],
    ['%00', '\0'],
    ['%', null],
    ['%4', null],
    ['%4g', null],
    ['%g4', null],
    ['%-1', null],
    ['% 1', null],
    ['%\ufffd1', null],
    ['%ö', null],
    ['%C3', null],
    ['%C3x%B6', null],
    ['%B6', null],
    ['%C0%AF', null],
    ['%ED%A0%80', null],
    ['%F4%90%80%80', null],
  ])('%j', (text, decoded) => {
    expect(percentDecode(text)).toBe(decoded);
  });

  it('are decoded as decodeURIComponent does, and null is where that throws', () => {
    const unit = fc.constantFrom(
      '%',
      '0',
      '4',
      '8',
      '9',
      'a',
      'B',
      'c',
      'E',
      'f',
      'g',
      'ö',
      '%C3',
      '%B6',
      '%E2%82%AC',
      '%F0%9F',
      '%90%A8',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        expect(percentDecode(text)).toBe(reference(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['%', '%41', '%ff', '%C3%B6', 'ö%', 'a'])('may be a long run of %s', (part) => {
    const long = part.repeat(Math.ceil(1_000_000 / part.length));
    expect(percentDecode(long)).toBe(reference(long));
  });
});

function reference(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
