import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Authenticated,
  Body,
  basic,
  Consumes,
  createApp,
  DELETE,
  GET,
  HEAD,
  HttpMethod,
  OPTIONS,
  PATCH,
  Path,
  PathParam,
  POST,
  PUT,
  Reply,
  Status,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PURGE = HttpMethod('PURGE');
const PROPFIND = HttpMethod('PROPFIND');

@Path('/r')
class ResourceController {
  @GET get() {
    return { text: 'é' };
  }
  @PUT put() {
    return 'put';
  }
  @DELETE delete() {}
  @PURGE purge() {
    return ['purged'];
  }
  @POST('/post') post() {
    return 'posted';
  }
  @GET('/head') slow() {
    return ['get'];
  }
  @HEAD('/head') head() {
    return Reply.noContent().header('X-Head', 'own');
  }
  @HEAD('/headonly') headOnly() {
    return Reply.ok('12345').header('X-Head', 'only');
  }
  @OPTIONS('/options') options() {
    return Reply.ok({ own: true }).header('Allow', 'OPTIONS, GET');
  }
  @GET('/options') withOptions() {
    return [];
  }
  @GET('/secret') @Authenticated secret() {
    return 'secret';
  }
  @PATCH('/patch') @Consumes('application/json', 'application/merge-patch+json') patch(
    @Body({ validate: false }) body: object,
  ) {
    return body;
  }
  @POST('/patch') @Consumes('text/plain') postPatch(@Body() text: string) {
    return text;
  }
  @PROPFIND('/dav') dav() {
    return Reply.status(207, ['dav']);
  }
  @GET('/empty') empty() {}
  @GET('/bytes') bytes() {
    return Buffer.from('12345');
  }
  @GET('/stream') async *stream() {
    yield 1;
    yield 2;
  }
  @GET('/created') @Status(201) created() {
    return Reply.created('/r/1', [1]);
  }
  @GET('/fail') fail() {
    throw new Error('no');
  }
  @GET('/item/{id}') item(@PathParam('id') id: number) {
    return id;
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
  const app = await createApp({
    controllers: ResourceController,
    logger: false,
    authenticators: [basic(() => null)],
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const methods = (answer: Answer) => (answer.headers.allow ?? '').split(', ').sort().join(' ');

describe('Allow is exact, RFC 9110 §10.2.1, §15.5.6', () => {
  it.each<[string, string, string]>([
    ['POST', '/r', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['PATCH', '/r', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['TRACE', '/r', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['PROPFIND', '/r', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['PURGE', '/r/post', 'OPTIONS POST'],
    ['GET', '/r/post', 'OPTIONS POST'],
    ['HEAD', '/r/post', 'OPTIONS POST'],
    ['GET', '/r/headonly', 'HEAD OPTIONS'],
    ['DELETE', '/r/options', 'GET HEAD OPTIONS'],
    ['POST', '/r/secret', 'GET HEAD OPTIONS'],
    ['GET', '/r/dav', 'OPTIONS PROPFIND'],
    ['GET', '/r/patch', 'OPTIONS PATCH POST'],
    ['POST', '/r/item/not-a-number', 'GET HEAD OPTIONS'],
  ])('%s %s is 405 with %s', async (method, path, allow) => {
    const answer = await ask(method, path);
    expect([answer.status, methods(answer)]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(JSON.parse(answer.text).type).toBe('urn:koanatomy:method-not-allowed');
    else expect(answer.text).toBe('');
  });

  it.each<[string, string]>([
    ['/r', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['/r/', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['/r?x', 'DELETE GET HEAD OPTIONS PURGE PUT'],
    ['/r/post', 'OPTIONS POST'],
    ['/r/headonly', 'HEAD OPTIONS'],
    ['/r/secret', 'GET HEAD OPTIONS'],
    ['/r/dav', 'OPTIONS PROPFIND'],
    ['/r/item/not-a-number', 'GET HEAD OPTIONS'],
  ])('OPTIONS %s tells %s without content, §9.3.7', async (path, allow) => {
    const answer = await ask('OPTIONS', path);
    expect([answer.status < 300, methods(answer), answer.text]).toEqual([true, allow, '']);
  });

  it('OPTIONS of one’s own is the answer, Jakarta REST 4.0 §3.3.5', async () => {
    const answer = await ask('OPTIONS', '/r/options');
    expect([answer.status, answer.headers.allow, JSON.parse(answer.text)]).toEqual([
      200,
      'OPTIONS, GET',
      { own: true },
    ]);
  });

  it('OPTIONS * is about the server, §9.3.7', async () => {
    const answer = await ask('OPTIONS', '*');
    expect([answer.status < 300, answer.text]).toEqual([true, '']);
    expect((answer.headers.allow ?? '').split(', ')).toEqual(
      expect.arrayContaining(['GET', 'HEAD', 'OPTIONS', 'POST']),
    );
  });

  it.each<[string, string, number]>([
    ['OPTIONS', '/nope', 404],
    ['GET', '*', 400],
    ['HEAD', '*', 400],
    ['POST', '*', 400],
    ['LINK', '/r', 501],
    ['SUBSCRIBE', '/r', 501],
    ['M-SEARCH', '/r', 501],
    ['SOURCE', '/r', 501],
    ['TRACE', '/nope', 404],
  ])('%s %s is %i, §9.1', async (method, path, status) => {
    expect((await ask(method, path)).status).toBe(status);
  });
});

describe('HEAD is GET without content, RFC 9110 §9.3.2', () => {
  it.each([
    '/r',
    '/r/secret',
    '/r/empty',
    '/r/bytes',
    '/r/created',
    '/r/item/5',
    '/r/item/x',
    '/nope',
    '/r/%ff',
  ])('%s', async (path) => {
    const [get, head] = [await ask('GET', path), await ask('HEAD', path)];
    expect([head.status, head.text]).toEqual([get.status, '']);
    const same = [
      'content-type',
      'content-length',
      'vary',
      'cache-control',
      'location',
      'allow',
      'www-authenticate',
    ];
    for (const name of same) expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
  });

  it.each<[string, number, OutgoingHttpHeaders]>([
    ['/r/head', 204, { 'x-head': 'own' }],
    ['/r/headonly', 200, { 'x-head': 'only' }],
    ['/r/stream', 200, { 'content-type': 'application/json; charset=utf-8' }],
    ['/r/fail', 500, { 'content-type': 'application/problem+json' }],
  ])('%s: %i %j', async (path, status, headers) => {
    const answer = await ask('HEAD', path);
    expect([answer.status, answer.text]).toEqual([status, '']);
    expect(answer.headers).toMatchObject(headers);
  });

  it.each<[string, string, number]>([
    ['PURGE', '/r', 200],
    ['PROPFIND', '/r/dav', 207],
    ['DELETE', '/r', 204],
  ])('%s %s is a method like others: %i, §9.1', async (method, path, status) => {
    expect((await ask(method, path)).status).toBe(status);
  });

  it.each<[string, string, string]>([
    ['GET', '/r', '{"text":"é"}'],
    ['HEAD', '/r', ''],
    ['DELETE', '/r', ''],
    ['OPTIONS', '/r', ''],
  ])('%s %s with content that nobody reads leaves the connection usable, §9.3.1', async (method, path, text) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': 5 };
    const answer = await ask(method, path, headers, '{"x":');
    expect([answer.status < 300, answer.text]).toEqual([true, text]);
  });
});
