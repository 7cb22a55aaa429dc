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
  @POST @Consumes('application/xml', 'application/yaml') one(@Body() item: Item) {
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
  const app = await createApp({ controllers: FormatController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('XML 1.0 (W3C)', () => {
  it.each<[string, string, string | number]>([
    ['§2.1', '<item><name>a</name></item>', '{"name":"a"}'],
    ['§2.8', '<?xml version="1.0"?><item><name>a</name></item>', '{"name":"a"}'],
    ['§4.3.3', '\ufeff<item><name>a</name></item>', '{"name":"a"}'],
    ['§2.7', '<item><name><![CDATA[<a>&]]></name></item>', '{"name":"<a>&"}'],
    ['§2.5', '<item><name>a<!-- c -->b</name></item>', '{"name":"ab"}'],
    [
      '§4.1',
      '<item><name>&#x1F600;&#233;&amp;&lt;&gt;&quot;&apos;</name></item>',
      '{"name":"\ud83d\ude00\u00e9&<>\\"\'"}',
    ],
    ['§2.11', '<item><name>a\r\nb\rc</name></item>', '{"name":"a\\nb\\nc"}'],
    ['§3.1', '<item name="a"/>', '{"name":"a"}'],
    ['§3.1', '<item><name/></item>', '{"name":""}'],
    ['§3.1', '<item ><name >a</name ></item >', '{"name":"a"}'],
    ['§2.6', '<?a b?><item><?c d?><name>a</name></item><?e f?>', '{"name":"a"}'],
    ['§2.8', '<?xml version="1.0" encoding="utf-8" standalone="yes"?><item/>', '{}'],
    ['text', '<item><count>5</count></item>', '{"count":5}'],
    ['text', '<item><count> 5 </count></item>', 400],
    ['text', '<item><count>05</count></item>', 400],
    ['text', '<item><count>5x</count></item>', 400],
    ['text', '<item><count>9007199254740993</count></item>', 400],
    ['text', '<item><active>1</active></item>', 400],
    ['text', '<item><active>false</active></item>', '{"active":false}'],
    ['text', '<item><weight>1e400</weight></item>', 400],
    ['text', '<item><weight>1.5e1</weight></item>', '{"weight":15}'],
    ['text', '<item><at>2023-02-29</at></item>', 400],
    ['text', '<item><at>2024-02-29</at></item>', '{"at":"2024-02-29T00:00:00.000Z"}'],
    ['lists', '<item><tags>a</tags></item>', '{"tags":["a"]}'],
    ['lists', '<item><tags>a</tags><tags>c</tags></item>', '{"tags":["a","c"]}'],
    ['lists', '<item><parts><name>a</name></parts></item>', '{"parts":[{"name":"a"}]}'],
    ['lists', '<item><name>a</name><name>b</name></item>', 400],
    ['lists', '<item><part><name>a</name></part></item>', '{"part":{"name":"a"}}'],
    ['lists', '<item><part/></item>', 400],
    [
      'nil',
      '<item xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><name xsi:nil="true"/></item>',
      '{"name":null}',
    ],
    ['Namespaces §6.1', '<n:item xmlns:n="urn:x"><n:name>a</n:name></n:item>', '{"name":"a"}'],
    ['Namespaces §6.2', '<item xmlns="urn:x"><name>a</name></item>', '{"name":"a"}'],
    ['Namespaces §5', '<n:item><n:name>a</n:name></n:item>', 400],
    ['Namespaces §6.3', '<item xmlns:a="u" xmlns:b="u" a:x="1" b:x="2"/>', 400],
    ['§2.8', '<!DOCTYPE item><item/>', 400],
    ['§4.2', '<!DOCTYPE item [<!ENTITY a "b">]><item><name>&a;</name></item>', 400],
    ['§4.2.2', '<!DOCTYPE item SYSTEM "file:///etc/passwd"><item/>', 400],
    ['§4.2.2', '<!DOCTYPE item PUBLIC "a" "http://localhost:1/x.dtd"><item/>', 400],
    ['§4.1', '<item><name>&nope;</name></item>', 400],
    ['§4.1', '<item><name>&nbsp;</name></item>', 400],
    ['§4.1', '<item><name>&amp</name></item>', 400],
    ['§4.1', '<item><name>&#0;</name></item>', 400],
    ['§4.1', '<item><name>&#xD800;</name></item>', 400],
    ['§4.1', '<item><name>&#1;</name></item>', 400],
    ['§4.1', '<item><name>&#x110000;</name></item>', 400],
    ['§4.1', '<item><name>&#xFFFE;</name></item>', 400],
    ['§2.2', '<item><name>\u0001</name></item>', 400],
    ['§2.4', '<item><name>a & b</name></item>', 400],
    ['§2.4', '<item><name>a < b</name></item>', 400],
    ['§2.4', '<item><name>]]></name></item>', 400],
    ['§3', '<item><name>a</item></name>', 400],
    ['§3', '<item><name>a</name>', 400],
    ['§2.1', '<item/><item/>', 400],
    ['§2.1', '<item/>x', 400],
    ['§2.1', 'x<item/>', 400],
    ['§2.1', '   ', 400],
    ['§3.1', '<item a="1" a="2"/>', 400],
    ['§3.1', '<item a=1/>', 400],
    ['§3.1', '<item a/>', 400],
    ['§3.1', '<item a="<"/>', 400],
    ['§2.5', '<item><!-- a -- b --></item>', 400],
    ['§2.6', '<item><?xml version="1.0"?></item>', 400],
    ['§2.8', ' <?xml version="1.0"?><item/>', 400],
    ['§2.8', '<?xml version="2.0"?><item/>', 400],
    ['§2.8', '<?xml encoding="utf-8"?><item/>', 400],
    ['§4.3.3', '<?xml version="1.0" encoding="ISO-8859-1"?><item/>', 415],
    ['§2.3', '<1tem/>', 400],
    ['§3.1', '<item>< name>a</name></item>', 400],
    ['§3', '<item><name>a</Name></item>', 400],
    ['names', '<item><__proto__>a</__proto__></item>', 400],
    ['names', '<item __proto__="a"/>', 400],
    ['names', '<item><any><constructor><prototype><x>1</x></prototype></constructor></any></item>', 400],
    ['names', '<item><toString>a</toString></item>', '{}'],
    ['depth', `<item><any>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</any></item>`, 400],
    ['depth', '<a>'.repeat(100_000), 400],
  ])('%s %j: %s', async (_section, content, expected) => {
    const answer = await post('/f', 'application/xml', content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});

describe('YAML 1.2.2', () => {
  it.each<[string, string, string | number]>([
    ['§6.8', 'name: a', '{"name":"a"}'],
    ['§10.2', '{"name":"a"}', '{"name":"a"}'],
    ['§10.3.2', 'name: yes', '{"name":"yes"}'],
    [
      '§10.3.2',
      'any: [no, on, off, y, n, ~, null, Null, NULL, true, True, TRUE]',
      '{"any":["no","on","off","y","n",null,null,null,null,true,true,true]}',
    ],
    [
      '§10.3.2',
      'any: [0o14, 014, 0x1F, 1_000, 1e3, .5, 5., +1, 012]',
      '{"any":[12,14,31,"1_000",1000,0.5,5,1,12]}',
    ],
    ['§10.3.2', 'any: 2024-01-01', '{"any":"2024-01-01"}'],
    ['§10.3.2', 'count: 9007199254740993', 400],
    ['§10.3.2', 'count: 0x20000000000001', 400],
    ['§10.3.2', 'weight: 1e400', 400],
    ['§10.3.2', 'name: 5', 400],
    ['§10.3.2', 'count: "5"', 400],
    ['§10.3.2', 'active: yes', 400],
    ['§7.1', 'any: &a [1]\nname: b', '{"name":"b","any":[1]}'],
    ['§7.1', 'any: [&a 1, *a]', '{"any":[1,1]}'],
    ['§7.1', 'any: &a [*a]', 400],
    ['§7.1', 'any: *nope', 400],
    [
      '§7.1',
      Array.from(
        { length: 9 },
        (_, i) => `k${i}: &k${i} [${`${i === 0 ? 'x' : `*k${i - 1}`},`.repeat(9)}]`,
      ).join('\n'),
      400,
    ],
    ['§6.8.2', 'any: !!js/function "x"', 400],
    ['§6.8.2', 'any: !!str 1', '{"any":"1"}'],
    ['§6.8.2', 'any: !!int "1"', '{"any":1}'],
    ['§6.8.2', 'any: !!int "x"', 400],
    ['§6.8.2', 'any: !!binary aGk=', 400],
    ['§6.8.2', 'any: !x 1', 400],
    ['§3.2.1.3', 'name: a\nname: b', 400],
    ['§3.2.1.3', 'any: {a: 1, "a": 2}', 400],
    ['names', '__proto__: 1', 400],
    ['names', 'any: {__proto__: {x: 1}}', 400],
    ['names', 'any: {constructor: {prototype: 1}}', 400],
    ['names', 'any: {"\\x5f_proto__": 1}', 400],
    ['§10.3', 'any: {<<: {x: 1}}', '{"any":{"<<":{"x":1}}}'],
    ['§9.2', '--- \nname: a\n--- \nname: b', 400],
    ['§9.1.2', '---\nname: a\n...\n', '{"name":"a"}'],
    ['§9.2', '---\nname: a\n...\ngarbage: [', 400],
    ['§6.8.1', '%YAML 1.2\n---\nname: a', '{"name":"a"}'],
    ['§6.1', '\tname: a', 400],
    ['§7.4', 'name: [a', 400],
    ['§7.3.1', 'name: "a', 400],
    ['§3.2.1', '? [a]\n: b', 400],
    ['§8.2.1', '- a', 400],
    ['§10.3.2', 'null', 400],
    ['§10.3.2', '~', 400],
    ['§6.6', '# only', 400],
    ['§5.7', 'name: "\\x41\\u00e9"', '{"name":"A\u00e9"}'],
    ['§5.7', 'name: "\\ud800"', 400],
    ['§5.7', 'name: "\\q"', 400],
    ['§8.1.2', 'name: |\n  a\n  b\n', '{"name":"a\\nb\\n"}'],
    ['§8.1.3', 'name: >-\n  a\n  b\n', '{"name":"a b"}'],
    ['§5.3', 'name: @a', 400],
    ['§5.3', 'name: `a', 400],
    ['§5.1', 'name: "\u0007"', 400],
    ['depth', `any: ${'['.repeat(200)}${']'.repeat(200)}`, 400],
    ['depth', `any: ${'['.repeat(50_000)}`, 400],
    ['depth', `any: ${'{a: '.repeat(2_000)}`, 400],
  ])('%s %j: %s', async (_section, content, expected) => {
    const answer = await post('/f', 'application/yaml', content);
    expect(answer.status === 200 ? answer.content.toString() : answer.status).toBe(expected);
  });
});
