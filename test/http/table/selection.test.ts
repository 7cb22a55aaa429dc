import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Body, Consumes, createApp, GET, Path, POST, Produces, PUT, Reply } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// One path and one verb; which method is chosen is up to the media types.
@Path('/c')
class ChoiceController {
  @POST @Consumes('*/*') any(@Body() content: Buffer) {
    return ['any', content.length];
  }
  @POST @Consumes('text/*') text(@Body() text: string) {
    return ['text/*', text];
  }
  @POST @Consumes('text/plain') plain(@Body() text: string) {
    return ['text/plain', text];
  }
  @POST @Consumes('application/vnd.a+json') vendor(@Body({ validate: false }) body: object) {
    return ['vendor', body];
  }
  @POST @Consumes('application/json') json(@Body({ validate: false }) body: object) {
    return ['json', body];
  }
  @GET @Produces('text/plain') asText() {
    return 'text';
  }
  @GET @Produces('application/json') asJson() {
    return { json: true };
  }
  @GET @Produces('image/*') asImage() {
    return Reply.ok(Buffer.from('png')).header('Content-Type', 'image/png');
  }
  @PUT @Consumes('application/json') @Produces('text/plain') putJson(
    @Body({ validate: false }) _body: object,
  ) {
    return 'from json';
  }
  @PUT @Consumes('text/plain') @Produces('application/json') putText(@Body() _body: string) {
    return { from: 'text' };
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
  const app = await createApp({ controllers: ChoiceController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('one path and verb, several methods, Jakarta REST 4.0 §3.7.2 step 3', () => {
  it.each<[string, string | Buffer, number, readonly unknown[] | null]>([
    ['text/plain', 'x', 200, ['text/plain', 'x']],
    ['TEXT/Plain', 'x', 200, ['text/plain', 'x']],
    ['text/plain; charset=utf-8', 'x', 200, ['text/plain', 'x']],
    ['application/vnd.a+json', '{}', 200, ['vendor', {}]],
    ['application/json', '[]', 200, ['json', []]],
    ['application/octet-stream', 'x', 200, ['any', 1]],
    ['image/png', 'xyz', 200, ['any', 3]],
    ['x-made/up;a=b', 'xyz', 200, ['any', 3]],
  ])('POST with %s', async (type, content, status, expected) => {
    const answer = await ask('POST', '/c', { 'Content-Type': type }, content);
    expect(answer.status).toBe(status === 200 && expected === null ? 400 : status);
    if (expected !== null) expect(JSON.parse(answer.text)).toEqual(expected);
  });

  it.each<[string | undefined, string, number, string]>([
    [undefined, 'text/plain; charset=utf-8', 200, 'text'],
    ['*/*', 'text/plain; charset=utf-8', 200, 'text'],
    ['application/json', 'application/json; charset=utf-8', 200, '{"json":true}'],
    ['application/*', 'application/json; charset=utf-8', 200, '{"json":true}'],
    ['text/plain;q=0.5, application/json', 'application/json; charset=utf-8', 200, '{"json":true}'],
    ['text/*;q=0.5, */*;q=0.4', 'text/plain; charset=utf-8', 200, 'text'],
    ['image/png', 'image/png', 200, 'png'],
    ['image/*', 'image/png', 200, 'png'],
    ['image/png;q=0.1, text/plain;q=0.2', 'text/plain; charset=utf-8', 200, 'text'],
    ['text/plain;q=0, */*', 'application/json; charset=utf-8', 200, '{"json":true}'],
    ['audio/ogg', 'application/problem+json', 406, ''],
  ])('GET with Accept %s: %s', async (accept, type, status, text) => {
    const answer = await ask('GET', '/c', accept === undefined ? {} : { Accept: accept });
    expect([answer.status, answer.headers['content-type']]).toEqual([status, type]);
    if (status === 200) expect(answer.text).toBe(text);
  });

  it.each<[string, string, number, string]>([
    ['application/json', 'text/plain', 200, 'from json'],
    ['application/json', '*/*', 200, 'from json'],
    ['text/plain', 'application/json', 200, '{"from":"text"}'],
    ['text/plain', 'text/plain', 406, ''],
    ['application/json', 'application/json', 406, ''],
    ['image/png', 'text/plain', 415, ''],
    ['image/png', 'audio/ogg', 415, ''],
  ])('PUT of %s with Accept %s: %i (content first)', async (type, accept, status, text) => {
    const answer = await ask('PUT', '/c', { 'Content-Type': type, Accept: accept }, '{}');
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.text).toBe(text);
  });
});
