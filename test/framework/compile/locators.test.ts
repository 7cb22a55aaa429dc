import { join } from 'node:path';
import { IsInt, IsString, Max } from 'class-validator';
import fc from 'fast-check';
import type { Context as KoaContext } from 'koa';
import {
  ApiError,
  Authenticated,
  BeanParam,
  basic,
  type Class,
  Consumes,
  Context,
  CookieParam,
  createApp,
  DELETE,
  ETag,
  FormParam,
  GET,
  HeaderParam,
  HttpMethod,
  LastModified,
  MatrixParam,
  PATCH,
  Path,
  PathParam,
  PermitAll,
  POST,
  Preconditions,
  Principal,
  Produces,
  PUT,
  QueryParam,
  RolesAllowed,
  StartupError,
} from 'koanatomy';
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CodecRegistry } from '../../../src/framework/codecs/registry.js';
import type { RouteTarget } from '../../../src/framework/compile/records.js';
import { Router } from '../../../src/framework/compile/router.js';
import { createSubResources } from '../../../src/framework/compile/sub-resources.js';
import { serve } from '../../support/serve.js';

const PURGE = HttpMethod('PURGE');

let calls: string[] = [];
beforeEach(() => {
  calls = [];
});

class Draft {
  @IsString() title!: string;
  @IsInt() size!: number;
}

class Page {
  @QueryParam('limit', { integer: true })
  @Max(100)
  limit = 20;
}

class Attachments {
  constructor(private readonly noteId: number) {}

  @GET('/{name}')
  find(@PathParam('name') name: string, @PathParam('note') note: number) {
    return { attachment: name, of: this.noteId, note };
  }
}

class Notes {
  constructor(
    readonly caseId: number,
    readonly limit = 0,
  ) {}

  @GET
  list(@QueryParam('q') q?: string) {
    return { notesOf: this.caseId, limit: this.limit, q };
  }

  @GET
  @Path('/{note}')
  find(@PathParam('note') note: number, @PathParam('id') id: number) {
    return { caseId: this.caseId, id, note };
  }

  @POST
  create(draft: Draft, @QueryParam('dry') dry?: boolean) {
    return { ...draft, dry, caseId: this.caseId };
  }

  @PURGE('/all')
  purge() {
    return 'purged';
  }

  @GET('/text')
  @Produces('text/plain')
  text() {
    return 'text';
  }

  @Path('/{note}/files')
  attachments(@PathParam('note') note: number): Attachments {
    return new Attachments(note);
  }
}

class LoudNotes extends Notes {
  override list(q?: string) {
    return { ...super.list(q), loud: true } as ReturnType<Notes['list']>;
  }
}

/** The same word at two places of one path: the nearest has it. */
class Twice {
  constructor(readonly made?: unknown) {}
  @GET('/{id}')
  get(@PathParam('id') id: string) {
    return { inner: id };
  }
}

@Path('/cases')
class CaseController {
  @GET('/{id}') find(@PathParam('id') id: number) {
    return { id };
  }

  @Path('/{id}/notes')
  notes(
    @PathParam('id') id: number,
    @BeanParam() page: Page,
    @Context() ctx: KoaContext,
    @HeaderParam('x-kind') kind?: string,
  ): Notes {
    calls.push(`notes ${id} ${ctx.method}`);
    if (id === 404) return null as unknown as Notes;
    if (id === 405) return undefined as unknown as Notes;
    if (id === 409) throw new ApiError(409, 'not now');
    if (id === 500) return 'notes' as unknown as Notes;
    return kind === 'loud' ? new LoudNotes(id, page.limit) : new Notes(id, page.limit);
  }

  @DELETE('/{id}/notes') clear(@PathParam('id') id: number) {
    return { cleared: id };
  }

  @Path('/{id}/twice')
  twice(@PathParam('id') id: string): Twice {
    calls.push(`twice ${id}`);
    return new Twice();
  }
}

describe('a locator that declares the class it returns', () => {
  let http: ReturnType<typeof request>;
  beforeAll(async () => {
    http = await serve(CaseController);
  });

  it('leads to the methods of that class, which see its values', async () => {
    expect((await http.get('/cases/7/notes?q=x&limit=5')).body).toEqual({ notesOf: 7, limit: 5, q: 'x' });
    expect((await http.get('/cases/7/notes/3')).body).toEqual({ caseId: 7, id: 7, note: 3 });
    expect(calls).toEqual(['notes 7 GET', 'notes 7 GET']);
  });

  it('leads through several', async () => {
    const answer = await http.get('/cases/7/notes/3/files/a.txt');
    expect(answer.body).toEqual({ attachment: 'a.txt', of: 3, note: 3 });
  });

  it('has its methods among the routes, with their whole paths', async () => {
    const app = await createApp({ controllers: CaseController, logger: false });
    const routes = app.routes.map(({ method, path, handler }) => `${method} ${path} ${handler}`);
    expect(routes).toContain('GET /cases/{id}/notes Notes.list');
    expect(routes).toContain('GET /cases/{id}/notes/{note} Notes.find');
    expect(routes).toContain('GET /cases/{id}/notes/{note}/files/{name} Attachments.find');
    expect(app.warnings).toEqual([]);
  });

  it('shares a path with methods of the controller: Allow has all of them', async () => {
    const answer = await http.put('/cases/7/notes');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST, DELETE, OPTIONS']);
    expect((await http.delete('/cases/7/notes')).body).toEqual({ cleared: 7 });
    expect(calls).toEqual([]);
  });

  it('answers HEAD, OPTIONS and methods of any name below it', async () => {
    const head = await http.head('/cases/7/notes');
    expect([head.status, head.text]).toEqual([200, undefined]);
    expect((await http.options('/cases/7/notes/3')).headers.allow).toBe('GET, HEAD, OPTIONS');
    expect((await http.purge('/cases/7/notes/all')).body).toBe('purged');
  });

  it('is not called for a request that is refused: parameters of both are reported together', async () => {
    const answer = await http.post('/cases/x/notes?dry=perhaps&limit=1000').send({ title: 5, size: 1 });
    expect(answer.status).toBe(400);
    const places = answer.body.errors.map((each: { in: string; path: string }) => `${each.in} ${each.path}`);
    expect(places.sort()).toEqual(['body /title', 'path /id', 'query /dry', 'query /limit']);
    expect((await http.get('/cases/7/notes').set('Accept', 'text/csv')).status).toBe(406);
    expect((await http.post('/cases/7/notes').type('text/plain').send('x')).status).toBe(415);
    expect(calls).toEqual([]);
  });

  it.each([404, 405])('is 404 where it returns nothing (%i)', async (id) => {
    const answer = await http.get(`/cases/${id}/notes`);
    expect([answer.status, answer.body.type]).toEqual([404, 'urn:koanatomy:not-found']);
  });

  it('may throw what a method may throw', async () => {
    expect((await http.get('/cases/409/notes')).body).toMatchObject({ status: 409, detail: 'not now' });
    expect((await http.get('/cases/500/notes')).status).toBe(500);
  });

  it('may return an object of a subclass, whose methods are then called', async () => {
    const answer = await http.get('/cases/7/notes').set('X-Kind', 'loud');
    expect(answer.body).toEqual({ notesOf: 7, limit: 20, loud: true });
  });

  it('gives a variable of its own name to the nearest', async () => {
    expect((await http.get('/cases/outer/twice/inner')).body).toEqual({ inner: 'inner' });
    expect(calls).toEqual(['twice outer']);
  });
});

const users: Record<string, readonly string[]> = {
  admin: ['admin', 'user'],
  user: ['user'],
  both: ['a', 'b'],
};
const authenticators = [basic((user) => new Principal(user, users[user] ?? []))];

/** The statuses that nobody, a user and an admin get. */
async function statuses(http: ReturnType<typeof request>, path: string) {
  const get = async (user: string | null) => {
    const sent = http.get(path);
    return (await (user === null ? sent : sent.auth(user, 'x'))).status;
  };
  return [await get(null), await get('user'), await get('admin')];
}

class Guarded {
  @GET('/own') @RolesAllowed('admin') own() {
    return 1;
  }
  @GET('/open') @PermitAll() open() {
    return 1;
  }
  @GET('/silent') silent() {
    return 1;
  }
}

class Plain {
  @GET get(@Context(Principal) who?: Principal) {
    return { who: who?.name };
  }
}

@Path('/access')
class AccessController {
  @Path('/user') @RolesAllowed('user', 'admin') user(): Guarded {
    calls.push('user');
    return new Guarded();
  }
  @Path('/anybody') anybody(): Guarded {
    return new Guarded();
  }
  @Path('/dynamic') @RolesAllowed('user', 'admin') dynamic(): object {
    calls.push('dynamic');
    return new Guarded();
  }
  @Path('/who') @Authenticated() who(): Plain {
    return new Plain();
  }
}

@Path('/closed')
@RolesAllowed('admin')
class ClosedController {
  @Path('/below') below(): Guarded {
    calls.push('below');
    return new Guarded();
  }
  @Path('/opened') @PermitAll() opened(): Guarded {
    return new Guarded();
  }
  @Path('/dynamic') dynamic(): object {
    calls.push('dynamic');
    return new Guarded();
  }
}

describe('access that a locator or its class declares', () => {
  let http: ReturnType<typeof request>;
  beforeAll(async () => {
    http = await serve([AccessController, ClosedController], { authenticators });
  });

  it.each([
    ['/access/user/silent', [401, 200, 200]],
    ['/access/user/own', [401, 403, 200]],
    ['/access/user/open', [401, 200, 200]],
    ['/access/anybody/silent', [200, 200, 200]],
    ['/access/anybody/own', [401, 403, 200]],
    ['/closed/below/silent', [401, 403, 200]],
    ['/closed/below/open', [401, 403, 200]],
    ['/closed/opened/silent', [200, 200, 200]],
    ['/closed/opened/own', [401, 403, 200]],
    ['/access/dynamic/silent', [401, 200, 200]],
    ['/access/dynamic/own', [401, 403, 200]],
    ['/access/dynamic/open', [401, 200, 200]],
    ['/access/dynamic/nowhere', [401, 404, 404]],
    ['/closed/dynamic/open', [401, 403, 200]],
  ])('holds for everything below: %s', async (path, expected) => {
    expect(await statuses(http, path)).toEqual(expected);
  });

  it.each([
    '/closed/below/silent',
    '/closed/dynamic/silent',
  ])('holds before it is called: %s', async (path) => {
    await http.get(path);
    await http.get(path).auth('user', 'x');
    expect(calls).toEqual([]);
  });

  it('gives the methods below the principal', async () => {
    expect((await http.get('/access/who').auth('user', 'x')).body).toEqual({ who: 'user' });
  });

  it('is in the list of routes', async () => {
    const app = await createApp({ controllers: AccessController, authenticators, logger: false });
    const access = Object.fromEntries(app.routes.map((route) => [route.path, route.access]));
    expect(access).toMatchObject({
      '/access/user/own': 'roles: admin',
      '/access/user/open': 'roles: user, admin',
      '/access/anybody/silent': 'everybody',
    });
  });

  it('is refused at startup where it can’t be told what both ask for together', async () => {
    @Path('/a')
    class Contradicting {
      @Path('/x') @RolesAllowed('a', 'c') x(): Guarded {
        return new Guarded();
      }
    }
    const codes = await found(Contradicting, { authenticators });
    expect(codes).toEqual(['mixed-access Guarded.own']);
  });

  it('asks for both where they are known at request time only', async () => {
    class Second {
      @GET @RolesAllowed('b') get() {
        return 1;
      }
    }
    @Path('/both')
    class BothController {
      @Path('/x') @RolesAllowed('a') x(): object {
        return new Second();
      }
    }
    const both = await serve(BothController, { authenticators });
    expect((await both.get('/both/x').auth('both', 'x')).status).toBe(200);
    expect((await both.get('/both/x').auth('admin', 'x')).status).toBe(403);
  });
});

class Folder {
  constructor(private readonly trail: readonly string[]) {}

  @GET get(@PathParam('name') name: string) {
    return { trail: this.trail, name };
  }

  @PUT put(draft: Draft) {
    return { trail: this.trail, ...draft };
  }

  @GET('/files/{file}') file(@PathParam('file') file: string, @QueryParam('n') n?: number) {
    return { trail: this.trail, file, n };
  }

  @Path('/{name}')
  child(@PathParam('name') name: string): Folder {
    calls.push(name);
    return new Folder([...this.trail, name]);
  }
}

abstract class Shape {
  abstract area(): number;
}

class Circle extends Shape {
  constructor(private readonly radius: number) {
    super();
  }
  @GET('/area') area() {
    return this.radius ** 2 * 3;
  }
  @GET('/{v}') outer(@PathParam('radius') radius: number, @PathParam('v') v: string) {
    return { radius, v };
  }
}

class Square extends Shape {
  @GET('/area') area() {
    return 4;
  }
  @PURGE purge() {
    return 'gone';
  }
}

class MadeByContainer {
  readonly instance = Math.random();
  @GET get() {
    return { instance: this.instance };
  }
}

class Nothing {
  get() {
    return 1;
  }
}

class Wrong {
  @GET('/right') right() {
    return 'right';
  }
  @GET('/x') get(@PathParam('nobody') nobody: string) {
    return nobody;
  }
}

class Broken {
  @GET('/{id') get() {
    return 1;
  }
}

@Path('/tree')
class TreeController {
  @Path('/{name}') root(@PathParam('name') name: string): Folder {
    calls.push(name);
    return new Folder([name]);
  }
}

@Path('/dynamic')
class DynamicController {
  @Path('/circles/{radius}')
  async circle(
    @PathParam('radius') radius: number,
    @QueryParam('scale', { integer: true }) scale?: number,
    @CookieParam('c') cookie?: number,
    @MatrixParam('m') matrix?: number,
  ): Promise<Shape> {
    calls.push(`circle ${radius}`);
    return new Circle(radius * (scale ?? 1) + (cookie ?? 0) + (matrix ?? 0));
  }
  @Path('/shape/{kind}') shape(@PathParam('kind') kind: string): Shape | null {
    if (kind === 'none') return null;
    return kind === 'circle' ? new Circle(1) : new Square();
  }
  @Path('/made') made(): typeof MadeByContainer {
    return MadeByContainer;
  }
  @Path('/odd/{what}') odd(@PathParam('what') what: string): object {
    const odd: Record<string, unknown> = {
      nothing: new Nothing(),
      class: Nothing,
      wrong: new Wrong(),
      broken: new Broken(),
      text: 'text',
      bare: Object.create(null),
      plain: {},
      list: [1],
    };
    return odd[what] as object;
  }
  @GET('/odd/{what}') itself(@PathParam('what') what: string) {
    return { itself: what };
  }
  @GET('/odd/literal/x') literal() {
    return 'literal';
  }
  @Path('/self') self(): object {
    return new Loop();
  }
}

class Loop {
  @Path('/') again(): object {
    calls.push('again');
    return this;
  }
}

describe('a locator whose class is known at request time only', () => {
  let http: ReturnType<typeof request>;
  const errors: unknown[] = [];
  beforeAll(async () => {
    const error = ({ err }: { err?: unknown }): void => void errors.push(err);
    http = await serve([TreeController, DynamicController], { logger: { info() {}, warn() {}, error } });
  });
  beforeEach(() => {
    errors.length = 0;
  });

  it('is listed as what it is, and the first round of a class that leads to itself is an ordinary path', async () => {
    const app = await createApp({ controllers: TreeController, logger: false });
    expect(app.routes.map(({ method, path, handler }) => `${method} ${path} ${handler}`)).toEqual([
      'GET /tree/{name} Folder.get',
      'PUT /tree/{name} Folder.put',
      'GET /tree/{name}/files/{file} Folder.file',
      '* /tree/{name}/{name} Folder.child',
    ]);
  });

  it('leads as deep as the objects do; variables are those of the nearest path', async () => {
    expect((await http.get('/tree/a')).body).toEqual({ trail: ['a'], name: 'a' });
    expect((await http.get('/tree/a/b')).body).toEqual({ trail: ['a', 'b'], name: 'b' });
    expect((await http.get('/tree/a/b/c/d')).body).toEqual({ trail: ['a', 'b', 'c', 'd'], name: 'd' });
    expect((await http.get('/tree/a/b/c%2Fd/files/e?n=5')).body).toEqual({
      trail: ['a', 'b', 'c/d'],
      file: 'e',
      n: 5,
    });
    expect((await http.get('/tree/a/b/c/')).body).toEqual({ trail: ['a', 'b', 'c'], name: 'c' });
  });

  it('is called once for each step, in order', async () => {
    await http.get('/tree/a/b/c/d');
    expect(calls).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is followed by the other stages as any method is', async () => {
    const put = await http.put('/tree/a/b/c').send({ title: 't', size: 1 });
    expect(put.body).toEqual({ trail: ['a', 'b', 'c'], title: 't', size: 1 });
    expect((await http.put('/tree/a/b/c').send({ title: 't' })).status).toBe(400);
    expect((await http.put('/tree/a/b/c').type('text/plain').send('x')).status).toBe(415);
    expect((await http.get('/tree/a/b/c').set('Accept', 'image/png')).status).toBe(406);
    expect((await http.get('/tree/a/b/files/e?n=x')).body.errors).toHaveLength(1);
  });

  it('is 405 with Allow, HEAD and OPTIONS below it', async () => {
    const refused = await http.delete('/tree/a/b/c');
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD, PUT, OPTIONS']);
    const options = await http.options('/tree/a/b/c');
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, PUT, OPTIONS']);
    const [head, get] = [await http.head('/tree/a/b/c'), await http.get('/tree/a/b/c')];
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      undefined,
      get.headers['content-length'],
    ]);
  });

  it('knows the methods of the class that was found, and of no other', async () => {
    expect((await http.purge('/dynamic/shape/square')).body).toBe('gone');
    expect((await http.purge('/dynamic/shape/square/area')).status).toBe(405);
    expect((await http.purge('/dynamic/shape/circle/area')).status).toBe(501);
  });

  it('goes by the class of the object that was found', async () => {
    expect((await http.get('/dynamic/shape/circle/area')).body).toBe(3);
    expect((await http.get('/dynamic/shape/square/area')).body).toBe(4);
    expect((await http.get('/dynamic/shape/square/7')).status).toBe(404);
  });

  it('is 404 where it finds nothing, and where what it finds has not the rest of the path', async () => {
    for (const path of ['/dynamic/shape/none/area', '/dynamic/shape/circle', '/dynamic/circles/2/area/x']) {
      expect((await http.get(path)).body.type, path).toBe('urn:koanatomy:not-found');
    }
  });

  it('binds its parameters of every kind; what is wrong with them is 400 before it is called', async () => {
    const answer = await http.get('/dynamic/circles/2;m=1/area?scale=2').set('Cookie', 'c=1');
    expect(answer.body).toBe(108);
    calls = [];
    const refused = await http.get('/dynamic/circles/x/area?scale=1.5').set('Cookie', 'c=x');
    expect(refused.body.errors).toHaveLength(3);
    expect(calls).toEqual([]);
  });

  it('gives the methods below its variables', async () => {
    expect((await http.get('/dynamic/circles/2/v')).body).toEqual({ radius: 2, v: 'v' });
  });

  it('may return a class, of which the container makes an object', async () => {
    const [first, second] = [await http.get('/dynamic/made'), await http.get('/dynamic/made')];
    expect(first.body).toEqual(second.body);
    expect(first.body.instance).toBeTypeOf('number');
  });

  it('has what its class declares to read and write loaded with the class', async () => {
    class Table {
      @GET @Produces('text/csv') get() {
        return [{ a: 1 }];
      }
    }
    @Path('/table')
    class TableController {
      @Path('/') table(): object {
        return new Table();
      }
    }
    const answer = await (await serve(TableController)).get('/table');
    expect([answer.status, answer.text]).toEqual([200, 'a\r\n1\r\n']);
  });

  it('stands behind a method with the same path, and behind one with more literal characters', async () => {
    expect((await http.get('/dynamic/odd/plain')).body).toEqual({ itself: 'plain' });
    expect((await http.get('/dynamic/odd/literal/x')).body).toBe('literal');
    expect((await http.get('/dynamic/odd/literal/y')).status).toBe(404);
  });

  it.each([
    'nothing',
    'class',
    'text',
    'plain',
    'list',
    'bare',
    'broken',
  ])('is a 500 that is logged where it finds no resource: %s', async (what) => {
    for (let i = 0; i < 2; i++) {
      const answer = await http.get(`/dynamic/odd/${what}/x`);
      expect([answer.status, answer.body.type]).toEqual([500, 'urn:koanatomy:internal-error']);
      expect(JSON.stringify(answer.body)).not.toMatch(/Nothing|DynamicController/);
    }
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(String(error)).toMatch(/located|a locator found an object of/);
  });

  it('tells in the log what is wrong with a class, with the findings', async () => {
    await http.get('/dynamic/odd/broken/x');
    const { cause } = errors[0] as Error;
    expect(cause).toBeInstanceOf(StartupError);
    expect((cause as StartupError).findings[0]?.code).toBe('malformed-path-template');
  });

  it('is a 500 where a method below it binds a variable that the path lacks', async () => {
    expect((await http.get('/dynamic/odd/wrong/right')).body).toBe('right');
    expect((await http.get('/dynamic/odd/wrong/x')).status).toBe(500);
    expect(String(errors[0])).toContain('{nobody}');
  });

  it('is not called without end: neither by a path of thousands of segments nor by objects that find themselves', async () => {
    const deep = await http.get(`/tree${'/a'.repeat(3000)}`);
    expect([deep.status, calls.length]).toEqual([404, 51]);
    calls = [];
    const loop = await http.get('/dynamic/self/x');
    expect([loop.status, calls.length]).toEqual([404, 49]);
  });

  it('gives names of Object.prototype no meaning', async () => {
    expect((await http.get('/tree/__proto__/constructor/toString')).body).toEqual({
      trail: ['__proto__', 'constructor', 'toString'],
      name: 'toString',
    });
  });

  it('keeps requests apart that are answered at the same time', async () => {
    const app = await createApp({ controllers: TreeController, logger: false });
    const server = request(app.callback());
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => server.get(`/tree/a/${i}/x${i}`).then(({ body }) => body)),
    );
    expect(answers).toEqual(answers.map((_, i) => ({ trail: ['a', String(i), `x${i}`], name: `x${i}` })));
  });
});

describe('an object of another class than the declared one', () => {
  class Word {
    @GET say(): unknown {
      return 'word';
    }
  }
  class Strict extends Word {
    @GET @RolesAllowed('admin') override say() {
      return 'secret';
    }
  }
  class Similar {
    say() {
      return 'similar';
    }
  }
  @Path('/other')
  class OtherController {
    @Path('/strict') strict(): Word {
      return new Strict();
    }
    @Path('/similar') similar(): Word {
      return new Similar();
    }
    @Path('/class') aClass(): Word {
      return Similar as unknown as Word;
    }
    @Path('/shown') shown(): object {
      return new Strict();
    }
  }

  it('is refused where its own declarations would not hold', async () => {
    const http = await serve(OtherController, { authenticators });
    for (let i = 0; i < 2; i++) expect((await http.get('/other/strict')).status).toBe(500);
    expect((await http.get('/other/similar')).body).toBe('similar');
    expect((await http.get('/other/class')).body).toBe('similar');
    expect((await http.get('/other/shown')).status).toBe(401);
  });
});

async function found(controllers: Class | Class[], options = {}): Promise<string[]> {
  const findings = await createApp({ controllers, logger: false, ...options }).then(
    (app) => app.warnings,
    (error: StartupError) => error.findings,
  );
  return findings.map(({ code, where }) => `${code} ${where}`);
}

describe('startup finds of locators', () => {
  it('those that return what can have no verbs: a verb is missing', async () => {
    @Path('/a')
    class Forgotten {
      @GET get() {
        return 1;
      }
      @Path('/1') text(): string {
        return 'x';
      }
      @Path('/2') list(): number[] {
        return [];
      }
      @Path('/3') when(): Date {
        return new Date();
      }
    }
    expect(await found(Forgotten)).toEqual([
      'not-a-resource Forgotten.text',
      'not-a-resource Forgotten.list',
      'not-a-resource Forgotten.when',
    ]);
  });

  it('those of which nothing says what they return, as a warning', async () => {
    @Path('/a')
    class Untyped {
      @Path('/1') what() {
        return new Twice();
      }
    }
    expect(await found(Untyped)).toEqual(['type-unclear Untyped.what']);
  });

  it('bodies and form fields', async () => {
    @Path('/a')
    class Bodies {
      @Path('/1') body(_draft: Draft): Twice {
        return new Twice();
      }
      @Path('/2') form(@FormParam('x') _x: string): object {
        return new Twice();
      }
    }
    expect(await found(Bodies)).toEqual(['body-not-allowed Bodies.body', 'body-not-allowed Bodies.form']);
  });

  it('parameters that know of the answer', async () => {
    @Path('/a')
    class Early {
      @Path('/1') one(@Context() preconditions: Preconditions): Twice {
        return new Twice(preconditions);
      }
      @Path('/2') two(@Context('language') language: string): object {
        return new Twice(language);
      }
    }
    expect(await found(Early)).toEqual(['not-supported Early.one', 'not-supported Early.two']);
  });

  it('decorators that do nothing there', async () => {
    @Path('/a')
    class Decorated {
      @Path('/1') @Produces('text/plain') produces(): Twice {
        return new Twice();
      }
      @Path('/2') @Consumes('text/plain') consumes(): object {
        return new Twice();
      }
    }
    expect(await found(Decorated)).toEqual([
      'not-supported Decorated.produces',
      'not-supported Decorated.consumes',
    ]);
  });

  it('variables that nothing has, of the locator and of the methods below it, each once', async () => {
    class Below {
      @GET get(@PathParam('above') above: string, @PathParam('no') no: string) {
        return above + no;
      }
      @POST post() {}
    }
    @Path('/{above}')
    class Above {
      @Path('/{x}') x(@PathParam('x') _x: string, @PathParam('y') _y: string): Below {
        return new Below();
      }
    }
    expect(await found(Above)).toEqual([
      'unknown-path-variable Above.x',
      'unknown-path-variable Below.get',
      'unbound-path-variable Below.post',
    ]);
  });

  it('two that have one path, and methods that another one answers', async () => {
    @Path('/a')
    class Doubled {
      @Path('/{x}') one(@PathParam('x') _x: string): object {
        return new Twice();
      }
      @Path('/{y}') two(@PathParam('y') _y: string): object {
        return new Twice();
      }
      @Path('/t') three(): Twice {
        return new Twice();
      }
      @GET('/t/{any}') four(@PathParam('any') any: string) {
        return any;
      }
    }
    expect(await found(Doubled)).toEqual(['duplicate-route Twice.get', 'duplicate-route Doubled.two']);
  });

  it('an override that has decorators and loses the path', async () => {
    class Base {
      @Path('/x') @Authenticated() x(): Twice {
        return new Twice();
      }
    }
    @Path('/a')
    class Derived extends Base {
      @GET get() {
        return 1;
      }
      @RolesAllowed('admin') override x(): Twice {
        return new Twice();
      }
    }
    @Path('/b')
    class Inheriting extends Base {}
    expect(await found(Derived, { authenticators })).toEqual(['half-overridden Derived.x']);
    expect((await (await serve(Inheriting, { authenticators })).get('/b/x/1')).status).toBe(401);
  });

  it('nothing of a controller that has locators alone, nor of a class with a path of its own', async () => {
    @Path('/ignored')
    class Both {
      @GET get() {
        return 'both';
      }
    }
    @Path('/a')
    class Locators {
      @Path('/b') b(): Both {
        return new Both();
      }
    }
    expect(await found(Locators)).toEqual([]);
    const http = await serve(Locators);
    expect((await http.get('/a/b')).body).toBe('both');
    expect((await http.get('/a/b/ignored')).status).toBe(404);
    expect((await http.get('/ignored')).status).toBe(404);
  });
});

describe('classes that lead to one another', () => {
  class Ping {
    @GET get() {
      return 'ping';
    }
    @Path('/pong') pong(): object {
      return new Pong();
    }
  }
  class Pong {
    @GET get() {
      return 'pong';
    }
    @Path('/ping') ping(): Ping {
      return new Ping();
    }
  }
  Reflect.defineMetadata('design:returntype', Pong, Ping.prototype, 'pong');
  @Path('/game')
  class Game {
    @Path('/ping') ping(): Ping {
      return new Ping();
    }
  }

  it('are followed once at startup and without end at request time', async () => {
    const http = await serve(Game);
    expect((await http.get('/game/ping/pong')).body).toBe('pong');
    expect((await http.get('/game/ping/pong/ping/pong/ping')).body).toBe('ping');
    expect((await http.get('/game/ping/ping')).status).toBe(404);
  });

  it('make no routes without number, however many there are', async () => {
    const classes = Array.from({ length: 7 }, (_, i) => {
      class Node {
        get() {
          return i;
        }
      }
      GET(Node.prototype, 'get', {});
      return Node;
    });
    for (const from of classes) {
      for (const [i, to] of classes.entries()) {
        const { prototype } = from;
        Reflect.defineProperty(prototype, `to${i}`, { value: () => new to(), configurable: true });
        Reflect.defineMetadata('design:paramtypes', [], prototype, `to${i}`);
        Reflect.defineMetadata('design:returntype', to, prototype, `to${i}`);
        Path(`/${i}`)(prototype, `to${i}`, {});
      }
    }
    Path('/many')(classes[0] as never);
    const app = await createApp({ controllers: classes[0] as never, logger: false });
    expect(app.routes.length).toBeLessThan(10_000);
    expect((await request(app.callback()).get('/many/3/4/5/6/1/2/3/4')).body).toBe(4);
  });
});

it('a class is compiled once, also where it can’t be, and classes one after another', async () => {
  const routers: Router<RouteTarget>[] = [];
  const routesOf = createSubResources(
    { codecs: new CodecRegistry(), resources: new Set(), fallback: { kind: 'permit' } },
    () => {
      const router = new Router<RouteTarget>();
      routers.push(router);
      return { router, verbs: new Set() };
    },
  );
  const all = await Promise.all([routesOf(Square, false), routesOf(Circle, false), routesOf(Square, false)]);
  expect(all.map(({ router }) => routers.indexOf(router))).toEqual([0, 1, 0]);
  const failed = await Promise.allSettled([routesOf(Broken, false), routesOf(Broken, true)]);
  const reasons = failed.map((each) => (each.status === 'rejected' ? each.reason : null));
  expect(reasons[0]).toBeInstanceOf(Error);
  expect(reasons[1]).toBe(reasons[0]);
  expect(routers).toHaveLength(2);
});

describe('discovery', () => {
  const load = (...exported: Class[]) => ({
    controllers: join(import.meta.dirname, '../../fixtures/none'),
    load: async () => Object.fromEntries(exported.map((type) => [type.name, type])),
    logger: false as const,
  });

  it('does not warn of classes that locators return', async () => {
    expect((await createApp(load(Notes, CaseController, Attachments, Twice))).warnings).toEqual([]);
    expect((await createApp(load(Circle, DynamicController))).warnings).toEqual([]);
  });

  it('warns of the others still, where every locator says what it returns', async () => {
    const { warnings } = await createApp(load(Circle, CaseController));
    expect(warnings.map(({ code, where }) => `${code} ${where.replace(/ .*/, '')}`)).toEqual([
      'not-served Circle',
    ]);
  });
});

@Path('/api/{id}/notes')
class ByHand {
  @GET list(
    @PathParam('id', { integer: true }) id: number,
    @QueryParam('l') l?: number,
    @QueryParam('q') q?: string,
  ) {
    return { id, l, q };
  }
  @GET @Path('/{note: [0-9]+}') find(
    @PathParam('id', { integer: true }) id: number,
    @PathParam('note') note: number,
    @QueryParam('l') l?: number,
  ) {
    return { id, l, note };
  }
  @GET('/{rest: .*}') rest(
    @PathParam('id', { integer: true }) id: number,
    @PathParam('rest') rest: string,
    @QueryParam('l') l?: number,
  ) {
    return { id, l, rest };
  }
  @POST create(@PathParam('id', { integer: true }) id: number, draft: Draft, @QueryParam('l') l?: number) {
    return { id, l, ...draft };
  }
  @GET('/list') @Produces('text/plain') text(
    @PathParam('id', { integer: true }) id: number,
    @QueryParam('l') _l?: number,
  ) {
    return `text ${id}`;
  }
  @DELETE @Path('/{note}') @RolesAllowed('admin') remove(
    @PathParam('id', { integer: true }) id: number,
    @PathParam('note') note: string,
    @QueryParam('l') _l?: number,
  ) {
    return { id, removed: note };
  }
}

class Located {
  constructor(
    private readonly id: number,
    private readonly l?: number,
  ) {}
  @GET list(@QueryParam('q') q?: string) {
    return { id: this.id, l: this.l, q };
  }
  @GET @Path('/{note: [0-9]+}') find(@PathParam('note') note: number) {
    return { id: this.id, l: this.l, note };
  }
  @GET('/{rest: .*}') rest(@PathParam('rest') rest: string) {
    return { id: this.id, l: this.l, rest };
  }
  @POST create(draft: Draft) {
    return { id: this.id, l: this.l, ...draft };
  }
  @GET('/list') @Produces('text/plain') text() {
    return `text ${this.id}`;
  }
  @DELETE @Path('/{note}') @RolesAllowed('admin') remove(@PathParam('note') note: string) {
    return { id: this.id, removed: note };
  }
}

@Path('/api/{id}')
class Flat {
  @Path('/notes') notes(
    @PathParam('id', { integer: true }) id: number,
    @QueryParam('l') l?: number,
  ): Located {
    return new Located(id, l);
  }
}

@Path('/api/{id}')
class Late {
  @Path('/notes') async notes(
    @PathParam('id', { integer: true }) id: number,
    @QueryParam('l') l?: number,
  ): Promise<Located> {
    return new Located(id, l);
  }
}

interface Sent {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'PUT' | 'OPTIONS';
  readonly path: string;
  readonly accept: string | null;
  readonly user: string | null;
  readonly body: object | string | null;
}

describe('any request', () => {
  const segment = fc.constantFrom('7', 'x', 'list', 'a%2Fb', '', '%F0%9F%90%A8', 'y;m=1');
  const sent: fc.Arbitrary<Sent> = fc.record({
    method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'OPTIONS'),
    path: fc
      .tuple(
        fc.constantFrom('7', '7', '7', 'x', '1.5'),
        fc.constantFrom('notes', 'notes', 'notes', 'note'),
        fc.array(segment, { maxLength: 3 }),
        fc.constantFrom('', '', '/', '?l=5', '?l=x', '?q=1&q=2', '?l=1&q=z'),
      )
      .map(([id, notes, rest, end]) => `/api/${[id, notes, ...rest].join('/')}${end}`),
    accept: fc.constantFrom(null, null, 'application/json', 'text/plain', 'image/png'),
    user: fc.constantFrom(null, 'user', 'admin'),
    body: fc.constantFrom(null, { title: 'a', size: 1 }, { title: 1 }, 'text'),
  });
  const apps = new Map<string, ReturnType<typeof request>>();
  beforeAll(async () => {
    for (const strictSlash of [true, false]) {
      for (const type of [ByHand, Flat, Late]) {
        apps.set(`${type.name} ${strictSlash}`, await serve(type, { authenticators, strictSlash }));
      }
    }
  });

  async function answer(name: string, { method, path, accept, user, body }: Sent) {
    const http = apps.get(name) as ReturnType<typeof request>;
    let test = http[method.toLowerCase() as 'get'](path);
    if (accept !== null) test = test.set('Accept', accept);
    if (user !== null) test = test.auth(user, 'x');
    if (body !== null && method === 'POST')
      test = test.type(typeof body === 'string' ? 'text' : 'json').send(body);
    const { status, headers, text } = await test;
    const { date: _, connection: _c, 'keep-alive': _k, 'x-request-id': _i, ...rest } = headers;
    const document = (text ?? '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'an id');
    if (status !== 400 || !document.startsWith('{')) return { status, headers: rest, document };
    // The issues of a method's own parameters may stand before or after those of the locator.
    const { errors, ...problem } = JSON.parse(document);
    const sorted = (errors ?? []).map((issue: unknown) => JSON.stringify(issue)).sort();
    return { status, headers: rest, document: JSON.stringify(problem), sorted };
  }

  it('is answered below a locator as by methods with the whole path', async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(sent, fc.boolean(), async (each, strict) => {
        const expected = await answer(`ByHand ${strict}`, each);
        seen.add(expected.status);
        expect(await answer(`Flat ${strict}`, each)).toEqual(expected);
        // A locator that has to be called speaks first where there are two faults, and where the rest needs no values.
        const late = await answer(`Late ${strict}`, each);
        if (late.status !== 400) expect(late).toEqual(expected);
        else expect(expected.status >= 400 || each.method === 'OPTIONS').toBe(true);
      }),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual(expect.arrayContaining([200, 204, 400, 401, 404, 405, 406]));
  });
});

describe('patches and tags', () => {
  it('a patch that is applied needs a GET on the same path, of the controller or of a locator’s class', async () => {
    class Readable {
      @GET get() {
        return { title: 'a', size: 1 };
      }
    }
    @Path('/p')
    class Patches {
      @PATCH('/1') @Consumes('application/json-patch+json') json(draft: Draft) {
        return draft;
      }
      @PATCH('/2') @Consumes('application/merge-patch+json') merge(draft: Draft) {
        return draft;
      }
      @PATCH('/3') @Consumes('application/merge-patch+json', 'application/json-patch+json') both(
        draft: Draft,
      ) {
        return draft;
      }
      @Path('/3') readable(): Readable {
        return new Readable();
      }
      @PATCH('/4') plain(draft: Draft) {
        return draft;
      }
    }
    expect(await found(Patches)).toEqual([
      'patch-without-get Patches.json',
      'patch-not-applied Patches.merge',
    ]);
  });

  it('validators on PUT are never sent, those of a class’s GET methods are no matter of it', async () => {
    @Path('/p')
    @ETag()
    class Tagged {
      @GET get() {
        return 1;
      }
      @PUT put() {
        return 1;
      }
      @PUT('/1') @ETag('version') tag() {
        return { version: 1 };
      }
      @PUT('/2') @LastModified(() => new Date(0)) date() {
        return 1;
      }
    }
    expect(await found(Tagged)).toEqual(['tag-not-sent Tagged.tag', 'tag-not-sent Tagged.date']);
  });

  it('a merge patch that is not applied is the body itself', async () => {
    @Path('/p')
    class Merging {
      @PATCH @Consumes('application/merge-patch+json') merge(draft: Draft) {
        return draft;
      }
    }
    const http = await serve(Merging);
    const send = (body: string) => http.patch('/p').type('application/merge-patch+json').send(body);
    expect((await send('{"title":"a","size":1}')).body).toEqual({ title: 'a', size: 1 });
    expect((await send('{"title":"a"}')).status).toBe(400);
  });
});
