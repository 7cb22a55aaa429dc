import { IsInt, Max, Min } from 'class-validator';
import {
  BeanParam,
  Body,
  Consumes,
  Context,
  CookieParam,
  DefaultValue,
  FormParam,
  GET,
  HeaderParam,
  MatrixParam,
  Path,
  PathParam,
  POST,
  QueryParam,
} from 'koanatomy';
import { CurrentUser, Get, JsonController, QueryParams } from 'routing-controllers';
import type request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}

enum Level {
  Low,
  High,
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}

  static fromString(text: string): Point {
    const match = /^(\d+),(\d+)$/.exec(text);
    if (match === null) throw new Error(`${text} is no point`);
    return new Point(Number(match[1]), Number(match[2]));
  }
}

class Page {
  @QueryParam('limit', { integer: true }) @Min(1) @Max(100) limit: number = 20;
  @QueryParam('offset') @DefaultValue('0') @IsInt() offset!: number;
  @HeaderParam('X-Trace') trace?: string;
  @QueryParam('tag') tags: string[] = ['none'];
}

class Filter {
  @IsInt() @Min(0) from!: number;
  @IsInt({ each: true }) ids?: number[];
}

class Login {
  @IsInt() pin!: number;
}

@Path('/p')
class ParameterController {
  @GET('/date') date(@QueryParam('d') d: Date) {
    return { d };
  }
  @GET('/bigint') bigint(@QueryParam('n') n: bigint) {
    return { n: `${typeof n} ${n}` };
  }
  @GET('/int') int(@QueryParam('n', { integer: true }) n: number) {
    return { n };
  }
  @GET('/colour') colour(@QueryParam('c', { enum: Colour }) c: Colour) {
    return { c };
  }
  @GET('/level') level(@QueryParam('l', { enum: Level }) l: Level) {
    return { l };
  }
  @GET('/choice') choice(@QueryParam('c', { enum: ['asc', 'desc'] }) c: 'asc' | 'desc') {
    return { c };
  }
  @GET('/ids') ids(@QueryParam('id', { type: Number }) ids: number[]) {
    return { ids };
  }
  @GET('/csv') csv(@QueryParam('id', { type: [Number], separator: ',' }) ids: number[]) {
    return { ids };
  }
  @GET('/point') point(@QueryParam('p') p: Point) {
    return { is: p instanceof Point, p };
  }
  @GET('/required') required(
    @QueryParam('a', { required: true }) a: string,
    @QueryParam('b', { required: true }) b: string[],
  ) {
    return { a, b };
  }
  @GET('/defaults') defaults(
    @QueryParam('n') @DefaultValue('7') n: number,
    @QueryParam('t') @DefaultValue('x') t: string,
    @QueryParam('l', { type: Number }) @DefaultValue([1, 2]) l: number[],
  ) {
    l.push(3);
    return { n, t, l };
  }
  @GET('/headers') headers(@HeaderParam('X-Count') count: number, @HeaderParam('x-list') list: string[]) {
    return { count, list };
  }
  @GET('/cookies') cookies(@CookieParam('a') a: number, @CookieParam('b') b: string) {
    return { a, b };
  }
  @GET('/matrix/cars') matrix(
    @MatrixParam('colour') colour: string,
    @MatrixParam('year', { integer: true }) years: number[],
  ) {
    return { colour, years };
  }
  @GET('/bean') bean(@BeanParam() page: Page, @QueryParam('q') q?: string) {
    return { is: page instanceof Page, page: { ...page }, q };
  }
  @POST('/form') form(@FormParam('name') name: string, @FormParam('n', { type: Number }) n: number[]) {
    return { name, n };
  }
  @POST('/login') @Consumes('application/json', 'application/x-www-form-urlencoded') login(
    @Body() login: Login,
  ) {
    return { is: login instanceof Login, pin: login.pin };
  }
  @GET('/signal') signal(@Context() signal: AbortSignal) {
    return { is: signal instanceof AbortSignal, aborted: signal.aborted };
  }
  @GET('/{id}') id(@PathParam('id') id: boolean) {
    return { id };
  }
}

@JsonController('/rc')
class ForeignController {
  @Get('/filter') filter(@QueryParams() filter: Filter) {
    return { is: filter instanceof Filter, ...filter };
  }
  @Get('/me') me(@CurrentUser() user: object) {
    return { user: user ?? null };
  }
}

let http: ReturnType<typeof request>;
beforeAll(async () => {
  http = await serve([ParameterController, ForeignController]);
});

describe('is converted', () => {
  it.each([
    ['a date', '/p/date?d=2024-02-29', { d: '2024-02-29T00:00:00.000Z' }],
    ['a time', '/p/date?d=2024-02-29T12:30:00.5%2B02:00', { d: '2024-02-29T10:30:00.500Z' }],
    [
      'a bigint',
      '/p/bigint?n=123456789012345678901234567890',
      { n: 'bigint 123456789012345678901234567890' },
    ],
    ['an integer', '/p/int?n=-12', { n: -12 }],
    ['a text enum', '/p/colour?c=blue', { c: 'blue' }],
    ['a numeric enum by name', '/p/level?l=High', { l: 1 }],
    ['a numeric enum by number', '/p/level?l=0', { l: 0 }],
    ['a choice', '/p/choice?c=desc', { c: 'desc' }],
    ['a list', '/p/ids?id=3&id=1', { ids: [3, 1] }],
    ['a list of one', '/p/ids?id=3', { ids: [3] }],
    ['an absent list', '/p/ids', { ids: [] }],
    ['a list with a separator', '/p/csv?id=1,2&id=3', { ids: [1, 2, 3] }],
    ['a class with fromString', '/p/point?p=1,2', { is: true, p: { x: 1, y: 2 } }],
    ['a boolean in the path', '/p/true', { id: true }],
    [
      'a matrix parameter',
      '/p/matrix;year=1/cars;colour=light%20blue&+;year=2',
      { colour: 'light blue&+', years: [1, 2] },
    ],
    ['an abort signal', '/p/signal', { is: true, aborted: false }],
    [
      'a query object of routing-controllers',
      '/rc/filter?from=1&ids=2&ids=3&more=4',
      { is: true, from: 1, ids: [2, 3] },
    ],
    ['an absent user', '/rc/me', { user: null }],
  ])('%s', async (_, path, body) => {
    expect((await http.get(path)).body).toEqual(body);
  });

  it('a header, and a list of one header', async () => {
    const answer = await http.get('/p/headers').set('X-Count', '3').set('X-List', 'a, "b, c",d');
    expect(answer.body).toEqual({ count: 3, list: ['a', '"b, c"', 'd'] });
  });

  it('a cookie', async () => {
    expect((await http.get('/p/cookies').set('Cookie', 'b="x%20y"; a=5; a=6')).body).toEqual({
      a: 5,
      b: 'x y',
    });
  });

  it('a form', async () => {
    expect((await http.post('/p/form').type('form').send('name=a+b%26&n=1&n=2')).body).toEqual({
      name: 'a b&',
      n: [1, 2],
    });
  });

  it('a form into a class, with the types of its properties', async () => {
    expect((await http.post('/p/login').type('form').send('pin=12&x=1')).body).toEqual({ is: true, pin: 12 });
    expect((await http.post('/p/login').send({ pin: 12 })).body).toEqual({ is: true, pin: 12 });
    const wrong = await http.post('/p/login').type('form').send('pin=x');
    expect(wrong.body.errors).toEqual([
      { in: 'form', path: '/pin', code: 'isNumber', message: 'pin must be a number' },
    ]);
  });
});

describe('is refused, with place and code', () => {
  it.each([
    ['/p/date?d=2023-02-29', 'isDate'],
    ['/p/date?d=2023-02-30T00:00:00Z', 'isDate'],
    ['/p/date?d=2024-01-01T00:00:00', 'isDate'],
    ['/p/date?d=1700000000', 'isDate'],
    ['/p/int?n=1.0', 'isInt'],
    ['/p/int?n=1e3', 'isInt'],
    ['/p/int?n=12px', 'isInt'],
    ['/p/int?n=9007199254740993', 'isSafe'],
    ['/p/bigint?n=1n', 'isInt'],
    ['/p/colour?c=Red', 'isEnum'],
    ['/p/colour?c=constructor', 'isEnum'],
    ['/p/colour?c=__proto__', 'isEnum'],
    ['/p/level?l=2', 'isEnum'],
    ['/p/choice?c=length', 'isEnum'],
    ['/p/ids?id=1&id=x', 'isNumber'],
    ['/p/csv?id=1,,2', 'isNumber'],
    ['/p/point?p=1', 'type'],
    ['/p/int?n=%ff', 'malformed'],
    ['/p/int?n=%zz', 'malformed'],
    ['/p/yes', 'isBoolean'],
  ])('%s: %s', async (path, code) => {
    const answer = await http.get(path);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.body.errors[0]).toMatchObject({ in: expect.stringMatching(/query|path/), code });
  });

  it('what is required and absent, all of it at once', async () => {
    const answer = await http.get('/p/required');
    expect(answer.body.errors).toEqual([
      { in: 'query', path: '/a', code: 'required', message: 'a is required' },
      { in: 'query', path: '/b', code: 'required', message: 'b is required' },
    ]);
    expect((await http.get('/p/required?a=&b=1')).body).toEqual({ a: '', b: ['1'] });
  });
});

describe('a default', () => {
  it('stands in for what is absent, and is the same for each request', async () => {
    for (let i = 0; i < 2; i++) {
      expect((await http.get('/p/defaults')).body).toEqual({ n: 7, t: 'x', l: [1, 2, 3] });
    }
  });

  it('does not stand in for what is empty', async () => {
    expect((await http.get('/p/defaults?n=')).status).toBe(400);
    expect((await http.get('/p/defaults?t=')).body.t).toBe('');
  });
});

describe('a bean', () => {
  it('has what was sent, the initial values of its class, and its defaults', async () => {
    const answer = await http.get('/p/bean?limit=5&q=x').set('X-Trace', 't');
    expect(answer.body).toEqual({
      is: true,
      page: { limit: 5, offset: 0, trace: 't', tags: ['none'] },
      q: 'x',
    });
    expect((await http.get('/p/bean?tag=a')).body.page).toEqual({ limit: 20, offset: 0, tags: ['a'] });
  });

  it('is validated, at the places that the client knows', async () => {
    const answer = await http.get('/p/bean?limit=1000&offset=x');
    expect(answer.body.errors).toEqual([
      { in: 'query', path: '/offset', code: 'isNumber', message: 'offset must be a number' },
      { in: 'query', path: '/limit', code: 'max', message: 'limit must not be greater than 100' },
    ]);
  });
});
