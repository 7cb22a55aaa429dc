import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ApiError, Context, createApp, ETag, GET, Languages, Path, Produces, Reply } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LONG = 'abcdefgh'.repeat(1000);

@Path('/n')
class Negotiating {
  @GET('/lang') @Languages('en', 'de-CH', 'de', 'zh-Hant-TW') lang(@Context('language') language: string) {
    return [language];
  }
  @GET('/own') @Languages('en', 'de') own() {
    return Reply.ok([1]).language('fr').vary('Cookie');
  }
  @GET('/long') long() {
    return { text: LONG };
  }
  @GET('/longText') longText(): string {
    return LONG;
  }
  @GET('/short') short() {
    return { text: 'short' };
  }
  @GET('/image') @Produces('image/png') image() {
    return Buffer.from(LONG);
  }
  @GET('/svg') @Produces('image/svg+xml') svg() {
    return `<svg>${LONG}</svg>`;
  }
  @GET('/noTransform') noTransform() {
    return Reply.ok({ text: LONG }).cacheControl({ noTransform: true });
  }
  @GET('/encoded') encoded() {
    return Reply.ok(Buffer.from(LONG)).header('Content-Encoding', 'x-own');
  }
  @GET('/tagged') @ETag(() => 7) tagged() {
    return { text: LONG };
  }
  @GET('/fail') fail() {
    throw new ApiError(422, 'no');
  }
  @GET('/failMarkup') failMarkup() {
    throw new ApiError(422, '<script>&"\'', { details: { '<b>': ']]>\u0000' } });
  }
  @GET('/failHeader') failHeader() {
    throw new ApiError(429, 'no', {
      headers: { 'Retry-After': '5', 'Content-Type': 'text/evil', 'Content-Length': '1' },
    });
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  content: Buffer;
}

let server: Server;

function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, content: Buffer.concat(chunks) }),
      );
    });
    req.on('error', reject);
    req.end();
  });
}

const vary = (answer: Answer) =>
  (answer.headers.vary ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
    .sort();

beforeAll(async () => {
  const app = await createApp({ controllers: Negotiating, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('Accept-Language, RFC 9110 §12.5.4 and RFC 4647 §3.4', () => {
  it.each<[string | string[] | undefined, string]>([
    [undefined, 'en'],
    ['', 'en'],
    ['*', 'en'],
    ['de', 'de'],
    ['DE', 'de'],
    ['de-ch', 'de-CH'],
    ['de-CH-1996', 'de-CH'],
    ['de-AT', 'de'],
    ['fr', 'en'],
    ['fr, de;q=0.1', 'de'],
    ['en;q=0.5, de;q=0.6', 'de'],
    ['en;q=0, *', 'de-CH'],
    ['de, en;q=0.9', 'de'],
    ['*;q=0.5, de', 'de'],
    ['zh-Hant-TW', 'zh-Hant-TW'],
    ['fr;q=1, it', 'en'],
    [', , de ,', 'de'],
    ['de ; q=0.5', 'de'],
    [['fr', 'de'], 'de'],
    ['en-US, de;q=0.5', 'en'],
    ['d', 'en'],
    ['deutsch', 'en'],
    ['*;q=0', 'en'],
    ['de_CH', 'en'],
    ['de;q=zzz', 'en'],
    [';', 'en'],
  ])('%j gives %s', async (accepted, language) => {
    const answer = await ask('/n/lang', accepted === undefined ? {} : { 'Accept-Language': accepted });
    expect([answer.status, JSON.parse(answer.content.toString())]).toEqual([200, [language]]);
    expect(answer.headers['content-language']).toBe(language);
    expect(vary(answer)).toContain('accept-language');
  });

  it('what the method says goes before it, and Vary is merged', async () => {
    const answer = await ask('/n/own', { 'Accept-Language': 'de' });
    expect(answer.headers['content-language']).toBe('fr');
    expect(vary(answer)).toEqual(expect.arrayContaining(['accept-language', 'cookie']));
  });
});

describe('Accept-Encoding, RFC 9110 §12.5.3', () => {
  it.each<[string, string | string[] | undefined, string | undefined | 406]>([
    ['/n/long', undefined, undefined],
    ['/n/long', '', undefined],
    ['/n/long', 'gzip', 'gzip'],
    ['/n/long', 'GZIP', 'gzip'],
    ['/n/long', 'x-gzip', 'gzip'],
    ['/n/long', 'gzip;q=0', undefined],
    ['/n/long', 'gzip;q=0.0', undefined],
    ['/n/long', 'gzip;q=0.001', 'gzip'],
    ['/n/long', 'br;q=0.5, gzip;q=0.6', 'gzip'],
    ['/n/long', 'gzip;q=0.5, br;q=0.6', 'br'],
    ['/n/long', 'gzip ; q=0.5 ,\tbr;q=0.4', 'gzip'],
    ['/n/long', ['br;q=0.4', 'gzip'], 'gzip'],
    ['/n/long', ', ,gzip,', 'gzip'],
    ['/n/long', 'identity', undefined],
    ['/n/long', 'identity, gzip;q=0.5', undefined],
    ['/n/long', 'identity;q=0.5, gzip', 'gzip'],
    ['/n/long', 'unknown', undefined],
    ['/n/long', 'unknown, gzip;q=0.1', 'gzip'],
    ['/n/long', '*;q=0, gzip', 'gzip'],
    ['/n/long', 'identity;q=0, gzip', 'gzip'],
    ['/n/long', '*;q=0', 406],
    ['/n/long', 'identity;q=0', 406],
    ['/n/long', '*;q=0, identity', undefined],
    ['/n/long', '*;q=0, identity;q=0.1', undefined],
    ['/n/long', 'identity;q=0, unknown', 406],
    ['/n/long', 'gzip;q=0, br;q=0, zstd;q=0, *', undefined],
    ['/n/longText', 'gzip', 'gzip'],
    ['/n/svg', 'gzip', 'gzip'],
    ['/n/short', 'gzip', undefined],
    ['/n/image', 'gzip', undefined],
    ['/n/noTransform', 'gzip', undefined],
    ['/n/encoded', 'gzip, x-own', 'x-own'],
  ])('%s with %j gives %s', async (path, accepted, coding) => {
    const answer = await ask(path, accepted === undefined ? {} : { 'Accept-Encoding': accepted });
    if (coding === 406) {
      expect(answer.status).toBe(406);
      return;
    }
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBe(coding);
    if (coding === 'gzip') expect(gunzipSync(answer.content).toString()).toContain(LONG);
    if (coding === 'br') expect(brotliDecompressSync(answer.content).toString()).toContain(LONG);
    if (path === '/n/long') expect(vary(answer)).toContain('accept-encoding');
  });

  it.each([
    'gzip',
    'identity',
    '*;q=0',
    undefined,
  ])('%s: HEAD says what GET does, §9.3.2', async (accepted) => {
    const headers = accepted === undefined ? {} : { 'Accept-Encoding': accepted };
    const [get, head] = [await ask('/n/tagged', headers), await ask('/n/tagged', headers, 'HEAD')];
    expect([head.status, head.content.length]).toEqual([get.status, 0]);
    for (const name of ['content-type', 'content-encoding', 'etag', 'vary'])
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
  });
});

describe('the representation of errors, RFC 9457 §3, §B and RFC 9110 §12.5.1', () => {
  const PJ = 'application/problem+json';
  const PX = 'application/problem+xml';
  it.each<[string | undefined, string]>([
    [undefined, PJ],
    ['*/*', PJ],
    ['application/json', PJ],
    ['application/problem+json', PJ],
    ['application/problem+xml', PX],
    ['application/xml', PX],
    ['application/xml, application/json;q=0.9', PX],
    ['application/problem+xml;q=0.5, application/problem+json;q=0.4', PX],
    ['application/problem+xml;q=0, */*', PJ],
    ['application/*', PJ],
    ['text/plain', 'text/plain'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/html', 'text/html'],
    ['image/png', PJ],
    ['*/*;q=0', PJ],
    ['broken', PJ],
  ])('Accept: %s gives %s, with the status as it is', async (accept, type) => {
    for (const path of ['/nope', '/n/%ff']) {
      const answer = await ask(path, accept === undefined ? {} : { Accept: accept });
      expect(answer.status).toBe(path === '/nope' ? 404 : 400);
      expect(answer.headers['content-type']?.split(';')[0]).toBe(type);
      expect(vary(answer)).toContain('accept');
    }
  });

  it.each([
    'text/html',
    'application/xml',
    'text/plain',
    'application/json',
  ])('markup in %s', async (accept) => {
    const { content } = await ask('/n/failMarkup', { Accept: `${accept}, */*;q=0.1` });
    if (accept === 'text/html' || accept === 'application/xml') {
      expect(content.toString()).not.toMatch(/<script|<b>/);
    }
    if (accept === 'application/json') expect(JSON.parse(content.toString()).detail).toBe('<script>&"\'');
  });

  it('headers of an error do not change what its content is, RFC 9110 §8.3', async () => {
    const answer = await ask('/n/failHeader');
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '5']);
    expect(answer.headers['content-type']).toBe(PJ);
    expect(JSON.parse(answer.content.toString()).status).toBe(429);
  });
});
