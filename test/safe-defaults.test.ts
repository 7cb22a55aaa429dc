import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, MinLength, ValidateNested } from 'class-validator';
import type { Context as KoaContext } from 'koa';
import {
  ApiError,
  Body,
  Context,
  CookieParam,
  createApp,
  FormParam,
  GET,
  HeaderParam,
  Path,
  PathParam,
  POST,
  QueryParam,
  Reply,
} from 'koanatomy';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from './support/serve.js';

class Address {
  @IsString() city!: string;
}

class Person {
  @IsString() @MinLength(2) name!: string;
  @IsOptional() @ValidateNested() @Type(() => Address) address?: Address;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Address) others?: Address[];
  @IsOptional() @IsString({ each: true }) tags?: string[];
}

class Login {
  @MinLength(12, { message: 'the password $value is too short' }) password!: string;
  @IsInt({ message: ({ value }) => `${String(value)} is no pin` }) pin!: number;
}

class NoRules {
  anything?: string;
}

@Path('/safe')
class SafeController {
  @POST('/person') person(person: Person) {
    return { ...person };
  }
  @POST('/people') people(@Body({ type: Person }) people: Person[]) {
    return people.length;
  }
  @POST('/login') login(login: Login) {
    return { length: login.password.length };
  }
  @POST('/none') none(body: NoRules) {
    return { ...body };
  }
  @GET('/crash') crash() {
    throw Object.assign(new Error('SELECT secret FROM users'), {
      status: 418,
      expose: true,
      headers: { 'x-leak': '1' },
    });
  }
  @GET('/thrown/:what') thrown(@PathParam('what') what: string) {
    const things: Record<string, unknown> = {
      null: null,
      undefined,
      symbol: Symbol('s'),
      text: 'SELECT secret',
      frozen: Object.freeze(new Error('secret')),
      odd: Object.assign(new Error('secret'), { status: 'teapot' }),
      low: Object.assign(new Error('secret'), { status: 200, statusCode: 200, expose: true }),
      proxy: new Proxy(new Error('secret'), {
        get() {
          throw new Error('secret');
        },
      }),
    };
    throw things[what];
  }
  @GET('/koa/:status') koa(@PathParam('status') status: number, @Context() ctx: KoaContext) {
    ctx.set('X-Success', 'no');
    ctx.throw(status, 'said by the handler');
  }
  @GET('/number') number(@QueryParam('n') n: number) {
    return { n };
  }
  @GET('/flag') flag(@QueryParam('b') b: boolean) {
    return { b };
  }
  @GET('/names') names(
    @QueryParam('__proto__') proto: string,
    @QueryParam('constructor') made: string,
    @HeaderParam('constructor') header: string,
    @CookieParam('toString') cookie: string,
  ) {
    // As text, since JSON would leave a function out in silence.
    const [a, b, c, d] = [proto, made, header, cookie].map((value) => value && String(value));
    return { proto: a, made: b, header: c, cookie: d };
  }
  @POST('/form') form(@FormParam('__proto__') proto: string, @FormParam('toString') text: string) {
    return { proto, text };
  }
  @GET('/go') go(@QueryParam('to') to: string) {
    return Reply.status(303).location(to);
  }
  @GET('/header') header(@QueryParam('v') v: string) {
    return Reply.ok('x').header('X-Value', v);
  }
  @POST('/made') made() {
    return Reply.created('/safe/7');
  }
}

let http: ReturnType<typeof request>;
beforeAll(async () => {
  http = await serve(SafeController);
});

const PROBLEM = {
  type: expect.any(String),
  title: expect.any(String),
  detail: expect.any(String),
  instance: expect.any(String),
};

describe('an array where an object is declared', () => {
  it.each([
    ['as the body', '/safe/person', [], ''],
    ['as the body, with an object in it', '/safe/person', [{ name: 'ann' }], ''],
    ['as a member', '/safe/person', { name: 'ann', address: [] }, '/address'],
    [
      'as a member, with an object in it',
      '/safe/person',
      { name: 'ann', address: [{ city: 'x' }] },
      '/address',
    ],
    ['as an item', '/safe/people', [{ name: 'ann' }, []], '/1'],
    ['as an item of a member', '/safe/person', { name: 'ann', others: [[]] }, '/others/0'],
  ])('%s is refused', async (_, path, body, pointer) => {
    const answer = await http.post(path).send(body as object);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      expect.objectContaining({ in: 'body', path: pointer, code: 'isObject' }),
    ]);
  });

  it.each([
    ['a text for a list of texts', { name: 'ann', tags: 'abc' }, '/tags'],
    ['an object for a list of objects', { name: 'ann', others: { city: 'x' } }, '/others'],
  ])('and so is %s', async (_, body, pointer) => {
    const answer = await http.post('/safe/person').send(body);
    expect(answer.body.errors).toEqual([expect.objectContaining({ path: pointer, code: 'isArray' })]);
  });

  it.each([['null'], ['1'], ['"text"'], ['true']])('and %s for an object', async (text) => {
    const answer = await http.post('/safe/person').set('Content-Type', 'application/json').send(text);
    expect({ status: answer.status, code: answer.body.errors?.[0]?.code }).toEqual({
      status: 400,
      code: 'isObject',
    });
  });

  it('and an object for a list', async () => {
    const answer = await http.post('/safe/people').send({ name: 'ann' });
    expect(answer.body.errors).toEqual([
      { in: 'body', path: '', code: 'isArray', message: 'the body must be an array' },
    ]);
  });
});

describe('a validation error', () => {
  it('never has the submitted value, whatever message the class asks for', async () => {
    const answer = await http.post('/safe/login').send({ password: 'hunter2', pin: 'p1n-text' });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('hunter2');
    expect(answer.text).not.toContain('p1n-text');
    expect(
      answer.body.errors.map((issue: { path: string; code: string }) => [issue.path, issue.code]),
    ).toEqual([
      ['/password', 'minLength'],
      ['/pin', 'isInt'],
    ]);
  });

  it('lists every issue with its place and a code', async () => {
    const answer = await http
      .post('/safe/person')
      .send({ name: 1, address: {}, others: [{ city: 'x' }, {}] });
    expect(
      answer.body.errors.map((issue: { path: string; code: string }) => `${issue.path} ${issue.code}`),
    ).toEqual(['/name minLength', '/name isString', '/address/city isString', '/others/1/city isString']);
  });
});

describe('a foreign error', () => {
  it('is a 500 that shows nothing of it: no message, status, header or stack', async () => {
    const answer = await http.get('/safe/crash');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/SELECT|secret|\.ts|\bat /);
    expect(answer.headers).not.toHaveProperty('x-leak');
    expect(answer.body).toMatchObject(PROBLEM);
  });

  it.each([
    'null',
    'undefined',
    'symbol',
    'text',
    'frozen',
    'odd',
    'low',
    'proxy',
  ])('is a 500 whatever is thrown: %s', async (what) => {
    const answer = await http.get(`/safe/thrown/${what}`);
    expect({ status: answer.status, type: answer.body.type }).toEqual({
      status: 500,
      type: 'urn:koanatomy:internal-error',
    });
    expect(answer.text).not.toMatch(/secret|SELECT/);
  });

  it('is logged once, under the id in the reply, with its cause', async () => {
    const lines: { fields: object; message: string }[] = [];
    const error = (fields: object, message: string): void => void lines.push({ fields, message });
    const cause = new Error('connection refused');
    @Path('/x')
    class FailingController {
      @GET fail() {
        throw new ApiError(500, 'Failed to retrieve case from database.', { cause });
      }
    }
    const logged = await serve(FailingController, { logger: { info() {}, warn() {}, error } });
    const answer = await logged.get('/x');
    expect(answer.body.detail).toBe('Failed to retrieve case from database.');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.fields).toMatchObject({ id: answer.body.instance, err: { cause } });
  });
});

describe('ctx.throw', () => {
  it.each([
    400, 404, 409, 422,
  ])('keeps its status %i, in the shape of all errors, without headers of a success', async (status) => {
    const answer = await http.get(`/safe/koa/${status}`);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ ...PROBLEM, status, detail: 'said by the handler' });
    expect(answer.headers).not.toHaveProperty('x-success');
  });

  it('hides the message of a 500, as http-errors means it', async () => {
    const answer = await http.get('/safe/koa/503');
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('said by');
  });
});

describe('every error has one shape', () => {
  it.each([
    ['404', () => http.get('/nowhere'), 404],
    ['405', () => http.put('/safe/number'), 405],
    [
      'malformed JSON',
      () => http.post('/safe/person').set('Content-Type', 'application/json').send('{"a'),
      400,
    ],
    ['an invalid parameter', () => http.get('/safe/number?n=x'), 400],
    ['an unreadable path', () => http.get('/safe/%e0%a4'), 400],
    ['an unknown format', () => http.post('/safe/person').set('Content-Type', 'text/csv').send('a'), 415],
  ])('%s', async (_, send, status) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ ...PROBLEM, status });
  });

  it('also when middleware in front throws', async () => {
    const app = await createApp({ controllers: SafeController, logger: false });
    app.use((ctx) => ctx.throw(402, 'pay first'));
    const answer = await request(app.callback()).get('/safe/number');
    expect(answer.body).toMatchObject({ ...PROBLEM, status: 402, detail: 'pay first' });
  });
});

describe('a body of a type that is not declared', () => {
  it.each([
    'application/xml',
    'text/plain',
    'multipart/form-data; boundary=x',
    'nonsense',
    'application/x-www-form-urlencoded',
  ])('%s is 415, and not an empty object', async (type) => {
    const answer = await http.post('/safe/person').set('Content-Type', type).send('<name>ann</name>');
    expect(answer.status).toBe(415);
    expect(answer.headers.accept).toBe('application/json');
  });

  it('content in a coding that is not known is 415, and not taken for what is inside', async () => {
    const sent = http
      .post('/safe/person')
      .set('Content-Type', 'application/json')
      .set('Content-Encoding', 'compress');
    const answer = await sent.send('{"name":"ann"}');
    expect({ status: answer.status, coding: answer.headers['accept-encoding'] }).toEqual({
      status: 415,
      coding: expect.stringContaining('gzip'),
    });
  });

  it('content that says gzip and is none is 400', async () => {
    const sent = http
      .post('/safe/person')
      .set('Content-Type', 'application/json')
      .set('Content-Encoding', 'gzip');
    expect((await sent.send('{"name":"ann"}')).status).toBe(400);
  });
});

describe('a parameter', () => {
  it.each([
    'n=1&n=2',
    'n=%20',
    'n=0x10',
    'n=1e400',
    'n=',
    'n',
    'n=1_0',
    'n=Infinity',
    'n=NaN',
    'n=9007199254740993',
    'n=1,2',
    'n=%2B1',
    'n=01',
    'n=1.',
    'n=.5',
    'n=١',
  ])('?%s is no number', async (query) => {
    const answer = await http.get(`/safe/number?${query.replace(/[^ -~]/g, encodeURIComponent)}`);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([expect.objectContaining({ in: 'query', path: '/n' })]);
  });

  it.each([
    ['n=-1.5e3', -1500],
    ['n=0', 0],
    ['n=-0', 0],
    ['n=9007199254740991', 9007199254740991],
  ])('?%s is', async (query, n) => {
    expect((await http.get(`/safe/number?${query}`)).body).toEqual({ n });
  });

  it.each(['b=', 'b', 'b=1', 'b=yes', 'b=TRUE', 'b=true&b=true'])('?%s is no boolean', async (query) => {
    expect((await http.get(`/safe/flag?${query}`)).status).toBe(400);
  });

  it('that is absent is undefined, and not a default of its type', async () => {
    expect((await http.get('/safe/flag')).body).toEqual({});
  });
});

describe('a prototype key', () => {
  it.each([
    '{"name":"ann","__proto__":{"admin":true}}',
    '{"name":"ann","\\u005f_proto__":{"admin":true}}',
    '{"name":"ann","constructor":{"prototype":{"admin":true}}}',
  ])('in a body is refused: %s', async (text) => {
    const answer = await http.post('/safe/person').set('Content-Type', 'application/json').send(text);
    expect({ status: answer.status, type: answer.body.type }).toEqual({
      status: 400,
      type: 'urn:koanatomy:malformed-body',
    });
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('is an ordinary name in query, headers, cookies and forms', async () => {
    const absent = await http.get('/safe/names');
    expect(absent.body).toEqual({});
    const sent = http
      .get('/safe/names?__proto__=a&constructor=b')
      .set('Constructor', 'c')
      .set('Cookie', 'toString=d');
    expect((await sent).body).toEqual({ proto: 'a', made: 'b', header: 'c', cookie: 'd' });
    const form = await http.post('/safe/form').type('form').send('__proto__=x&toString=y');
    expect(form.text).toBe('{"proto":"x","text":"y"}');
  });

  it('in an object that has no class can not make the transformer call it', async () => {
    const answer = await http
      .post('/safe/person')
      .send({ name: 'ann', address: { constructor: 1, city: 'x' } });
    expect(answer.body).toEqual({ name: 'ann', address: { city: 'x' } });
  });
});

describe('an unknown property', () => {
  it('is stripped, at every depth', async () => {
    const answer = await http
      .post('/safe/person')
      .send({ name: 'ann', admin: true, address: { city: 'x', zip: 1 } });
    expect(answer.body).toEqual({ name: 'ann', address: { city: 'x' } });
  });

  it('is refused where the application asks for it', async () => {
    const strict = await serve(SafeController, { unknownProperties: 'refuse' });
    const answer = await strict.post('/safe/person').send({ name: 'ann', admin: 'hunter2' });
    expect(answer.body.errors).toEqual([
      { in: 'body', path: '/admin', code: 'whitelistValidation', message: 'property admin should not exist' },
    ]);
  });

  it('of a class without rules is stripped too, and startup warns of such a class', async () => {
    expect((await http.post('/safe/none').send({ anything: 'x', more: 1 })).body).toEqual({});
    const app = await createApp({ controllers: SafeController, logger: false });
    expect(app.warnings.map(({ code, where }) => [code, where])).toContainEqual([
      'body-without-rules',
      'SafeController.none(parameter 1)',
    ]);
  });
});

describe('a header that the handler makes of input', () => {
  it.each([
    '/a%0d%0aSet-Cookie:%20x=1',
    '/a%0aSet-Cookie:x',
    '/a%00',
  ])('can not split the response: Location %s', async (to) => {
    const answer = await http.get(`/safe/go?to=${to}`);
    expect(answer.status).toBe(500);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.headers).not.toHaveProperty('location');
  });

  it.each(['a%0d%0aX-Evil:%201', 'a%0aX-Evil:1'])('can not split the response: any header %s', async (v) => {
    const answer = await http.get(`/safe/header?v=${v}`);
    expect(answer.status).toBe(500);
    expect(answer.headers).not.toHaveProperty('x-evil');
  });

  it('encodes in Location what a URI can not have, once', async () => {
    const answer = await http.get(`/safe/go?to=${encodeURIComponent('/ä b%20c/{x}')}`);
    expect(answer.headers.location).toBe('/%C3%A4%20b%20c/%7Bx%7D');
  });
});

describe('a link', () => {
  it('is never built from the Host that the request claims', async () => {
    const answer = await http
      .post('/safe/made')
      .set('Host', 'evil.example')
      .set('X-Forwarded-Host', 'evil.example');
    expect(answer.headers.location).toBe('/safe/7');
    expect(JSON.stringify(answer.headers)).not.toContain('evil');
  });
});
