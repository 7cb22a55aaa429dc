import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCookies } from '../../../src/framework/http/cookies.js';
import { checkHeaderValue } from '../../../src/framework/http/header-value.js';
import { type CookieOptions, clearCookie, formatSetCookie } from '../../../src/framework/http/set-cookie.js';
import { anyText } from './any-text.js';

const SAFE = '; Path=/; HttpOnly; Secure; SameSite=Lax';

describe('a cookie that is set, RFC 6265bis §4.1', () => {
  it.each<[name: string, value: string, options: CookieOptions | undefined, header: string]>([
    ['a', 'b', undefined, `a=b${SAFE}`],
    ['a', '', {}, `a=${SAFE}`],
    ['a', 'ö; Domain=b', {}, `a=%C3%B6%3B%20Domain%3Db${SAFE}`],
    ['a', 'b\r\nc', {}, `a=b%0D%0Ac${SAFE}`],
    ['a', 'b', { httpOnly: false, secure: false, sameSite: false }, 'a=b; Path=/'],
    ['a', 'b', { sameSite: 'strict' }, 'a=b; Path=/; HttpOnly; Secure; SameSite=Strict'],
    ['a', 'b', { sameSite: 'none' }, 'a=b; Path=/; HttpOnly; Secure; SameSite=None'],
    ['a', 'b', { maxAge: 60 }, `a=b; Max-Age=60${SAFE}`],
    ['a', 'b', { maxAge: 0 }, `a=b; Max-Age=0${SAFE}`],
    [
      'a',
      'b',
      { expires: new Date(Date.UTC(2026, 0, 31, 12)) },
      'a=b; Path=/; Expires=Sat, 31 Jan 2026 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'a',
      'b',
      { domain: 'a-1.Example', path: '/x/%20' },
      `a=b; Domain=a-1.Example; Path=/x/%20${SAFE.slice(8)}`,
    ],
    ['a', 'b', { partitioned: true }, 'a=b; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax'],
    ['a', 'b', { priority: 'high' }, 'a=b; Path=/; HttpOnly; Secure; Priority=High; SameSite=Lax'],
    ['a', 'b', { secure: undefined, path: undefined, maxAge: undefined, domain: undefined }, `a=b${SAFE}`],
    ['__Host-a', 'b', {}, `__Host-a=b${SAFE}`],
    [
      '__Secure-a',
      'b',
      { domain: 'a.example', path: '/x' },
      `__Secure-a=b; Domain=a.example; Path=/x${SAFE.slice(8)}`,
    ],
    ['__HostA', 'b', { secure: false }, '__HostA=b; Path=/; HttpOnly; SameSite=Lax'],
    ['constructor', 'b', {}, `constructor=b${SAFE}`],
  ])('%s=%j with %j', (name, value, options, header) => {
    expect(formatSetCookie(name, value, options)).toBe(header);
  });

  it.each<[why: string, name: string, value: string, options: object]>([
    ['no name', '', 'b', {}],
    ['a name with a space', 'a b', 'c', {}],
    ['a name that ends', 'a;b', 'c', {}],
    ['a name with its value', 'a=b', 'c', {}],
    ['a name with a line break', 'a\r\nb', 'c', {}],
    ['a name of other letters', 'ö', 'c', {}],
    ['half of a surrogate pair', 'a', '\ud800', {}],
    ['more than 4096 bytes, §5.7', 'a', 'b'.repeat(4096), {}],
    ['more than 4096 bytes when encoded', 'a', 'ö'.repeat(683), {}],
    ['SameSite=None without Secure, §5.7', 'a', 'b', { sameSite: 'none', secure: false }],
    ['Partitioned without Secure', 'a', 'b', { partitioned: true, secure: false }],
    ['__Secure- without Secure, §4.1.3.1', '__Secure-a', 'b', { secure: false }],
    ['__Host- without Secure, §4.1.3.2', '__Host-a', 'b', { secure: false }],
    ['__Host- with a domain', '__Host-a', 'b', { domain: 'a.example' }],
    ['__Host- with another path', '__Host-a', 'b', { path: '/x' }],
    ['__host- in other letters, §5.7', '__hOST-a', 'b', { path: '/x' }],
    ['__secure- in other letters', '__secure-a', 'b', { secure: false }],
    ['a negative age', 'a', 'b', { maxAge: -1 }],
    ['a fraction of a second', 'a', 'b', { maxAge: 1.5 }],
    ['an age that is no number', 'a', 'b', { maxAge: Number.NaN }],
    ['an age in text', 'a', 'b', { maxAge: '60' }],
    ['an age that would have an exponent', 'a', 'b', { maxAge: 1e21 }],
    ['an invalid date', 'a', 'b', { expires: new Date(Number.NaN) }],
    ['a date of five digits', 'a', 'b', { expires: new Date(Date.UTC(10_000, 0)) }],
    ['a date before 1601, §5.1.1', 'a', 'b', { expires: new Date(Date.UTC(1600, 0)) }],
    ['a date in text', 'a', 'b', { expires: '2026-01-31' }],
    ['an empty domain', 'a', 'b', { domain: '' }],
    ['a domain with a dot before it', 'a', 'b', { domain: '.a.example' }],
    ['a domain with a dot behind it', 'a', 'b', { domain: 'a.example.' }],
    ['a domain that ends', 'a', 'b', { domain: 'a.example; Path=/x' }],
    ['a domain of other letters', 'a', 'b', { domain: 'ö.example' }],
    ['a long domain', 'a', 'b', { domain: `${'a.'.repeat(200)}a` }],
    ['a relative path, §5.6.4', 'a', 'b', { path: 'x' }],
    ['an empty path', 'a', 'b', { path: '' }],
    ['a path that ends', 'a', 'b', { path: '/;Domain=b' }],
    ['a path with a line break', 'a', 'b', { path: '/\r\nb' }],
    ['a path with a space', 'a', 'b', { path: '/ ' }],
    ['a path with <, which is for cookie too much', 'a', 'b', { path: '/<' }],
    ['a path of more than 1024 bytes, §5.6', 'a', 'b', { path: `/${'x'.repeat(1024)}` }],
    ['another SameSite', 'a', 'b', { sameSite: 'Lax; Domain=b' }],
    ['SameSite as a flag', 'a', 'b', { sameSite: true }],
    ['another priority', 'a', 'b', { priority: 'highest' }],
    ['a flag in text', 'a', 'b', { secure: 'false' }],
    ['an attribute that isn’t known', 'a', 'b', { httponly: false }],
    ['an encoder', 'a', 'b', { encode: String }],
  ])('can’t have %s', (_why, name, value, options) => {
    expect(() => formatSetCookie(name, value, options as CookieOptions)).toThrow(TypeError);
  });

  it('may have 4096 bytes', () => {
    expect(formatSetCookie('a', 'b'.repeat(4095))).toContain('bbb; ');
    expect(formatSetCookie('a', 'b', { path: `/${'x'.repeat(1023)}` })).toContain('xxx; ');
  });

  it('comes back with its value, and splits no header', () => {
    const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
    fc.assert(
      fc.property(name, anyText, (cookie, value) => {
        const header = checkHeaderValue('Set-Cookie', formatSetCookie(cookie, value));
        expect(header.endsWith(SAFE)).toBe(true);
        expect([...parseCookies(header.slice(0, -SAFE.length))]).toEqual([[cookie, value]]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is either refused or well formed, whatever its attributes are', () => {
    const options = fc.record(
      { path: anyText.map((text) => `/${text}`), domain: anyText },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, (given) => {
        try {
          expect(formatSetCookie('a', 'b', given)).toMatch(/^a=b(; [\w-]+(=[!-:<-~]+)?)+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['a', 'a-', '-', 'a.', '.'])('a domain may be a long run of %j', (part) => {
    const domain = part.repeat(200_000);
    expect(() => formatSetCookie('a', 'b', { domain })).toThrow(TypeError);
  });
});

describe('a cookie that is cleared', () => {
  it('is the same one without a value, and over', () => {
    expect(clearCookie('a')).toBe(`a=; Max-Age=0${SAFE}`);
    expect(clearCookie('a', { domain: 'b.example', path: '/x', secure: false })).toBe(
      'a=; Max-Age=0; Domain=b.example; Path=/x; HttpOnly; SameSite=Lax',
    );
    const whole: CookieOptions = { maxAge: 60, expires: new Date() };
    expect(clearCookie('__Host-a', whole)).toBe(`__Host-a=; Max-Age=0${SAFE}`);
  });

  it('keeps the rules of its prefix', () => {
    expect(() => clearCookie('__Host-a', { path: '/x' })).toThrow(TypeError);
  });
});
