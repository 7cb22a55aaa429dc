import { Type } from 'class-transformer';
import { IsArray, IsDate, IsInt, IsString, ValidateNested } from 'class-validator';
import type { Context as KoaContext } from 'koa';
import {
  Authenticated,
  BeanParam,
  Body,
  bearer,
  CacheControl,
  type Class,
  Consumes,
  Context,
  createApp,
  DELETE,
  DefaultValue,
  DenyAll,
  ETag,
  FormParam,
  GET,
  Languages,
  LastModified,
  PATCH,
  Patch,
  Path,
  PathParam,
  POST,
  Preconditions,
  Principal,
  Produces,
  PUT,
  QueryParam,
  Reply,
  RequirePrecondition,
  RolesAllowed,
  StartupError,
  Status,
  UploadedFile,
} from 'koanatomy';
import { HttpCode } from 'routing-controllers';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const authenticators = [bearer((token) => token === 't' && { name: 'ann' })];

async function check(controller: Class, options: object = {}) {
  const found = await createApp({ controllers: controller, logger: false, ...options }).then(
    (app) => app.warnings,
    (error: unknown) => {
      expect(error).toBeInstanceOf(StartupError);
      return (error as StartupError).findings;
    },
  );
  return found.map(({ code, where, message, remedy }) => ({ code, where, text: `${message} ${remedy}` }));
}

class Page {
  @QueryParam('limit') limit?: number;
}

class Draft {
  @IsString() title!: string;
}

class Inner {
  @IsInt() n!: number;
  @IsDate() made!: Date;
}

class Event {
  @IsDate() at!: Date;
  @IsDate() @Type(() => Date) until!: Date;
  @ValidateNested() inner!: Inner;
  @ValidateNested({ each: true }) @Type(() => Inner) list!: Inner[];
  @IsString() name!: string;
}

describe('startup tells a newcomer', () => {
  it('that a union hides the principal, where there are principals', async () => {
    @Path('/a')
    class Union {
      @GET get(@Context() who: Principal | undefined) {
        return typeof who;
      }
      @GET('/koa') koa(@Context('koa') ctx: KoaContext) {
        return ctx.path;
      }
      @GET('/named') named(@Context(Principal) who: Principal | undefined) {
        return { name: who?.name ?? null };
      }
    }
    const found = await check(Union, { authenticators });
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'type-unclear Union.get(parameter 1)',
    ]);
    expect(found[0]?.text).toContain('who?: Principal');
    expect((await check(Union)).map(({ code, where }) => `${code} ${where}`)).toEqual([
      'no-principal Union.named(parameter 1)',
    ]);
    const http = await serve(Union, { authenticators });
    expect((await http.get('/a/named')).body).toEqual({ name: null });
    expect((await http.get('/a/named').auth('t', { type: 'bearer' })).body).toEqual({ name: 'ann' });
    expect((await http.get('/a/koa')).body).toBe('/a/koa');
  });

  it('that a union hides a date; a default that is no text says what it is', async () => {
    @Path('/a')
    class Dates {
      @GET get(
        @QueryParam('since') since: Date | undefined,
        @QueryParam('n') @DefaultValue(5) n: number | undefined,
      ) {
        return { since, n };
      }
    }
    const [only, ...rest] = await check(Dates);
    expect([only?.code, only?.where, rest]).toEqual(['type-unclear', 'Dates.get(parameter 1)', []]);
    expect(only?.text).toContain('since?: Date');
    expect((await (await serve(Dates)).get('/a?n=7')).body).toEqual({ n: 7 });
  });

  it('that a date and a nested class in JSON need @Type, also below', async () => {
    @Path('/a')
    class Events {
      @POST post(event: Event) {
        return event;
      }
    }
    const found = await check(Events);
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'missing-type Event.at',
      'missing-type Event.inner',
      'missing-type Inner.made',
    ]);
    expect(found[0]?.text).toContain('@Type(() => Date)');
  });

  it('that a class of bound properties needs @BeanParam', async () => {
    @Path('/a')
    class Beans {
      @GET get(page: Page) {
        return page;
      }
      @GET('/right') right(@BeanParam page: Page) {
        return page;
      }
    }
    const [only, ...rest] = await check(Beans);
    expect([only?.code, rest]).toEqual(['unbound-parameter', []]);
    expect(only?.text).toContain('add @BeanParam()');
  });

  it('what `import type` and an interface leave of a class', async () => {
    interface Shape {
      a: number;
    }
    @Path('/a')
    class Types {
      @POST('/1') imported(body: unknown) {
        return body;
      }
      @POST('/2') decorated(@Body() body: unknown) {
        return body;
      }
      @POST('/3') shape(@Body() body: Shape) {
        return body;
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Function], Types.prototype, 'imported');
    Reflect.defineMetadata('design:paramtypes', [Function], Types.prototype, 'decorated');
    const found = await check(Types);
    expect(found.map(({ code }) => code)).toEqual([
      'unbound-parameter',
      'type-not-convertible',
      'body-without-rules',
    ]);
    expect(found[0]?.text).toContain('import type');
    expect(found[1]?.text).toContain('import type');
    expect(found[2]?.text).toContain('interface');
  });

  it('that a decorated class without emitted types lacks the compiler option', async () => {
    @Path('/a')
    class Untyped {
      constructor(readonly dependency: Page) {}
      @GET get() {
        return 1;
      }
    }
    Reflect.deleteMetadata('design:paramtypes', Untyped);
    const [only] = await check(Untyped);
    expect(only?.code).toBe('not-constructible');
    expect(only?.text).toContain('emitDecoratorMetadata');
  });

  it.each([
    ['@Path', () => (Path('/a') as (...args: unknown[]) => unknown)(class {}, { kind: 'class', name: 'X' })],
    ['@GET', () => (GET as (...args: unknown[]) => unknown)(() => {}, { kind: 'method', name: 'x' })],
    ['@DenyAll', () => (DenyAll as (...args: unknown[]) => unknown)(class {}, { kind: 'class', name: 'X' })],
  ])('that standard decorators are not the ones: %s', (_, decorate) => {
    expect(decorate).toThrow('experimentalDecorators');
  });

  it('that an option is misspelt', async () => {
    await expect(createApp({} as never)).rejects.toThrow('`controllers` is missing');
    @Path('/a')
    class Any {
      @GET get() {
        return 1;
      }
    }
    expect((await check(Any, { unknownProperties: 'reject' })).map(({ where }) => where)).toEqual([
      'unknownProperties',
    ]);
  });
});

/** Each finding as its code and place. */
async function codes(controller: Class, options: object = {}) {
  return (await check(controller, options)).map(({ code, where }) => `${code} ${where}`);
}

describe('startup tells who forgot a verb', () => {
  it('that a method with other decorators is not served', async () => {
    @Path('/a')
    class Verbless {
      @GET get() {
        return 1;
      }
      @Produces('text/plain') typed() {
        return 'x';
      }
      @ETag tagged() {
        return 1;
      }
      @RolesAllowed('admin') closed() {
        return 1;
      }
      @Status(201) created() {
        return 1;
      }
      bound(@QueryParam('n') n: number) {
        return n;
      }
      asked(@Context() signal: AbortSignal) {
        return signal.aborted;
      }
      @HttpCode(204) theirs() {
        return 1;
      }
      helper() {
        return 1;
      }
    }
    const found = await check(Verbless);
    expect(found.map(({ code, where }) => `${code} ${where}`).sort()).toEqual(
      ['asked', 'bound', 'closed', 'created', 'tagged', 'theirs', 'typed'].map(
        (method) => `verb-missing Verbless.${method}`,
      ),
    );
    expect(found[0]?.text).toContain('not served');
  });

  it('but not where a method is inherited, overridden, or overrides', async () => {
    abstract class Base {
      @GET @Produces('text/plain') plain() {
        return 'x';
      }
      @Produces('text/plain') abstracted() {
        return 'x';
      }
    }
    @Path('/a')
    class Derived extends Base {
      override plain() {
        return 'y';
      }
      @GET('/2') @Produces('text/plain') override abstracted() {
        return 'y';
      }
    }
    expect(await codes(Derived)).toEqual([]);
  });

  it('once only, and one word of a method that overrides half', async () => {
    class Base {
      @GET get() {
        return 1;
      }
    }
    @Path('/a')
    class Half extends Base {
      @Produces('text/plain') override get() {
        return 2;
      }
    }
    expect(await codes(Half)).toEqual(['half-overridden Half.get']);
  });

  it('in the classes that locators return, whether or not they have verbs', async () => {
    class Served {
      @GET get() {
        return 1;
      }
      @Produces('text/plain') forgotten() {
        return 'x';
      }
    }
    class Unserved {
      @Produces('text/plain') alone() {
        return 'x';
      }
    }
    @Path('/a')
    class Locators {
      @Path('/1') served(): Served {
        return new Served();
      }
      @Path('/2') again(): Served {
        return new Served();
      }
      @Path('/3') unserved(): Unserved {
        return new Unserved();
      }
    }
    expect(await codes(Locators)).toEqual(['verb-missing Served.forgotten', 'verb-missing Unserved.alone']);
  });
});

describe('startup tells who asks for a precondition', () => {
  it('that nobody could send an If-Match that holds', async () => {
    @Path('/a/{id}')
    class Unversioned {
      @GET get(@PathParam('id') id: string) {
        return id;
      }
      @PUT @RequirePrecondition put(@PathParam('id') id: string) {
        return id;
      }
      @DELETE @Path('/part') @RequirePrecondition remove(@PathParam('id') id: string) {
        return id;
      }
    }
    const found = await check(Unversioned);
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'no-validators Unversioned.put',
      'no-validators Unversioned.remove',
    ]);
    expect(found[0]?.text).toContain('the GET of /a/{id} declares neither');
    expect(found[1]?.text).toContain('no GET answers on /a/{id}/part');
    const http = await serve(Unversioned);
    expect((await http.put('/a/1').set('If-Match', '"1"')).status).toBe(412);
    expect((await http.delete('/a/1/part').set('If-Match', '"1"')).status).toBe(412);
  });

  const Change = (): MethodDecorator => (target, method, descriptor) => {
    PUT(target, method, descriptor);
    RequirePrecondition()(target, method, descriptor);
  };

  it('but not where GET tells a validator, or may, or the method asks itself', async () => {
    @Path('/a')
    class Versioned {
      @GET('/1/{id}') @ETag tag(@PathParam('id') id: string) {
        return id;
      }
      // The name of the variable makes no other path.
      @Change() @Path('/1/{key}') tagged(@PathParam('key') key: string) {
        return key;
      }
      @GET('/2') @LastModified('at') date() {
        return { at: new Date(0) };
      }
      @Change() @Path('/2') dated() {
        return 1;
      }
      @GET('/3') reply(): Reply {
        return Reply.ok({}).etag('1');
      }
      @Change() @Path('/3') replied() {
        return 1;
      }
      @GET('/4') asks(@Context() preconditions: Preconditions) {
        preconditions.evaluate({ etag: '1' });
        return 1;
      }
      @Change() @Path('/4') asked() {
        return 1;
      }
      @GET('/5') sets(@Context() ctx: KoaContext) {
        ctx.set('ETag', '"1"');
        return 1;
      }
      @Change() @Path('/5') set() {
        return 1;
      }
      @GET('/6') plain() {
        return 1;
      }
      @Change() @Path('/6') evaluates(@Context() preconditions: Preconditions) {
        preconditions.evaluate({ etag: '1' });
      }
    }
    expect(await codes(Versioned)).toEqual([]);
  });
});

describe('startup tells where a class of the framework comes from', () => {
  it.each([
    ['Preconditions', Preconditions],
    ['Principal', Principal],
    ['AbortSignal', AbortSignal],
  ])('%s: from @Context()', async (_, type) => {
    @Path('/a')
    class Surroundings {
      @PUT('/1') bare(given: unknown, body: unknown) {
        return [given, body];
      }
      @PUT('/2') body(@Body() given: unknown) {
        return given;
      }
    }
    Reflect.defineMetadata('design:paramtypes', [type, Draft], Surroundings.prototype, 'bare');
    Reflect.defineMetadata('design:paramtypes', [type], Surroundings.prototype, 'body');
    const found = await check(Surroundings);
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'unbound-parameter Surroundings.bare(parameter 1)',
      'type-not-convertible Surroundings.body(parameter 1)',
    ]);
    for (const { text } of found) expect(text).toContain('@Context()');
  });

  it('what `import type` leaves of it: Function', async () => {
    @Path('/a')
    class Imported {
      @GET get(@Context() given: unknown) {
        return given;
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Function], Imported.prototype, 'get');
    const [only, ...rest] = await check(Imported);
    expect([only?.code, rest]).toEqual(['type-not-convertible', []]);
    expect(only?.text).toContain('import type');
    expect(only?.text).not.toContain('native code');
  });

  it('that a file is the field of a form, and comes in multipart/form-data only', async () => {
    @Path('/a')
    class Files {
      @POST('/1') bare(file: UploadedFile) {
        return file.size;
      }
      @POST('/2') body(@Body() file: UploadedFile) {
        return file.size;
      }
      @POST('/3') @Consumes('application/x-www-form-urlencoded') coded(@FormParam('f') file: UploadedFile) {
        return file.size;
      }
      @POST('/4')
      @Consumes('application/x-www-form-urlencoded', 'Multipart/Form-Data')
      right(@FormParam('f') file: UploadedFile) {
        return file.size;
      }
      @POST('/5') @Consumes('multipart/*') range(@FormParam('f') file: UploadedFile) {
        return file.size;
      }
    }
    const found = await check(Files);
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'unbound-parameter Files.bare(parameter 1)',
      'type-not-convertible Files.body(parameter 1)',
      'type-not-convertible Files.coded',
    ]);
    expect(found[0]?.text).toContain("@FormParam('name')");
    expect(found[1]?.text).toContain("@FormParam('name')");
    expect(found[2]?.text).toContain('multipart/form-data only');
  });

  it('that a patch document belongs to PATCH (RFC 5789 §2)', async () => {
    @Path('/a')
    class Patches {
      @GET get() {
        return {};
      }
      @PUT @Consumes('application/json') put(@Body({ type: Draft }) patch: Patch<Draft>) {
        return typeof patch;
      }
      @POST @Consumes('application/merge-patch+json') post(draft: Draft) {
        return draft;
      }
      @PATCH patch(@Body({ type: Draft }) patch: Patch<Draft>) {
        return typeof patch;
      }
    }
    expect(await codes(Patches)).toEqual([
      'patch-on-other-verb Patches.put',
      'patch-on-other-verb Patches.post',
    ]);
  });

  it('that nobody can be authenticated, where the principal is not needed', async () => {
    @Path('/a')
    class Guests {
      @GET('/1') get(@Context() who?: Principal) {
        return who?.name;
      }
      @GET('/2') @Authenticated needed(@Context() who: Principal) {
        return who.name;
      }
    }
    expect(await codes(Guests)).toEqual([
      'no-authenticator Guests.needed',
      'no-principal Guests.get(parameter 1)',
    ]);
    expect(await codes(Guests, { authenticators })).toEqual([]);
  });
});

describe('a decorator that refuses its argument says what it takes, and on which method', () => {
  class Target {
    get() {}
  }
  it.each<[string, () => ClassDecorator | MethodDecorator, string]>([
    ['@CacheControl(undefined)', () => CacheControl(undefined as never), 'Target.get: give directives'],
    ['@CacheControl(null)', () => CacheControl(null as never), 'Target.get: give directives'],
    ["@CacheControl('a\\r\\nb')", () => CacheControl('no-store\r\nX: y'), 'Target.get: give directives'],
    ['@CacheControl({ maxAge: -1 })', () => CacheControl({ maxAge: -1 }), 'Target.get: maxAge of'],
    ['@Status(99)', () => Status(99), '@Status of Target.get takes'],
    ['@Languages()', () => Languages(), 'at least one language tag'],
    ['@Languages(undefined)', () => Languages(undefined as never), 'such as "de-CH", not undefined'],
  ])('%s', (_, make, message) => {
    const decorate = () => (make() as (...args: unknown[]) => void)(Target.prototype, 'get', {});
    expect(decorate).toThrow(RangeError);
    expect(decorate).toThrow(message);
  });

  it('or on which class', () => {
    expect(() => CacheControl({})(Target)).toThrow('@CacheControl of Target: ');
  });
});

it('a body of the wrong shape in one place has its other issues listed too', async () => {
  class Shapes {
    @IsInt() n!: number;
    @IsString({ each: true }) tags!: string[];
    @IsArray() @ValidateNested({ each: true }) @Type(() => Inner) list!: Inner[];
  }
  @Path('/a')
  class ShapeController {
    @POST post(shapes: Shapes) {
      return shapes;
    }
  }
  const answer = await (await serve(ShapeController)).post('/a').send({ n: 'x', tags: 'q', list: {} });
  expect(
    answer.body.errors.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`),
  ).toEqual(['/tags isArray', '/list isArray', '/n isInt']);
});
