import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CacheDirectives,
  formatCacheControl,
  parseCacheControl,
} from '../../../src/framework/http/cache-control.js';
import { anyText } from './any-text.js';

describe('Cache-Control as it is written, RFC 9111 §5.2.2', () => {
  it.each<[directives: CacheDirectives, text: string]>([
    [{ maxAge: 60 }, 'max-age=60'],
    [{ maxAge: 0 }, 'max-age=0'],
    [{ maxAge: 2 ** 31 }, 'max-age=2147483648'],
    [{ public: true, maxAge: 31_536_000, immutable: true }, 'public, max-age=31536000, immutable'],
    [{ immutable: true, maxAge: 31_536_000, public: true }, 'public, max-age=31536000, immutable'],
    [{ private: true, noCache: true }, 'private, no-cache'],
    [{ private: ['Set-Cookie'], public: true }, 'public, private="Set-Cookie"'],
    [{ noCache: ['set-cookie', 'x-a'], maxAge: 5 }, 'no-cache="set-cookie, x-a", max-age=5'],
    [{ noStore: true }, 'no-store'],
    [{ noStore: true, maxAge: 0, mustRevalidate: true }, 'no-store, must-revalidate, max-age=0'],
    [{ noStore: true, private: true, noCache: true }, 'private, no-cache, no-store'],
    [{ mustUnderstand: true, noStore: true, maxAge: 9 }, 'no-store, must-understand, max-age=9'],
    [
      { public: true, sMaxAge: 600, maxAge: 60, proxyRevalidate: true, noTransform: true },
      'public, no-transform, proxy-revalidate, max-age=60, s-maxage=600',
    ],
    [
      { maxAge: 600, staleWhileRevalidate: 30, staleIfError: 86_400 },
      'max-age=600, stale-while-revalidate=30, stale-if-error=86400',
    ],
    [{ mustRevalidate: true, staleIfError: 0 }, 'must-revalidate, stale-if-error=0'],
    [{ noCache: true, maxAge: 60 }, 'no-cache, max-age=60'],
    [{ public: false, private: undefined, noStore: true }, 'no-store'],
  ])('%j', (directives, text) => {
    expect(formatCacheControl(directives)).toBe(text);
  });

  it.each<[directives: CacheDirectives, named: readonly string[]]>([
    [{ public: true, private: true }, ['public', 'private']],
    [{ private: true, sMaxAge: 0 }, ['private', 'sMaxAge']],
    [{ noStore: true, maxAge: 1 }, ['noStore', 'maxAge']],
    [{ noStore: true, sMaxAge: 1 }, ['noStore', 'sMaxAge']],
    [{ noStore: true, public: true }, ['noStore', 'public']],
    [{ noStore: true, immutable: true }, ['noStore', 'immutable']],
    [{ noStore: true, staleWhileRevalidate: 1 }, ['noStore', 'staleWhileRevalidate']],
    [{ noStore: true, staleIfError: 1 }, ['noStore', 'staleIfError']],
    [{ noCache: true, immutable: true }, ['noCache', 'immutable']],
    [{ noCache: true, staleWhileRevalidate: 1 }, ['noCache', 'staleWhileRevalidate']],
    [{ mustRevalidate: true, staleWhileRevalidate: 1 }, ['mustRevalidate', 'staleWhileRevalidate']],
    [{ mustRevalidate: true, staleIfError: 1 }, ['mustRevalidate', 'staleIfError']],
  ])('%j contradicts itself', (directives, named) => {
    const attempt = (): string => formatCacheControl(directives);
    expect(attempt).toThrow(RangeError);
    for (const name of named) expect(attempt).toThrow(new RegExp(`\\b${name}\\b`));
  });

  it.each<[given: object]>([
    [{}],
    [{ public: false }],
    [{ maxAge: undefined }],
    [{ maxAge: -1 }],
    [{ maxAge: -0.5 }],
    [{ maxAge: 1.5 }],
    [{ maxAge: Number.NaN }],
    [{ maxAge: Number.POSITIVE_INFINITY }],
    [{ maxAge: 1e21 }],
    [{ maxAge: 2 ** 31 + 1 }],
    [{ maxAge: '60' }],
    [{ maxAge: true }],
    [{ maxAge: null }],
    [{ public: 'yes' }],
    [{ public: ['a'] }],
    [{ private: [] }],
    [{ private: [''] }],
    [{ private: ['a b'] }],
    [{ private: ['a"\r\nSet-Cookie: b=c'] }],
    [{ noCache: ['a', 1] }],
    [{ noCache: 'set-cookie' }],
    [{ maxage: 60 }],
    [{ 'max-age': 60 }],
    [{ maxAge: 60, constructor: true }],
    [JSON.parse('{"maxAge": 60, "__proto__": true}')],
    [{ maxAge: 60, toString: 1 }],
    [Object.create({ maxAge: 60 })],
  ])('can’t be made of %o', (given) => {
    expect(() => formatCacheControl(given as CacheDirectives)).toThrow(RangeError);
  });

  it('is read as it was written, whatever is said', () => {
    const flag = fc.constantFrom(true, false, undefined);
    const seconds = fc.option(fc.integer({ min: 0, max: 2 ** 31 }), { nil: undefined });
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
    const fields = fc.oneof(flag, fc.array(token, { minLength: 1 }));
    const directives = fc.record(
      {
        public: flag,
        private: fields,
        noCache: fields,
        noStore: flag,
        noTransform: flag,
        mustRevalidate: flag,
        proxyRevalidate: flag,
        mustUnderstand: flag,
        maxAge: seconds,
        sMaxAge: seconds,
        staleWhileRevalidate: seconds,
        staleIfError: seconds,
        immutable: flag,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(directives, (given) => {
        let text: string;
        try {
          text = formatCacheControl(given);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        const expected = Object.entries(given).flatMap(([key, value]) => {
          if (value === undefined || value === false) return [];
          const name = key === 'sMaxAge' ? 's-maxage' : key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
          return [[name, value === true ? true : Array.isArray(value) ? value.join(', ') : String(value)]];
        });
        expect(Object.fromEntries(parseCacheControl(text))).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('Cache-Control as others write it', () => {
  it.each<[text: string, directives: readonly (readonly [string, string | true])[]]>([
    ['', []],
    [' , ,', []],
    ['no-transform', [['no-transform', true]]],
    ['No-Store', [['no-store', true]]],
    [
      'max-age=60 ,no-store',
      [
        ['max-age', '60'],
        ['no-store', true],
      ],
    ],
    [
      'private="a, b",\tmax-age="60"',
      [
        ['private', 'a, b'],
        ['max-age', '60'],
      ],
    ],
    ['a="x\\"\\\\y"', [['a', 'x"\\y']]],
    ['max-age=1, max-age=2', [['max-age', '1']]],
    ['max-age=', [['max-age', '']]],
    ['max-age = 5', [['max-age', '5']]],
    ['=5, a b, "c", ö, no-store', [['no-store', true]]],
    ['a="', [['a', '"']]],
    [
      '__proto__, constructor=1',
      [
        ['__proto__', true],
        ['constructor', '1'],
      ],
    ],
  ])('%j', (text, directives) => {
    expect([...parseCacheControl(text)]).toEqual(directives);
  });

  it('is read whatever it is', () => {
    const piece = fc.oneof(fc.constantFrom(',', '=', '"', '\\', 'no-store', 'max-age', ' ', '5'), anyText);
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const name of parseCacheControl(pieces.join('')).keys()) expect(name).toMatch(/^[^\s,="]+$/);
      }),
    );
  });

  it.each([',', '"', '\\', 'a=,', ' ', '"a",', 'a="\\'])('may be a long run of %j', (part) => {
    expect(parseCacheControl(`a="${part.repeat(200_000)}`)).toBeDefined();
  });
});
