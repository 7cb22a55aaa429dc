import {
  ApiError,
  Authenticated,
  basic,
  Context,
  DELETE,
  ETag,
  GET,
  LastModified,
  OPTIONS,
  PATCH,
  Path,
  PathParam,
  POST,
  Preconditions,
  Principal,
  PUT,
  Reply,
  RequirePrecondition,
} from 'koanatomy';
import { beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const CHANGED = new Date('2020-03-01T12:00:00.750Z');
const [BEFORE, AT, AFTER] = ['11:59:59', '12:00:00', '12:00:01'].map(
  (at) => `Sun, 01 Mar 2020 ${at} GMT`,
) as [string, string, string];

let writes = 0;

abstract class Writable {
  @PUT put() {
    writes += 1;
  }
  @PATCH patch() {
    writes += 1;
  }
  @POST post() {
    writes += 1;
  }
  @DELETE delete() {
    writes += 1;
  }
}

@Path('/seven')
class Seven extends Writable {
  @GET @ETag(() => 7) @LastModified(() => CHANGED) get() {
    return { text: 'x'.repeat(3000) };
  }
}
@Path('/weak')
class Weak extends Writable {
  @GET @ETag(() => 7, { weak: true }) get() {
    return { a: 1 };
  }
}
@Path('/date')
class Dated extends Writable {
  @GET @LastModified(() => CHANGED) get() {
    return { a: 1 };
  }
}
@Path('/plain')
class Plain extends Writable {
  @GET get() {
    return { a: 1 };
  }
}
@Path('/gone')
class Gone extends Writable {
  @GET get() {
    throw new ApiError(410, 'gone');
  }
}
@Path('/none')
class None extends Writable {
  @GET get() {
    return Reply.status(404, { no: 'thing' });
  }
}
@Path('/broken')
class Broken extends Writable {
  @GET get() {
    throw new Error('broken');
  }
}
@Path('/blind')
class Blind extends Writable {}

@Path('/reply')
class Replying extends Writable {
  @GET get() {
    return Reply.ok({ a: 1 }).etag('mine').lastModified(CHANGED);
  }
}
@Path('/web')
class Web extends Writable {
  @GET get() {
    return new Response('x', { headers: { ETag: '"w"', 'Content-Type': 'text/plain' } });
  }
}
@Path('/items/{id}')
class Items {
  @GET @ETag('version') get(@PathParam('id') id: number) {
    return { id, version: `v${id}` };
  }
  @PUT put(@PathParam('id') _id: number) {
    writes += 1;
  }
}
@Path('/secret')
@Authenticated
class Secret {
  @GET @ETag(() => 7) get() {
    return {};
  }
  @PUT put() {
    writes += 1;
  }
}
@Path('/strict')
@RequirePrecondition
class Strict extends Writable {
  @GET @LastModified(() => CHANGED) @ETag(() => 7) get() {
    return {};
  }
  @OPTIONS options() {
    return 'mine';
  }
}
@Path('/asked')
class Asked {
  @DELETE remove(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ lastModified: CHANGED });
    writes += 1;
  }
  @PATCH patch(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 'W/"3"', lastModified: CHANGED });
    writes += 1;
  }
  @POST async post(@Context() preconditions: Preconditions) {
    await Promise.resolve();
    preconditions.evaluate(null);
    writes += 1;
  }
}

const http = await serve(
  [Seven, Weak, Dated, Plain, Gone, None, Broken, Blind, Replying, Web, Items, Secret, Strict, Asked],
  { authenticators: [basic((name) => new Principal(name, []))] },
);

beforeEach(() => {
  writes = 0;
});

const METHODS = ['put', 'patch', 'post', 'delete'] as const;

describe.each(METHODS)('%s, RFC 9110', (method) => {
  it.each([
    ['§13.1.1 a list with empty elements', '/seven', { 'If-Match': ' , "1",, "7" ,' }, 204],
    ['§13.1.1 several lines', '/seven', { 'If-Match': ['"1"', '"7"'] }, 204],
    ['§13.1.1 no quotes', '/seven', { 'If-Match': '7' }, 412],
    ['§13.1.1 a weak tag never matches', '/weak', { 'If-Match': 'W/"7"' }, 412],
    ['§13.1.1 * on a weak one', '/weak', { 'If-Match': '*' }, 204],
    ['§13.1.1 a tag where there is none', '/plain', { 'If-Match': '"7"' }, 412],
    ['§13.1.1 * without a tag', '/plain', { 'If-Match': '*' }, 204],
    ['§13.1.1 the tag of a Reply', '/reply', { 'If-Match': '"mine"' }, 204],
    ['§13.1.1 another one than a Reply’s', '/reply', { 'If-Match': '"yours"' }, 412],
    ['§13.1.1 another one than a web Response’s', '/web', { 'If-Match': '"v"' }, 412],
    ['§13.1.1 no GET', '/blind', { 'If-Match': '*' }, 412],
    ['§13.1.1 no GET, a tag', '/blind', { 'If-Match': '"7"' }, 412],
    ['§13.1.2 no GET', '/blind', { 'If-None-Match': '*' }, 204],
    ['§13.1.2 *', '/plain', { 'If-None-Match': '*' }, 412],
    ['§13.1.2 the tag', '/seven', { 'If-None-Match': '"7"' }, 412],
    ['§13.1.2 weakly compared', '/seven', { 'If-None-Match': 'W/"7"' }, 412],
    ['§13.1.2 weak both', '/weak', { 'If-None-Match': 'W/"7"' }, 412],
    ['§13.1.2 another one', '/seven', { 'If-None-Match': '"8"' }, 204],
    [
      '§13.1.2 the one compressed',
      '/seven',
      { 'If-None-Match': '"7--gzip"', 'Accept-Encoding': 'gzip' },
      412,
    ],
    ['§13.1.1 the one compressed', '/seven', { 'If-Match': '"7--gzip"', 'Accept-Encoding': 'gzip' }, 204],
    [
      '§13.1.1 the one compressed, now plain',
      '/seven',
      { 'If-Match': '"7--br"', 'Accept-Encoding': 'identity' },
      204,
    ],
    ['§13.1.1 a suffix that nothing has', '/seven', { 'If-Match': '"7--snappy"' }, 412],
    ['§13.1.3 means nothing here', '/date', { 'If-Modified-Since': AFTER }, 204],
    ['§13.1.4 before', '/date', { 'If-Unmodified-Since': BEFORE }, 412],
    ['§13.1.4 at', '/date', { 'If-Unmodified-Since': AT }, 204],
    ['§13.1.4 RFC 850 format', '/date', { 'If-Unmodified-Since': 'Sunday, 01-Mar-20 11:59:59 GMT' }, 412],
    ['§13.1.4 asctime', '/date', { 'If-Unmodified-Since': 'Sun Mar  1 11:59:59 2020' }, 412],
    ['§13.1.4 can’t be read', '/date', { 'If-Unmodified-Since': '2019-01-01' }, 204],
    ['§13.1.4 nothing to compare with', '/plain', { 'If-Unmodified-Since': BEFORE }, 204],
    ['§13.1.4 the date of a Reply', '/reply', { 'If-Unmodified-Since': BEFORE }, 412],
    ['§13.2.2 If-Match counts alone', '/seven', { 'If-Match': '"7"', 'If-Unmodified-Since': BEFORE }, 204],
    ['§13.2.2 both have to hold', '/seven', { 'If-Match': '"7"', 'If-None-Match': '"7"' }, 412],
    ['§13.2.2 both have to hold', '/seven', { 'If-Unmodified-Since': AT, 'If-None-Match': '*' }, 412],
    ['§13.2.2 both hold', '/seven', { 'If-Unmodified-Since': AT, 'If-None-Match': '"8"' }, 204],
    ['§13.2.1 credentials first', '/secret', { 'If-Match': '"8"' }, method === 'put' ? 401 : 405],
    ['§13.2.1 405 first', '/items/1', { 'If-Match': '"8"' }, method === 'put' ? 412 : 405],
    ['§13.2.1 404 first', '/nowhere', { 'If-Match': '"8"' }, 404],
    ['RFC 6585 §3 none', '/strict', {}, method === 'post' ? 204 : 428],
    ['RFC 6585 §3 If-Match', '/strict', { 'If-Match': '"7"' }, 204],
    ['RFC 6585 §3 If-Match *', '/strict', { 'If-Match': '*' }, 204],
    ['RFC 6585 §3 a date', '/strict', { 'If-Unmodified-Since': AT }, 204],
    ['RFC 6585 §3 a date that fails', '/strict', { 'If-Unmodified-Since': BEFORE }, 412],
    [
      'RFC 6585 §3 If-Modified-Since is none',
      '/strict',
      { 'If-Modified-Since': AT },
      method === 'post' ? 204 : 428,
    ],
  ])('%s: %s %o', async (_name, path, headers, status) => {
    const answer = await http[method](path).set(headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(writes).toBe(status < 300 ? 1 : 0);
    if (status >= 400) expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});

describe('what GET answers with an error, RFC 9110 §13.2.1', () => {
  it.each([
    ['put', '/gone', { 'If-None-Match': '*' }, 204],
    ['put', '/gone', { 'If-Match': '*' }, 412],
    ['delete', '/gone', { 'If-Match': '*' }, 410],
    ['put', '/none', { 'If-None-Match': '*' }, 204],
    ['put', '/none', { 'If-Match': '"7"' }, 412],
    ['delete', '/none', { 'If-Match': '"7"' }, 404],
    ['put', '/broken', { 'If-Match': '"7"' }, 500],
    ['put', '/broken', { 'If-None-Match': '*' }, 500],
    ['delete', '/broken', { 'If-Match': '*' }, 500],
    ['put', '/broken', {}, 204],
    ['put', '/items/2', { 'If-Match': '"v2"' }, 204],
    ['put', '/items/2', { 'If-Match': '"v1"' }, 412],
    ['put', '/items/%32', { 'If-Match': '"v2"' }, 204],
    ['put', '/items/2;a=b/', { 'If-Match': '"v2"' }, 204],
    ['put', '/items/2?x=1', { 'If-Match': '"v2"' }, 204],
    ['options', '/seven', { 'If-Match': '"8"' }, 204],
    ['options', '/seven', { 'If-None-Match': '*' }, 204],
    ['options', '/strict', { 'If-Match': '"8"' }, 200],
    ['delete', '/asked', { 'If-Unmodified-Since': BEFORE }, 412],
    ['delete', '/asked', { 'If-Unmodified-Since': AT }, 204],
    ['delete', '/asked', { 'If-Modified-Since': AT }, 204],
    ['delete', '/asked', { 'If-Match': '"1"' }, 412],
    ['patch', '/asked', { 'If-Match': 'W/"3"' }, 412],
    ['patch', '/asked', { 'If-None-Match': '"3"' }, 412],
    ['post', '/asked', { 'If-None-Match': '*' }, 204],
    ['post', '/asked', { 'If-Match': '"3"' }, 412],
    ['post', '/asked', { 'If-Unmodified-Since': BEFORE }, 204],
  ] as const)('%s %s %o is %i', async (method, path, headers, status) => {
    const answer = await http[method](path).set(headers);
    expect(answer.status).toBe(status);
    expect(writes).toBe(status === 204 && method !== 'options' ? 1 : 0);
  });
});
