import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHeaderValue } from '../../../src/framework/http/header-value.js';
import { formatLink, type LinkParameters } from '../../../src/framework/http/link.js';
import { anyText } from './any-text.js';

describe('a link, RFC 8288 §3', () => {
  it.each<[target: string, parameters: LinkParameters, link: string]>([
    ['/cases?page=2', { rel: 'next' }, '</cases?page=2>; rel="next"'],
    ['', { rel: 'self' }, '<>; rel="self"'],
    ['/a', { rel: ['next', 'last'] }, '</a>; rel="next last"'],
    ['/a', { rel: 'Next' }, '</a>; rel="next"'],
    ['/a', { rel: 'https://a.example/Rel' }, '</a>; rel="https://a.example/Rel"'],
    ['/a', { rel: ['next', 'urn:a:b'] }, '</a>; rel="next urn:a:b"'],
    ['/a', { rel: 'https://a.example/ö "' }, '</a>; rel="https://a.example/%C3%B6%20%22"'],
    ['/ä>; rel="x', { rel: 'next' }, '</%C3%A4%3E;%20rel=%22x>; rel="next"'],
    ['/a', { rel: 'next', title: 'a "b" \\' }, '</a>; rel="next"; title="a \\"b\\" \\\\"'],
    ['/a', { rel: 'next', title: '' }, '</a>; rel="next"; title=""'],
    [
      '/a',
      { rel: 'next', title: "Größe '*()" },
      '</a>; rel="next"; title*=UTF-8\'\'Gr%C3%B6%C3%9Fe%20%27%2A%28%29',
    ],
    ['/a', { rel: 'next', title: '🐨\t' }, '</a>; rel="next"; title*=UTF-8\'\'%F0%9F%90%A8%09'],
    [
      '/a',
      { rel: 'alternate', type: 'application/vnd.a+json', hreflang: 'de-CH' },
      '</a>; rel="alternate"; hreflang=de-CH; type="application/vnd.a+json"',
    ],
    ['/a', { rel: 'x', hreflang: ['de', 'en'] }, '</a>; rel="x"; hreflang=de; hreflang=en'],
    [
      '/a',
      { rel: 'x', media: 'screen and (width > 1px)' },
      '</a>; rel="x"; media="screen and (width > 1px)"',
    ],
    ['/a', { rel: 'x', anchor: '#ö"' }, '</a>; rel="x"; anchor="#%C3%B6%22"'],
    ['/a', { rel: 'x', anchor: '' }, '</a>; rel="x"; anchor=""'],
    [
      '/a',
      { rel: 'preload', extensions: { as: 'style', crossorigin: true, note: 'ö' } },
      '</a>; rel="preload"; as="style"; crossorigin; note*=UTF-8\'\'%C3%B6',
    ],
    [
      '/a',
      { rel: 'x', extensions: JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string> },
      '</a>; rel="x"; __proto__="a"; constructor="b"',
    ],
    [
      '/a',
      {
        extensions: { b: 'c' },
        type: 'text/html',
        title: 't',
        media: 'print',
        hreflang: 'en',
        anchor: '/b',
        rel: 'x',
      },
      '</a>; rel="x"; anchor="/b"; hreflang=en; media="print"; title="t"; type="text/html"; b="c"',
    ],
  ])('to %j with %j', (target, parameters, link) => {
    expect(formatLink(target, parameters)).toBe(link);
  });

  it.each<[name: string, target: string, parameters: LinkParameters]>([
    ['a line break in the target', '/a\r\nSet-Cookie: b=c', { rel: 'x' }],
    ['NUL in the target', '/\0', { rel: 'x' }],
    ['no relation', '/a', { rel: [] }],
    ['an empty relation', '/a', { rel: '' }],
    ['two relations in one', '/a', { rel: 'next last' }],
    ['a relation that ends the string', '/a', { rel: 'next"; title="x' }],
    ['a line break in the relation', '/a', { rel: 'urn:a\nb' }],
    ['a relation that is no name', '/a', { rel: '1st' }],
    ['a line break in the anchor', '/a', { rel: 'x', anchor: '\n' }],
    ['a line break in the title', '/a', { rel: 'x', title: 'a\r\nb' }],
    ['a line break in a title that is encoded', '/a', { rel: 'x', title: 'ä\n' }],
    ['half of a surrogate pair', '/a', { rel: 'x', title: '\ud83d' }],
    ['DEL in the title', '/a', { rel: 'x', title: '\x7f' }],
    ['a media query of other letters', '/a', { rel: 'x', media: 'ö' }],
    ['a malformed type', '/a', { rel: 'x', type: 'html' }],
    ['a type with parameters, §3.4.1', '/a', { rel: 'x', type: 'text/html;charset=utf-8' }],
    ['a range', '/a', { rel: 'x', type: 'text/*' }],
    ['a malformed language', '/a', { rel: 'x', hreflang: 'de_CH' }],
    ['a line break in a language', '/a', { rel: 'x', hreflang: ['de', 'en\n'] }],
    ['an extension that is known', '/a', { rel: 'x', extensions: { Rel: 'y' } }],
    ['an extension in the extended form', '/a', { rel: 'x', extensions: { 'a*': 'y' } }],
    ['an extension without a name', '/a', { rel: 'x', extensions: { '': 'y' } }],
    ['an extension with a malformed name', '/a', { rel: 'x', extensions: { 'a=b': 'y' } }],
    ['NUL in an extension', '/a', { rel: 'x', extensions: { a: '\0' } }],
  ])('can’t have %s', (_name, target, parameters) => {
    expect(() => formatLink(target, parameters)).toThrow(TypeError);
  });

  it('says what was given and nothing else, in characters that a header may have', () => {
    const text = anyText.map((given) => given.replaceAll(/\p{Cc}/gu, ''));
    const withoutEscapes = text.map((given) => given.replaceAll('%', ''));
    fc.assert(
      fc.property(withoutEscapes, text, text, (target, title, extension) => {
        const link = formatLink(target, { rel: 'next', title, extensions: { x: extension } });
        expect(checkHeaderValue('Link', link)).toMatch(/^[ -~]*$/);
        const quoted = String.raw`="((?:[^"\\]|\\.)*)"|\*=UTF-8''([\w!#$&+.^\x60|~%-]*)`;
        const parts = new RegExp(`^<([^>]*)>; rel="next"; title(?:${quoted}); x(?:${quoted})$`).exec(link);
        expect(parts).not.toBeNull();
        const [, uri, plainTitle, longTitle, plainX, longX] = parts ?? [];
        const value = (plain?: string, long?: string): string =>
          plain?.replace(/\\(.)/g, '$1') ?? decodeURIComponent(long ?? '');
        expect(value(plainTitle, longTitle)).toBe(title);
        expect(value(plainX, longX)).toBe(extension);
        expect(decodeURIComponent(uri ?? '')).toBe(target);
      }),
      { numRuns: 1000 },
    );
  });
});
