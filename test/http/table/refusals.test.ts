import { IsString } from 'class-validator';
import {
  Authenticated,
  Body,
  basic,
  Consumes,
  DELETE,
  DenyAll,
  GET,
  HttpMethod,
  PATCH,
  Path,
  PathParam,
  POST,
  Principal,
  Produces,
  PUT,
  QueryParam,
  RolesAllowed,
} from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const LOCK = HttpMethod('LOCK');

class Draft {
  @IsString() title!: string;
}

@Path('/a')
class RefusalController {
  @GET get(@QueryParam('n') n?: number) {
    return { n };
  }
  @POST @Consumes('application/json', 'application/xml') post(@Body() draft: Draft) {
    return draft;
  }
  @PUT('/put') put(@Body() draft: Draft) {
    return draft;
  }
  @PATCH('/patch') @Consumes('application/json') patch(@Body() draft: Draft) {
    return draft;
  }
  @DELETE('/{id: [0-9]+}') remove(@PathParam('id') _id: number) {}
  @GET('/csv') @Produces('text/csv', 'application/json; qs=0.5') csv() {
    return [{ a: 1 }];
  }
  @GET('/secret') @Authenticated secret() {
    return {};
  }
  @GET('/admin') @RolesAllowed('admin') admin() {
    return {};
  }
  @GET('/never') @DenyAll never() {
    return {};
  }
  @LOCK @Path('/locked') lock() {
    return {};
  }
}

const http = await serve(RefusalController, {
  authenticators: [basic((name) => new Principal(name, []), { realm: 'a "b"' })],
});
const USER = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
const JSON_BODY = { 'Content-Type': 'application/json' };

type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';
interface Case {
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly status: number;
  readonly code: string;
  readonly sent?: Record<string, RegExp>;
}

const CASES: readonly Case[] = [
  { name: '§15.5.5', method: 'get', path: '/nowhere', status: 404, code: 'not-found' },
  { name: '§15.5.5 POST', method: 'post', path: '/nowhere', status: 404, code: 'not-found' },
  { name: '§15.5.5 OPTIONS', method: 'options', path: '/nowhere', status: 404, code: 'not-found' },
  { name: '§15.5.5 what no expression fits', method: 'get', path: '/a/b1', status: 404, code: 'not-found' },
  { name: '§15.5.5 a path’s case counts', method: 'get', path: '/A', status: 404, code: 'not-found' },
  { name: '§4.2.5 a broken escape', method: 'get', path: '/a%2', status: 400, code: 'malformed-path' },
  { name: '§4.2.5 no UTF-8', method: 'get', path: '/a/%ff', status: 400, code: 'malformed-path' },
  { name: '§4.2.5 an overlong form', method: 'get', path: '/a/%c0%af', status: 400, code: 'malformed-path' },
  {
    name: '§15.5.6',
    method: 'delete',
    path: '/a',
    status: 405,
    code: 'method-not-allowed',
    sent: { allow: /^(?=.*\bGET\b)(?=.*\bHEAD\b)(?=.*\bPOST\b)(?=.*\bOPTIONS\b)(?!.*DELETE)/ },
  },
  {
    name: '§15.5.6 an expression',
    method: 'get',
    path: '/a/7',
    status: 405,
    code: 'method-not-allowed',
    sent: { allow: /^(?=.*\bDELETE\b)(?=.*\bOPTIONS\b)(?!.*GET)(?!.*HEAD)/ },
  },
  { name: '§15.5.6 HEAD', method: 'head', path: '/a/7', status: 405, code: '', sent: { allow: /DELETE/ } },
  {
    name: '§15.5.6 another method’s path',
    method: 'get',
    path: '/a/locked',
    status: 405,
    code: 'method-not-allowed',
    sent: { allow: /\bLOCK\b/ },
  },
  {
    name: '§15.5.7',
    method: 'get',
    path: '/a',
    headers: { Accept: 'image/png' },
    status: 406,
    code: 'not-acceptable',
  },
  {
    name: '§15.5.7 q=0',
    method: 'get',
    path: '/a/csv',
    headers: { Accept: '*/*, text/csv;q=0, application/json;q=0' },
    status: 406,
    code: 'not-acceptable',
  },
  {
    name: '§12.5.3 nothing acceptable',
    method: 'get',
    path: '/a',
    headers: { 'Accept-Encoding': 'identity;q=0' },
    status: 406,
    code: 'not-acceptable',
  },
  {
    name: '§15.5.16 no codec',
    method: 'post',
    path: '/a',
    headers: { 'Content-Type': 'image/png' },
    body: 'x',
    status: 415,
    code: 'unsupported-media-type',
    sent: { accept: /application\/json/, 'accept-post': /application\/xml/ },
  },
  {
    name: '§15.5.16 PATCH',
    method: 'patch',
    path: '/a/patch',
    headers: { 'Content-Type': 'image/png' },
    body: 'x',
    status: 415,
    code: 'unsupported-media-type',
    sent: { 'accept-patch': /application\/json/ },
  },
  {
    name: '§8.3 no type',
    method: 'post',
    path: '/a',
    headers: { 'Content-Type': 'nonsense' },
    body: 'x',
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    name: '§8.4 no coding',
    method: 'post',
    path: '/a',
    headers: { ...JSON_BODY, 'Content-Encoding': 'compress' },
    body: 'x',
    status: 415,
    code: 'unsupported-media-type',
    sent: { 'accept-encoding': /gzip/ },
  },
  {
    name: '§8.3.2 no charset',
    method: 'post',
    path: '/a',
    headers: { 'Content-Type': 'application/json; charset=klingon' },
    body: '{}',
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    name: '§15.5.1 broken',
    method: 'post',
    path: '/a',
    headers: JSON_BODY,
    body: '{',
    status: 400,
    code: 'malformed-body',
  },
  {
    name: '§15.5.1 a rule',
    method: 'post',
    path: '/a',
    headers: JSON_BODY,
    body: '{"title":5}',
    status: 400,
    code: 'validation-failed',
  },
  { name: '§15.5.1 a parameter', method: 'get', path: '/a?n=x', status: 400, code: 'validation-failed' },
  { name: '§15.5.1 none', method: 'put', path: '/a/put', status: 400, code: 'missing-body' },
  {
    name: '§15.5.2',
    method: 'get',
    path: '/a/secret',
    status: 401,
    code: 'unauthenticated',
    sent: { 'www-authenticate': /^Basic realm="a \\"b\\""/ },
  },
  {
    name: '§11.6.2 another scheme',
    method: 'get',
    path: '/a/secret',
    headers: { Authorization: 'Digest x' },
    status: 401,
    code: 'unauthenticated',
    sent: { 'www-authenticate': /^Basic/ },
  },
  {
    name: '§11.6.2 nonsense',
    method: 'get',
    path: '/a/secret',
    headers: { Authorization: 'Basic ?' },
    status: 401,
    code: 'unauthenticated',
  },
  { name: '§15.5.4', method: 'get', path: '/a/admin', headers: USER, status: 403, code: 'forbidden' },
  { name: '§15.5.4 nobody', method: 'get', path: '/a/never', headers: USER, status: 403, code: 'forbidden' },
];

describe('refusals, RFC 9110 §15.5', () => {
  it.each(CASES)('$name: $method $path is $status', async ({
    method,
    path,
    headers,
    body,
    status,
    code,
    sent,
  }) => {
    const test = http[method](path).set(headers ?? {});
    const answer = body === undefined ? await test : await test.serialize(String).send(body);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['cache-control']).toBe('no-store');
    for (const [name, value] of Object.entries(sent ?? {}))
      expect([name, answer.headers[name]]).toEqual([name, expect.stringMatching(value)]);
    if (method === 'head') return expect(answer.text ?? '').toBe('');
    expect(answer.body).toMatchObject({
      type: `urn:koanatomy:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: expect.any(String),
    });
  });

  it.each(CASES.filter(({ method }) => method === 'get'))('§9.3.2 HEAD is as GET: $name $path', async ({
    path,
    headers,
    status,
  }) => {
    const [get, head] = [await http.get(path).set(headers ?? {}), await http.head(path).set(headers ?? {})];
    expect([head.status, head.text ?? '']).toEqual([status, '']);
    const { 'content-length': _length, date: _date, ...rest } = get.headers;
    expect(head.headers).toMatchObject(rest);
  });

  it.each([
    '/a',
    '/a/',
    '/a;x=1',
    '/%61',
    '/a?x',
  ])('§9.3.7 OPTIONS %s has Allow and no content', async (path) => {
    const answer = await http.options(path);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.allow?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
  });
});
