import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ETag, GET, LastModified, Path, POST, Produces, PUT, Reply } from 'koanatomy';
import type request from 'supertest';
import { afterAll, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const TEN = '0123456789';
const CHANGED = new Date('2020-03-01T12:00:00Z');
const dir = mkdtempSync(join(tmpdir(), 'koanatomy-table-'));
const file = join(dir, 'ten.txt');
writeFileSync(file, TEN);
writeFileSync(join(dir, 'empty.txt'), '');
writeFileSync(join(dir, 'long.txt'), 'x'.repeat(100_000));
afterAll(() => rmSync(dir, { recursive: true }));
const FILE_DATE = new Date(Math.floor(statSync(file).mtimeMs / 1000) * 1000).toUTCString();

@Path('/r')
class RangeController {
  @GET('/bytes') @ETag(() => 1) @LastModified(() => CHANGED) bytes() {
    return Buffer.from(TEN);
  }
  @POST('/bytes') post() {
    return Buffer.from(TEN);
  }
  @PUT('/bytes') put() {
    return Reply.ok(Buffer.from(TEN));
  }
  @GET('/array') array() {
    return new Uint8Array(Buffer.from(TEN));
  }
  @GET('/blob') @ETag(() => 1) @LastModified(() => CHANGED) blob() {
    return new Blob(['012', '3456', '789'], { type: 'text/x-ten' });
  }
  @GET('/weak') @ETag(() => 1, { weak: true }) @LastModified(() => CHANGED) weak() {
    return Buffer.from(TEN);
  }
  @GET('/date') @LastModified(() => CHANGED) date() {
    return Buffer.from(TEN);
  }
  @GET('/fresh') @LastModified(() => new Date()) fresh() {
    return Buffer.from(TEN);
  }
  @GET('/empty') empty() {
    return Buffer.alloc(0);
  }
  @GET('/status') status() {
    return Reply.status(203, Buffer.from(TEN));
  }
  @GET('/error') error() {
    return Reply.status(404, Buffer.from(TEN));
  }
  @GET('/text') @Produces('text/plain') text() {
    return Buffer.from('x'.repeat(100_000));
  }
  @GET('/file') file() {
    return Reply.file(file);
  }
  @GET('/empty-file') emptyFile() {
    return Reply.file(join(dir, 'empty.txt'));
  }
  @GET('/long-file') longFile() {
    return Reply.file(join(dir, 'long.txt'));
  }
  @GET('/stream') stream() {
    return new Blob([TEN]).stream();
  }
}

const http = await serve(RangeController);

const whole = (test: request.Test) =>
  test.buffer(true).parse((res, done) => {
    let all = '';
    res.setEncoding('latin1');
    res.on('data', (chunk: string) => {
      all += chunk;
    });
    res.on('end', () => done(null, all));
  });
const get = (path: string, headers: Record<string, string>) =>
  whole(http.get(path).set({ 'Accept-Encoding': 'identity', ...headers }));

describe.each(['/r/bytes', '/r/blob', '/r/file', '/r/array'])('one range of %s, RFC 9110 §14', (path) => {
  it.each([
    ['§14.1.2 the first byte', 'bytes=0-0', '0'],
    ['§14.1.2 the last byte', 'bytes=-1', '9'],
    ['§14.1.2 the last byte by its place', 'bytes=9-', '9'],
    ['§14.1.2 all of it', 'bytes=0-', TEN],
    ['§14.1.2 all of it by its end', 'bytes=0-9', TEN],
    ['§14.1.2 one more than there is', 'bytes=0-10', TEN],
    ['§14.1.2 a suffix as long as it is', 'bytes=-10', TEN],
    ['§14.1.2 a suffix that is longer', 'bytes=-11', TEN],
    ['§14.1.2 leading zeros', 'bytes=0002-004', '234'],
    ['§14.1.2 an end beyond 2^53', 'bytes=5-99999999999999999999', '56789'],
    ['§14.1.2 a suffix beyond 2^64', 'bytes=-99999999999999999999', TEN],
    ['§14.1 units are case-insensitive', 'Bytes=1-2', '12'],
    ['§14.1 units are case-insensitive', 'BYTES=1-2', '12'],
    ['§5.6.1 empty elements', 'bytes=,1-2,', '12'],
    ['§5.6.1 empty elements with blanks', 'bytes= , 1-2 ,\t', '12'],
  ])('%s: %s', async (_name, range, content) => {
    const start = TEN.indexOf(content);
    const answer = await get(path, { Range: range });
    expect([answer.status, answer.body]).toEqual([206, content]);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${start + content.length - 1}/10`);
    expect(answer.headers['content-length']).toBe(String(content.length));
  });

  it.each([
    ['§15.5.17 from its end', 'bytes=10-'],
    ['§15.5.17 from far behind', 'bytes=99999999999999999999-'],
    ['§14.1.2 nothing at the end', 'bytes=-0'],
    ['§15.5.17 all of several', 'bytes=10-11,20-'],
    ['§15.5.17 all of several', 'bytes=-0, 10-10'],
  ])('%s: %s is 416', async (_name, range) => {
    const answer = await get(path, { Range: range });
    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */10']);
    expect(answer.headers['content-type']).toMatch(/problem\+json/);
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.headers['last-modified']).toBeUndefined();
  });

  it.each([
    ['§14.2 the end before the start', 'bytes=5-4'],
    ['§14.2 one of several is no range', 'bytes=1-2,5-4'],
    ['§14.1.1 no range', 'bytes='],
    ['§14.1.1 only a dash', 'bytes=-'],
    ['§14.1.1 a number', 'bytes=5'],
    ['§14.1.1 a blank before the equals sign', 'bytes =1-2'],
    ['§14.1.1 a blank within', 'bytes=1 -2'],
    ['§14.1.1 a sign', 'bytes=+1-2'],
    ['§14.1.1 two dashes', 'bytes=1--2'],
    ['§14.1.1 hexadecimal', 'bytes=0x1-2'],
    ['§14.1.1 a fraction', 'bytes=1.0-2'],
    ['§14.1.1 no unit', '1-2'],
    ['§14.1.1 no unit', '=1-2'],
    ['§14.1.1 digits of another script', 'bytes=\u00b2-5'],
    ['§14.1.1 semicolons', 'bytes=1-2;3-4'],
    ['§14.2 another unit', 'none=1-2'],
    ['§14.2 another unit', 'items=0-1'],
    ['§14.1.1 two units', 'bytes=1-2, bytes=3-4'],
    ['§14.1.1 no value', ''],
  ])('%s: %s is ignored', async (_name, range) => {
    const answer = await get(path, { Range: range });
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([200, TEN, undefined]);
  });

  it('§14.3 Accept-Ranges is on 200, 206 and HEAD', async () => {
    expect((await get(path, {})).headers['accept-ranges']).toBe('bytes');
    expect((await http.head(path)).headers['accept-ranges']).toBe('bytes');
  });

  it('§14.2 HEAD has no ranges', async () => {
    const answer = await http.head(path).set({ Range: 'bytes=1-2' });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '10']);
    expect((await http.head(path).set({ Range: 'bytes=10-' })).status).toBe(200);
  });

  it.each([
    ['§14.6 two', 'bytes=0-1,8-9', ['01', '89']],
    ['§14.6 in the order asked for', 'bytes=8-9,0-1', ['89', '01']],
    ['§14.6 a suffix', 'bytes=0-0,-1', ['0', '9']],
    ['§14.6 three with blanks', 'bytes=0-0 , 4-4\t,  8-8', ['0', '4', '8']],
  ])('%s: %s', async (_name, range, contents) => {
    const answer = await get(path, { Range: range });
    const body = String(answer.body);
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBeUndefined();
    expect(answer.headers['content-length']).toBe(String(body.length));
    const boundary = /^multipart\/byteranges; ?boundary="?([^"]+)"?$/.exec(
      String(answer.headers['content-type']),
    )?.[1];
    const parts = body.split(`--${boundary}`);
    expect(parts.at(-1)?.trim()).toBe('--');
    const found = parts.slice(1, -1).map((part) => {
      const [head, content] = part.replace(/\r\n$/, '').split('\r\n\r\n') as [string, string];
      expect(head).toMatch(/Content-Type: \S/i);
      expect(head).toMatch(new RegExp(`Content-Range: bytes ${TEN.indexOf(content)}-\\d/10`, 'i'));
      return content;
    });
    expect(found).toEqual(contents);
  });

  it('§15.3.7 one that remains of several is no multipart', async () => {
    const answer = await get(path, { Range: 'bytes=1-2,10-,20-30' });
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([
      206,
      '12',
      'bytes 1-2/10',
    ]);
  });
});

describe('If-Range, RFC 9110 §13.1.5', () => {
  const AT = CHANGED.toUTCString();
  it.each([
    ['the tag', '/r/bytes', '"1"', 206],
    ['the tag', '/r/blob', '"1"', 206],
    ['another tag', '/r/bytes', '"2"', 200],
    ['a weak tag', '/r/bytes', 'W/"1"', 200],
    ['a weak tag of a weak one', '/r/weak', 'W/"1"', 200],
    ['a strong tag of a weak one', '/r/weak', '"1"', 200],
    ['no tag', '/r/bytes', '1', 200],
    ['* is no tag', '/r/bytes', '*', 200],
    ['a list is none', '/r/bytes', '"1", "2"', 200],
    ['the date', '/r/date', AT, 206],
    ['the date in another format', '/r/date', 'Sunday, 01-Mar-20 12:00:00 GMT', 206],
    ['a later date', '/r/date', 'Sun, 01 Mar 2020 12:00:01 GMT', 200],
    ['an earlier date', '/r/date', 'Sun, 01 Mar 2020 11:59:59 GMT', 200],
    ['a date that is none', '/r/date', '2020-03-01', 200],
    ['a tag where there is only a date', '/r/date', '"1"', 200],
    ['a date where there is nothing', '/r/array', AT, 200],
    ['a tag where there is nothing', '/r/array', '"1"', 200],
    ['a date of a file', '/r/file', 'Sun, 01 Mar 2020 12:00:00 GMT', 200],
  ])('%s: %s %s', async (_name, path, value, status) => {
    const answer = await get(path, { Range: 'bytes=1-2', 'If-Range': value });
    expect([answer.status, answer.body]).toEqual([status, status === 206 ? '12' : TEN]);
  });

  it.each([
    ['416 only where it holds', { Range: 'bytes=10-', 'If-Range': '"2"' }, 200],
    ['416 where it holds', { Range: 'bytes=10-', 'If-Range': '"1"' }, 416],
    ['without Range it is ignored', { 'If-Range': '"2"' }, 200],
    ['§13.2.2 304 first', { Range: 'bytes=1-2', 'If-None-Match': '"1"' }, 304],
    ['§13.2.2 304 before 416', { Range: 'bytes=10-', 'If-None-Match': '"1"' }, 304],
    ['§13.2.2 412 before 416', { Range: 'bytes=10-', 'If-Match': '"2"' }, 412],
    ['§13.2.2 If-Match that holds', { Range: 'bytes=1-2', 'If-Match': '"1"' }, 206],
    ['§13.2.2 unmodified', { Range: 'bytes=1-2', 'If-Unmodified-Since': AT }, 206],
  ])('%s: %o', async (_name, headers, status) => {
    expect((await get('/r/bytes', headers as Record<string, string>)).status).toBe(status);
  });
});

describe('where ranges have no say', () => {
  it.each([
    ['§14.2 POST', 'post', '/r/bytes', 200, TEN],
    ['§14.2 PUT', 'put', '/r/bytes', 200, TEN],
    ['§15.5.5 an error', 'get', '/r/error', 404, TEN],
    ['§14.2 a status besides 200', 'get', '/r/status', 203, TEN],
    ['§14.2 a stream', 'get', '/r/stream', 200, TEN],
  ] as const)('%s', async (_name, method, path, status, content) => {
    const answer = await whole(http[method](path).set('Range', 'bytes=1-2'));
    expect([answer.status, String(answer.body)]).toEqual([status, content]);
    expect(answer.headers['content-range']).toBeUndefined();
  });

  it.each(['/r/empty', '/r/empty-file'])('§14.1.2 nothing can be had of %s', async (path) => {
    expect((await get(path, {})).status).toBe(200);
    for (const range of ['bytes=0-', 'bytes=0-0'])
      expect([(await get(path, { Range: range })).status, range]).toEqual([416, range]);
  });

  it.each(['/r/text', '/r/long-file'])('%s: a range isn’t a part of something compressed', async (path) => {
    const answer = await get(path, { Range: 'bytes=1-2', 'Accept-Encoding': 'gzip' });
    const compressed = answer.headers['content-encoding'] !== undefined;
    if (answer.status === 206) expect([compressed, answer.body]).toEqual([false, 'xx']);
    else expect([answer.status, compressed]).toEqual([200, true]);
  });

  it('§15.3.7 206 has Date, ETag, Cache-Control, Vary of 200, and files a date', async () => {
    const [full, part] = [await get('/r/file', {}), await get('/r/file', { Range: 'bytes=1-2' })];
    expect(part.headers.etag).toBe(full.headers.etag);
    expect(part.headers.vary).toBe(full.headers.vary);
    expect(full.headers['last-modified']).toBe(FILE_DATE);
    expect(part.headers['content-type']).toBe(full.headers['content-type']);
  });
});
