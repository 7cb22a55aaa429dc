import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointer } from '../../../src/framework/http/pointer.js';
import { arrayIndex, isAbove, parsePointer } from '../../../src/framework/patch/json-pointer.js';
import { anyText } from '../http/any-text.js';

describe('a JSON pointer, RFC 6901', () => {
  it.each<[section: string, text: string, tokens: readonly string[]]>([
    ['§5', '', []],
    ['§5', '/foo', ['foo']],
    ['§5', '/foo/0', ['foo', '0']],
    ['§5', '/', ['']],
    ['§5', '/a~1b', ['a/b']],
    ['§5', '/c%d', ['c%d']],
    ['§5', '/e^f', ['e^f']],
    ['§5', '/g|h', ['g|h']],
    ['§5', '/i\\j', ['i\\j']],
    ['§5', '/k"l', ['k"l']],
    ['§5', '/ ', [' ']],
    ['§5', '/m~0n', ['m~n']],
    ['§4', '/~01', ['~1']],
    ['§4', '/~00', ['~0']],
    ['§4', '/~1~0', ['/~']],
    ['§3', '//', ['', '']],
    ['§3', '/a/', ['a', '']],
    ['§3', '/\0\n', ['\0\n']],
    ['§3', '/-', ['-']],
  ])('%s: %j is read', (_section, text, tokens) => {
    expect(parsePointer(text)).toEqual(tokens);
  });

  it.each<[section: string, text: string]>([
    ['§3', 'a'],
    ['§3', 'a/b'],
    ['§3', ' /a'],
    ['§3', '\n/a'],
    ['§3', '0'],
    ['§3', '-'],
    ['§3', '/~'],
    ['§3', '/a~'],
    ['§3', '/a~/b'],
    ['§3', '/~2'],
    ['§3', '/~~0'],
    ['§3', '/~1~'],
    ['§6', '#/a'],
    ['§6', '#'],
  ])('%s: %j is none', (_section, text) => {
    expect(parsePointer(text)).toBeNull();
  });

  it('leads back from any keys', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyText, fc.constantFrom('~', '/', '~1', '~0', '~01'))), (keys) => {
        expect(parsePointer(pointer(...keys))).toEqual(keys);
      }),
    );
  });

  it('is, where it is read, what its tokens are written as', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '/', '~', '0', '1', '2') });
    fc.assert(
      fc.property(text, (given) => {
        const tokens = parsePointer(given);
        if (tokens !== null) expect(pointer(...tokens)).toBe(given);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['/', '~', '~0', '/~1', '0'])('is bounded for a long run of %j', (part) => {
    parsePointer(`/${part.repeat(1_000_000)}`);
    parsePointer(`/${part.repeat(1_000_000)}~`);
  });
});

describe('an array index, RFC 6901 §4', () => {
  it.each<[token: string, index: number]>([
    ['0', 0],
    ['1', 1],
    ['10', 10],
    ['4294967296', 2 ** 32],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
  ])('%s', (token, index) => {
    expect(arrayIndex(token)).toBe(index);
  });

  it.each([
    '',
    '-',
    '00',
    '01',
    '-0',
    '-1',
    '+1',
    '1.0',
    '1e0',
    '0x1',
    ' 1',
    '1 ',
    '1\n',
    '1_0',
    '١',
    '１',
    'NaN',
    'length',
    'Infinity',
  ])('%j is none', (token) => {
    expect(arrayIndex(token)).toBeNull();
  });
});

describe('a place above another', () => {
  it.each<[outer: readonly string[], inner: readonly string[], above: boolean]>([
    [[], ['a'], true],
    [['a'], ['a', 'b'], true],
    [['a'], ['a'], false],
    [[], [], false],
    [['a'], ['ab'], false],
    [['a', 'b'], ['a'], false],
    [['a'], ['b', 'a'], false],
  ])('%j above %j: %s', (outer, inner, above) => {
    expect(isAbove(outer, inner)).toBe(above);
  });
});
