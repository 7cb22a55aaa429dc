import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsString } from 'class-validator';
import {
  Body,
  Consumes,
  Context,
  ETag,
  GET,
  PATCH,
  Path,
  PathParam,
  Preconditions,
  PUT,
  Reply,
} from 'koanatomy';
import { afterAll, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const SECRET = 'hunter2';
const fail = (): never => {
  throw new Error(SECRET);
};
const hostile = (): object =>
  new Proxy(new Error(SECRET), {
    get: fail,
    has: fail,
    getPrototypeOf: fail,
    ownKeys: fail,
    getOwnPropertyDescriptor: fail,
  });
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable(new Error(SECRET), {});
  revoke();
  return proxy;
};
const THROWN: Record<string, () => unknown> = {
  hostile,
  revoked,
  message: () => Object.defineProperty(new Error(), 'message', { get: fail }),
  stack: () => Object.defineProperty(new Error(SECRET), 'stack', { get: fail }),
  name: () => Object.defineProperty(new Error(SECRET), 'name', { get: fail }),
};

const top = mkdtempSync(join(tmpdir(), 'koanatomy-found-'));
const root = join(top, 'root');
mkdirSync(root);
writeFileSync(join(root, 'a.txt'), 'inside');
writeFileSync(join(top, 'secret.txt'), 'secret');
symlinkSync(join(top, 'secret.txt'), join(root, 'link.txt'));
symlinkSync(top, join(root, 'up'));
afterAll(() => rmSync(top, { recursive: true }));

class Draft {
  @IsString() title!: string;
}

@Path('/p')
class FoundController {
  @GET('/thrown/{name}') thrown(@PathParam('name') name: string): unknown {
    throw THROWN[name]?.();
  }
  @GET('/iterated/{name}') async *iterated(@PathParam('name') name: string) {
    if (name !== '') throw THROWN[name]?.();
    yield 1;
  }
  @GET('/file') file() {
    return Reply.file('a.txt', { root });
  }
  @PUT('/file') putFile() {}
  @GET('/rooted/{rest: .*}') rooted(@PathParam('rest') rest: string) {
    return Reply.file(rest, { root });
  }
  @GET('/web') @ETag(() => 7) web() {
    return new Response('x');
  }
  @PUT('/web') putWeb() {}
  @GET('/asked-null') askedNull(@Context() preconditions: Preconditions) {
    preconditions.evaluate(null);
    return {};
  }
  @GET('/long') @ETag(() => 7) long() {
    return { text: 'x'.repeat(5000) };
  }
  @GET('/nothing') nothing() {
    return Reply.ok();
  }
  @GET('/draft') draft() {
    return { title: 'a', tags: ['x', 'y'] };
  }
  @PATCH('/draft') @Consumes('application/json-patch+json') change(@Body() draft: Draft) {
    return draft;
  }
}

const http = await serve(FoundController);

describe('what is thrown, RFC 9110 §15.6.1', () => {
  it.each(['hostile', 'revoked'])('%s is 500', async (name) => {
    expect((await http.get(`/p/thrown/${name}`)).status).toBe(500);
  });
  it.each(Object.keys(THROWN))('%s in an iterable is 500, and nothing escapes', {
    timeout: 3000,
  }, async (name) => {
    expect((await http.get(`/p/iterated/${name}`)).status).toBe(500);
  });
});

describe('conditional requests, RFC 9110 §13', () => {
  it.each([
    '/p/file',
    '/p/web',
  ])('§13.1.1, §13.1.2 %s is protected by the tag that GET sends', async (path) => {
    const etag = String((await http.get(path).set('Accept-Encoding', 'identity')).headers.etag);
    expect((await http.put(path).set('If-None-Match', etag)).status).toBe(412);
    expect((await http.put(path).set('If-Match', '"other"')).status).toBe(412);
    expect((await http.put(path).set('If-Match', etag)).status).toBe(204);
  });
  it('§13.1.4 a file is protected by its date', async () => {
    const old = { 'If-Unmodified-Since': 'Sun, 01 Mar 1970 12:00:00 GMT' };
    expect((await http.put('/p/file').set(old)).status).toBe(412);
  });
  it('§13.1.2 evaluate(null) is the last word', async () => {
    expect((await http.get('/p/asked-null').set('If-None-Match', '*')).status).toBe(200);
  });
  it('§13.1.2 the tag of a representation that the client refuses is not the selected one’s', async () => {
    const headers = { 'Accept-Encoding': 'gzip, identity;q=0', 'If-None-Match': '"7"' };
    expect((await http.get('/p/long').set(headers)).status).toBe(200);
  });
});

describe('files', () => {
  it.each(['link.txt', 'up/secret.txt'])('%s leads out of root: 404', async (name) => {
    expect((await http.get(`/p/rooted/${name}`)).status).toBe(404);
  });
});

describe('fields, RFC 9110 §5', () => {
  it('§9.3.2 HEAD has Content-Length: 0 where GET has it', async () => {
    const [get, head] = [await http.get('/p/nothing'), await http.head('/p/nothing')];
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });
  it.each([
    'X A',
    '',
    'X-A:',
    'X-Ä',
    'X-A\r\nX-Evil',
  ])('§5.1 the name %j is refused while the Reply is made', (name) => {
    expect(() => Reply.ok().header(name, '1')).toThrow();
  });
});

describe('JSON Patch, RFC 5789 §2.2', () => {
  it.each([
    { op: 'remove', path: '/tags/-' },
    { op: 'remove', path: '/tags/length' },
    { op: 'replace', path: '/tags/00', value: 'z' },
    { op: 'replace', path: '/tags/+1', value: 'z' },
    { op: 'replace', path: '/tags/1e0', value: 'z' },
  ])('%o fits an object, and not this array: 409', async (operation) => {
    const patch = http.patch('/p/draft').set('Content-Type', 'application/json-patch+json');
    expect((await patch.serialize(JSON.stringify).send([operation])).status).toBe(409);
  });
});
