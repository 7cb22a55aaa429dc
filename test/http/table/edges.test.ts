import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Type } from 'class-transformer';
import { Allow, IsArray, IsDate, IsInt, IsOptional, IsString } from 'class-validator';
import {
  Body,
  Consumes,
  createApp,
  GET,
  HeaderParam,
  PATCH,
  Path,
  POST,
  Produces,
  PUT,
  QueryParam,
  Reply,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Item {
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsInt() count?: number;
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
  @IsOptional() @IsArray() @IsString({ each: true }) tags?: string[];
  @Allow() any?: unknown;
}

@Path('/w')
class EdgeController {
  @POST('/range') @Consumes('text/*') range(@Body() text: string) {
    return [text];
  }
  @GET('/image') @Produces('image/*') image() {
    return Reply.ok(Buffer.from('png')).header('Content-Type', 'image/png');
  }
  @PATCH('/patch') @Consumes('application/json', 'application/merge-patch+json') patch(
    @Body({ validate: false }) body: object,
  ) {
    return body;
  }
  @POST('/text') @Consumes('text/plain') text(@Body() text: string) {
    return [text];
  }
  @POST('/bytes') @Consumes('application/octet-stream') bytes(@Body() bytes: Buffer) {
    return [bytes.length];
  }
  @POST('/list') @Consumes('application/x-ndjson', 'text/csv') list(@Body({ type: Item }) items: Item[]) {
    return items;
  }
  @POST('/item')
  @Consumes('application/json', 'application/yaml', 'application/xml', 'application/cbor')
  item(@Body() item: Item) {
    return item;
  }
  @PUT('/maybe') maybe(@Body({ required: false }) item?: Item) {
    return [item ?? null];
  }
  @GET('/header') header(@HeaderParam('X-L') l: string[], @HeaderParam('X-N', { type: Number }) n: number[]) {
    return [l, n];
  }
  @GET('/query') query(@QueryParam('v', { type: Number, separator: ',' }) v: number[]) {
    return v;
  }
}

let server: Server;

beforeAll(async () => {
  server = (await createApp({ controllers: EdgeController, logger: false })).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function raw(line: string, headers: readonly string[] = [], content = '') {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write([`${line} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', content].join('\r\n'));
  await once(socket, 'close');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, text: rest.join('\r\n\r\n') };
}

const typed = (type: string, content: string) => [
  `Content-Type: ${type}`,
  `Content-Length: ${Buffer.byteLength(content)}`,
];

describe('content', () => {
  it.each<[string, string, string, string, string | number]>([
    ['RFC 3339 §5.7', '/w/item', 'application/json', '{"at":"2023-02-29T00:00:00Z"}', 400],
    ['RFC 3339 §5.7', '/w/item', 'application/json', '{"at":"2024-02-30"}', 400],
    ['RFC 3339 §5.6', '/w/item', 'application/json', '{"at":"1"}', 400],
    ['RFC 3339 §5.6', '/w/item', 'application/json', '{"at":5}', 400],
    ['RFC 3339 §5.6', '/w/item', 'application/json', '{"at":"Jan 1 2024"}', 400],
    ['RFC 3339 §5.6', '/w/item', 'application/json', '{"at":"2024-01-01 00:00"}', 400],
    ['RFC 3339 §5.6', '/w/item', 'application/json', '{"at":"2024-01-01T00:00:00"}', 400],
    ['RFC 3339 §5.7', '/w/item', 'application/yaml', 'at: 2023-02-29', 400],
    ['Jakarta REST 4.0 §4.2.4', '/w/text', 'text/plain', '', '[""]'],
    ['Jakarta REST 4.0 §4.2.4', '/w/bytes', 'application/octet-stream', '', '[0]'],
    ['Jakarta REST 4.0 §4.2.4', '/w/list', 'application/x-ndjson', '', '[]'],
    ['Jakarta REST 4.0 §4.2.4', '/w/list', 'text/csv', '', '[]'],
    ['Jakarta REST 4.0 §3.5', '/w/range', 'text/markdown', 'x', '["x"]'],
  ])('%s: %s %s %j: %j', async (_section, path, type, content, expected) => {
    const answer = await raw(`POST ${path}`, typed(type, content), content);
    expect(answer.status === 200 ? answer.text : answer.status).toBe(expected);
  });

  it('415 for a subtype or a charset tells what can be read, RFC 9110 §15.5.16', async () => {
    const charset = await raw('POST /w/item', typed('application/json; charset=utf-16', '{}'), '{}');
    expect([charset.status, /\nAccept: .*application\/json/.test(charset.head)]).toEqual([415, true]);
  });

  it('no bytes in chunks are no content, RFC 9110 §6.4', async () => {
    const answer = await raw('PUT /w/maybe', ['Transfer-Encoding: chunked'], '0\r\n\r\n');
    expect([answer.status, answer.text]).toEqual([200, '[null]']);
  });
});

describe('requests', () => {
  it.each<[string, string, string[], string | number]>([
    ['RFC 9110 §5.6.1.2', 'GET /w/header', ['X-L: ,a ,, b,', 'X-N: 1,,2'], '[["a","b"],[1,2]]'],
    ['docs/parameters.md, nothing is trimmed', 'GET /w/query?v=1,%202', [], 400],
    ['docs/parameters.md, nothing is trimmed', 'GET /w/query?v=%201', [], 400],
    ['RFC 9110 §4.2.1', 'GET http:///w/header', [], 400],
    ['Jakarta REST 4.0 §3.8', 'GET /w/image', ['Accept: image/png'], 'png'],
  ])('%s: %s %j: %j', async (_section, line, headers, expected) => {
    const answer = await raw(line, headers);
    expect(answer.status === 200 ? answer.text : answer.status).toBe(expected);
  });

  it('OPTIONS names the formats of patches, RFC 5789 §3.1', async () => {
    const answer = await raw('OPTIONS /w/patch');
    expect(answer.head).toMatch(/\nAccept-Patch: application\/json, ?application\/merge-patch\+json/);
  });

  it('OPTIONS of an absolute form without path is OPTIONS *, RFC 9112 §3.2.4', async () => {
    const [star, absolute] = [await raw('OPTIONS *'), await raw('OPTIONS http://a:80')];
    expect(absolute.status).toBe(star.status);
  });
});
