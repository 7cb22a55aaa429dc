import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAccept, quality } from '../../../src/framework/http/accept.js';
import { type MediaType, parseMediaType } from '../../../src/framework/http/media-type.js';
import { anyText } from './any-text.js';

function type(text: string): MediaType {
  const found = parseMediaType(text);
  if (found === null) throw new Error(`${text} is no media type`);
  return found;
}

function welcome(accept: string | undefined, offer: string): number {
  return quality(parseAccept(accept), type(offer));
}

describe('the weight of a type, RFC 9110 §12.5.1', () => {
  const EXAMPLE =
    'text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5';

  it.each<[accept: string | undefined, offer: string, weight: number]>([
    [EXAMPLE, 'text/plain;format=flowed', 1],
    [EXAMPLE, 'text/plain', 0.7],
    [EXAMPLE, 'text/html', 0.3],
    [EXAMPLE, 'image/jpeg', 0.5],
    [EXAMPLE, 'text/plain;format=fixed', 0.4],
    [EXAMPLE, 'text/html;level=3', 0.3],
    [undefined, 'a/b', 1],
    ['', 'a/b', 1],
    ['*/*', 'a/b', 1],
    ['a/b', 'a/b', 1],
    ['A/B', 'a/b', 1],
    ['a/c', 'a/b', 0],
    ['a/*', 'a/b', 1],
    ['a/b;q=0, */*', 'a/b', 0],
    ['*/*, a/b;q=0', 'a/b', 0],
    ['a/*;q=0, */*;q=0.1', 'a/b', 0],
    ['*/*;q=0', 'a/b', 0],
    ['a/b;q=0.2,a/b;q=0.8', 'a/b', 0.8],
    ['a/b;q=0.8,a/b;q=0.2', 'a/b', 0.8],
    [',, ,a/b;q=0.4,', 'a/b', 0.4],
    ['a/b;c="x,y";q=0.4, a/b;q=0.1', 'a/b;c="x,y"', 0.4],
    ['application/json; charset=utf-8', 'application/json', 1],
    ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', 'application/json', 0.2],
    ['application/vnd.a+json', 'application/json', 0],
  ])('%s: %s has %d', (accept, offer, weight) => {
    expect(welcome(accept, offer)).toBe(weight);
  });

  it.each([
    'garbage',
    ';;;',
    '*',
    'a',
    '"',
    'a/b;q=high',
    '/',
    'text/html;level',
    '\xff',
  ])('a malformed %j asks for nothing in particular', (accept) => {
    expect(welcome(accept, 'a/b')).toBe(1);
    expect(welcome(`${accept}, a/c;q=0.5`, 'a/c')).toBe(accept === '"' ? 1 : 0.5);
  });

  it('does not depend on the order of the ranges', () => {
    const range = fc.constantFrom(
      'a/b',
      'a/*',
      '*/*',
      'a/c',
      'a/b;x=1',
      'a/b;y=2',
      'a/b;x=1;y=2',
      'a/b;q',
      'zzz',
    );
    const weighted = fc
      .tuple(range, fc.constantFrom('', ';q=0', ';q=0.5', ';q=0.7', ';q=1'))
      .map((parts) => parts.join(''));
    const offer = fc.constantFrom('a/b', 'a/b;x=1', 'a/b;x=1;y=2', 'a/c', 'd/e');
    fc.assert(
      fc.property(fc.array(weighted, { minLength: 1 }), offer, (ranges, offered) => {
        expect(welcome(ranges.toReversed().join(', '), offered)).toBe(welcome(ranges.join(', '), offered));
        expect(welcome(ranges.join(' ,\t,'), offered)).toBe(welcome(ranges.join(','), offered));
      }),
    );
  });

  it('is between 0 and 1 for whatever is sent', () => {
    const piece = fc.oneof(fc.constantFrom('a/b', '*/*', ',', ';', 'q=', '0.5', '"', '='), anyText);
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const weight = welcome(pieces.join(''), 'a/b');
        expect(weight).toBeGreaterThanOrEqual(0);
        expect(weight).toBeLessThanOrEqual(1);
      }),
    );
  });
});
