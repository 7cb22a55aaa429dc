import { once } from 'node:events';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsDate,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { Body, Consumes, createApp, FormParam, Path, POST } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Part {
  @IsString() name!: string;
}

class Flat {
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsInt() count?: number;
  @IsOptional() @IsNumber() weight?: number;
  @IsOptional() @IsBoolean() active?: boolean;
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
  @IsOptional() @IsArray() @IsString({ each: true }) tags?: string[];
}

class Item extends Flat {
  @IsOptional() @ValidateNested() @Type(() => Part) part?: Part;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Part) parts?: Part[];
  @Allow() any?: unknown;
}

@Path('/j')
class JsonController {
  @POST item(@Body() item: Item) {
    return item;
  }
  @POST('/raw') raw(@Body({ validate: false }) value: object) {
    return [value];
  }
  @POST('/list') list(@Body({ type: Item }) items: Item[]) {
    return items;
  }
  @POST('/form') @Consumes('application/x-www-form-urlencoded') form(
    @FormParam('a') a?: string,
    @FormParam('n') n?: number,
    @FormParam('l', { type: Number }) l: number[] = [],
    @FormParam('__proto__') proto?: string,
    @FormParam('constructor') made?: string,
  ) {
    return [a ?? null, n ?? null, l, proto ?? null, made ?? null];
  }
  @POST('/formItem') @Consumes('application/x-www-form-urlencoded') formItem(@Body() item: Flat) {
    return item;
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  content: Buffer;
}

let server: Server;

function post(
  path: string,
  type: string,
  content: string | Buffer,
  accept = 'application/json',
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const headers = { 'Content-Type': type, Accept: accept, 'Content-Length': Buffer.byteLength(content) };
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, content: Buffer.concat(chunks) }),
      );
    });
    req.on('error', reject);
    req.end(content);
  });
}

beforeAll(async () => {
  const app = await createApp({ controllers: JsonController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const J = 'application/json';
const deep = (n: number) => `{"any":${'['.repeat(n - 1)}${']'.repeat(n - 1)}}`;

describe('JSON, RFC 8259', () => {
  it.each<[string, string | Buffer, string | 400]>([
    ['white space, §2', ' \t\r\n{ "name" : "a" }\r\n', '{"name":"a"}'],
    ['other white space, §2', '\u00a0{"name":"a"}', 400],
    ['a form feed, §2', '\f{"name":"a"}', 400],
    ['the end of another line, §2', '{"name":"a"}\u2028', 400],
    ['something behind its end, §2', '{"name":"a"} x', 400],
    ['two documents, §2', '{"name":"a"}{"name":"a"}', 400],
    ['a NUL behind its end, §2', '{"name":"a"}\0', 400],
    ['a comma too much, §4', '{"name":"a",}', 400],
    ['a comma too much, §5', '{"tags":["a",]}', 400],
    ['a name without quotes, §4', '{name:"a"}', 400],
    ['other quotes, §7', "{'name':'a'}", 400],
    ['a comment, §2', '{"name":"a"/* */}', 400],
    ['True, §3', '{"active":True}', 400],
    ['undefined, §3', '{"active":undefined}', 400],
    ['NaN, §6', '{"weight":NaN}', 400],
    ['-Infinity, §6', '{"weight":-Infinity}', 400],
    ['a plus, §6', '{"count":+1}', 400],
    ['a zero in front, §6', '{"count":01}', 400],
    ['a zero in front, §6', '{"count":-01}', 400],
    ['no digit before the point, §6', '{"weight":.5}', 400],
    ['no digit behind the point, §6', '{"weight":5.}', 400],
    ['no digit in the exponent, §6', '{"weight":5e}', 400],
    ['a hexadecimal number, §6', '{"count":0x10}', 400],
    ['a separator, §6', '{"count":1_000}', 400],
    ['a suffix, §6', '{"count":1n}', 400],
    ['minus zero, §6', '{"weight":-0}', '{"weight":0}'],
    ['exponents, §6', '{"weight":1E+2}', '{"weight":100}'],
    ['an integer as 1.0, §6', '{"count":1.0}', '{"count":1}'],
    ['an integer as 1e2, §6', '{"count":1e2}', '{"count":100}'],
    ['too large a number, §6', '{"weight":1e400}', 400],
    ['the largest safe integer, §6', '{"count":9007199254740991}', '{"count":9007199254740991}'],
    ['an integer that would be rounded, §6', '{"count":9007199254740993}', 400],
    ['a negative one, §6', '{"count":-9007199254740993}', 400],
    ['one deep inside, §6', '{"any":[{"a":[12345678901234567891]}]}', 400],
    ['a fraction, §6', '{"weight":0.1}', '{"weight":0.1}'],
    ['a control character, §7', '{"name":"a\nb"}', 400],
    ['a tab, §7', '{"name":"a\tb"}', 400],
    ['DEL is none, §7', '{"name":"\u007f"}', '{"name":"\u007f"}'],
    ['an unknown escape, §7', '{"name":"\\x41"}', 400],
    ['half an escape, §7', '{"name":"\\u12"}', 400],
    ['all escapes, §7', '{"name":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"}', '{"name":"\\"\\\\/\\b\\f\\n\\r\\té"}'],
    ['a pair of surrogates, §7', '{"name":"\\ud83d\\ude00"}', '{"name":"😀"}'],
    ['U+0000 escaped, §7', '{"name":"\\u0000"}', '{"name":"\\u0000"}'],
    ['invalid UTF-8, §8.1', Buffer.from([...Buffer.from('{"name":"'), 0xff, 0x22, 0x7d]), 400],
    [
      'UTF-8 of a surrogate, §8.1',
      Buffer.from([...Buffer.from('{"name":"'), 0xed, 0xa0, 0x80, 0x22, 0x7d]),
      400,
    ],
    ['UTF-16, §8.1', Buffer.from('\ufeff{"name":"a"}', 'utf16le'), 400],
    ['the same name twice, §4', '{"name":"a","name":"b"}', 400],
    ['the same name twice, once escaped, §4', '{"name":"a","n\\u0061me":"b"}', 400],
    ['the same name twice, inside, §4', '{"any":[{"a":1,"a":1}]}', 400],
    ['the same name in another object, §4', '{"any":[{"a":1},{"a":1}]}', '{"any":[{"a":1},{"a":1}]}'],
    ['__proto__', '{"__proto__":{"name":"a"}}', 400],
    ['__proto__ escaped', '{"__pr\\u006fto__":1}', 400],
    ['__proto__ inside', '{"any":{"a":[{"__proto__":{}}]}}', 400],
    ['__proto__ as a value', '{"name":"__proto__"}', '{"name":"__proto__"}'],
    ['constructor.prototype', '{"any":{"constructor":{"prototype":{"x":1}}}}', 400],
    ['toString, which no rule allows', '{"toString":"x","valueOf":1,"hasOwnProperty":2}', '{}'],
    ['100 deep, §9', deep(100), deep(100)],
    ['101 deep, §9', deep(101), 400],
    ['very deep, §9', `{"any":${'['.repeat(100_000)}`, 400],
    ['broken off', '{"name":"a"', 400],
    ['broken off within a text', '{"name":"a', 400],
    ['a list for an object', '[{"name":"a"}]', 400],
    ['an empty list for an object', '[]', 400],
    ['null for an object', 'null', 400],
    ['a text for an object', '"name"', 400],
    ['a number for an object', '1', 400],
    ['a text for an integer', '{"count":"1"}', 400],
    ['a number for a text', '{"name":1}', 400],
    ['1 for a boolean', '{"active":1}', 400],
    ['a text for a boolean', '{"active":"true"}', 400],
    ['a fraction for an integer', '{"count":1.5}', 400],
    ['a text for a list', '{"tags":"a"}', 400],
    ['an object for a list', '{"tags":{"0":"a","length":1}}', 400],
    ['a list with another item', '{"tags":["a",1]}', 400],
    ['a list with null', '{"tags":[null]}', 400],
    ['a list for a nested object', '{"part":[]}', 400],
    ['a text for a nested object', '{"part":"x"}', 400],
    ['an empty nested object', '{"part":{}}', 400],
    ['an object for a list of objects', '{"parts":{"name":"a"}}', 400],
    ['a list of lists for a list of objects', '{"parts":[[]]}', 400],
    ['a list of objects', '{"parts":[{"name":"a","x":1}]}', '{"parts":[{"name":"a"}]}'],
    ['a date', '{"at":"2024-02-29T00:00:00Z"}', '{"at":"2024-02-29T00:00:00.000Z"}'],
    ['a text for a date', '{"at":"tomorrow"}', 400],
    ['an object for a date', '{"at":{}}', 400],
    ['null for an optional value', '{"name":null}', '{"name":null}'],
  ])('%s: %s', async (_title, content, expected) => {
    const answer = await post('/j', J, content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });

  it.each<[string, string, string | 400]>([
    ['/j/list', '[]', '[]'],
    ['/j/list', '[{"name":"a"}]', '[{"name":"a"}]'],
    ['/j/list', '{"name":"a"}', 400],
    ['/j/list', '{}', 400],
    ['/j/list', '[{"name":"a"},{"name":1}]', 400],
    ['/j/list', '[[]]', 400],
    ['/j/list', '[null]', 400],
    ['/j/list', '["x"]', 400],
    ['/j/list', '{"0":{"name":"a"},"length":1}', 400],
    ['/j/raw', '{"a":[1,{"b":null}]}', '[{"a":[1,{"b":null}]}]'],
    ['/j/raw', '{"a":{"__proto__":1}}', 400],
    ['/j/raw', '{"toString":1}', '[{"toString":1}]'],
    ['/j/raw', '{"constructor":1}', '[{"constructor":1}]'],
    ['/j/raw', '{"toJSON":"x"}', '[{"toJSON":"x"}]'],
  ])('%s %s: %s', async (path, content, expected) => {
    const answer = await post(path, J, content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});

describe('application/x-www-form-urlencoded, WHATWG URL §5.1', () => {
  const F = 'application/x-www-form-urlencoded';
  it.each<[string, readonly unknown[] | 400]>([
    ['a=1', ['1', null, [], null, null]],
    ['a=x+y%2Bz', ['x y+z', null, [], null, null]],
    ['%61=%C3%A9', ['é', null, [], null, null]],
    ['a=', ['', null, [], null, null]],
    ['a', ['', null, [], null, null]],
    ['&&a=1&', ['1', null, [], null, null]],
    ['a=b=c', ['b=c', null, [], null, null]],
    ['a=1;n=2', ['1;n=2', null, [], null, null]],
    ['l=1&l=2.5', [null, null, [1, 2.5], null, null]],
    ['n=-1.5e3', [null, -1500, [], null, null]],
    ['__proto__=x', [null, null, [], 'x', null]],
    ['constructor=x', [null, null, [], null, 'x']],
    ['other=x', [null, null, [], null, null]],
    ['a=1&a=2', 400],
    ['n=', 400],
    ['n=1x', 400],
    ['n=+1', 400],
    ['n=%201', 400],
    ['l=1&l=', 400],
    ['a=%ff', 400],
    ['a=%C3', 400],
    ['x=%ff', 400],
  ])('%s: %j', async (content, expected) => {
    const answer = await post('/j/form', F, content);
    if (expected === 400) expect(answer.status).toBe(400);
    else expect([answer.status, JSON.parse(answer.content.toString())]).toEqual([200, expected]);
  });

  it.each<[string, string | 400]>([
    ['name=a&count=5&active=true&weight=1.5', '{"name":"a","count":5,"weight":1.5,"active":true}'],
    ['tags=a&tags=b', '{"tags":["a","b"]}'],
    ['tags=a', '{"tags":["a"]}'],
    ['count=', 400],
    ['count=1.5', 400],
    ['count=9007199254740993', 400],
    ['active=1', 400],
    ['name=a&name=b', 400],
    ['at=2024-02-29', '{"at":"2024-02-29T00:00:00.000Z"}'],
    ['at=2023-02-29', 400],
    ['toString=x', '{}'],
  ])('into a class: %s: %s', async (content, expected) => {
    const answer = await post('/j/formItem', F, content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});
