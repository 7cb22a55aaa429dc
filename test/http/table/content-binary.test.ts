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
import { Body, Consumes, createApp, Path, POST } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Part {
  @IsString() name!: string;
}

class Item {
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsInt() count?: number;
  @IsOptional() @IsNumber() weight?: number;
  @IsOptional() @IsBoolean() active?: boolean;
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
  @IsOptional() @IsArray() @IsString({ each: true }) tags?: string[];
  @IsOptional() @ValidateNested() @Type(() => Part) part?: Part;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Part) parts?: Part[];
  @Allow() any?: unknown;
}

@Path('/f')
class FormatController {
  @POST @Consumes('application/cbor', 'application/vnd.msgpack') one(@Body() item: Item) {
    return item;
  }
  @POST('/list') @Consumes('text/csv', 'application/x-ndjson', 'application/jsonl') list(
    @Body({ type: Item }) items: Item[],
  ) {
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

beforeAll(async () => {
  const app = await createApp({ controllers: FormatController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('CBOR, RFC 8949', () => {
  it.each<[string, string, string | number]>([
    ['§3.1', 'a1646e616d656161', '{"name":"a"}'],
    ['§3.2.2', 'bf646e616d656161ff', '{"name":"a"}'],
    ['§3.2.3', 'a1646e616d657f61616162ff', '{"name":"ab"}'],
    ['§3.1', 'a0', '{}'],
    ['§3.4.6', 'd9d9f7a1646e616d656161', '{"name":"a"}'],
    ['§3.1', '80', 400],
    ['§3.3', 'f6', 400],
    ['§5.3.1', 'a1', 400],
    ['§5.3.1', 'a1646e616d65', 400],
    ['§5.3.1', 'a1646e616d6561', 400],
    ['§5.3.1', 'a1646e616d656161a0', 400],
    ['§5.3.1', 'a163616e799f01', 400],
    ['§5.6', 'a2646e616d656161646e616d656162', 400],
    ['§3.1', 'a165636f756e7405', '{"count":5}'],
    ['§3.1', 'a165636f756e741b001fffffffffffff', '{"count":9007199254740991}'],
    ['§3.1', 'a165636f756e741b0020000000000001', 400],
    ['§3.1', 'a165636f756e741bffffffffffffffff', 400],
    ['§3.1', 'a165636f756e743bffffffffffffffff', 400],
    ['§3.4.3', 'a165636f756e74c24105', '{"count":5}'],
    ['§3.4.3', 'a163616e79c249ffffffffffffffffff', '{"any":"4722366482869645213695"}'],
    ['§3.3', 'a165636f756e74f94500', '{"count":5}'],
    ['§3.3', 'a166776569676874f93c00', '{"weight":1}'],
    ['§3.3', 'a166776569676874fa3fc00000', '{"weight":1.5}'],
    ['§3.3', 'a166776569676874f97c00', 400],
    ['§3.3', 'a166776569676874f97e00', 400],
    ['§3.3', 'a166776569676874fb7ff0000000000000', 400],
    ['§3.3', 'a163616e79f800', 400],
    ['§3', 'a163616e791c', 400],
    ['§3.2.1', 'a163616e79ff', 400],
    ['§3.2.1', 'ff', 400],
    ['§3.1', 'a1646e616d6561ff', 400],
    ['§3.1', 'a1646e616d6563eda080', 400],
    ['§3.2.3', 'a163616e795f6101ff', 400],
    ['§3.2.3', 'a163616e797f4101ff', 400],
    ['§3.2.3', 'a163616e797f7f6161ffff', 400],
    ['§5.6', 'a10102', 400],
    ['§5.6', 'a1f6f6', 400],
    ['names', 'a1695f5f70726f746f5f5fa0', 400],
    ['names', 'a163616e79a1695f5f70726f746f5f5f01', 400],
    ['names', 'a163616e79a16b636f6e7374727563746f72a16970726f746f7479706501', 400],
    ['§10', '9bffffffffffffffff', 400],
    ['§10', 'bbffffffffffffffff', 400],
    ['§10', '5bffffffffffffffff', 400],
    ['§10', '7bffffffffffffffff', 400],
    ['§10', 'a163616e799a7fffffff', 400],
    ['§3.4.1', 'a1626174c074323032342d30322d32395430303a30303a30305a', '{"at":"2024-02-29T00:00:00.000Z"}'],
    ['§3.4.1', 'a1626174c074323032332d30322d32395430303a30303a30305a', 400],
    ['§3.4.2', 'a1626174c11a65dfc900', '{"at":"2024-02-29T00:00:00.000Z"}'],
    ['§3.4.2', 'a1626174c1fb7ff8000000000000', 400],
    ['depth', `a163616e79${'81'.repeat(200)}00`, 400],
    ['depth', '81'.repeat(100_000), 400],
    ['depth', '9f'.repeat(100_000), 400],
    ['depth', 'c0'.repeat(100_000), 400],
  ])('%s %j: %s', async (_section, content, expected) => {
    const answer = await post('/f', 'application/cbor', Buffer.from(content, 'hex'));
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});

describe('MessagePack', () => {
  it.each<[string, string, string | number]>([
    ['map', '81a46e616d65a161', '{"name":"a"}'],
    ['map', '80', '{}'],
    ['map 16', 'de0001a46e616d65a161', '{"name":"a"}'],
    ['str 8', '81a46e616d65d90161', '{"name":"a"}'],
    ['array', '90', 400],
    ['nil', 'c0', 400],
    ['broken off', '81', 400],
    ['broken off', '81a46e616d65', 400],
    ['behind its end', '81a46e616d65a161ff', 400],
    ['twice', '82a46e616d65a161a46e616d65a162', 400],
    ['never used', 'c1', 400],
    ['never used', '81a3616e79c1', 400],
    ['int', '81a5636f756e7405', '{"count":5}'],
    ['int', '81a5636f756e74ff', '{"count":-1}'],
    ['uint 64', '81a5636f756e74cf001fffffffffffff', '{"count":9007199254740991}'],
    ['uint 64', '81a5636f756e74cf0020000000000001', 400],
    ['int 64', '81a5636f756e74d3ffdfffffffffffff', 400],
    ['float 32', '81a6776569676874ca3fc00000', '{"weight":1.5}'],
    ['float 64', '81a6776569676874cb7ff0000000000000', 400],
    ['timestamp 32', '81a26174d6ff65dfc900', '{"at":"2024-02-29T00:00:00.000Z"}'],
    ['timestamp 64', '81a26174d7ff00000000ffffffff', '{"at":"2106-02-07T06:28:15.000Z"}'],
    ['timestamp 96', '81a26174c70cff000000007fffffffffffffff', 400],
    ['timestamp 96', '81a26174c70cffffffffff0000000000000000', 400],
    ['ext', '81a3616e79d40100', 400],
    ['ext', '81a3616e79c70001', 400],
    ['UTF-8', '81a46e616d65a1ff', 400],
    ['key', '8101a161', 400],
    ['key', '81c0c0', 400],
    ['names', '81a95f5f70726f746f5f5f80', 400],
    ['names', '81a3616e7981a95f5f70726f746f5f5f01', 400],
    ['lengths', 'ddffffffff', 400],
    ['lengths', 'dfffffffff', 400],
    ['lengths', 'dbffffffff', 400],
    ['lengths', 'c6ffffffff', 400],
    ['lengths', '81a3616e79dd7fffffff', 400],
    ['depth', `81a3616e79${'91'.repeat(200)}00`, 400],
    ['depth', '91'.repeat(100_000), 400],
  ])('%s %j: %s', async (_section, content, expected) => {
    const answer = await post('/f', 'application/vnd.msgpack', Buffer.from(content, 'hex'));
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});

describe('CSV, RFC 4180', () => {
  it.each<[string, string, string | number]>([
    ['§2.1', 'name,count\r\na,5\r\n', '[{"name":"a","count":5}]'],
    ['§2.2', 'name,count\r\na,5', '[{"name":"a","count":5}]'],
    ['LF', 'name,count\na,5\n', '[{"name":"a","count":5}]'],
    ['BOM', '\ufeffname,count\r\na,5', '[{"name":"a","count":5}]'],
    ['§2.5', '"name","count"\r\n"a","5"', '[{"name":"a","count":5}]'],
    ['§2.7', 'name\r\n"a ""b"" c"', '[{"name":"a \\"b\\" c"}]'],
    ['§2.6', 'name\r\n"a\r\nb,c"', '[{"name":"a\\r\\nb,c"}]'],
    ['§2.4', 'name\r\n a ', '[{"name":" a "}]'],
    ['§2.5', 'name\r\n"a', 400],
    ['§2.5', 'name\r\na"b', 400],
    ['§2.5', 'name\r\n"a"b', 400],
    ['§2.4', 'name\r\na,b', 400],
    ['§2.4', 'name,count\r\na', 400],
    ['§2.3', 'name,name\r\na,b', 400],
    ['§2.3', 'name\r\n', '[]'],
    ['§2.3', 'name', '[]'],
    ['names', '__proto__\r\na', 400],
    ['names', 'constructor\r\na', 400],
    ['names', 'toString\r\na', '[{}]'],
    ['§2.4', 'name, count\r\na,5', '[{"name":"a"}]'],
    ['text', 'count\r\n 5', 400],
    ['text', 'count\r\n5x', 400],
    ['text', 'active\r\ntrue\r\nfalse', '[{"active":true},{"active":false}]'],
    ['text', 'active\r\nTRUE', 400],
    ['text', 'at\r\n2023-02-29', 400],
    ['text', 'weight\r\n1e3', '[{"weight":1000}]'],
    ['text', 'count\r\n9007199254740993', 400],
    ['lists', 'tags\r\na', '[{"tags":["a"]}]'],
  ])('%s %j: %s', async (_section, content, expected) => {
    const answer = await post('/f/list', 'text/csv', content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});

describe('lines of JSON, RFC 8259 in each', () => {
  it.each<[string, string, string | number]>([
    ['lines', '{"name":"a"}', '[{"name":"a"}]'],
    ['lines', '{"name":"a"}\n', '[{"name":"a"}]'],
    ['lines', '{"name":"a"}\r\n{"name":"b"}\r\n', '[{"name":"a"},{"name":"b"}]'],
    ['blank', '{"name":"a"}\n\n{"name":"b"}', '[{"name":"a"},{"name":"b"}]'],
    ['blank', '\n\n', '[]'],
    ['one each', '{"name":"a"} {"name":"b"}', 400],
    ['one each', '{"name":\n"a"}', 400],
    ['items', '[{"name":"a"}]', 400],
    ['items', 'null', 400],
    ['items', '1', 400],
    ['broken', '{"name":"a"}\nx', 400],
    ['twice', '{"name":"a","name":"b"}', 400],
    ['names', '{"__proto__":1}', 400],
    ['items', '{"name":"a"}\n{"name":1}', 400],
    ['U+2028', '{"name":"\u2028"}', '[{"name":"\u2028"}]'],
    ['numbers', '{"count":9007199254740993}', 400],
  ])('%s %j: %s', async (_section, content, expected) => {
    const answer = await post('/f/list', 'application/x-ndjson', content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});
