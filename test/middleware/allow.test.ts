import {
  Allow,
  ApiError,
  type ApplicationOptions,
  Authenticated,
  bearer,
  createApp,
  DenyAll,
  ETag,
  GET,
  Path,
  PathParam,
  PermitAll,
  POST,
  type Principal,
  PUT,
  RequirePrecondition,
  RolesAllowed,
  StartupError,
} from 'koanatomy';
import { Authorized, Get, JsonController } from 'routing-controllers';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

const options: Omit<ApplicationOptions, 'controllers'> = {
  authenticators: [bearer((token) => ({ name: token, roles: token === 'root' ? ['admin'] : [] }))],
};

const owners = new Map([
  [1, 'ann'],
  [2, 'bob'],
]);
const isOwner = async (who: Principal, [id]: [number]) =>
  owners.get(id) === who.name || who.roles.has('admin');
const isNotEve = (who: Principal) => who.name !== 'eve';

class Part {
  @GET get() {
    return 'part';
  }
  @PUT @Allow((_: Principal, args: readonly unknown[]) => args.length === 1) put(
    @PathParam('part') part: number,
  ) {
    return { part };
  }
}

@Path('/cases')
@Allow(isNotEve)
class Cases {
  calls = 0;
  @GET('/{id}') @Allow(isOwner) @ETag(() => '1') get(@PathParam('id') id: number) {
    this.calls += 1;
    return { id };
  }
  @PUT('/{id}') @RequirePrecondition put(@PathParam('id') id: number) {
    return { id };
  }
  @POST('/{id}') @RolesAllowed('admin') @Allow(isOwner) post(@PathParam('id') id: number) {
    return { id };
  }
  @GET('/open/{id}') @PermitAll open(@PathParam('id') id: number) {
    return { id };
  }
  @GET('/hidden/{id}')
  @Allow(() => {
    throw new ApiError(404, 'There is no such case');
  })
  hidden() {
    return 1;
  }
  @GET('/odd/{id}') @Allow((() => 'yes') as never) odd() {
    return 1;
  }
  @Path('/{id}/parts/{part}') @Allow(isOwner) part(@PathParam('id') _id: number): Part {
    return new Part();
  }
  @Path('/{id}/any') @Allow(isOwner) any(@PathParam('id') _id: number): object {
    return new Part();
  }
}

const as = async (name: string | null, method: 'get' | 'put' | 'post', path: string, tag?: string) => {
  const http = await serve(Cases, options);
  const asked = http[method](path);
  if (name !== null) asked.auth(name, { type: 'bearer' });
  if (tag !== undefined) asked.set('If-Match', tag);
  return (await asked).status;
};

describe('a rule', () => {
  it('is asked with the principal and the arguments', async () => {
    expect(await as('ann', 'get', '/cases/1')).toBe(200);
    expect(await as('bob', 'get', '/cases/1')).toBe(403);
    expect(await as('root', 'get', '/cases/2')).toBe(200);
  });

  it('needs a principal: 401 without credentials', async () => {
    expect(await as(null, 'get', '/cases/1')).toBe(401);
  });

  it('comes after validation, so that its arguments are what they are declared to be', async () => {
    expect(await as('ann', 'get', '/cases/x')).toBe(400);
  });

  it('of a class holds beside a method’s own, but not where that is open', async () => {
    owners.set(3, 'eve');
    expect(await as('eve', 'get', '/cases/3')).toBe(403);
    expect(await as('eve', 'get', '/cases/open/1')).toBe(200);
    expect(await as(null, 'get', '/cases/open/1')).toBe(200);
  });

  it('comes on top of roles', async () => {
    expect(await as('ann', 'post', '/cases/1')).toBe(403);
    expect(await as('root', 'post', '/cases/1')).toBe(200);
  });

  it('may answer by an error of its own, and only true allows', async () => {
    expect(await as('ann', 'get', '/cases/hidden/1')).toBe(404);
    expect(await as('ann', 'get', '/cases/odd/1')).toBe(403);
  });

  it('of GET holds where its state is asked for', async () => {
    expect(await as('ann', 'put', '/cases/1', '"1"')).toBe(200);
    expect(await as('bob', 'put', '/cases/1', '"1"')).toBe(403);
  });

  it('of a locator holds for what is below it, with the locator’s arguments', async () => {
    expect(await as('ann', 'get', '/cases/1/parts/7')).toBe(200);
    expect(await as('bob', 'get', '/cases/1/parts/7')).toBe(403);
    expect(await as(null, 'get', '/cases/1/parts/7')).toBe(401);
    expect(await as('ann', 'put', '/cases/1/parts/7')).toBe(200);
    expect(await as('ann', 'get', '/cases/1/any')).toBe(200);
    expect(await as('bob', 'get', '/cases/1/any')).toBe(403);
    expect(await as(null, 'get', '/cases/1/any')).toBe(401);
  });

  it('stands in the listing', async () => {
    const { routes } = await createApp({ controllers: Cases, logger: false, ...options });
    const access = routes.find(({ handler }) => handler === 'Cases.post')?.access;
    expect(access).toBe('roles: admin, by a rule');
  });

  it('beside a word that makes it idle keeps the application from starting', async () => {
    @Path('/x')
    class Mixed {
      @GET('/a') @PermitAll @Allow(isNotEve) a() {
        return 1;
      }
      @GET('/b') @DenyAll @Allow(isNotEve) b() {
        return 1;
      }
    }
    const failed = await serve(Mixed, options).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StartupError);
    const { findings } = failed as StartupError;
    expect(findings.map(({ code, where }) => [code, where])).toEqual([
      ['mixed-access', 'Mixed.a'],
      ['mixed-access', 'Mixed.b'],
    ]);
  });

  it('is a function', () => {
    expect(() => Allow('owner' as never)).toThrow(TypeError);
  });
});

describe('access that nothing is said of', () => {
  @Path('/a')
  class Mixed {
    @GET('/silent') silent() {
      return 1;
    }
    @GET('/open') @PermitAll open() {
      return 1;
    }
    @GET('/member') @Authenticated member() {
      return 1;
    }
    @GET('/rule') @Allow(isNotEve) rule() {
      return 1;
    }
    @Path('/below') below(): object {
      return new Part();
    }
  }
  @JsonController('/rc')
  class Foreign {
    @Get('/silent') silent() {
      return 1;
    }
    @Authorized() @Get('/member') member() {
      return 1;
    }
  }

  const statuses = async (access: ApplicationOptions['access'], name: string | null) => {
    const http = await serve([Mixed, Foreign], { ...options, ...(access === undefined ? null : { access }) });
    const paths = ['/a/silent', '/a/open', '/a/member', '/a/rule', '/a/below', '/rc/silent', '/rc/member'];
    const answers = paths.map((path) => {
      const asked = http.get(path);
      return name === null ? asked : asked.auth(name, { type: 'bearer' });
    });
    return (await Promise.all(answers)).map(({ status }) => status);
  };

  it('is everybody’s', async () => {
    expect(await statuses(undefined, null)).toEqual([200, 200, 401, 401, 200, 200, 401]);
    expect(await statuses('permit', null)).toEqual([200, 200, 401, 401, 200, 200, 401]);
  });

  it('is any principal’s where the application says so', async () => {
    expect(await statuses('authenticated', null)).toEqual([401, 200, 401, 401, 401, 401, 401]);
    expect(await statuses('authenticated', 'ann')).toEqual([200, 200, 200, 200, 200, 200, 200]);
  });

  it('is nobody’s where the application says so, which it is warned of', async () => {
    expect(await statuses('deny', null)).toEqual([403, 200, 401, 401, 403, 403, 401]);
    expect(await statuses('deny', 'ann')).toEqual([403, 200, 200, 200, 403, 403, 200]);
    const { warnings } = await createApp({
      controllers: [Mixed, Foreign],
      logger: false,
      access: 'deny',
      ...options,
    });
    expect(warnings.filter(({ code }) => code === 'nobody-allowed').map(({ where }) => where)).toEqual([
      'Mixed.silent',
      'Foreign.silent',
    ]);
  });

  it('is refused where it is none of the three', async () => {
    await expect(serve(Mixed, { ...options, access: 'private' as never })).rejects.toThrow(/access/);
  });
});
