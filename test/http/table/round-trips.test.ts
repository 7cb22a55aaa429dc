import { once } from 'node:events';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsDate,
  IsNumber,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { Body, Consumes, createApp, Path, POST, Produces } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const OBJECTS = [
  'application/json',
  'application/xml',
  'application/yaml',
  'application/cbor',
  'application/vnd.msgpack',
  'application/vnd.a+json',
  'application/vnd.a+xml',
  'application/vnd.a+yaml',
  'application/vnd.a+cbor',
  'text/xml',
  'application/msgpack',
];
const LISTS = [...OBJECTS, 'text/csv', 'application/x-ndjson', 'application/jsonl'];

class Part {
  @IsString() text!: string;
  @IsOptional() @ValidateNested() @Type(() => Part) part?: Part;
}

class Item {
  @IsString() text!: string;
  @IsOptional() @IsNumber() number?: number;
  @IsOptional() @IsBoolean() flag?: boolean;
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
  @IsOptional() @IsString() nothing?: string | null;
  @IsOptional() @IsArray() @IsString({ each: true }) texts?: string[];
  @IsOptional() @ValidateNested() @Type(() => Part) part?: Part;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Part) parts?: Part[];
  @Allow() any?: unknown;
}

@Path('/r')
class EchoController {
  @POST @Consumes(...OBJECTS) @Produces(...OBJECTS) one(@Body() item: Item) {
    return item;
  }
  @POST('/list') @Consumes(...LISTS) @Produces(...LISTS) list(@Body({ type: Item }) items: Item[]) {
    return items;
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

/** What JSON becomes in this format, and is again in JSON after that. */
async function around(path: string, type: string, value: unknown): Promise<unknown> {
  const there = await post(path, 'application/json', JSON.stringify(value), type);
  expect([there.status, there.headers['content-type']?.split(';')[0]]).toEqual([200, type]);
  const back = await post(path, there.headers['content-type'] ?? '', there.content);
  expect([back.status, back.content.toString()]).toEqual([200, expect.any(String)]);
  return JSON.parse(back.content.toString());
}

beforeAll(async () => {
  const app = await createApp({ controllers: EchoController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

// biome-ignore format: one per line would be too long
const TEXTS = [
  '', ' ', '  a  ', '\t', '\n', '\r', '\r\n', 'a\nb', 'a\r\nb', 'a\n', '\na', 'a\n\n', '\n\na',
  ' a\n  b\n c', 'a\n ', 'a \n', 'yes', 'no', 'on', 'null', 'Null', '~', 'true', 'True', 'false', '1',
  '-1', '0', '007', '0o7', '0x1f', '1e3', '.5', '5.', '.inf', '-.INF', '.nan', '1_000', '1:30',
  '2024-01-01', '2024-01-01T00:00:00Z', '<<', '=', '- a', '-', '--', '---', '...', '--- a', ': ', ':',
  'a: b', 'a:', 'a #b', '#x', '?', '? a', '!x', '&a', '*a', '%a', '@a', '`', '{', '}', '[', ']', '[1]',
  '{"a":1}', '|', '>', '|-', '"', "'", '""', "''", '\\', '\\n', ',', 'a,b', ';', '"a","b"', '<a>',
  '&amp;', '&#1;', ']]>', '<![CDATA[x]]>', '<!-- -->', '_x0041_', '_x005F_', '\u0085', '\u00a0',
  '\u2028', '\u2029', '\ufeff', '\ufeffa', '\u200b', '\u007f', 'é', 'e\u0301', '😀', '\uffff'.slice(1),
  'עברית', '=1+1', '+1', '@SUM(A1)', '__proto__', 'constructor', 'NaN', 'Infinity', 'undefined',
  'x'.repeat(5000),
];

describe('what is written is read again: texts', () => {
  it.each(OBJECTS)('%s', async (type) => {
    const value = { text: '', texts: TEXTS, parts: TEXTS.map((text) => ({ text })), any: 'a' };
    expect(await around('/r', type, value)).toEqual(value);
  });
  it.each(LISTS)('a list in %s', async (type) => {
    const value = TEXTS.map((text) => ({ text, number: 1 }));
    expect(await around('/r/list', type, value)).toEqual(value);
  });
});

describe('what is written is read again: other values', () => {
  const numbers = [
    0,
    1,
    -1,
    0.1,
    -0.5,
    1e21,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32,
    2 ** 53 - 1,
    -(2 ** 53) + 1,
    23,
    24,
    127,
    128,
    255,
    256,
    -24,
    -25,
    -32,
    -33,
    -128,
    -129,
    65_535,
    65_536,
    3.14,
    1.5,
    65_504,
    65_505.5,
  ];
  const dates = [
    '2024-02-29T00:00:00.000Z',
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59.999Z',
    '2024-01-01T00:00:00.001Z',
    '0001-01-01T00:00:00.000Z',
    '2106-02-07T06:28:16.000Z',
  ];
  const deep = (n: number): object => (n === 0 ? { text: 'end' } : { text: `at ${n}`, part: deep(n - 1) });
  it.each(LISTS)('numbers in %s', async (type) => {
    const value = numbers.map((number) => ({ text: 'x', number }));
    expect(await around('/r/list', type, value)).toEqual(value);
  });
  it.each(LISTS)('booleans and dates in %s', async (type) => {
    const value = dates.map((at, i) => ({ text: 'x', at, flag: i % 2 === 0 }));
    expect(await around('/r/list', type, value)).toEqual(value);
  });
  it.each(OBJECTS)('null and nesting in %s', async (type) => {
    const value = { text: 'x', nothing: null, part: deep(20), parts: [deep(0), deep(2)] };
    expect(await around('/r', type, value)).toEqual(value);
  });
  it.each(OBJECTS.filter((type) => !type.includes('xml')))('names in %s', async (type) => {
    const any = {
      'a b': [],
      '1': {},
      '': 1,
      '<x>': 'y',
      'a:b': true,
      é: null,
      '@id': 1.5,
      '#text': [[]],
      yes: 1,
      null: 2,
      '- a': 3,
      '---': 4,
      '"': 5,
    };
    expect(await around('/r', type, { text: 'x', any })).toEqual({ text: 'x', any });
  });
  it.each(OBJECTS.filter((type) => type.includes('xml')))('names in %s', async (type) => {
    const any = {
      'a b': 'b',
      '1': 'c',
      '<x>': 'y',
      'a:b': 'd',
      é: 'e',
      '@id': 'f',
      '#text': 'g',
      _x0041_: 'h',
      xmlns: 'i',
      'xml-a': 'j',
    };
    expect(await around('/r', type, { text: 'x', any })).toEqual({ text: 'x', any });
  });
});
