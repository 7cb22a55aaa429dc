import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseLanguage, isLanguageTag, parseAcceptLanguage } from '../../../src/framework/http/language.js';
import { anyText } from './any-text.js';

describe('Accept-Language, RFC 9110 §12.5.4', () => {
  it.each<[header: string | undefined, ranges: readonly (readonly [range: string, weight: number])[]]>([
    [undefined, []],
    ['', []],
    [', ,', []],
    ['de', [['de', 1]]],
    [
      'da, en-gb;q=0.8, en;q=0.7',
      [
        ['da', 1],
        ['en-gb', 0.8],
        ['en', 0.7],
      ],
    ],
    [
      'de-CH ; Q=0.5 ,\t*;q=0',
      [
        ['de-ch', 0.5],
        ['*', 0],
      ],
    ],
    ['de;q=0.1, DE;q=0.9', [['de', 0.9]]],
    ['i-klingon', [['i-klingon', 1]]],
    ['de_CH, d3, de-, -de, *-CH, de-*, abcdefghi, de;q=2, de;q=x, de;x=1, "de", ö', []],
    ['toString, constructor', [['tostring', 1]]],
  ])('%j', (header, ranges) => {
    expect(parseAcceptLanguage(header)).toEqual(ranges.map(([range, weight]) => ({ range, weight })));
  });

  it('is read up to its hundredth range', () => {
    const names = Array.from({ length: 300 }, (_, i) => `a-${i}`);
    expect(parseAcceptLanguage(names.join()).map(({ range }) => range)).toEqual(names.slice(0, 100));
  });
});

describe('the language of a response', () => {
  it.each<[available: string, header: string | undefined, language: string]>([
    ['en de', undefined, 'en'],
    ['en de', '', 'en'],
    ['en de', 'garbage!', 'en'],
    ['en de', 'de', 'de'],
    ['en DE', 'de', 'DE'],
    ['en de', 'DE', 'de'],
    ['en de', 'fr', 'en'],
    ['en de', 'de, en', 'de'],
    ['en de', 'en, de', 'en'],
    ['en de', 'en;q=0.5, de;q=0.6', 'de'],
    // Basic filtering, RFC 4647 §3.3.1.
    ['en de-CH', 'de', 'de-CH'],
    ['en de-CH-1996', 'de-CH', 'de-CH-1996'],
    ['en den', 'de', 'en'],
    ['de-CH de', 'de', 'de'],
    ['de-CH-1996 de-AT', 'de', 'de-AT'],
    ['de-CH de-AT', 'de', 'de-CH'],
    // Lookup, §3.4.
    ['en de', 'de-CH-1996', 'de'],
    ['en de de-CH', 'de-CH-1996', 'de-CH'],
    ['en zh-Hant', 'zh-Hant-CN-x-private1-private2', 'zh-Hant'],
    ['en de', 'de-CH, en;q=0.9', 'de'],
    ['en de', 'de-CH, en', 'de'],
    ['de de-CH-1996', 'de-CH', 'de-CH-1996'],
    ['en de', 'de-CH;q=0.3, de-AT;q=0.8, en;q=0.5', 'de'],
    ['en d', 'de', 'en'],
    // What is said of the language itself counts first.
    ['en fr', 'en-GB, fr;q=0.8, en;q=0.5', 'fr'],
    ['de-CH de', 'de;q=0.9, de-CH;q=0.1', 'de'],
    ['en de-CH', 'de;q=0.9, de-CH;q=0.1, en;q=0.5', 'en'],
    // A weight of 0 refuses.
    ['en de', 'en;q=0', 'de'],
    ['en de', 'en;q=0, *', 'de'],
    ['en de', '*;q=0, de', 'de'],
    ['de-CH de-AT', 'de, de-CH;q=0', 'de-AT'],
    ['en de', 'de;q=0, de-CH, en;q=0.1', 'en'],
    ['en de-CH', 'de;q=0, de-CH', 'de-CH'],
    ['en de', 'de-CH;q=0, fr', 'en'],
    ['de en', 'de-CH;q=0, *;q=0.1', 'de'],
    ['en de', '*;q=0', 'en'],
    ['en de', 'en;q=0, de;q=0', 'en'],
    ['en de', 'fr, *;q=0', 'en'],
    // The wildcard.
    ['en de', '*', 'en'],
    ['en de', '*, de', 'de'],
    ['en de', '*;q=0.5, de;q=0.1', 'en'],
    ['en de fr', 'en;q=0.2, *;q=0.5, de;q=0.3', 'fr'],
    ['en', 'fr', 'en'],
    ['i-klingon en', 'i-klingon', 'i-klingon'],
  ])('of %s for %j is %s', (available, header, language) => {
    expect(chooseLanguage(available.split(' '), header)).toBe(language);
  });

  it('has to be there', () => {
    expect(() => chooseLanguage([], 'de')).toThrow(RangeError);
  });

  const tag = fc
    .tuple(fc.constantFrom('de', 'en'), fc.array(fc.constantFrom('CH', 'at', '1996', 'de'), { maxLength: 2 }))
    .map((parts) => parts.flat().join('-'));
  const available = fc.uniqueArray(tag, { minLength: 1, selector: (text) => text.toLowerCase() });
  const range = fc.tuple(
    fc.oneof({ arbitrary: tag, weight: 5 }, { arbitrary: fc.constant('*'), weight: 1 }),
    fc.constantFrom(0, 0.3, 0.7, 1),
  );

  /** The rules of the docblock as a list of all pairs, sorted. */
  function naive(tags: readonly string[], given: readonly (readonly [string, number])[]): string {
    const ranges = new Map<string, number>();
    for (const [name, q] of given) {
      ranges.set(name.toLowerCase(), Math.max(q, ranges.get(name.toLowerCase()) ?? 0));
    }
    const starts = (long: readonly string[], short: readonly string[]): boolean =>
      short.every((part, i) => long[i] === part);
    const pairs = tags.flatMap((name, index) => {
      const parts = name.toLowerCase().split('-');
      const all = [...ranges].map(([text, q], place) => ({
        name,
        index,
        text,
        q,
        place,
        of: text.split('-'),
      }));
      const direct = all
        .filter(({ of }) => starts(parts, of))
        .map((pair) => ({ ...pair, kind: 0, far: parts.length - pair.of.length }))
        .sort((a, b) => a.far - b.far)
        .slice(0, 1);
      if (direct.length > 0) return direct;
      const lookup = all
        .filter(({ of, q }) => q > 0 && starts(of, parts))
        .map((pair) => ({ ...pair, kind: 1, far: pair.of.length - parts.length }));
      if (lookup.length > 0) return lookup;
      return all.filter(({ text }) => text === '*').map((pair) => ({ ...pair, kind: 0, far: 0, place: 1e9 }));
    });
    const [best] = pairs
      .filter(({ q }) => q > 0)
      .sort(
        (a, b) => b.q - a.q || a.place - b.place || a.kind - b.kind || a.far - b.far || a.index - b.index,
      );
    const unspoken = tags.find((name) => pairs.every((pair) => pair.name !== name));
    return best?.name ?? unspoken ?? tags[0]!;
  }

  it('is what its rules say, read one after the other', () => {
    fc.assert(
      fc.property(available, fc.array(range), (tags, ranges) => {
        const header = ranges.map(([name, q]) => (q === 1 ? name : `${name};q=${q}`)).join(', ');
        expect(chooseLanguage(tags, header)).toBe(naive(tags, ranges));
      }),
      { numRuns: 1000 },
    );
  });

  it('is one that there is, whatever is sent', () => {
    const piece = fc.oneof(fc.constantFrom('de', 'en', '-', '*', ',', ';', 'q=', '0'), anyText);
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(['en', 'de-CH']).toContain(chooseLanguage(['en', 'de-CH'], pieces.join('')));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['de,', 'de-', ',', '-', ' ', ';q=0', 'a-1,', 'abcdefgh-'])('may be a long run of %j', (part) => {
    expect(chooseLanguage(['en', 'de'], `${part.repeat(200_000)}x`)).toBeDefined();
  });
});

describe('a language tag, RFC 5646 §2.1', () => {
  it.each([
    'de',
    'DE',
    'de-CH',
    'de-ch-1996',
    'de-CH-1901-x-phonebk',
    'sr-Latn-RS',
    'zh-cmn-Hans-CN',
    'zh-yue',
    'zh-min-nan',
    'sl-rozaj-biske-1994',
    'es-419',
    'haw',
    'abcd',
    'abcdefgh',
    'en-a-myext-b-another',
    'de-DE-u-co-phonebk',
    'x-whatever',
    'x-a-a',
    'qaa-Qaaa-QM-x-southern',
    'de-x-a-b-a',
    'i-klingon',
    'en-GB-oed',
    'sgn-CH-DE',
    'art-lojban',
  ])('is %s', (tag) => {
    expect(isLanguageTag(tag)).toBe(true);
  });

  it.each([
    '',
    'd',
    '*',
    'de_CH',
    'de-',
    '-de',
    'de--CH',
    'abcdefghi',
    'de-abcdefghi',
    'd3',
    'de-419-DE',
    'a-DE',
    'de-a',
    'de-a-x-b',
    'x',
    'de-x',
    'ar-a-aaa-b-bbb-a-ccc',
    'de-1996-1996',
    'de-CH-Latn',
    'i-unknown',
    'de\n',
    'dé',
    'de CH',
    'constructor',
  ])('isn’t %j', (tag) => {
    expect(isLanguageTag(tag)).toBe(false);
  });

  it('may be private behind x, also what isn’t public twice', () => {
    expect(isLanguageTag('de-1996-x-1996-1996')).toBe(true);
    expect(isLanguageTag('de-a-bb-cc-bb')).toBe(true);
    expect(isLanguageTag('de-1996-a-1996')).toBe(true);
  });

  it('is what Intl takes, too', () => {
    const part = fc.constantFrom(
      'de',
      'cmn',
      'Latn',
      'CH',
      '419',
      '1996',
      'rozaj',
      'u',
      'co',
      'x',
      'a',
      'abcdefghi',
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 7 }), (parts) => {
        const text = parts.join('-');
        let known = true;
        try {
          Intl.getCanonicalLocales(text);
        } catch {
          known = false;
        }
        // Unicode's locales have no extended languages, no four-letter languages and none that are private alone.
        if (known) expect(isLanguageTag(text), text).toBe(true);
        else if (isLanguageTag(text))
          expect(text).toMatch(/^(?:[a-z]{2,3}(?:-[a-z]{3}\b)+|[a-z]{4}\b|x-)|-u\b/i);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['a', 'de-', 'de-1996-', '-x', 'a-bb-', 'abcde-'])('may be a long run of %j', (part) => {
    expect(isLanguageTag(`de-${part.repeat(200_000)}!`)).toBe(false);
  });
});
