import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { CacheControl, createApp, ETag, GET, Path, Produces, PUT, Reply } from 'koanatomy';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

const LONG = { text: 'abc '.repeat(1000) };

@Path('/z')
class LongController {
  @GET long() {
    return LONG;
  }
  @GET('/short') short() {
    return { a: 1 };
  }
  @GET('/image') @Produces('image/png') image() {
    return Buffer.alloc(5000);
  }
  @GET('/stream') @Produces('text/plain') stream() {
    return Readable.from(['abc '.repeat(1000)]);
  }
  @GET('/tagged') @ETag(() => 7) tagged() {
    return LONG;
  }
  @PUT('/tagged') put() {}
  @GET('/as-is') @CacheControl('no-transform') asIs() {
    return LONG;
  }
  @GET('/part') part() {
    return Reply.status(206, 'abc '.repeat(1000))
      .type('text/plain')
      .header('Content-Range', 'bytes 0-3999/9000');
  }
  @GET('/encoded') encoded() {
    return Reply.ok(Buffer.alloc(5000)).type('text/plain').header('Content-Encoding', 'x-own');
  }
}

/** The raw bytes; supertest would undo gzip. */
const raw = (test: request.Test) =>
  test.buffer(true).parse((res, done) => {
    const chunks: Buffer[] = [];
    res.on('data', (chunk: Buffer) => chunks.push(chunk));
    res.on('end', () => done(null, Buffer.concat(chunks)));
  });

describe('an answer', async () => {
  const http = await serve(LongController);

  it.each([
    ['br', 'br', 'br'],
    ['gzip', 'gzip', 'gzip'],
    ['equal weights take the server’s order', 'gzip, br', 'br'],
    ['the greater weight wins', 'br;q=0.5, gzip', 'gzip'],
    ['anything', '*', 'br'],
    ['not this one', 'br;q=0, gzip;q=0.1', 'gzip'],
    ['as it is', 'identity', undefined],
    ['nothing that is known', 'compress', undefined],
    ['an empty header', '', undefined],
  ])('is compressed as RFC 9110 §12.5.3 has it: %s', async (_name, accept, coding) => {
    const answer = await http.get('/z').set('Accept-Encoding', accept);
    expect([answer.status, answer.headers['content-encoding']]).toEqual([200, coding]);
    expect(answer.headers.vary).toContain('Accept-Encoding');
  });

  it('is the same when the coding is undone, and says how long it is', async () => {
    const br = await raw(http.get('/z').set('Accept-Encoding', 'br'));
    // superagent undoes br and gzip by itself where it can; the length is the compressed one's.
    const body = br.body as Buffer;
    const text = body.toString().startsWith('{') ? body.toString() : brotliDecompressSync(body).toString();
    expect(JSON.parse(text)).toEqual(LONG);
    expect(Number(br.headers['content-length'])).toBeLessThan(200);
  });

  it('has on HEAD what GET has, RFC 9110 §9.3.2', async () => {
    const [get, head] = await Promise.all([
      http.get('/z').set('Accept-Encoding', 'gzip'),
      http.head('/z').set('Accept-Encoding', 'gzip'),
    ]);
    for (const name of ['content-length', 'content-encoding', 'vary', 'content-type'])
      expect(head.headers[name]).toBe(get.headers[name]);
  });

  it.each([
    ['/z/short', false],
    ['/z/image', false],
    ['/z/as-is', false],
    ['/z/part', false],
    ['/z/stream', true],
  ])('of %s is compressed: %s', async (path, is) => {
    const answer = await http.get(path).set('Accept-Encoding', 'gzip');
    expect(answer.headers['content-encoding'] === 'gzip').toBe(is);
  });

  it('that has a coding already gets no other one', async () => {
    const answer = await raw(http.get('/z/encoded').set('Accept-Encoding', 'gzip'));
    expect(answer.headers['content-encoding']).toBe('x-own');
  });

  it('has another strong tag when it is compressed, RFC 9110 §8.8.3.3', async () => {
    const plain = await http.get('/z/tagged').set('Accept-Encoding', 'identity');
    const gzip = await http.get('/z/tagged').set('Accept-Encoding', 'gzip');
    expect(plain.headers.etag).toBe('"7"');
    expect(gzip.headers.etag).not.toBe('"7"');
    const again = await http
      .get('/z/tagged')
      .set('Accept-Encoding', 'gzip')
      .set('If-None-Match', String(gzip.headers.etag));
    expect([again.status, again.headers.etag]).toEqual([304, gzip.headers.etag]);
    expect(again.headers.vary).toContain('Accept-Encoding');
    expect(again.headers['content-encoding']).toBeUndefined();
    const put = await http.put('/z/tagged').set('If-Match', String(gzip.headers.etag));
    expect(put.status).toBe(204);
  });

  it('is 406 where the client takes no coding that there is, and compressed where it must be', async () => {
    expect((await http.get('/z').set('Accept-Encoding', 'identity;q=0')).status).toBe(406);
    expect((await http.get('/z').set('Accept-Encoding', '*;q=0')).status).toBe(406);
    const short = await http.get('/z/short').set('Accept-Encoding', 'gzip, identity;q=0');
    expect([short.status, short.headers['content-encoding']]).toEqual([200, 'gzip']);
  });

  it('is never compressed where the option says so', async () => {
    const off = await serve(LongController, { compression: false });
    const answer = await off.get('/z').set('Accept-Encoding', 'gzip');
    expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([undefined, undefined]);
  });

  it('is compressed from the size on that the option names', async () => {
    const all = await serve(LongController, { compression: { threshold: 0 } });
    const answer = await all.get('/z/short').set('Accept-Encoding', 'gzip');
    expect(answer.headers['content-encoding']).toBe('gzip');
    await expect(serve(LongController, { compression: { threshold: -1 } })).rejects.toThrow('compression');
  });
});

it('HTTP/1.0 gets no chunks, RFC 9112 §7.1', async () => {
  const app = await createApp({ controllers: LongController, logger: false });
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /z/stream HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const end = bytes.indexOf('\r\n\r\n');
  expect(bytes.subarray(0, end).toString()).not.toMatch(/transfer-encoding/i);
  expect(gunzipSync(bytes.subarray(end + 4)).toString()).toBe('abc '.repeat(1000));
  server.close();
});
