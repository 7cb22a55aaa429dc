import { type CookieOptions, GET, type LinkParameters, Path, Reply } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

let made: () => Reply = () => Reply.ok({});

@Path('/c')
class MadeController {
  @GET get() {
    return made();
  }
}

const http = await serve(MadeController);
const absolute = await serve(MadeController, { origin: 'https://api.example.com' });

async function sent(make: () => Reply, client = http) {
  made = make;
  const answer = await client.get('/c');
  expect(answer.status).toBe(200);
  return answer.headers;
}

const cookiesOf = (headers: Record<string, unknown>) => headers['set-cookie'] as unknown as string[];

describe('cookies, RFC 6265 §4.1', () => {
  it.each<[name: string, value: string, options: CookieOptions, attributes: readonly string[]]>([
    ['safe by default', 'v', {}, ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']],
    ['no HttpOnly', 'v', { httpOnly: false }, ['Path=/', 'SameSite=Lax', 'Secure']],
    ['no Secure', 'v', { secure: false }, ['HttpOnly', 'Path=/', 'SameSite=Lax']],
    ['SameSite=Strict', 'v', { sameSite: 'strict' }, ['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']],
    ['SameSite=None', 'v', { sameSite: 'none' }, ['HttpOnly', 'Path=/', 'SameSite=None', 'Secure']],
    ['no SameSite', 'v', { sameSite: false }, ['HttpOnly', 'Path=/', 'Secure']],
    ['§5.2.2 Max-Age=0', 'v', { maxAge: 0 }, ['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'Secure']],
    [
      '§5.2.2 Max-Age',
      'v',
      { maxAge: 86400 },
      ['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure'],
    ],
    [
      '§5.2.1 Expires',
      'v',
      { expires: new Date(0) },
      ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'],
    ],
    [
      '§5.2.3 Domain',
      'v',
      { domain: 'a.example' },
      ['Domain=a.example', 'HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'],
    ],
    ['§5.2.4 Path', 'v', { path: '/a/b' }, ['HttpOnly', 'Path=/a/b', 'SameSite=Lax', 'Secure']],
    [
      'undefined is the default',
      'v',
      { secure: undefined },
      ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'],
    ],
  ])('%s', async (_name, value, options, attributes) => {
    const [cookie] = cookiesOf(await sent(() => Reply.ok({}).cookie('n', value, options)));
    const [pair, ...found] = String(cookie).split('; ');
    expect(pair).toBe(`n=${value}`);
    expect(found.sort()).toEqual(attributes);
  });

  it.each([
    'a b',
    'a;b',
    'a,b',
    'a"b',
    'a\\b',
    'größe',
    '%',
    '',
    'a\r\nb',
    'a=b',
    '\u{1f600}',
    '\0',
  ])('§4.1.1 the value %j becomes cookie-octets', async (value) => {
    const [cookie] = cookiesOf(await sent(() => Reply.ok({}).cookie('n', value)));
    const text = String(cookie).split(';')[0]?.slice(2) ?? '';
    expect(text).toMatch(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/);
    expect(decodeURIComponent(text)).toBe(value);
  });

  it.each([
    '',
    'a b',
    'a=b',
    'a;b',
    'a,b',
    'ä',
    'a"b',
    'a\nb',
    'a\tb',
    '(a)',
  ])('§4.1.1 the name %j is refused', (name) => {
    expect(() => Reply.ok().cookie(name, 'v')).toThrow();
  });

  it.each<[string, string, CookieOptions]>([
    ['RFC 6265bis §4.1.3.1 __Secure- without Secure', '__Secure-a', { secure: false }],
    ['RFC 6265bis §4.1.3.2 __Host- with a Domain', '__Host-a', { domain: 'a.example' }],
    ['RFC 6265bis §4.1.3.2 __Host- with a Path', '__Host-a', { path: '/x' }],
    ['RFC 6265bis §5.5 SameSite=None without Secure', 'a', { sameSite: 'none', secure: false }],
    ['CHIPS: Partitioned without Secure', 'a', { partitioned: true, secure: false }],
    ['§5.2.4 a path that is none', 'a', { path: 'x' }],
    ['§5.2.3 no domain', 'a', { domain: 'a b' }],
  ])('%s is refused', (_name, name, options) => {
    expect(() => Reply.ok().cookie(name, 'v', options)).toThrow();
  });

  it('§3 several are several lines, in their order', async () => {
    const cookies = cookiesOf(
      await sent(() => Reply.ok({}).cookie('a', '1').cookie('b', '2').cookie('a', '3')),
    );
    expect(cookies.map((cookie) => cookie.split(';')[0])).toEqual(['a=1', 'b=2', 'a=3']);
  });

  it('§3.1 one is taken back by a date in the past, with the same path and domain', async () => {
    const options = { path: '/x', domain: 'a.example' };
    const [cookie] = cookiesOf(await sent(() => Reply.ok({}).clearCookie('a', options)));
    expect(cookie).toMatch(/^a=;/);
    expect(cookie).toMatch(/Max-Age=0|Expires=Thu, 01 Jan 1970/);
    expect(cookie).toMatch(/Path=\/x/);
    expect(cookie).toMatch(/Domain=a\.example/);
  });

  it('one that has the prefix __Host- is taken back as browsers want it', async () => {
    const [cookie] = cookiesOf(await sent(() => Reply.ok({}).clearCookie('__Host-a')));
    expect(cookie).toMatch(/Secure/);
    expect(cookie).toMatch(/Path=\/(;|$)/);
  });
});

describe('links, RFC 8288 §3', () => {
  it.each<[name: string, target: string, parameters: LinkParameters, link: string]>([
    ['§3.3 a relation', '/a', { rel: 'next' }, '</a>; rel=next'],
    ['§3.3 two relations', '/a', { rel: ['next', 'last'] }, '</a>; rel="next last"'],
    [
      '§2.1.2 an extension relation',
      '/a',
      { rel: 'https://a.example/rel' },
      '</a>; rel="https://a.example/rel"',
    ],
    ['§3.2 an anchor', '/a', { rel: 'up', anchor: '#x' }, '</a>; rel=up; anchor="#x"'],
    ['§3.4.1 a title', '/a', { rel: 'up', title: 'Up' }, '</a>; rel=up; title="Up"'],
    ['§3.4.1 quotes', '/a', { rel: 'up', title: 'a "b" \\' }, '</a>; rel=up; title="a \\"b\\" \\\\"'],
    ['§3.4.1 a type', '/a', { rel: 'up', type: 'text/html' }, '</a>; rel=up; type="text/html"'],
    ['§3.4.1 a language', '/a', { rel: 'up', hreflang: 'de' }, '</a>; rel=up; hreflang=de'],
    ['§3.4.1 a medium', '/a', { rel: 'up', media: 'screen' }, '</a>; rel=up; media=screen'],
    ['§3.1 a comma in a target', '/a,b;c', { rel: 'up' }, '</a,b;c>; rel=up'],
    ['§3.1 an angle in a target', '/a>b', { rel: 'up' }, '</a%3Eb>; rel=up'],
    ['§3.1 a blank in a target', '/a b', { rel: 'up' }, '</a%20b>; rel=up'],
    ['§3.1 an escape in a target', '/a%20b', { rel: 'up' }, '</a%20b>; rel=up'],
    [
      '§3.4.2 an extension',
      '/a',
      { rel: 'preload', extensions: { as: 'style' } },
      '</a>; rel=preload; as=style',
    ],
    ['§3.4.2 one without a value', '/a', { rel: 'preload', extensions: { x: true } }, '</a>; rel=preload; x'],
  ])('%s', async (_name, target, parameters, link) => {
    const plain = (text: string | undefined) => text?.replace(/="([\w#/]+)"/g, '=$1').replace(/;\s*/g, '; ');
    expect(plain((await sent(() => Reply.ok({}).link(target, parameters))).link)).toBe(plain(link));
  });

  it('RFC 8187 §3.2.1 a title that is no ASCII is title*', async () => {
    const { link } = await sent(() => Reply.ok({}).link('/a', { rel: 'up', title: "Größe (a'b)%*" }));
    const value = /title\*=UTF-8''([^;,]+)/i.exec(String(link))?.[1] ?? '';
    expect(value).toMatch(/^([A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-F]{2})*$/);
    expect(decodeURIComponent(value)).toBe("Größe (a'b)%*");
  });

  it('several are one list, and absolute with origin', async () => {
    const make = () => Reply.ok({}).link('/a', { rel: 'next' }).link('https://b.example/', { rel: 'up' });
    const { link } = await sent(make, absolute);
    expect(link).toMatch(
      /<https:\/\/api\.example\.com\/a>; ?rel="?next"?, ?<https:\/\/b\.example\/>; ?rel="?up"?/,
    );
  });

  it.each<[string, LinkParameters]>([
    ['§3.3 no relation', { rel: '' }],
    ['§3.3 no relation', { rel: [] }],
    ['§3.4.2 no name', { rel: 'up', extensions: { 'a b': '1' } }],
    ['§3.4.2 a name that is taken', { rel: 'up', extensions: { rel: 'x' } }],
    ['§3.4.1 no type', { rel: 'up', type: 'texthtml' }],
  ])('%s: %o is refused', (_name, parameters) => {
    expect(() => Reply.ok().link('/a', parameters)).toThrow();
  });
});
