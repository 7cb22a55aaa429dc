import { IsString } from 'class-validator';
import {
  Authenticated,
  BeanParam,
  Body,
  type Class,
  Consumes,
  Context,
  createApp,
  createContainer,
  DefaultValue,
  FINDINGS,
  FormParam,
  formatFinding,
  GET,
  HttpMethod,
  Injectable,
  Path,
  PathParam,
  PermitAll,
  POST,
  Produces,
  QueryParam,
  RolesAllowed,
  StartupError,
} from 'koanatomy';
import { Get, JsonController, Redirect, Session, UseBefore } from 'routing-controllers';
import { describe, expect, it } from 'vitest';

const FETCH = HttpMethod('FETCH');

class Draft {
  @IsString() title!: string;
}

/** Decorates as TypeScript does without `emitDecoratorMetadata`: no types are recorded. */
function withoutTypes(type: Class, method: string, ...decorators: ParameterDecorator[]): void {
  for (const [index, decorate] of decorators.entries()) decorate(type.prototype as object, method, index);
}

async function check(controllers: Class | Class[]) {
  const thrown = await createApp({ controllers, logger: false }).then(
    (app) => app.warnings,
    (error: unknown) => {
      expect(error).toBeInstanceOf(StartupError);
      return (error as StartupError).findings;
    },
  );
  return thrown.map(({ code, where, message, remedy }) => ({ code, where, message, remedy }));
}

async function codes(controllers: Class | Class[]) {
  return (await check(controllers)).map(({ code, where }) => `${code} ${where}`);
}

describe('startup finds', () => {
  it('two methods that answer one route, also where the variables have other names', async () => {
    @Path('/a')
    class One {
      @GET('/{id}') first(@PathParam('id') id: number) {
        return id;
      }
      @GET('/:key') second(@PathParam('key') key: string) {
        return key;
      }
    }
    const [only, ...rest] = await check(One);
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ code: 'duplicate-route', where: 'One.second' });
    expect(only?.message).toContain('One.first answers GET /a/{id}');
  });

  it('but not two that differ in what they read or write', async () => {
    @Path('/a')
    class Two {
      @GET @Produces('text/plain') text() {
        return 'x';
      }
      @GET @Produces('application/json') json() {
        return {};
      }
      @POST @Consumes('text/plain') postText(@Body() text: string) {
        return text;
      }
      @POST @Consumes('application/json') postJson(draft: Draft) {
        return draft;
      }
    }
    expect(await codes(Two)).toEqual([]);
  });

  it('a @PathParam that the template lacks, naming those it has', async () => {
    @Path('/a/{id}')
    class Lacking {
      @GET get(@PathParam('ID') id: string, @PathParam('id') right: string) {
        return id + right;
      }
    }
    const [only] = await check(Lacking);
    expect(only).toMatchObject({ code: 'unknown-path-variable', where: 'Lacking.get' });
    expect(only?.message).toBe("@PathParam('ID') has no variable: /a/{id} has id");
  });

  it('a template variable that nobody binds, as a warning', async () => {
    @Path('/a/{tenant}')
    class Unbound {
      @GET get() {
        return 1;
      }
    }
    expect(FINDINGS['unbound-path-variable']).toBe('warning');
    expect(await codes(Unbound)).toEqual(['unbound-path-variable Unbound.get']);
  });

  it('two bodies, and a body beside form fields', async () => {
    @Path('/a')
    class Bodies {
      @POST('/1') two(a: Draft, b: Draft) {
        return [a, b];
      }
      @POST('/2') both(@Body() a: Draft, @FormParam('x') x: string) {
        return [a, x];
      }
    }
    expect(await codes(Bodies)).toEqual(['two-bodies Bodies.two', 'two-bodies Bodies.both']);
  });

  it('a body on GET', async () => {
    @Path('/a')
    class BodyOnGet {
      @GET get(draft: Draft) {
        return draft;
      }
    }
    expect(await codes(BodyOnGet)).toEqual(['body-not-allowed BodyOnGet.get']);
  });

  it('parameters whose types were not emitted, naming the option and the tools that emit none', async () => {
    @Path('/a')
    class Typeless {
      get(id: unknown, draft: unknown) {
        return [id, draft];
      }
    }
    withoutTypes(Typeless, 'get', QueryParam('id'), Body());
    Reflect.deleteMetadata('design:paramtypes', Typeless.prototype, 'get');
    POST(Typeless.prototype, 'get', {});
    const found = await check(Typeless);
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'type-not-emitted Typeless.get(parameter 1)',
      'type-not-emitted Typeless.get(parameter 2)',
    ]);
    for (const word of ['emitDecoratorMetadata', 'tsx', 'esbuild', "Node's type stripping"]) {
      expect(found[0]?.remedy).toContain(word);
    }
  });

  it('parameters that nothing binds', async () => {
    @Path('/a')
    class Loose {
      @GET get(id: string, options: { a: number }) {
        return [id, options];
      }
    }
    expect(await codes(Loose)).toEqual([
      'unbound-parameter Loose.get(parameter 1)',
      'unbound-parameter Loose.get(parameter 2)',
    ]);
  });

  it('types that text does not convert to, and a default that is none', async () => {
    class Point {
      constructor(readonly x: number) {}
    }
    @Path('/a')
    class Conversions {
      @GET get(
        @QueryParam('p') p: Point,
        @QueryParam('n') @DefaultValue('many') n: number,
        @Context() c: URL,
      ) {
        return [p, n, c];
      }
    }
    expect(await codes(Conversions)).toEqual([
      'type-not-convertible Conversions.get(parameter 1)',
      'bad-default Conversions.get(parameter 2)',
      'type-not-convertible Conversions.get(parameter 3)',
    ]);
  });

  it('a bean without bound properties, and one that is no class', async () => {
    class Nothing {}
    @Path('/a')
    class Beans {
      @GET get(@BeanParam() a: Nothing, @BeanParam() b: string) {
        return [a, b];
      }
    }
    expect(await codes(Beans)).toEqual([
      'unbound-parameter Beans.get(parameter 1)',
      'type-not-convertible Beans.get(parameter 2)',
    ]);
  });

  it('malformed templates and media types, methods that nobody can send, formats that nobody can read', async () => {
    @Path('/a')
    class Malformed {
      @GET('/{id') template() {
        return 1;
      }
      @GET('/m') @Produces('json') media() {
        return 1;
      }
      @POST('/c') @Consumes('application/x-unheard-of') codec(draft: Draft) {
        return draft;
      }
      @FETCH('/f') verb() {
        return 1;
      }
    }
    expect((await codes(Malformed)).sort()).toEqual([
      'malformed-media-type Malformed.media',
      'malformed-path-template Malformed.template',
      'no-codec Malformed.codec',
      'unknown-method Malformed.verb',
    ]);
  });

  it('access that contradicts itself, or that nobody can pass', async () => {
    @Path('/a')
    class Contradiction {
      @GET('/1') @PermitAll() @RolesAllowed('admin') both() {
        return 1;
      }
      @GET('/2') @Produces('text/plain') open() {
        return 'x';
      }
      @GET('/2') @Produces('application/json') @Authenticated() closed() {
        return 1;
      }
    }
    expect((await codes(Contradiction)).sort()).toEqual([
      'mixed-access Contradiction.both',
      'mixed-access Contradiction.closed',
      'no-authenticator Contradiction.both',
      'no-authenticator Contradiction.closed',
    ]);
  });

  it('classes that can not be constructed: types unknown, in a circle, or a constructor that throws', async () => {
    class Untyped {
      constructor(readonly a: string) {}
    }
    @Injectable()
    class Chicken {
      constructor(readonly egg: object) {}
    }
    @Path('/1')
    class NeedsUntyped {
      constructor(readonly untyped: Untyped) {}
      @GET get() {
        return 1;
      }
    }
    @Path('/2')
    class NeedsInterface {
      constructor(readonly chicken: Chicken) {}
      @GET get() {
        return 1;
      }
    }
    @Path('/3')
    class Throws {
      constructor() {
        throw new Error('no luck today');
      }
      @GET get() {
        return 1;
      }
    }
    const found = await check([NeedsUntyped, NeedsInterface, Throws]);
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'not-constructible NeedsUntyped',
      'not-constructible NeedsInterface',
      'not-constructible Throws',
    ]);
    expect(found[0]?.remedy).toContain('@Injectable()');
    expect(found[1]?.message).toContain("parameter 1 of Chicken's constructor");
    expect(found[2]?.message).toBe('no luck today');
  });

  it('a controller without verbs', async () => {
    @Path('/a')
    class Idle {}
    expect(await codes(Idle)).toEqual(['no-verb Idle']);
  });

  it('declarations of routing-controllers that do nothing here, rather than ignore them', async () => {
    @JsonController('/rc')
    class Foreign {
      @Get('/1') @Redirect('/x') redirect() {
        return 1;
      }
      @Get('/2') @UseBefore(() => {}) used() {
        return 1;
      }
      @Get('/3') session(@Session() session: object) {
        return session;
      }
      @Get(/regexp/) regexp() {
        return 1;
      }
    }
    const found = await codes(Foreign);
    expect(found.filter((code) => code.startsWith('not-supported')).sort()).toEqual([
      'not-supported Foreign.redirect',
      'not-supported Foreign.regexp',
      'not-supported Foreign.session(parameter 1)',
      'not-supported Foreign.used',
    ]);
  });

  it('body classes without rules, arrays and objects of unknown items, as warnings', async () => {
    class Bare {}
    @Path('/a')
    class Ruleless {
      @POST('/1') bare(body: Bare) {
        return body;
      }
      @POST('/2') list(@Body() body: Draft[]) {
        return body;
      }
      @POST('/3') any(@Body() body: unknown) {
        return body;
      }
    }
    expect(await codes(Ruleless)).toEqual([
      'body-without-rules Ruleless.bare(parameter 1)',
      'body-without-rules Ruleless.list(parameter 1)',
      'body-without-rules Ruleless.any(parameter 1)',
    ]);
  });
});

describe('a StartupError', () => {
  it('lists all findings of all classes at once, each with its place and a remedy', async () => {
    @Path('/x/{id}')
    class First {
      @GET get(@PathParam('ID') id: string) {
        return id;
      }
    }
    @Path('/y')
    class Second {
      @GET get(draft: Draft) {
        return draft;
      }
      @GET again() {
        return 1;
      }
    }
    const error = await createApp({ controllers: [First, Second, 'no/such/folder'], logger: false }).catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(StartupError);
    const { findings, message } = error as StartupError;
    expect(new Set(findings.map(({ code }) => code))).toEqual(
      new Set(['no-controllers', 'unknown-path-variable', 'body-not-allowed', 'unbound-path-variable']),
    );
    for (const finding of findings) {
      expect(message).toContain(finding.where);
      expect(message).toContain(finding.remedy);
      expect(formatFinding(finding)).toContain(finding.code);
    }
  });

  it('is what a container that does not know the class leads to', async () => {
    @Path('/z')
    class Zed {
      @GET get() {
        return 1;
      }
    }
    const container = {
      get(): never {
        throw new Error('unknown service');
      },
    };
    const error = await createApp({ controllers: Zed, container, logger: false }).catch((e) => e);
    expect((error as StartupError).findings[0]).toMatchObject({
      code: 'not-constructible',
      message: 'unknown service',
    });
    expect(createContainer([[Zed, new Zed()]]).get(Zed)).toBeInstanceOf(Zed);
  });
});

it('warnings are logged, and the application starts', async () => {
  @Path('/w/{x}')
  class Warned {
    @GET get() {
      return 1;
    }
  }
  const lines: string[] = [];
  const warn = (_: object, message: string): void => void lines.push(message);
  await createApp({ controllers: Warned, logger: { info() {}, warn, error() {} } });
  expect(lines).toEqual([expect.stringContaining('Warned.get')]);
});
