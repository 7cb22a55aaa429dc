import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCookies } from '../../../src/framework/http/cookies.js';
import { anyText } from './any-text.js';

describe('the cookies of a request, RFC 6265 §4.2.1 and §5.4', () => {
  it.each<[header: string | undefined, cookies: readonly (readonly [name: string, value: string])[]]>([
    [undefined, []],
    ['', []],
    [';;', []],
    ['a=1', [['a', '1']]],
    [
      'a=1; b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1;b=2;',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      ' a = 1 ;\tb\t=\t2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a=', [['a', '']]],
    ['a', []],
    ['=1', []],
    ['a=1; a=2', [['a', '1']]],
    [
      'A=1; a=2',
      [
        ['A', '1'],
        ['a', '2'],
      ],
    ],
    ['a=b=c==', [['a', 'b=c==']]],
    ['a="x y"', [['a', 'x y']]],
    ['a="', [['a', '"']]],
    ['a=""', [['a', '']]],
    ['a="b', [['a', '"b']]],
    ['a=%C3%B6%20%3B', [['a', 'ö ;']]],
    ['a=100%', [['a', '100%']]],
    ['a=%ff', [['a', '%ff']]],
    ['a=a+b', [['a', 'a+b']]],
    ['%61=1', [['%61', '1']]],
    ['a=\xc3\xa0', [['a', '\xc3\xa0']]],
    ['a=\xa0x\xa0', [['a', '\xa0x\xa0']]],
    [
      '__proto__=1; constructor=2; toString=3',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
        ['toString', '3'],
      ],
    ],
  ])('%j', (header, cookies) => {
    expect([...parseCookies(header)]).toEqual(cookies);
  });

  it('come back as they were written', () => {
    const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
    fc.assert(
      fc.property(fc.dictionary(name, anyText, { noNullPrototype: true }), (cookies) => {
        const entries = Object.entries(cookies);
        const header = entries.map((entry) => `${entry[0]}=${encodeURIComponent(entry[1])}`).join('; ');
        expect([...parseCookies(header)]).toEqual(entries);
      }),
    );
  });

  it('are read whatever they are, and no part of one gets into another', () => {
    const unit = fc.constantFrom('a', '=', ';', ' ', '"', '%', '%41', '\\', ',', '\xa0', '\t');
    fc.assert(
      fc.property(fc.string({ unit }), (header) => {
        const pairs = header.split(';');
        for (const [name, value] of parseCookies(header)) {
          const origin = pairs.find((pair) => /^[ \t]*([^=]*?)[ \t]*=/.exec(pair)?.[1] === name);
          expect(origin?.replaceAll('%41', 'A')).toContain(value.replaceAll('%41', 'A'));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([';', '=', ' ', 'a=1;', 'a=" ', '"', '%', '\t;', 'a =1 ;'])('may be a long run of %j', (part) => {
    const long = part.repeat(Math.ceil(1_000_000 / part.length));
    expect(parseCookies(`${long}x`)).toBeDefined();
    expect(parseCookies(`a=x${long}x`)).toBeDefined();
  });
});
