import { GET, Path, POST, QueryParam, Reply, Status } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const MADE: Record<string, () => Reply> = {
  ok: () => Reply.ok({ a: 1 }),
  'ok-none': () => Reply.ok(),
  created: () => Reply.created('/r/1'),
  'created-entity': () => Reply.created('/r/1', { a: 1 }),
  accepted: () => Reply.accepted(),
  'accepted-entity': () => Reply.accepted({ a: 1 }),
  none: () => Reply.noContent(),
  'none-entity': () => Reply.noContent().withEntity({ a: 1 }),
  'none-typed': () => Reply.noContent().type('text/plain').language('de').header('X-A', '1'),
  reset: () => Reply.resetContent(),
  'reset-entity': () => Reply.resetContent().withEntity('text'),
  moved: () => Reply.movedPermanently('/r/1'),
  found: () => Reply.found('/r/1'),
  see: () => Reply.seeOther('/r/1'),
  same: () => Reply.notModified(),
  'same-entity': () => Reply.notModified().withEntity({ a: 1 }).type('text/plain'),
  temporary: () => Reply.temporaryRedirect('/r/1'),
  permanent: () => Reply.permanentRedirect('/r/1'),
  'see-entity': () => Reply.seeOther('/r/1').withEntity({ a: 1 }),
  multiple: () => Reply.status(300, ['/a', '/b']),
  teapot: () => Reply.status(418, { tea: true }),
  '207': () => Reply.status(207, { a: 1 }),
  '299': () => Reply.status(299, { a: 1 }),
  '451': () => Reply.status(451, { a: 1 }).link('https://law.example/', { rel: 'blocked-by' }),
  '599': () => Reply.status(599, { a: 1 }),
  null: () => Reply.ok(null),
  zero: () => Reply.ok(0),
  false: () => Reply.ok(false),
  text: () => Reply.ok(''),
  '404-none': () => Reply.status(404),
};

@Path('/r')
class ReplyController {
  @GET @Path('/made/{name}') made(@QueryParam('name') name: string) {
    return MADE[name]?.();
  }
  @GET('/to') to(@QueryParam('to') to: string, @QueryParam('status') status: string) {
    return Reply.status(Number(status)).location(to);
  }
  @POST('/created') created(@QueryParam('to') to: string) {
    return Reply.created(to);
  }
  @GET('/header') header(@QueryParam('name') name: string, @QueryParam('value') value: string) {
    return Reply.ok({}).header(name, value);
  }
  @POST('/201') @Status(201) status() {
    return { a: 1 };
  }
  @POST('/202') @Status(202) accepted() {}
  @GET('/205') @Status(205) reset() {}
}

const http = await serve(ReplyController);
const absolute = await serve(ReplyController, { origin: 'https://api.example.com:8443' });

describe('statuses, RFC 9110 §15', () => {
  it.each([
    ['§15.3.1', 'ok', 200, '{"a":1}'],
    ['§15.3.2', 'created', 201, ''],
    ['§15.3.2', 'created-entity', 201, '{"a":1}'],
    ['§15.3.3', 'accepted', 202, ''],
    ['§15.3.3', 'accepted-entity', 202, '{"a":1}'],
    ['§15.3.5', 'none', 204, ''],
    ['§15.3.5', 'none-entity', 204, ''],
    ['§15.3.5', 'none-typed', 204, ''],
    ['§15.3.6', 'reset', 205, ''],
    ['§15.3.6', 'reset-entity', 205, ''],
    ['§15.4.1', 'multiple', 300, '["/a","/b"]'],
    ['§15.4.2', 'moved', 301, null],
    ['§15.4.3', 'found', 302, null],
    ['§15.4.4', 'see', 303, null],
    ['§15.4.5', 'same', 304, ''],
    ['§15.4.5', 'same-entity', 304, ''],
    ['§15.4.8', 'temporary', 307, null],
    ['§15.4.9', 'permanent', 308, null],
    ['§15.4.4', 'see-entity', 303, '{"a":1}'],
    ['§15.5.19', 'teapot', 418, '{"tea":true}'],
    ['RFC 4918 §11.1', '207', 207, '{"a":1}'],
    ['§15 x99', '299', 299, '{"a":1}'],
    ['RFC 7725 §3', '451', 451, '{"a":1}'],
    ['§15 x99', '599', 599, '{"a":1}'],
    ['RFC 8259 §3', 'zero', 200, '0'],
    ['RFC 8259 §3', 'false', 200, 'false'],
    ['RFC 8259 §7', 'text', 200, '""'],
  ])('%s Reply %s is %i', async (_section, name, status, text) => {
    const answer = await http.get(`/r/made/x?name=${name}`);
    expect(answer.status).toBe(status);
    if (text !== null) expect(answer.text).toBe(text);
    const typed = answer.headers['content-type'];
    if (text === '') expect(typed).toBeUndefined();
    if ([204, 304].includes(status)) {
      for (const header of ['content-length', 'transfer-encoding'])
        expect(answer.headers[header]).toBeUndefined();
    }
  });

  it.each(Object.keys(MADE))('§9.3.2 HEAD has what GET has for %s', async (name) => {
    const path = `/r/made/x?name=${name}`;
    const [get, head] = [await http.get(path), await http.head(path)];
    expect(head.status).toBe(get.status);
    const { 'content-length': length, ...others } = get.headers;
    expect({ ...head.headers, date: '' }).toMatchObject({ ...others, date: '' });
    if (length !== '0') expect(head.headers['content-length']).toBe(length);
  });

  it.each([
    ['post', '/r/201', 201, '{"a":1}'],
    ['post', '/r/202', 202, ''],
    ['get', '/r/205', 205, ''],
  ] as const)('§15.3 @Status: %s %s is %i', async (method, path, status, text) => {
    const answer = await http[method](path);
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  it.each([99, 0, -1, 1000, 200.5, Number.NaN, 100, 101, 103])('§15 %d is no status of a Reply', (status) => {
    expect(() => Reply.status(status)).toThrow();
  });
});

const LOCATIONS: readonly (readonly [name: string, to: string, location: string, whole: string | null])[] = [
  ['a path', '/a/b', '/a/b', 'https://api.example.com:8443/a/b'],
  [
    'an absolute URI',
    'https://other.example/x?y#z',
    'https://other.example/x?y#z',
    'https://other.example/x?y#z',
  ],
  ['an escape stays', '/a%20b%2Fc', '/a%20b%2Fc', 'https://api.example.com:8443/a%20b%2Fc'],
  ['a blank is encoded', '/a b', '/a%20b', 'https://api.example.com:8443/a%20b'],
  ['a letter is encoded', '/größe', '/gr%C3%B6%C3%9Fe', 'https://api.example.com:8443/gr%C3%B6%C3%9Fe'],
  ['beyond the first plane', '/\u{1f600}', '/%F0%9F%98%80', 'https://api.example.com:8443/%F0%9F%98%80'],
  ['a percent that is no escape', '/100%', '/100%25', 'https://api.example.com:8443/100%25'],
  ['a query', '/a?x=1&y=a%26b', '/a?x=1&y=a%26b', 'https://api.example.com:8443/a?x=1&y=a%26b'],
  ['a fragment', '/a#b', '/a#b', 'https://api.example.com:8443/a#b'],
  ['quotes and angles', '/a"<>b', '/a%22%3C%3Eb', 'https://api.example.com:8443/a%22%3C%3Eb'],
  ['a backslash is no slash', '/a\\b', '/a%5Cb', 'https://api.example.com:8443/a%5Cb'],
  ['braces and bars', '/{a}|^`', '/%7Ba%7D%7C%5E%60', 'https://api.example.com:8443/%7Ba%7D%7C%5E%60'],
  ['sub-delims stay', "/a;b=c,d!$&'()*+", "/a;b=c,d!$&'()*+", "https://api.example.com:8443/a;b=c,d!$&'()*+"],
  ['a host in brackets', 'http://[::1]:81/x', 'http://[::1]:81/x', 'http://[::1]:81/x'],
  ['a mail address', 'mailto:a@b.example', 'mailto:a@b.example', 'mailto:a@b.example'],
];

describe.each(['301', '302', '303', '307', '308', '201'])('Location with %s, RFC 9110 §10.2.2', (status) => {
  it.each(LOCATIONS)('%s: %j', async (_name, to, location, whole) => {
    const query = { to, status };
    const [plain, fixed] = [await http.get('/r/to').query(query), await absolute.get('/r/to').query(query)];
    expect([plain.status, plain.headers.location]).toEqual([Number(status), location]);
    if (whole !== null) expect(fixed.headers.location).toBe(whole);
  });
});

describe('what headers can’t have, RFC 9110 §5.5', () => {
  it.each([
    '/a\r\nX-Evil: 1',
    '/a\nX-Evil: 1',
    '/a\rX-Evil: 1',
    '/a\0b',
    '//\r\n',
  ])('Location %j is refused or encoded, and adds no header', async (to) => {
    const answer = await http.get('/r/to').query({ to, status: 303 });
    expect(answer.headers['x-evil']).toBeUndefined();
    expect([303, 500]).toContain(answer.status);
    if (answer.status === 500) expect(answer.headers.location).toBeUndefined();
  });

  it.each([
    ['X-A', 'a\r\nX-Evil: 1'],
    ['X-A', 'a\nb'],
    ['X-A', 'a\rb'],
    ['X-A', 'a\0b'],
    ['X-A\r\nX-Evil', '1'],
    ['X A', '1'],
    ['X-A:', '1'],
    ['X-Ä', '1'],
    ['X-A', 'snow \u2603'],
    ['X-A', 'a\u007fb'],
    ['X-A', 'a\u0001b'],
  ])('%j: %j is refused', async (name, value) => {
    if (/^[\w-]+$/.test(name)) expect(() => Reply.ok().header(name, value)).toThrow();
    const answer = await http.get('/r/header').query({ name, value });
    expect([answer.status, answer.headers['x-evil']]).toEqual([500, undefined]);
  });

  it.each([
    ['X-A', 'a\tb'],
    ['X-A', ''],
    ['X-A', '"quoted", and (more)'],
    ["x!#$%&'*+-.^_`|~", 'v'],
    ['X-A', 'x'.repeat(5000)],
  ])('%s: %j is sent as it is', async (name, value) => {
    const answer = await http.get('/r/header').query({ name, value });
    expect([answer.status, answer.headers[name.toLowerCase()]]).toEqual([200, value]);
  });

  it.each([
    ['§8.3 Content-Type', () => Reply.ok('').type('text/plain\r\nX: 1')],
    ['§8.5 Content-Language', () => Reply.ok('').language('de\r\nX: 1')],
    ['§12.5.5 Vary', () => Reply.ok('').vary('X-A\r\nX: 1')],
    ['RFC 9111 §5.2 Cache-Control', () => Reply.ok('').cacheControl('private\r\nX: 1')],
    ['RFC 8288 a target', () => Reply.ok('').link('/a\r\nX: 1', { rel: 'next' })],
    ['RFC 8288 a relation', () => Reply.ok('').link('/a', { rel: 'next\r\nX: 1' })],
    ['RFC 8288 a title', () => Reply.ok('').link('/a', { rel: 'next', title: 'a\r\nX: 1' })],
    ['RFC 8288 an extension', () => Reply.ok('').link('/a', { rel: 'next', extensions: { 'a\r\nb': '1' } })],
    ['RFC 6265 a cookie’s name', () => Reply.ok('').cookie('a\r\nb', '1')],
    ['RFC 6265 a cookie’s path', () => Reply.ok('').cookie('a', '1', { path: '/;\r\nX: 1' })],
    [
      'RFC 6265 a cookie’s domain',
      () => Reply.ok('').cookie('a', '1', { domain: 'a.example;Secure\r\nX: 1' }),
    ],
    ['RFC 6265 a cookie’s age', () => Reply.ok('').cookie('a', '1', { maxAge: 1.5 })],
    ['RFC 6265 a cookie’s date', () => Reply.ok('').cookie('a', '1', { expires: new Date(Number.NaN) })],
    ['§8.8.2 Last-Modified', () => Reply.ok('').lastModified(new Date(Number.NaN))],
  ])('%s with what it can’t have is refused', (_name, make) => {
    expect(make).toThrow();
  });
});
