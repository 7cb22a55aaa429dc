import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatMediaType,
  includes,
  type MediaType,
  parseMediaType,
  specificity,
  splitUnquoted,
} from '../../../src/framework/http/media-type.js';
import { anyText } from './any-text.js';

function read(text: string): MediaType {
  const type = parseMediaType(text);
  if (type === null) throw new Error(`${text} is no media type`);
  return type;
}

describe('a media type, RFC 9110 §8.3.1', () => {
  it.each<[text: string, name: string, parameters: Record<string, string>, weight: number]>([
    ['text/plain', 'text/plain', {}, 1],
    ['TEXT/Plain', 'text/plain', {}, 1],
    [' text/plain\t', 'text/plain', {}, 1],
    ['*/*', '*/*', {}, 1],
    ['text/*;q=0.5', 'text/*', {}, 0.5],
    ['application/vnd.a.b+json; version=2', 'application/vnd.a.b+json', { version: '2' }, 1],
    ['text/plain;charset=UTF-8', 'text/plain', { charset: 'UTF-8' }, 1],
    ['text/plain ; CharSet="utf-8" ;', 'text/plain', { charset: 'utf-8' }, 1],
    ['a/b;c="x;y,z"', 'a/b', { c: 'x;y,z' }, 1],
    ['a/b;c="x\\"\\\\y"', 'a/b', { c: 'x"\\y' }, 1],
    ['a/b;c=""', 'a/b', { c: '' }, 1],
    ['a/b;c="=";d=e', 'a/b', { c: '=', d: 'e' }, 1],
    ['a/b;;;c=d', 'a/b', { c: 'd' }, 1],
    ['a/b;Q=0', 'a/b', {}, 0],
    ['a/b;q=1.000;c=d', 'a/b', { c: 'd' }, 1],
    ['a/b;qs=0.25', 'a/b', {}, 0.25],
    ['a/b;q="0.5"', 'a/b', {}, 0.5],
    ['a/b;q=.2', 'a/b', {}, 0.2],
    ['a/b;q=0.33333', 'a/b', {}, 0.33333],
    ['a/b;__proto__=c;constructor=d', 'a/b', { ['__proto__']: 'c', constructor: 'd' }, 1],
    ['a/b;c="caf\xe9"', 'a/b', { c: 'caf\xe9' }, 1],
  ])('%s', (text, name, parameters, weight) => {
    const type = read(text);
    expect(`${type.type}/${type.subtype}`).toBe(name);
    expect([...type.parameters]).toEqual(Object.entries(parameters));
    expect(type.weight).toBe(weight);
  });

  it.each([
    '',
    ' ',
    ';',
    'text',
    '*',
    '/',
    'text/',
    '/plain',
    '*/plain',
    'text//plain',
    'text/plain/x',
    'text /plain',
    'text/ plain',
    'te xt/plain',
    'text/plain, text/html',
    'text/pla\xa0in',
    'text/plain\xa0',
    'text/plain\n',
    'text/plain;charset',
    'text/plain;=utf-8',
    'text/plain;charset=',
    'text/plain;charset =utf-8',
    'text/plain;charset= utf-8',
    'text/plain;charset=utf 8',
    'text/plain;charset="utf-8',
    'text/plain;charset=utf-8"',
    'text/plain;charset="utf-8\\"',
    'text/plain;charset="utf"8"',
    'text/plain;charset="utf-8"x',
    'text/plain;charset=utf-8;charset=utf-7',
    'text/plain;charset=utf-8;CHARSET=utf-8',
    'text/plain;a="\x01"',
    'text/plain;a="\x7f"',
    'text/plain;q=2',
    'text/plain;q=1.1',
    'text/plain;q=-1',
    'text/plain;q=.',
    'text/plain;q=1e0',
    'text/plain;q=0x1',
    'text/plain;q=high',
    'text/plain;q=',
    'text/plain;q=0.5;q=1',
    '{}/b',
    'a/(b)',
  ])('not %j', (text) => {
    expect(parseMediaType(text)).toBeNull();
  });
});

describe('any media type', () => {
  const token = fc.string({ unit: fc.constantFrom(..."aZ09!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 8 });
  const name = token.filter((text) => !['q', 'qs', '*'].includes(text.toLowerCase()));
  const value = fc.oneof(token, fc.string({ unit: fc.constantFrom(...'a;,="\\ \t/\xe9') }));

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        name,
        name,
        fc.dictionary(
          name.map((text) => text.toLowerCase()),
          value,
        ),
        (type, subtype, parameters) => {
          const given: MediaType = {
            type: type.toLowerCase(),
            subtype: subtype.toLowerCase(),
            parameters: new Map(Object.entries(parameters)),
            weight: 1,
          };
          expect(parseMediaType(formatMediaType(given))).toEqual(given);
        },
      ),
    );
  });

  it('is read or refused, whatever it is, and reads as it is written', () => {
    const piece = fc.oneof(
      fc.constantFrom('a/b', ';', '=', '"', '\\', ' ', 'q=0.5', 'c="d"', '*', ','),
      anyText,
    );
    const pieces = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pieces, (text) => {
        const type = parseMediaType(text);
        if (type === null) return;
        expect(parseMediaType(formatMediaType(type))).toEqual({ ...type, weight: 1 });
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'a',
    '/',
    ';',
    '"',
    '\\',
    ' ',
    '\\"',
    ';a=b',
    ';a="b"',
    ';a="',
    '=',
    ';q=1',
    '; ',
    ',',
    'a/b,',
    '0',
  ])('may be a long run of %j', (part) => {
    const long = part.repeat(Math.ceil(300_000 / part.length));
    for (const text of [
      long,
      `a/${long}`,
      `a/b${long}`,
      `a/b;c="${long}`,
      `a/b;c="${long}"`,
      `a/b;q=0.${long}`,
    ]) {
      const type = parseMediaType(text);
      if (type !== null) expect(formatMediaType(type).length).toBeGreaterThan(0);
      expect(splitUnquoted(text, ',').join(',')).toBe(text);
    }
  });
});

describe('a list is split where no quotes are, RFC 9110 §5.6.1', () => {
  it.each<[text: string, parts: readonly string[]]>([
    ['', ['']],
    ['a', ['a']],
    ['a, b,c', ['a', ' b', 'c']],
    ['a;b="x,y",c', ['a;b="x,y"', 'c']],
    ['"a\\",b",c', ['"a\\",b"', 'c']],
    ['a\\,b', ['a\\', 'b']],
    ['"a,b', ['"a,b']],
    ['"a\\', ['"a\\']],
    [',,', ['', '', '']],
  ])('%s', (text, parts) => {
    expect(splitUnquoted(text, ',')).toEqual(parts);
  });
});

describe('a range includes, RFC 9110 §12.5.1', () => {
  it.each<[range: string, type: string, included: boolean]>([
    ['*/*', 'text/plain', true],
    ['text/*', 'text/plain', true],
    ['text/*', 'image/png', false],
    ['text/plain', 'text/plain', true],
    ['text/plain', 'text/plain;charset=utf-8', true],
    ['text/html;level=1', 'text/html;level=1', true],
    ['text/html;level=1', 'text/html;level=2', false],
    ['text/html;level=1', 'text/html', false],
    ['text/html;level=1', 'text/html;charset=utf-8;level=1', true],
    ['text/plain;charset=UTF-8', 'text/plain;charset=utf-8', true],
    ['application/json', 'application/problem+json', false],
    ['text/plain;charset=iso-8859-1', 'text/plain;charset=utf-8', false],
    // What has no charset is in UTF-8, as the Content-Type says that it is sent with.
    ['application/json;charset=utf-8', 'application/json', true],
    ['application/json;charset=UTF8', 'application/json', true],
    ['text/plain;charset=iso-8859-1', 'text/plain', false],
    ['a/b;__proto__=x', 'a/b', false],
    ['a/b;toString=x', 'a/b', false],
  ])('%s: %s, %s', (range, type, included) => {
    expect(includes(read(range), read(type))).toBe(included);
  });

  it('and is more precise the more it says', () => {
    const ranges = ['*/*', 'text/*', 'text/html', 'text/html;level=1', 'text/html;level=1;a=b'];
    const precisions = ranges.map((range) => specificity(read(range)));
    expect(precisions).toEqual(precisions.toSorted((a, b) => a - b));
    expect(new Set(precisions).size).toBe(ranges.length);
  });
});
