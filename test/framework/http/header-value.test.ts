import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHeaderValue, uriReference } from '../../../src/framework/http/header-value.js';
import { anyText } from './any-text.js';

describe('a header’s value, RFC 9110 §5.5', () => {
  it.each(['', 'a', 'a b', 'a\tb', '"quoted"', 'caf\xe9', '~', '\x80\xff'])('may be %j', (value) => {
    expect(checkHeaderValue('X', value)).toBe(value);
  });

  it.each([
    'a\r\nSet-Cookie: b=c',
    'a\rb',
    'a\nb',
    'a\0b',
    '\x7f',
    '\x1b',
    '\x0b',
    'ő',
    '\u2028',
    '\u010d\u010a',
    '🐨',
    '\ud800',
  ])('can’t be %j, and the error does not repeat it', (value) => {
    expect(() => checkHeaderValue('X-Name', value)).toThrow(TypeError);
    expect(() => checkHeaderValue('X-Name', value)).toThrow(/^the value of header X-Name has/);
  });

  it('is one where each character is allowed', () => {
    const allowed = (code: number): boolean =>
      code === 9 || (code >= 32 && code <= 126) || (code >= 128 && code <= 255);
    for (let code = 0; code < 0x300; code++) {
      const value = `a${String.fromCharCode(code)}b`;
      if (allowed(code)) expect(checkHeaderValue('X', value)).toBe(value);
      else expect(() => checkHeaderValue('X', value), String(code)).toThrow(TypeError);
    }
  });
});

describe('a URI reference, RFC 3986 §4.1', () => {
  it.each<[given: string, written: string]>([
    ['', ''],
    ['/cases/7', '/cases/7'],
    ['../a?b=c&d=e#f', '../a?b=c&d=e#f'],
    ['https://user@[::1]:8443/a;b=1,2', 'https://user@[::1]:8443/a;b=1,2'],
    ["/a-._~!$&'()*+,;=:@/?", "/a-._~!$&'()*+,;=:@/?"],
    ['/a b', '/a%20b'],
    ['/gr\u00f6sse/🐨', '/gr%C3%B6sse/%F0%9F%90%A8'],
    ['/gr%C3%B6sse', '/gr%C3%B6sse'],
    ['/100%', '/100%25'],
    ['/%zz/%4', '/%25zz/%254'],
    ['/%2F%2f', '/%2F%2f'],
    ['/"<>\\^`{|}', '/%22%3C%3E%5C%5E%60%7B%7C%7D'],
    ['/\\evil.example', '/%5Cevil.example'],
    ['/a\tb\x7f', '/a%09b%7F'],
    ['/\ud800', '/%EF%BF%BD'],
    ['/\udc00a', '/%EF%BF%BDa'],
    ['/\u010d\u010a', '/%C4%8D%C4%8A'],
  ])('%j', (given, written) => {
    expect(uriReference('Location', given)).toBe(written);
  });

  it.each(['/a\r\nSet-Cookie: b=c', '/a\n', '\r', '/\0'])('can’t be %j', (given) => {
    expect(() => uriReference('Location', given)).toThrow(TypeError);
  });

  it('is made of the characters that it may have, and never encoded twice', () => {
    const piece = fc.oneof(anyText, fc.constantFrom('%', '%2', '%2F', '\ud800', '\udc00'));
    const pieces = fc.array(piece).map((parts) => parts.join('').replaceAll(/[\r\n\0]/g, ''));
    fc.assert(
      fc.property(pieces, (given) => {
        const written = uriReference('Location', given);
        expect(written).toMatch(/^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/);
        expect(uriReference('Location', written)).toBe(written);
        expect(checkHeaderValue('Location', written)).toBe(written);
      }),
      { numRuns: 1000 },
    );
  });

  it('decodes to the text that was given, where that had no escapes', () => {
    fc.assert(
      fc.property(
        anyText.map((text) => text.replaceAll(/[%\r\n\0]/g, '')),
        (given) => {
          expect(decodeURIComponent(uriReference('Location', given))).toBe(given);
        },
      ),
    );
  });

  it.each(['%', 'ö', ' ', '%2', 'a', '🐨'])('may be a long run of %s', (part) => {
    expect(uriReference('Location', part.repeat(300_000)).length).toBeGreaterThan(200_000);
  });
});
