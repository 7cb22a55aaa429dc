import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ETag, GET, Path, PathParam, Produces, Reply } from 'koanatomy';
import type request from 'supertest';
import { afterAll, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

const dir = mkdtempSync(join(tmpdir(), 'koanatomy-ranges-'));
writeFileSync(join(dir, 'ten.txt'), '0123456789');
writeFileSync(join(dir, 'empty.bin'), '');
writeFileSync(join(dir, '.hidden'), 'secret');
writeFileSync(join(dir, 'größe.html'), '<p>');
afterAll(() => rmSync(dir, { recursive: true }));

@Path('/r')
class RangeController {
  @GET('/bytes') @ETag(() => 1) @Produces('application/octet-stream') bytes() {
    return Buffer.from('0123456789');
  }
  @GET('/blob') @Produces('text/x-ten') blob() {
    return new Blob(['0123456789']);
  }
  @GET('/json') json() {
    return { a: 1 };
  }
  @GET('/files/{name}') file(@PathParam('name') name: string) {
    return Reply.file(name, { root: dir });
  }
  @GET('/download') download() {
    return Reply.file(join(dir, 'ten.txt'), { downloadAs: 'größe "1".txt' });
  }
}

const text = (test: request.Test) =>
  test.buffer(true).parse((res, done) => {
    let all = '';
    res.setEncoding('latin1');
    res.on('data', (chunk: string) => {
      all += chunk;
    });
    res.on('end', () => done(null, all));
  });

describe.each(['/r/bytes', '/r/blob', '/r/files/ten.txt'])('ranges of %s', async (path) => {
  const http = await serve(RangeController);

  it.each([
    ['§14.1.2 from, to', 'bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['§14.1.2 from', 'bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['§14.1.2 the last ones', 'bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['§14.1.2 more than there are', 'bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['§14.1.2 past the end', 'bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['§15.5.17 none of it is there', 'bytes=10-', 416, null, 'bytes */10'],
    ['§14.2 another unit', 'lines=1-2', 200, '0123456789', undefined],
    ['§14.2 malformed', 'bytes=4-2', 200, '0123456789', undefined],
    ['§14.2 malformed', 'bytes=a-b', 200, '0123456789', undefined],
  ])('RFC 9110 %s: %s', async (_name, range, status, content, header) => {
    const answer = await text(http.get(path).set('Range', range));
    expect([answer.status, answer.headers['content-range']]).toEqual([status, header]);
    if (content !== null) expect(answer.body).toBe(content);
    if (status < 300) expect(answer.headers['content-length']).toBe(String((content ?? '').length));
  });

  it('are announced, RFC 9110 §14.3', async () => {
    const answer = await text(http.get(path));
    expect([answer.headers['accept-ranges'], answer.headers['content-length']]).toEqual(['bytes', '10']);
  });

  it('are for GET alone, RFC 9110 §14.2', async () => {
    const answer = await http.head(path).set('Range', 'bytes=2-4');
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '10']);
  });

  it('may be several, RFC 9110 §14.6', async () => {
    const answer = await text(http.get(path).set('Range', 'bytes=0-1, 8-9'));
    expect(answer.status).toBe(206);
    expect(answer.headers['content-type']).toMatch(/^multipart\/byteranges; boundary=/);
    expect(answer.headers['content-range']).toBeUndefined();
    const body = answer.body as string;
    expect(body).toContain('Content-Range: bytes 0-1/10\r\n\r\n01\r\n');
    expect(body).toContain('Content-Range: bytes 8-9/10\r\n\r\n89\r\n');
    expect(answer.headers['content-length']).toBe(String(body.length));
  });
});

describe('If-Range, RFC 9110 §13.1.5', async () => {
  const http = await serve(RangeController);

  it.each([
    ['"1"', 206],
    ['"2"', 200],
    ['W/"1"', 200],
    ['nonsense', 200],
  ])('%s is %i', async (header, status) => {
    const answer = await http.get('/r/bytes').set('Range', 'bytes=1-2').set('If-Range', header);
    expect(answer.status).toBe(status);
  });
});

describe('a file', async () => {
  const http = await serve(RangeController);

  it('has a type, a length, a tag and a date', async () => {
    const { headers } = await http.get('/r/files/ten.txt');
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-length': '10' });
    expect(headers.etag).toMatch(/^"/);
    const { mtime } = statSync(join(dir, 'ten.txt'));
    expect(headers['last-modified']).toBe(mtime.toUTCString());
    expect((await http.get('/r/files/ten.txt').set('If-None-Match', String(headers.etag))).status).toBe(304);
  });

  it('may be empty', async () => {
    const answer = await http.get('/r/files/empty.bin');
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '0']);
    expect((await http.get('/r/files/empty.bin').set('Range', 'bytes=0-')).status).toBe(416);
  });

  it.each(['none.txt', '%2Fetc%2Fpasswd', '.hidden', 'ten.txt%2Fx', 'a%00b'])('%s is 404', async (name) => {
    expect((await http.get(`/r/files/${name}`)).status).toBe(404);
  });

  it('is offered for download under any name, RFC 6266, RFC 8187', async () => {
    const { headers } = await http.get('/r/download');
    expect(headers['content-disposition']).toBe(
      `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.txt`,
    );
  });

  it('JSON has no ranges', async () => {
    const answer = await http.get('/r/json').set('Range', 'bytes=0-1');
    expect([answer.status, answer.headers['accept-ranges']]).toEqual([200, undefined]);
  });
});
