import { Type } from 'class-transformer';
import { IsArray, IsDate, IsInt, IsString, ValidateNested } from 'class-validator';
import type { Context as KoaContext } from 'koa';
import {
  BeanParam,
  Body,
  bearer,
  type Class,
  Context,
  createApp,
  DefaultValue,
  DenyAll,
  GET,
  Path,
  POST,
  Principal,
  QueryParam,
  StartupError,
} from 'koanatomy';
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
    expect(await check(Union)).toEqual([]);
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
