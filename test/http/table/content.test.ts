import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { IsString } from 'class-validator';
import { Body, Consumes, createApp, DELETE, GET, MaxBody, PATCH, Path, POST, PUT } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Draft {
  @IsString() title!: string;
}

@Path('/b')
class BodyController {
  @POST json(@Body() draft: Draft) {
    return draft;
  }
  @PUT maybe(@Body({ required: false }) draft?: Draft) {
    return [draft?.title ?? null];
  }
  @DELETE remove(@Body() draft: Draft) {
    return draft;
  }
  @GET get() {
    return ['got'];
  }
  @POST('/limit') @MaxBody(20) limit(@Body() draft: Draft) {
    return draft;
  }
  @POST('/text') @Consumes('text/plain') text(@Body() text: string) {
    return [text];
  }
  @POST('/bytes') @Consumes('application/octet-stream') bytes(@Body() bytes: Buffer) {
    return [bytes.toString('hex')];
  }
  @POST('/several') @Consumes('application/json', 'application/xml', 'text/plain') several(
    @Body({ validate: false }) value: object,
  ) {
    return value;
  }
  @PATCH('/several') @Consumes('application/json', 'application/xml') change(
    @Body({ validate: false }) value: object,
  ) {
    return value;
  }
  @PUT('/several') @Consumes('application/xml') put(@Body({ validate: false }) value: object) {
    return value;
  }
  @POST('/none') none() {
    return ['nothing read'];
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let server: Server;

/** One request as it is written here, on a connection of its own. */
function ask(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  content?: string | Buffer,
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    req.on('error', reject);
    req.end(content);
  });
}

beforeAll(async () => {
  const app = await createApp({ controllers: BodyController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const DRAFT = '{"title":"é"}';
const J = 'application/json';

describe('Content-Type, RFC 9110 §8.3 and RFC 8259 §8.1', () => {
  it.each<[string, number]>([
    [J, 200],
    ['APPLICATION/JSON', 200],
    ['application/json; charset=utf-8', 200],
    ['application/json;charset=UTF-8', 200],
    ['application/json;charset="utf-8"', 200],
    ['application/json;charset="u\\tf-8"', 200],
    ['application/json ; charset=utf-8', 200],
    ['application/json\t;\tcharset=utf-8\t', 200],
    ['application/json;', 200],
    ['application/json;;', 200],
    ['application/json; x=y; z="a;b,c\\"d"', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/json; charset=nonsense', 415],
    ['application/json; charset=', 415],
    ['application/json; charset', 415],
    ['application/json; charset = utf-8', 415],
    ['application/json, application/json', 415],
    ['application/json, text/plain', 415],
    ['application/json text/plain', 415],
    ['application/jsonx', 415],
    ['application/json/x', 415],
    ['application', 415],
    ['/json', 415],
    ['application/', 415],
    ['*/*', 415],
    ['application/*', 415],
    ['application/xml', 415],
    ['text/json', 415],
    ['text/plain', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/x-www-form-urlencoded', 415],
    ['__proto__/constructor', 415],
    ['constructor', 415],
  ])('%j is %i', async (type, status) => {
    const answer = await ask('POST', '/b', { 'Content-Type': type }, DRAFT);
    expect([answer.status, answer.status === 200 ? answer.text : '']).toEqual([
      status,
      status === 200 ? DRAFT : '',
    ]);
    if (status === 415 && !/charset=[a-z]/.test(type))
      expect(answer.headers.accept).toContain('application/json');
  });

  it.each<[string, string, OutgoingHttpHeaders, string | undefined, number]>([
    ['POST', '/b', {}, DRAFT, 415],
    ['POST', '/b', { 'Content-Type': '' }, DRAFT, 415],
    ['POST', '/b', { 'Content-Length': 0 }, undefined, 400],
    ['POST', '/b', {}, undefined, 400],
    ['POST', '/b', { 'Content-Type': J }, undefined, 400],
    ['POST', '/b', { 'Content-Type': J }, '', 400],
    ['POST', '/b', { 'Content-Type': J }, ' ', 400],
    ['POST', '/b', { 'Content-Type': J, 'Transfer-Encoding': 'chunked' }, undefined, 400],
    ['PUT', '/b', {}, undefined, 200],
    ['PUT', '/b', { 'Content-Length': 0 }, undefined, 200],
    ['PUT', '/b', { 'Content-Type': J, 'Content-Length': 0 }, undefined, 200],
    ['PUT', '/b', { 'Content-Type': 'image/png' }, DRAFT, 415],
    ['PUT', '/b', { 'Content-Type': J }, 'null', 400],
    ['DELETE', '/b', { 'Content-Type': J, 'Content-Length': 14 }, DRAFT, 200],
    ['DELETE', '/b', { 'Content-Type': J, 'Transfer-Encoding': 'chunked' }, DRAFT, 200],
    ['DELETE', '/b', {}, undefined, 400],
    ['GET', '/b', { 'Content-Type': J, 'Content-Length': 3 }, '{"x', 200],
    ['GET', '/b', { 'Content-Type': 'image/png', 'Content-Length': 3 }, '{"x', 200],
    ['GET', '/b', { 'Content-Type': 'broken', 'Transfer-Encoding': 'chunked' }, '{"x', 200],
    ['POST', '/b/none', { 'Content-Type': 'image/png' }, 'xxx', 200],
    ['POST', '/b/none', {}, 'xxx', 200],
  ])('%s %s %j with %j is %i, RFC 9110 §6.4, §8.3, §9.3', async (method, path, headers, content, status) => {
    expect((await ask(method, path, headers, content)).status).toBe(status);
  });

  it.each<[string, string, string, string | undefined]>([
    ['POST', 'accept-post', 'application/json application/xml text/plain', 'accept'],
    ['PATCH', 'accept-patch', 'application/json application/xml', 'accept'],
    ['PUT', 'accept', 'application/xml', undefined],
  ])('%s: 415 tells what can be read in %s, RFC 9110 §12.5.1, §15.5.16 and RFC 5789 §2.2', async (method, name, types, also) => {
    const answer = await ask(method, '/b/several', { 'Content-Type': 'image/png' }, 'x');
    expect(answer.status).toBe(415);
    const listed = (header: string) =>
      [answer.headers[header]]
        .flat()
        .join(',')
        .split(/\s*,\s*/)
        .filter((type) => /^(application\/(json|xml)|text\/plain)$/.test(type))
        .sort()
        .join(' ');
    expect(listed(name)).toBe(types);
    if (also !== undefined) expect(listed(also)).toBe(types);
  });
});

describe('Content-Encoding, RFC 9110 §8.4', () => {
  const gz = gzipSync(DRAFT);
  it.each<[string, string | string[] | undefined, Buffer | string, number]>([
    ['gzip', 'gzip', gz, 200],
    ['its case', 'GZip', gz, 200],
    ['its old name, §8.4.1.3', 'x-gzip', gz, 200],
    ['deflate', 'deflate', deflateSync(DRAFT), 200],
    ['br', 'br', brotliCompressSync(DRAFT), 200],
    ['two, in their order', 'gzip, br', brotliCompressSync(gz), 200],
    ['two in the wrong order', 'br, gzip', brotliCompressSync(gz), 400],
    ['two lines', ['gzip', 'br'], brotliCompressSync(gz), 200],
    ['empty elements', ', gzip ,,', gz, 200],
    ['identity', 'identity', DRAFT, 200],
    ['identity and gzip', 'identity, gzip', gz, 200],
    ['an empty value', '', DRAFT, 200],
    ['four', 'gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(gz))), 415],
    ['an unknown one', 'compress', gz, 415],
    ['an unknown one beside a known one', 'gzip, nonsense', gz, 415],
    ['with a parameter', 'gzip;q=1', gz, 415],
    ['a wildcard', '*', gz, 415],
    ['nothing in it', 'gzip', '', 400],
    ['no gzip at all', 'gzip', DRAFT, 400],
    ['broken off', 'gzip', gz.subarray(0, -3), 400],
    ['something behind its end', 'gzip', Buffer.concat([gz, Buffer.from('tail')]), 400],
    ['a wrong check sum', 'gzip', Buffer.concat([gz.subarray(0, -8), Buffer.alloc(8)]), 400],
    ['two members, RFC 1952 §2.2', 'gzip', Buffer.concat([gzipSync('{"title":'), gzipSync('"é"}')]), 200],
    ['deflate without its wrapper', 'deflate', deflateRawSync(DRAFT), 400],
  ])('%s: %j', async (_title, coding, content, status) => {
    const headers = { 'Content-Type': J, 'Content-Encoding': coding };
    const answer = await ask('POST', '/b', headers, Buffer.from(content));
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.text).toBe(DRAFT);
    if (status === 415) expect(answer.headers['accept-encoding']).toMatch(/gzip/);
  });
});

describe('limits, RFC 9110 §15.5.14', () => {
  const sized = (bytes: number) => JSON.stringify({ title: 'x'.repeat(bytes - 12) });
  it.each<[string, OutgoingHttpHeaders, Buffer, number]>([
    ['exactly as much', {}, Buffer.from(sized(20)), 200],
    ['one more', {}, Buffer.from(sized(21)), 413],
    ['exactly as much in chunks', { 'Transfer-Encoding': 'chunked' }, Buffer.from(sized(20)), 200],
    ['one more in chunks', { 'Transfer-Encoding': 'chunked' }, Buffer.from(sized(21)), 413],
    ['characters of two bytes', {}, Buffer.from('{"title":"ééééé"}'), 413],
    ['white space counts', {}, Buffer.from(`${sized(20)} `), 413],
    ['as much, gzip being longer', { 'Content-Encoding': 'gzip' }, gzipSync(sized(20)), 200],
    ['one more in gzip', { 'Content-Encoding': 'gzip' }, gzipSync(sized(21)), 413],
    ['much more in gzip', { 'Content-Encoding': 'gzip' }, gzipSync(sized(1_000_000)), 413],
    ['much more in br', { 'Content-Encoding': 'br' }, brotliCompressSync(sized(1_000_000)), 413],
    ['much more of the wrong type', { 'Content-Type': 'image/png' }, Buffer.from(sized(50)), 415],
  ])('%s: %j', async (_title, headers, content, status) => {
    const answer = await ask('POST', '/b/limit', { 'Content-Type': J, ...headers }, content);
    expect(answer.status).toBe(status);
    if (status === 413) expect(JSON.parse(answer.text).type).toBe('urn:koanatomy:content-too-large');
  });
});

describe('text and bytes as they come, RFC 9110 §8.3.2', () => {
  it.each<[string, string, Buffer, number, string]>([
    ['/b/text', 'text/plain', Buffer.from('\u{feff}x'), 200, '["x"]'],
    ['/b/text', 'text/plain', Buffer.from('a\r\nb\0'), 200, '["a\\r\\nb\\u0000"]'],
    ['/b/text', 'text/plain; charset=utf-8', Buffer.from('😀'), 200, '["😀"]'],
    ['/b/text', 'text/plain', Buffer.from([0xff]), 400, ''],
    ['/b/text', 'text/plain', Buffer.from([0xed, 0xa0, 0x80]), 400, ''],
    ['/b/text', 'text/plain', Buffer.from([0xc3]), 400, ''],
    ['/b/bytes', 'application/octet-stream', Buffer.from([0xff, 0, 13, 10]), 200, '["ff000d0a"]'],
    ['/b/bytes', 'application/octet-stream; charset=x', Buffer.from([1]), 200, '["01"]'],
  ])('%s in %s: %j', async (path, type, content, status, text) => {
    const answer = await ask('POST', path, { 'Content-Type': type }, content);
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.text).toBe(text);
  });
});
