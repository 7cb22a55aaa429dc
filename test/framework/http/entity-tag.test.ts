import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EntityTag,
  formatEntityTag,
  hashTag,
  parseEntityTag,
  parseEntityTags,
  strongMatch,
  toEntityTag,
  weakMatch,
  withSuffix,
} from '../../../src/framework/http/entity-tag.js';
import { anyText } from './any-text.js';

function strong(value: string): EntityTag {
  return { value, weak: false };
}

function weak(value: string): EntityTag {
  return { value, weak: true };
}

/** Every character that etagc allows, and no other. */
const etagc = fc
  .oneof(
    fc.constantFrom(0x21, 0x2c, 0x5c, 0x7e, 0x80, 0xff),
    fc.integer({ min: 0x23, max: 0x7e }),
    fc.integer({ min: 0x80, max: 0xff }),
  )
  .map((code) => String.fromCharCode(code));
const anyTag = fc.record({ value: fc.string({ unit: etagc }), weak: fc.boolean() });

describe('an entity tag, RFC 9110 §8.8.3', () => {
  it.each<[text: string, tag: EntityTag]>([
    ['"xyzzy"', strong('xyzzy')],
    ['W/"xyzzy"', weak('xyzzy')],
    ['""', strong('')],
    ['W/""', weak('')],
    ['"a,b"', strong('a,b')],
    ['"a\\"', strong('a\\')],
    ['"W/"', strong('W/')],
    ['"*"', strong('*')],
    ['"caf\xe9"', strong('caf\xe9')],
    ['"__proto__"', strong('__proto__')],
  ])('%s', (text, tag) => {
    expect(parseEntityTag(text)).toEqual(tag);
    expect(formatEntityTag(tag)).toBe(text);
  });

  it.each([
    '',
    '*',
    'xyzzy',
    '"',
    '"xyzzy',
    'xyzzy"',
    'w/"xyzzy"',
    'W"xyzzy"',
    'W/xyzzy',
    'W/ "xyzzy"',
    'W/W/"xyzzy"',
    ' "xyzzy"',
    '"xyzzy" ',
    '"xyzzy"\n',
    '"a b"',
    '"a\tb"',
    '"a"b"',
    '"a\\"b"',
    '"a","b"',
    '"\x7f"',
    '"\0"',
    '"a\r\nb"',
    '"\u0100"',
    "'a'",
    '\u201ca\u201d',
  ])('not %j', (text) => {
    expect(parseEntityTag(text)).toBeNull();
  });

  it('has the characters of etagc between its quotes, and no other', () => {
    const allowed = (code: number): boolean =>
      code === 0x21 || (code >= 0x23 && code <= 0x7e) || (code >= 0x80 && code <= 0xff);
    for (let code = 0; code < 0x300; code++) {
      const value = `a${String.fromCharCode(code)}b`;
      const text = `"${value}"`;
      expect(parseEntityTag(text), String(code)).toEqual(allowed(code) ? strong(value) : null);
      expect(parseEntityTags(text), String(code)).toEqual(allowed(code) ? [strong(value)] : null);
      if (allowed(code)) expect(formatEntityTag(strong(value))).toBe(text);
      else expect(() => formatEntityTag(strong(value)), String(code)).toThrow(TypeError);
    }
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(anyTag, (tag) => {
        expect(parseEntityTag(formatEntityTag(tag))).toEqual(tag);
      }),
    );
  });

  it('is not written where it would split the header, and the error does not repeat it', () => {
    expect(() => formatEntityTag(strong('a"\r\nSet-Cookie: b=c'))).toThrow(
      /^an entity tag has a character that is not allowed$/,
    );
  });
});

describe('a list of entity tags, RFC 9110 §5.6.1', () => {
  it.each<[header: string, tags: readonly EntityTag[] | '*']>([
    ['*', '*'],
    [' *\t', '*'],
    ['"a"', [strong('a')]],
    ['"a", W/"b","c"', [strong('a'), weak('b'), strong('c')]],
    ['"a,b", "c"', [strong('a,b'), strong('c')]],
    ['"a\\", "b"', [strong('a\\'), strong('b')]],
    ['"*"', [strong('*')]],
    ['\t"a" \t,\t "b" ', [strong('a'), strong('b')]],
    [', ,"a",,\t,"b",', [strong('a'), strong('b')]],
    ['"a", "b", ', [strong('a'), strong('b')]],
    ['"", W/""', [strong(''), weak('')]],
    ['', []],
    [' ', []],
    [',', []],
  ])('%j', (header, tags) => {
    expect(parseEntityTags(header)).toEqual(tags);
  });

  it.each([
    'a',
    '"a',
    '"a" "b"',
    '"a"W/"b"',
    '"a""b"',
    '"a";"b"',
    'w/"a"',
    'W/ "a"',
    'W /"a"',
    '"a", b',
    '"a", "b',
    '*, *',
    '*,',
    '*, "a"',
    '"a", *',
    '**',
    '"a"\n',
    '"a",\r\n"b"',
    '"a"\xa0',
    '"a b"',
    '\u2028',
  ])('not %j', (header) => {
    expect(parseEntityTags(header)).toBeNull();
  });

  it('comes back as it was written, with any white space and empty elements around', () => {
    const gap = fc.stringMatching(/^[ \t]{0,3}$/);
    const separator = fc.array(gap, { minLength: 2, maxLength: 4 }).map((gaps) => gaps.join(','));
    fc.assert(
      fc.property(fc.array(fc.tuple(anyTag, separator)), gap, (elements, start) => {
        const header = elements.reduce((text, [tag, after]) => text + formatEntityTag(tag) + after, start);
        expect(parseEntityTags(header)).toEqual(elements.map(([tag]) => tag));
      }),
    );
  });

  it('is read or refused, whatever it is', () => {
    const piece = fc.oneof(fc.constantFrom('"', '"a"', 'W/', '*', ',', ' ', '\t', '\\', ', "b"'), anyText);
    const pieces = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pieces, (header) => {
        const tags = parseEntityTags(header);
        if (tags === null || tags === '*') return;
        expect(parseEntityTags(tags.map(formatEntityTag).join(', '))).toEqual(tags);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ' ',
    ',',
    '"',
    '""',
    '"",',
    '" ',
    'W/',
    'W',
    'a',
    '" ,',
    ', ',
    '\t ',
    '*',
  ])('may be a long run of %j', (part) => {
    const run = part.repeat(300_000);
    for (const header of [run, `${run}x`, `"${run}`, `"${run}"`, `"a"${run}"b"`]) {
      parseEntityTag(header);
      const tags = parseEntityTags(header);
      if (tags !== null && tags !== '*') expect(tags.length).toBeLessThanOrEqual(300_001);
    }
  });
});

describe('two entity tags, RFC 9110 §8.8.3.2', () => {
  it.each<[a: EntityTag, b: EntityTag, strongly: boolean, weakly: boolean]>([
    [weak('1'), weak('1'), false, true],
    [weak('1'), weak('2'), false, false],
    [weak('1'), strong('1'), false, true],
    [strong('1'), weak('1'), false, true],
    [strong('1'), strong('1'), true, true],
    [strong('1'), strong('2'), false, false],
    [strong('a'), strong('A'), false, false],
  ])('%j and %j: strongly %s, weakly %s', (a, b, strongly, weakly) => {
    expect(strongMatch(a, b)).toBe(strongly);
    expect(weakMatch(a, b)).toBe(weakly);
  });
});

describe('the entity tag of a version', () => {
  it.each<[version: string | number | bigint | Date, text: string]>([
    ['7', '"7"'],
    ['', '""'],
    ['"7"', '"7"'],
    ['W/"7"', 'W/"7"'],
    ['""', '""'],
    [7, '"7"'],
    [0, '"0"'],
    [-0, '"0"'],
    [1769860800000.5, '"1769860800000.5"'],
    [1e21, '"1e+21"'],
    [9007199254740993n, '"9007199254740993"'],
    [new Date('2026-01-31T12:00:00.123Z'), '"2026-01-31T12:00:00.123Z"'],
    ['2026-01-31T12:00:00.123Z', '"2026-01-31T12:00:00.123Z"'],
    ['a,b', '"a,b"'],
    ['a b', '"a%20b"'],
    ['a%20b', '"a%2520b"'],
    ['a"b', '"a%22b"'],
    ['"a', '"%22a"'],
    ['w/"a"', '"w/%22a%22"'],
    ['a\\b', '"a%5Cb"'],
    ['a\r\nb', '"a%0D%0Ab"'],
    ['\x7f', '"%7F"'],
    ['caf\xe9', '"caf%C3%A9"'],
    ['🐨', '"%F0%9F%90%A8"'],
    ['\ud800', '"%ud800"'],
    ['\udc00\ud800', '"%udc00%ud800"'],
  ])('%o is %s', (version, text) => {
    expect(formatEntityTag(toEntityTag(version))).toBe(text);
  });

  it.each<string | number | Date>([
    '7',
    '"7"',
    'W/"7"',
    7,
  ])('%o is weak where it is said to be', (version) => {
    expect(toEntityTag(version, true)).toEqual(weak('7'));
  });

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    new Date(Number.NaN),
  ])('can not be made of %o, which equals itself whatever has changed', (version) => {
    expect(() => toEntityTag(version)).toThrow(TypeError);
  });

  it('is another one for every text, and ASCII without quotes and backslashes', () => {
    const text = fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'%20u"\\ \ud800\udc00d8') }));
    const bare = text.filter((value) => parseEntityTag(value) === null);
    const written = new Map<string, string>();
    fc.assert(
      fc.property(bare, (version) => {
        const header = formatEntityTag(toEntityTag(version));
        expect(header).toMatch(/^"[!#-[\]-~]*"$/);
        expect(written.get(header) ?? version).toBe(version);
        written.set(header, version);
        expect(parseEntityTag(header)).toEqual(toEntityTag(version));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the entity tag of bytes', () => {
  it('is strong, and the start of their SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const digest = createHash('sha256').update(bytes).digest('base64url');
        expect(hashTag(bytes)).toEqual(strong(digest.slice(0, 27)));
        expect(parseEntityTag(formatEntityTag(hashTag(bytes)))).toEqual(hashTag(bytes));
      }),
    );
  });

  it('of text is that of its UTF-8', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(hashTag(text)).toEqual(hashTag(Buffer.from(text)));
      }),
    );
  });

  it('is that of the part, where they are a part of a buffer', () => {
    const buffer = Buffer.from('abcdef');
    expect(hashTag(buffer.subarray(2, 4))).toEqual(hashTag('cd'));
    expect(hashTag('cd')).not.toEqual(hashTag('ce'));
  });
});

describe('the entity tag of another representation, RFC 9110 §8.8.3.3', () => {
  it.each<[tag: EntityTag, suffix: string, made: EntityTag]>([
    [strong('7'), '', strong('7')],
    [strong('7'), '--gzip', strong('7--gzip')],
    [weak('7'), '--gzip', weak('7')],
  ])('%j with %j is %j', (tag, suffix, made) => {
    expect(withSuffix(tag, suffix)).toEqual(made);
  });
});
