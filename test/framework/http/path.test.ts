import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ENCODED_SLASH,
  encodeOctets,
  parsePath,
  type RequestPath,
  targetPath,
  targetQuery,
} from '../../../src/framework/http/path.js';
import { anyText } from './any-text.js';

function parsed(raw: string): RequestPath {
  const path = parsePath(raw);
  if (typeof path === 'string') throw new Error(`${raw} is ${path}`);
  return path;
}

describe('the target of a request, RFC 9112 §3.2', () => {
  it.each<[target: string, path: string, query: string]>([
    ['/', '/', ''],
    ['/cases/7', '/cases/7', ''],
    ['/cases?page=2', '/cases', 'page=2'],
    ['/cases?', '/cases', ''],
    ['/?a=/b?c', '/', 'a=/b?c'],
    ['/a?b=http://c/d', '/a', 'b=http://c/d'],
    ['//evil.example/a', '//evil.example/a', ''],
    ['http://host/cases/7?page=2', '/cases/7', 'page=2'],
    ['HTTPS://user@host:8443/a//b', '/a//b', ''],
    ['http://host', '/', ''],
    ['http://host?a=/b/c', '/', 'a=/b/c'],
    ['http://host/?a=http://other/x', '/', 'a=http://other/x'],
    ['*', '*', ''],
  ])('%s has the path %s and the query "%s"', (target, path, query) => {
    expect(targetPath(target)).toBe(path);
    expect(targetQuery(target)).toBe(query);
  });

  it('a query can’t pass for the authority of an absolute form', () => {
    expect(targetPath('host?next=http://other/admin')).not.toBe('/admin');
  });
});

describe('a path is split before it is decoded, and decoded once', () => {
  it.each<[raw: string, segments: readonly string[], trailingSlash: boolean]>([
    ['', [], false],
    ['/', [], false],
    ['/a', ['a'], false],
    ['/a/', ['a'], true],
    ['/a/b', ['a', 'b'], false],
    ['/a//b', ['a', '', 'b'], false],
    ['/a//', ['a', ''], true],
    ['//a', ['', 'a'], false],
    ['/a%2Fb/c', ['a/b', 'c'], false],
    ['/a%2fb', ['a/b'], false],
    ['/%7Euser/%41', ['~user', 'A'], false],
    ['/gr%C3%B6sse/%F0%9F%90%A8', ['grösse', '🐨'], false],
    ['/100%25', ['100%'], false],
    ['/a%252Fb/%252e%252e', ['a%2Fb', '%2e%2e'], false],
    ['/a+b', ['a+b'], false],
    ['/...', ['...'], false],
    ['/..a/.b/c..', ['..a', '.b', 'c..'], false],
    ['/__proto__/constructor', ['__proto__', 'constructor'], false],
  ])('%s', (raw, segments, trailingSlash) => {
    expect(parsed(raw)).toMatchObject({ segments, trailingSlash });
  });

  it.each([
    '/%',
    '/%2',
    '/%zz',
    '/a/%C3',
    '/%C3%28',
    '/%ff',
    '/%c0%af',
    '/%ED%A0%80',
    '/%F8%88%80%80%80',
  ])('%s is malformed: no valid UTF-8 in percent escapes (RFC 3986 §2.5)', (raw) => {
    expect(parsePath(raw)).toBe('malformed');
  });

  it.each([
    '*',
    'a',
    'host:443',
    '/a#b',
    '/a#/../b',
  ])('%s is malformed: no absolute path (RFC 9112 §3.2.1)', (raw) => {
    expect(parsePath(raw)).toBe('malformed');
  });

  it('reads octets that should have been encoded as if they were, and refuses them where they are no UTF-8', () => {
    // Node hands on the octets of a target as Latin-1 characters.
    const octets = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
    expect(parsed(octets('/größe/%C3%B6ö')).segments).toEqual(['größe', 'öö']);
    expect(parsePath('/gr\xf6sse')).toBe('malformed');
    expect(parsePath('/gr\u0151sse')).toBe('malformed');
    expect(encodeOctets(targetQuery(octets('/?q=größe')))).toBe('q=gr%C3%B6%C3%9Fe');
    expect(encodeOctets(targetQuery('/?q=gr\xf6sse'))).toBe('q=gr%F6sse');
  });
});

describe('dot segments are refused in every spelling, RFC 3986 §3.3', () => {
  it.each([
    '/.',
    '/..',
    '/../',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/%2e',
    '/%2E%2e/a',
    '/.%2e/a',
    '/a/..;x=1/b',
    '/a/%2e%2e;/b',
    '/files/..%2F..%2Fetc%2Fpasswd',
    '/files/a%2F..%2Fb',
    '/files/a%2f%2e%2e',
    '/files/.%2Fa',
    '/files/..%5C..%5Cwin.ini',
    '/files/..\\win.ini',
    '/files/a%5c.%5cb',
  ])('%s', (raw) => {
    expect(parsePath(raw)).toBe('dot-segment');
  });

  it.each(['/a%2F...%2Fb', '/a.%2Fb', '/a%2F.b', '/1.0', '/a..b', '/...%5C'])('%s has none', (raw) => {
    expect(typeof parsePath(raw)).toBe('object');
  });
});

describe('matrix parameters are no part of a segment, RFC 3986 §3.3', () => {
  it.each<[raw: string, segments: readonly string[], matrix: readonly string[] | null]>([
    ['/a', ['a'], null],
    ['/a;x=1', ['a'], [';x=1']],
    ['/a;x=1/b;y=2;z/c', ['a', 'b', 'c'], [';x=1', ';y=2;z']],
    ['/a;x=1/', ['a'], [';x=1']],
    ['/a/;x=1', ['a'], [';x=1']],
    ['/;x=1', [], [';x=1']],
    ['/a;x=1;x=2', ['a'], [';x=1;x=2']],
    ['/a%3Bx=1', ['a;x=1'], null],
    ['/a;x=%2F', ['a'], [';x=%2F']],
    ['/;a/b', ['', 'b'], [';a']],
  ])('%s', (raw, segments, matrix) => {
    expect(parsed(raw)).toMatchObject({ segments, matrix });
  });
});

describe('the literal, by which paths without variables are looked up', () => {
  it('is the decoded path without trailing slash and matrix parameters', () => {
    expect(parsed('/caf%C3%A9;x=1/%41/').literal).toBe('/café/A');
    expect(parsed('/').literal).toBe('/');
    expect(parsed('/;a=1').literal).toBe('/');
  });

  it('differs for an encoded slash and a real one: /admin%2Fusers is not /admin/users', () => {
    expect(parsed('/admin%2Fusers').literal).not.toBe(parsed('/admin/users').literal);
    expect(parsed('/admin%2Fusers').literal).not.toBe(parsed('/admin%252Fusers').literal);
    expect(parsed('/admin%2Fusers').literal).toBe(`/admin${ENCODED_SLASH}users`);
  });

  it('has the root alone for the root: two slashes are another path', () => {
    expect(parsed('//')).toMatchObject({ segments: [''], trailingSlash: true });
    expect(parsed('//').literal).not.toBe('/');
    expect(parsed('//;a').literal).not.toBe('/');
  });

  it('is one for each list of segments', () => {
    const segment = fc.stringMatching(/^[ab%/]{1,3}$/);
    const encoded = (segments: string[]): string => `/${segments.map(encodeURIComponent).join('/')}`;
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 3 }), fc.array(segment, { maxLength: 3 }), (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(parsed(encoded(a)).literal === parsed(encoded(b)).literal).toBe(same);
      }),
    );
  });
});

describe('any path', () => {
  const dotted = /(^|[/\\])\.\.?([/\\]|$)/;
  const segment = anyText.filter((text) => text !== '' && !dotted.test(text));

  it('comes back from its encoded segments as it was', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), fc.boolean(), (segments, trailingSlash) => {
        const raw = `/${segments.map(encodeURIComponent).join('/')}${trailingSlash ? '/' : ''}`;
        expect(parsed(raw)).toMatchObject({ segments, trailingSlash, matrix: null });
      }),
    );
  });

  it('is read or refused, never thrown at; what is read has no dot segment and no half of a surrogate pair', () => {
    const unit = fc.constantFrom(
      '/',
      '.',
      '%',
      '2',
      'e',
      'E',
      'F',
      ';',
      '=',
      '\\',
      '5',
      'c',
      'C',
      'a',
      '\xff',
      '#',
      '?',
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const path = parsePath(`/${text}`);
        if (typeof path === 'string') return;
        for (const found of path.segments) {
          expect(found).not.toMatch(dotted);
          expect(found).not.toMatch(/\p{Surrogate}/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['/', ';', '%2F', '%', '.', '..%2F', 'a;', '\\', '%5C.'])('takes a long run of %s', (part) => {
    expect(parsePath(`/${part.repeat(300_000)}`)).toBeDefined();
    expect(targetPath(`/${part.repeat(300_000)}`)).toBeDefined();
  });
});
