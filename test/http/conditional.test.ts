import { IsInt, IsString } from 'class-validator';
import {
  ApiError,
  Body,
  Context,
  DELETE,
  ETag,
  GET,
  LastModified,
  PATCH,
  Path,
  PathParam,
  POST,
  Preconditions,
  Produces,
  PUT,
  Reply,
  RequirePrecondition,
  Status,
} from 'koanatomy';
import type request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

const CHANGED = new Date('2020-03-01T12:00:00.750Z');
const CHANGED_HTTP = 'Sun, 01 Mar 2020 12:00:00 GMT';
const BEFORE = 'Sun, 01 Mar 2020 11:59:59 GMT';
const AFTER = 'Sun, 01 Mar 2020 12:00:01 GMT';

class Note {
  @IsString() text!: string;
  @IsInt() version!: number;
}

const notes = new Map<number, { text: string; version: number; changedAt: Date }>();
const writes: string[] = [];

function found(id: number) {
  const note = notes.get(id);
  if (note === undefined) throw new ApiError(404, 'There is no such note');
  return note;
}

@Path('/notes')
class NoteController {
  @GET('/{id}')
  @ETag('version')
  @LastModified('changedAt')
  find(@PathParam('id') id: number) {
    return found(id);
  }

  @PUT('/{id}')
  replace(@PathParam('id') id: number, @Body() note: Note) {
    writes.push(`put ${id}`);
    const isNew = !notes.has(id);
    notes.set(id, { ...note, changedAt: CHANGED });
    return Reply.status(isNew ? 201 : 200, note);
  }

  @DELETE('/{id}')
  remove(@PathParam('id') id: number) {
    found(id);
    writes.push(`delete ${id}`);
    notes.delete(id);
  }

  @PATCH('/{id}')
  @ETag('version')
  change(@PathParam('id') id: number, @Body() note: Note) {
    found(id);
    writes.push(`patch ${id}`);
    return note;
  }

  @POST('/{id}')
  @Status(202)
  touch(@PathParam('id') _id: number) {
    writes.push('post');
  }
}

@Path('/bytes')
class BytesController {
  @GET
  @ETag
  get() {
    return { a: 1 };
  }
  @GET('/weak')
  @ETag({ weak: true })
  weak() {
    return { a: 1 };
  }
  @GET('/two')
  @ETag(() => 7)
  @Produces('application/json', 'application/xml')
  two() {
    return { a: 1 };
  }
  @PUT('/two')
  setTwo() {
    writes.push('two');
  }
  @GET('/none')
  @ETag(() => null)
  none() {
    return { a: 1 };
  }
  @PUT
  set() {
    writes.push('bytes');
    return Reply.ok({ a: 1 }).etag('stored');
  }
}

@Path('/asked')
class AskedController {
  static loads = 0;
  @GET
  get(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 3, lastModified: CHANGED });
    AskedController.loads += 1;
    return { ok: true };
  }
  @PUT
  put(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 3, lastModified: CHANGED });
    writes.push('asked');
  }
  @PUT('/new')
  putNew(@Context() preconditions: Preconditions) {
    preconditions.evaluate(null);
    writes.push('asked new');
  }
}

@Path('/required')
class RequiredController {
  @GET
  @ETag(() => 1)
  get() {
    return {};
  }
  @PUT
  @RequirePrecondition
  put() {
    writes.push('required');
  }
}

let http: ReturnType<typeof request>;

beforeEach(async () => {
  http ??= await serve([NoteController, BytesController, AskedController, RequiredController]);
  notes.clear();
  notes.set(1, { text: 'a', version: 7, changedAt: CHANGED });
  writes.length = 0;
  AskedController.loads = 0;
});

describe('validators', () => {
  it('are sent with GET and HEAD: a tag of the version, a date in whole seconds, RFC 9110 §8.8', async () => {
    for (const answer of [await http.get('/notes/1'), await http.head('/notes/1')]) {
      expect(answer.headers).toMatchObject({ etag: '"7"', 'last-modified': CHANGED_HTTP });
    }
  });

  it('are made of the bytes where nothing else is said, and stay while the bytes do', async () => {
    const [first, second] = [await http.get('/bytes'), await http.get('/bytes')];
    expect(first.headers.etag).toMatch(/^"[\w-]{20,}"$/);
    expect(second.headers.etag).toBe(first.headers.etag);
    expect((await http.get('/bytes/weak')).headers.etag).toMatch(/^W\/"/);
  });

  it('differ between representations where they are strong, RFC 9110 §8.8.3.3', async () => {
    const json = await http.get('/bytes/two').set('Accept', 'application/json');
    const xml = await http.get('/bytes/two').set('Accept', 'application/xml');
    expect(json.headers.etag).toBe('"7"');
    expect(xml.headers.etag).not.toBe('"7"');
  });

  it('are not there where the function says nothing', async () => {
    expect((await http.get('/bytes/none')).headers.etag).toBeUndefined();
  });

  it('are not sent for PUT by themselves, but those that the method sets are, RFC 9110 §9.3.4', async () => {
    const put = await http.put('/notes/1').send({ text: 'b', version: 8 });
    expect([put.status, put.headers.etag]).toEqual([200, undefined]);
    expect((await http.put('/bytes')).headers.etag).toBe('"stored"');
  });

  it('are sent with the answer to PATCH where they are declared', async () => {
    expect((await http.patch('/notes/1').send({ text: 'b', version: 9 })).headers.etag).toBe('"9"');
  });
});

describe('GET and HEAD', () => {
  it.each([
    ['§13.1.2 the tag', { 'If-None-Match': '"7"' }, 304],
    ['§13.1.2 the tag, compared weakly', { 'If-None-Match': 'W/"7"' }, 304],
    ['§13.1.2 a list', { 'If-None-Match': '"1", "7"' }, 304],
    ['§13.1.2 anything', { 'If-None-Match': '*' }, 304],
    ['§13.1.2 another tag', { 'If-None-Match': '"8"' }, 200],
    ['§13.1.2 no tag at all', { 'If-None-Match': 'seven' }, 200],
    ['§13.1.3 not modified', { 'If-Modified-Since': CHANGED_HTTP }, 304],
    ['§13.1.3 modified', { 'If-Modified-Since': BEFORE }, 200],
    ['§13.1.3 a date that is none', { 'If-Modified-Since': 'yesterday' }, 200],
    ['§13.1.3 ignored beside If-None-Match', { 'If-None-Match': '"8"', 'If-Modified-Since': AFTER }, 200],
    ['§13.1.1 If-Match holds', { 'If-Match': '"7"' }, 200],
    ['§13.1.1 If-Match does not hold', { 'If-Match': '"8"' }, 412],
    ['§13.1.1 If-Match is strong', { 'If-Match': 'W/"7"' }, 412],
    ['§13.1.4 unmodified', { 'If-Unmodified-Since': CHANGED_HTTP }, 200],
    ['§13.1.4 modified since', { 'If-Unmodified-Since': BEFORE }, 412],
    ['§13.1.4 ignored beside If-Match', { 'If-Match': '"7"', 'If-Unmodified-Since': BEFORE }, 200],
    ['§13.2.2 If-Match goes first', { 'If-Match': '"8"', 'If-None-Match': '"7"' }, 412],
  ])('RFC 9110 %s', async (_name, headers, status) => {
    expect((await http.get('/notes/1').set(headers)).status).toBe(status);
    expect((await http.head('/notes/1').set(headers)).status).toBe(status);
  });

  it('304 has the tag, Vary and Cache-Control, and nothing of the content, RFC 9110 §15.4.5', async () => {
    const { headers, text } = await http.get('/notes/1').set('If-None-Match', '"7"');
    expect(headers.etag).toBe('"7"');
    expect(text).toBe('');
    for (const name of ['content-type', 'content-length', 'last-modified', 'transfer-encoding'])
      expect(headers[name]).toBeUndefined();
  });

  it('304 without a tag has Last-Modified, to tell what is current', async () => {
    const { headers } = await http.get('/bytes/none').set('If-None-Match', '*');
    expect(headers.etag).toBeUndefined();
  });

  it('an error stays what it is, RFC 9110 §13.2.1', async () => {
    expect((await http.get('/notes/9').set('If-Match', '"7"')).status).toBe(404);
    expect((await http.get('/notes/9').set('If-None-Match', '*')).status).toBe(404);
    expect((await http.get('/notes/x').set('If-None-Match', '*')).status).toBe(400);
  });
});

describe('a change', () => {
  const body = { text: 'b', version: 8 };

  it.each([
    ['§13.1.1 If-Match holds', 'put', '/notes/1', { 'If-Match': '"7"' }, 200],
    ['§13.1.1 If-Match with a list', 'put', '/notes/1', { 'If-Match': '"1", "7"' }, 200],
    ['§13.1.1 If-Match *', 'put', '/notes/1', { 'If-Match': '*' }, 200],
    ['§13.1.1 If-Match does not hold', 'put', '/notes/1', { 'If-Match': '"8"' }, 412],
    ['§13.1.1 If-Match is strong', 'put', '/notes/1', { 'If-Match': 'W/"7"' }, 412],
    ['§13.1.1 a compressed representation’s tag', 'put', '/notes/1', { 'If-Match': '"7--gzip"' }, 200],
    ['§13.1.1 nothing is there', 'put', '/notes/9', { 'If-Match': '*' }, 412],
    ['§13.1.2 PUT creates only', 'put', '/notes/1', { 'If-None-Match': '*' }, 412],
    ['§13.1.2 PUT creates', 'put', '/notes/9', { 'If-None-Match': '*' }, 201],
    ['§13.1.2 a failed If-None-Match is 412', 'put', '/notes/1', { 'If-None-Match': '"7"' }, 412],
    ['§13.1.4 modified since', 'put', '/notes/1', { 'If-Unmodified-Since': BEFORE }, 412],
    ['§13.1.4 unmodified', 'put', '/notes/1', { 'If-Unmodified-Since': CHANGED_HTTP }, 200],
    ['§13.1.3 is for GET and HEAD', 'put', '/notes/1', { 'If-Modified-Since': AFTER }, 200],
    ['§13.1.1 DELETE', 'delete', '/notes/1', { 'If-Match': '"8"' }, 412],
    ['§13.1.1 DELETE holds', 'delete', '/notes/1', { 'If-Match': '"7"' }, 204],
    ['§13.2.1 the error goes first', 'delete', '/notes/9', { 'If-Match': '"7"' }, 404],
    ['§13.1.1 PATCH', 'patch', '/notes/1', { 'If-Match': '"8"' }, 412],
    ['§13.1.1 the tag of another representation', 'put', '/bytes/two', { 'If-Match': '"7--xml"' }, 204],
    ['§13.2.1 another path parameter', 'put', '/notes/x', { 'If-Match': '"7"' }, 400],
  ] as const)('RFC 9110 %s: %s %s', async (_name, method, path, headers, status) => {
    const answer = await http[method](path).set(headers).send(body);
    expect(answer.status).toBe(status);
    expect(writes.length).toBe(status < 300 ? 1 : 0);
  });

  it('is checked against the bytes where the tag is made of them', async () => {
    const { etag } = (await http.get('/bytes')).headers;
    expect((await http.put('/bytes').set('If-Match', String(etag))).status).toBe(200);
    expect((await http.put('/bytes').set('If-Match', '"other"')).status).toBe(412);
  });

  it('is refused before its content is looked at, RFC 9110 §13.2.1', async () => {
    const sent = http.put('/notes/1').set('If-Match', '"8"').set('Content-Type', 'application/json');
    expect((await sent.send('{')).status).toBe(412);
    expect((await http.put('/notes/1').set('Content-Type', 'application/json').send('{')).status).toBe(400);
  });

  it('comes after 415', async () => {
    const sent = http.put('/notes/1').set('If-Match', '"8"').set('Content-Type', 'image/png');
    expect((await sent.send('x')).status).toBe(415);
  });

  it('is refused with a problem document that is not kept', async () => {
    const answer = await http.put('/notes/1').set('If-Match', '"8"').send(body);
    expect(answer.body).toMatchObject({ type: 'urn:koanatomy:precondition-failed', status: 412 });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(answer.headers.etag).toBeUndefined();
  });
});

describe('Preconditions', () => {
  it('answer a GET with 304 before anything is loaded', async () => {
    const answer = await http.get('/asked').set('If-None-Match', '"3"');
    expect([answer.status, answer.headers.etag, AskedController.loads]).toEqual([304, '"3"', 0]);
    expect((await http.get('/asked').set('If-Modified-Since', CHANGED_HTTP)).status).toBe(304);
  });

  it('give the answer its validators', async () => {
    const answer = await http.get('/asked').set('If-None-Match', '"2"');
    expect([answer.status, answer.headers.etag, answer.headers['last-modified']]).toEqual([
      200,
      '"3"',
      CHANGED_HTTP,
    ]);
  });

  it.each([
    ['/asked', { 'If-Match': '"3"' }, 204],
    ['/asked', { 'If-Match': '"2"' }, 412],
    ['/asked', { 'If-None-Match': '*' }, 412],
    ['/asked', {}, 204],
    ['/asked/new', { 'If-None-Match': '*' }, 204],
    ['/asked/new', { 'If-Match': '*' }, 412],
  ])('are asked by the method itself: PUT %s %o', async (path, headers, status) => {
    expect((await http.put(path).set(headers)).status).toBe(status);
    expect(writes.length).toBe(status < 300 ? 1 : 0);
  });
});

describe('@RequirePrecondition', () => {
  it.each([
    [{}, 428],
    [{ 'If-Match': '"1"' }, 204],
    [{ 'If-Match': '"2"' }, 412],
    [{ 'If-Unmodified-Since': AFTER }, 428],
    [{ 'If-Unmodified-Since': 'yesterday' }, 428],
    [{ 'If-None-Match': 'nonsense' }, 428],
    [{ 'If-None-Match': '*' }, 412],
  ])('RFC 6585 §3: %o is %i', async (headers, status) => {
    const answer = await http.put('/required').set(headers);
    expect(answer.status).toBe(status);
    if (status === 428) expect(answer.body.type).toBe('urn:koanatomy:precondition-required');
  });
});

@Path('/formats')
class FormatController {
  @GET('/told')
  @Produces('application/json', 'application/xml')
  told(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 5 });
    return { a: 1 };
  }
  @GET('/reply')
  @Produces('application/json', 'application/xml')
  reply() {
    return Reply.ok({ a: 1 }).etag(5);
  }
  @PUT('/reply') put() {}
}

describe('a version’s tag in another format', async () => {
  const server = await serve(FormatController);

  it.each(['/formats/told', '/formats/reply'])('is another one, wherever it comes from: %s', async (path) => {
    const tag = async (type: string) => String((await server.get(path).set('Accept', type)).headers.etag);
    const [json, xml] = [await tag('application/json'), await tag('application/xml')];
    expect(json).toBe('"5"');
    expect(xml).not.toBe(json);
    for (const [type, asked, status] of [
      ['application/json', json, 304],
      ['application/xml', xml, 304],
      ['application/json', xml, 200],
      ['application/xml', json, 200],
    ] as const) {
      const answer = await server.get(path).set('Accept', type).set('If-None-Match', asked);
      expect([answer.status, answer.headers.etag]).toEqual([
        status,
        type === 'application/json' ? json : xml,
      ]);
    }
    if (path.endsWith('reply')) expect((await server.put(path).set('If-Match', xml)).status).toBe(204);
  });
});
