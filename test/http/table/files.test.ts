import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GET, Path, PathParam, QueryParam, Reply } from 'koanatomy';
import { afterAll, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const top = mkdtempSync(join(tmpdir(), 'koanatomy-files-'));
const root = join(top, 'root');
mkdirSync(join(root, 'sub'), { recursive: true });
mkdirSync(join(top, 'root-other'));
writeFileSync(join(root, 'a.txt'), 'inside');
writeFileSync(join(root, 'sub', 'b.json'), '{}');
writeFileSync(join(root, 'a b.html'), '<p>');
writeFileSync(join(root, 'no-extension'), 'x');
writeFileSync(join(root, 'a%2e.txt'), 'percent');
writeFileSync(join(top, 'secret.txt'), 'secret');
writeFileSync(join(top, 'root-other', 'secret.txt'), 'secret');
afterAll(() => rmSync(top, { recursive: true }));

@Path('/f')
class FileController {
  @GET('/named') named(@QueryParam('name') name: string) {
    return Reply.file(name, { root });
  }
  @GET('/path/{rest: .*}') path(@PathParam('rest') rest: string) {
    return Reply.file(rest, { root });
  }
  @GET('/as') as(@QueryParam('as') as: string) {
    return Reply.file('a.txt', { root, downloadAs: as });
  }
  @GET('/typed') typed() {
    return Reply.file('a.txt', { root, type: 'text/markdown' });
  }
  @GET('/more') more() {
    return Reply.file('a.txt', { root }).cacheControl({ maxAge: 5 }).header('X-A', '1');
  }
  @GET('/tagged') tagged() {
    return Reply.file('a.txt', { root }).etag('mine');
  }
}

const http = await serve(FileController);

describe('Reply.file, RFC 9110 §15.5.5 and RFC 3986 §5.2.4', () => {
  it.each([
    '../secret.txt',
    'sub/../../secret.txt',
    '..',
    '.',
    '',
    'sub',
    'sub/',
    '/etc/passwd',
    '../root-other/secret.txt',
    'a.txt/x',
    'none.txt',
    'a.txt\0',
    'a.txt\0.html',
    '..\\secret.txt',
    'x'.repeat(300),
    'x/'.repeat(1500),
    '~',
    'file:///etc/passwd',
    '%2e%2e/secret.txt',
  ])('%j is 404', async (name) => {
    const answer = await http.get('/f/named').query({ name });
    expect([answer.status, answer.text.includes('secret"')]).toEqual([404, false]);
    expect(answer.headers['content-type']).toMatch(/problem\+json/);
    expect(answer.text).not.toContain(top);
    expect((await http.head('/f/named').query({ name })).status).toBe(404);
  });

  it.each([
    ['a.txt', 'text/plain', '6'],
    ['./a.txt', 'text/plain', '6'],
    ['sub/../a.txt', 'text/plain', '6'],
    ['sub/b.json', 'application/json', '2'],
    ['a b.html', 'text/html', '3'],
    ['no-extension', 'application/octet-stream', '1'],
    ['a%2e.txt', 'text/plain', '7'],
  ])('§8.3 %s is %s', async (name, type, length) => {
    const answer = await http.get('/f/named').query({ name }).set('Accept-Encoding', 'identity');
    expect([answer.status, answer.headers['content-length']]).toEqual([200, length]);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['accept-ranges']).toBe('bytes');
    expect(answer.headers.etag).toMatch(/^"|^W\//);
    expect(answer.headers['last-modified']).toMatch(/GMT$/);
    const head = await http.head('/f/named').query({ name }).set('Accept-Encoding', 'identity');
    expect({ ...head.headers, date: '' }).toEqual({ ...answer.headers, date: '' });
  });

  it.each([
    ['/f/path/a.txt', 200],
    ['/f/path/sub/b.json', 200],
    ['/f/path/sub%2Fb.json', 200],
    ['/f/path/..%2Fsecret.txt', 400],
    ['/f/path/%2e%2e%2fsecret.txt', 400],
    ['/f/path/%2E%2E/secret.txt', 400],
    ['/f/path//etc/passwd', 404],
    ['/f/path/a.txt%00', 404],
    ['/f/path/a.txt;x=1', 200],
  ])('%s is %i', async (path, status) => {
    const answer = await http.get(path);
    expect(answer.status).toBe(status);
    expect(answer.text ?? '').not.toMatch(/^secret$|root:/);
  });

  it.each([
    ['If-None-Match', 'etag', 304],
    ['If-Modified-Since', 'last-modified', 304],
    ['If-Match', 'etag', 200],
    ['If-Unmodified-Since', 'last-modified', 200],
  ] as const)('§13.1 %s with its own %s is %i', async (header, from, status) => {
    const value = String((await http.get('/f/more')).headers[from]);
    const answer = await http.get('/f/more').set(header, value);
    expect(answer.status).toBe(status);
    expect(answer.headers['cache-control']).toBe('max-age=5');
  });

  it('what the Reply says goes first', async () => {
    expect((await http.get('/f/typed')).headers['content-type']).toContain('text/markdown');
    expect((await http.get('/f/tagged')).headers.etag).toBe('"mine"');
  });
});

describe('Content-Disposition, RFC 6266', () => {
  it.each([
    ['§4.1 a token', 'a.txt'],
    ['§4.1 blanks', 'a b.txt'],
    ['§4.1 quotes', 'a "b".txt'],
    ['§4.1 a backslash', 'a\\b.txt'],
    ['§4.1 a semicolon', 'a;b.txt'],
    ['§4.3 letters', 'größe.txt'],
    ['§4.3 beyond the first plane', '\u{1f600}.txt'],
    ['§4.3 an escape', 'a%20b.txt'],
    ['§4.3 an apostrophe', "a'b.txt"],
    ['§4.3 a euro', '€ rates.txt'],
  ])('%s: %j', async (_name, as) => {
    const header = String((await http.get('/f/as').query({ as })).headers['content-disposition']);
    expect(header).toMatch(/^attachment; ?filename/);
    const extended = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
    const plain = /filename=("(?:[^"\\]|\\.)*"|[^;]+)/.exec(header)?.[1] ?? '';
    const unquoted = plain.startsWith('"') ? plain.slice(1, -1).replace(/\\(.)/g, '$1') : plain;
    if (extended !== undefined) {
      expect(extended).toMatch(/^([A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-F]{2})*$/);
      expect(decodeURIComponent(extended).replaceAll(/[\\/]/g, '_')).toBe(as.replaceAll(/[\\/]/g, '_'));
    } else expect(unquoted).toBe(as);
    if (!plain.startsWith('"')) expect(plain).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/);
    expect(header).toMatch(/^[\x20-\x7e]*$/);
  });

  it.each(['a\r\nX-Evil: 1', 'a\0b', 'a\nb'])('§4.3 %j adds no header', async (as) => {
    const answer = await http.get('/f/as').query({ as });
    expect(answer.headers['x-evil']).toBeUndefined();
    expect(answer.headers['content-disposition'] ?? '').toMatch(/^[\x20-\x7e]*$/);
  });
});
