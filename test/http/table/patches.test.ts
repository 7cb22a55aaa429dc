import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, Length, Max, ValidateNested } from 'class-validator';
import { ApiError, Body, Consumes, ETag, GET, PATCH, Patch, Path, PathParam, PUT } from 'koanatomy';
import { beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

class Author {
  @IsString() name!: string;
  @IsOptional() @IsString() mail?: string;
}

class Draft {
  @IsString() @Length(1, 20) title!: string;
  @IsOptional() @IsString() text?: string;
  @IsOptional() @IsInt() @Max(10) rank?: number;
  @IsOptional() @IsArray() @IsString({ each: true }) tags?: string[];
  @IsOptional() @ValidateNested() @Type(() => Author) author?: Author;
}

const START = {
  title: 'first',
  text: 'a',
  rank: 1,
  tags: ['x', 'y'],
  author: { name: 'n', mail: 'm' },
  version: 1,
};
let stored: Record<string, unknown>;
let calls = 0;
let kind: unknown;

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

@Path('/applied/{id}')
class AppliedController {
  @GET @ETag('version') get(@PathParam('id') id: number): unknown {
    if (id !== 1) throw new ApiError(404, 'no');
    return stored;
  }
  @PATCH @Consumes(MERGE, JSON_PATCH) change(@PathParam('id') _id: number, @Body() draft: Draft) {
    calls += 1;
    kind = draft.constructor;
    stored = { ...draft };
    return draft;
  }
  @PUT put(@PathParam('id') _id: number) {}
}

@Path('/own/{id}')
class OwnController {
  @PATCH @Consumes(MERGE, JSON_PATCH) async change(
    @PathParam('id') _id: number,
    @Body({ type: Draft }) patch: Patch<Draft>,
  ) {
    const draft = await patch.apply(stored as unknown as Draft);
    calls += 1;
    kind = draft.constructor;
    stored = { ...draft };
    return draft;
  }
}

const http = await serve([AppliedController, OwnController]);

beforeEach(() => {
  stored = structuredClone(START);
  calls = 0;
});

type Case = [name: string, type: string, patch: string, status: number, expected?: Record<string, unknown>];

const merge = (name: string, patch: unknown, status: number, expected?: Record<string, unknown>): Case => [
  `RFC 7396 §2 ${name}`,
  MERGE,
  JSON.stringify(patch),
  status,
  expected,
];
const ops = (name: string, patch: unknown, status: number, expected?: Record<string, unknown>): Case => [
  `RFC 6902 ${name}`,
  JSON_PATCH,
  JSON.stringify(patch),
  status,
  expected,
];

describe.each(['/applied/1', '/own/1'])('a patch of %s, RFC 5789', (path) => {
  it.each<Case>([
    merge('one member', { title: 'b' }, 200, { title: 'b', text: 'a' }),
    merge('null removes', { text: null }, 200, { text: undefined, title: 'first' }),
    merge('null of what isn’t there', { none: null }, 200, { title: 'first' }),
    merge('nothing', {}, 200, { title: 'first', rank: 1 }),
    merge('nested', { author: { mail: null } }, 200, { author: { name: 'n' } }),
    merge('an array is replaced', { tags: ['z'] }, 200, { tags: ['z'] }),
    merge('an array becomes empty', { tags: [] }, 200, { tags: [] }),
    merge('null in an array stays and is refused', { tags: [null] }, 400),
    merge('a list is no draft', ['a'], 400),
    merge('a text is no draft', 'a', 400),
    merge('null is no draft', null, 400),
    merge('what is needed is removed', { title: null }, 400),
    merge('a rule is broken', { rank: 11 }, 400),
    merge('a kind is another', { title: 5 }, 400),
    merge('a nested rule is broken', { author: { name: 5 } }, 400),
    merge('a nested need is removed', { author: { name: null } }, 400),
    [`RFC 7396 §2 a member twice`, MERGE, '{"title":"a","title":"b"}', 400],
    [`RFC 7396 §2 a prototype`, MERGE, '{"__proto__":{"title":"b"}}', 400],
    [`RFC 8259 §2 no JSON`, MERGE, '{"title":', 400],
    [`RFC 8259 §2 something behind`, MERGE, '{} x', 400],
    [`RFC 7396 §4 a parameter`, `${MERGE}; charset=utf-8`, '{"title":"b"}', 200, { title: 'b' }],
    [`RFC 9110 §8.3.1 capitals`, 'Application/Merge-Patch+JSON', '{"title":"b"}', 200, { title: 'b' }],
    ops('§4.1 add', [{ op: 'add', path: '/text', value: 'b' }], 200, { text: 'b' }),
    ops('§4.1 add at the end', [{ op: 'add', path: '/tags/-', value: 'z' }], 200, { tags: ['x', 'y', 'z'] }),
    ops('§4.1 add at an index', [{ op: 'add', path: '/tags/1', value: 'z' }], 200, { tags: ['x', 'z', 'y'] }),
    ops('§4.1 add at the length', [{ op: 'add', path: '/tags/2', value: 'z' }], 200, {
      tags: ['x', 'y', 'z'],
    }),
    ops('§4.1 add past the length', [{ op: 'add', path: '/tags/3', value: 'z' }], 409),
    ops('§4.1 add below nothing', [{ op: 'add', path: '/none/x', value: 1 }], 409),
    ops('§4.1 add the whole', [{ op: 'add', path: '', value: { title: 'b' } }], 200, {
      title: 'b',
      text: undefined,
    }),
    ops('§4.2 remove', [{ op: 'remove', path: '/text' }], 200, { text: undefined }),
    ops('§4.2 remove what isn’t there', [{ op: 'remove', path: '/none' }], 409),
    ops('§4.3 replace', [{ op: 'replace', path: '/tags/0', value: 'z' }], 200, { tags: ['z', 'y'] }),
    ops('§4.3 replace what isn’t there', [{ op: 'replace', path: '/none', value: 1 }], 409),
    ops('§4.4 move', [{ op: 'move', from: '/tags/0', path: '/tags/1' }], 200, { tags: ['y', 'x'] }),
    ops('§4.4 move into itself', [{ op: 'move', from: '/author', path: '/author/name' }], 400),
    ops('§4.4 move onto itself', [{ op: 'move', from: '/text', path: '/text' }], 200, { text: 'a' }),
    ops('§4.5 copy', [{ op: 'copy', from: '/title', path: '/text' }], 200, { text: 'first' }),
    ops('§4.5 copy what isn’t there', [{ op: 'copy', from: '/none', path: '/text' }], 409),
    ops('§4.6 test', [{ op: 'test', path: '/rank', value: 1 }], 200, { rank: 1 }),
    ops('§4.6 test a number written otherwise', [{ op: 'test', path: '/rank', value: 1.0 }], 200, {
      rank: 1,
    }),
    ops('§4.6 test fails', [{ op: 'test', path: '/rank', value: 2 }], 409),
    ops('§4.6 a text is no number', [{ op: 'test', path: '/rank', value: '1' }], 409),
    ops(
      '§4.6 members in another order',
      [{ op: 'test', path: '/author', value: { mail: 'm', name: 'n' } }],
      200,
      { title: 'first' },
    ),
    ops('§4.6 items in another order', [{ op: 'test', path: '/tags', value: ['y', 'x'] }], 409),
    ops(
      '§5 all or nothing',
      [
        { op: 'replace', path: '/title', value: 'b' },
        { op: 'test', path: '/rank', value: 2 },
      ],
      409,
    ),
    ops('§3 nothing', [], 200, { title: 'first' }),
    ops('§3 an object', { op: 'add', path: '/text', value: 1 }, 400),
    ops('§3 a list of texts', ['add'], 400),
    ops('§4 no op', [{ path: '/text', value: 'b' }], 400),
    ops('§4 another op', [{ op: 'spam', path: '/text', value: 'b' }], 400),
    ops('§4 an op in capitals', [{ op: 'Add', path: '/text', value: 'b' }], 400),
    ops('§4 no path', [{ op: 'add', value: 'b' }], 400),
    ops('§4 a path that is none', [{ op: 'add', path: 'text', value: 'b' }], 400),
    ops('§4.1 no value', [{ op: 'add', path: '/text' }], 400),
    ops('§4.4 no from', [{ op: 'move', path: '/text' }], 400),
    ops('§4 members besides', [{ op: 'add', path: '/text', value: 'b', xyz: 1 }], 200, { text: 'b' }),
    ops('RFC 6901 §3 a broken escape', [{ op: 'add', path: '/te~2xt', value: 'b' }], 400),
    ops('a prototype', [{ op: 'add', path: '/__proto__/polluted', value: 1 }], 400),
    ops('a constructor', [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }], 400),
    ops('§5 the result is validated', [{ op: 'replace', path: '/rank', value: 11 }], 400),
    ops('§5 the whole is no draft', [{ op: 'replace', path: '', value: [] }], 400),
    ['RFC 5789 §2.2 another format', 'application/json', '{"title":"b"}', 415],
    ['RFC 5789 §2.2 a patch of XML', 'application/xml-patch+xml', '<diff/>', 415],
    ['RFC 5789 §2.2 a suffix isn’t enough', 'application/other-patch+json', '{}', 415],
  ])('%s: %s %s is %i', async (_name, type, patch, status, expected) => {
    const answer = await http.patch(path).set('Content-Type', type).serialize(String).send(patch);
    expect([answer.status, answer.body.detail]).toEqual([
      status,
      status === 200 ? undefined : expect.any(String),
    ]);
    expect(calls).toBe(status === 200 ? 1 : 0);
    if (status === 200) {
      expect(kind).toBe(Draft);
      for (const [name, value] of Object.entries(expected ?? {}))
        expect([name, answer.body[name]]).toEqual([name, value]);
    } else expect(stored).toEqual(START);
    if (status === 415) {
      expect(answer.headers['accept-patch']).toContain(MERGE);
      expect(answer.headers['accept-patch']).toContain(JSON_PATCH);
    }
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('RFC 5789 §3.1 OPTIONS tells the formats', async () => {
    const { headers } = await http.options(path);
    expect(headers.allow).toContain('PATCH');
    expect(headers['accept-patch']).toContain(MERGE);
    expect(headers['accept-patch']).toContain(JSON_PATCH);
  });

  it('RFC 5789 §2.2 no content is 400', async () => {
    expect((await http.patch(path).set('Content-Type', MERGE)).status).toBe(400);
  });
});

describe('a patch of what GET answers', () => {
  it.each([
    ['RFC 5789 §2.2 nothing is there', '/applied/2', {}, 404],
    ['RFC 9110 §13.1.1 If-Match holds', '/applied/1', { 'If-Match': '"1"' }, 200],
    ['RFC 9110 §13.1.1 If-Match fails', '/applied/1', { 'If-Match': '"2"' }, 412],
    ['RFC 9110 §13.1.2 If-None-Match: *', '/applied/1', { 'If-None-Match': '*' }, 412],
    ['RFC 9110 §15.5.7 nothing acceptable', '/applied/1', { Accept: 'image/png' }, 406],
    ['RFC 9110 §14.2 Range is ignored', '/applied/1', { Range: 'bytes=0-0' }, 200],
  ])('%s', async (_name, path, headers, status) => {
    const sent = http
      .patch(path)
      .set(headers as Record<string, string>)
      .set('Content-Type', MERGE);
    expect((await sent.serialize(String).send('{"title":"b"}')).status).toBe(status);
    expect(calls).toBe(status === 200 ? 1 : 0);
  });
});
