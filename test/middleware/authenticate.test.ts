import {
  type ApplicationOptions,
  Authenticated,
  basic,
  bearer,
  Context,
  DenyAll,
  GET,
  Path,
  PermitAll,
  Principal,
  RolesAllowed,
} from 'koanatomy';
import { Authorized, CurrentUser, Get, JsonController } from 'routing-controllers';
import type request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

@Path('/a')
@Authenticated
class AccountController {
  @GET('/any') any(@Context() who: Principal) {
    return { name: who.name, roles: [...who.roles] };
  }
  @GET('/admin') @RolesAllowed('admin', 'root') admin() {
    return 'admin';
  }
  @GET('/open') @PermitAll open(@Context() who?: Principal) {
    return { name: who?.name ?? null };
  }
  @GET('/nobody') @DenyAll() nobody() {
    return 'never';
  }
}

@JsonController('/rc')
class ForeignController {
  @Get('/any') @Authorized() any(@CurrentUser() user: Principal) {
    return { name: user.name };
  }
  @Get('/admin') @Authorized(['admin']) admin() {
    return 'admin';
  }
  @Get('/required') required(@CurrentUser({ required: true }) user: Principal) {
    return { name: user.name };
  }
}

const options: Omit<ApplicationOptions, 'controllers'> = {
  authenticators: [
    bearer(async (token) => (token === 'good-token' ? { name: 'tok', roles: ['admin'] } : null)),
    basic((user, password) => password === 'pä:ss' && { name: user }, { realm: 'cases "r" us' }),
  ],
};

let http: ReturnType<typeof request>;
beforeAll(async () => {
  http = await serve([AccountController, ForeignController], options);
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('credentials', () => {
  it('that are valid make the principal', async () => {
    expect((await http.get('/a/any').auth('ann', 'pä:ss')).body).toEqual({ name: 'ann', roles: [] });
    expect((await http.get('/a/any').auth('good-token', { type: 'bearer' })).body).toEqual({
      name: 'tok',
      roles: ['admin'],
    });
    expect((await http.get('/a/any').set('Authorization', 'bEaReR   good-token')).status).toBe(200);
    expect((await http.get('/rc/any').auth('ann', 'pä:ss')).body).toEqual({ name: 'ann' });
  });

  it('that are absent are asked for, with each scheme’s challenge', async () => {
    const answer = await http.get('/a/any');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="api", Basic realm="cases \\"r\\" us", charset="UTF-8"',
    );
  });

  it.each([
    ['a wrong password', `Basic ${base64('ann:wrong')}`],
    ['no colon', `Basic ${base64('ann')}`],
    ['no base64', 'Basic ???'],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`],
    ['nothing after the scheme', 'Basic'],
    ['an unknown scheme', 'Digest abc'],
    ['a wrong token', 'Bearer other'],
    ['a token with other characters', 'Bearer good-token,'],
    ['two credentials', 'Bearer good-token good-token'],
    ['an empty header', ''],
    ['a prototype key as the scheme', '__proto__ x'],
  ])('with %s are 401', async (_, header) => {
    for (const path of ['/a/any', '/a/admin', '/rc/any', '/rc/required']) {
      const answer = await http.get(path).set('Authorization', header);
      expect(answer.status).toBe(401);
      expect(answer.body.type).toBe('urn:koanatomy:unauthenticated');
    }
  });

  it('are looked at on an open method only where it takes the principal', async () => {
    expect((await http.get('/a/open')).body).toEqual({ name: null });
    expect((await http.get('/a/open').auth('ann', 'pä:ss')).body).toEqual({ name: 'ann' });
    expect((await http.get('/a/open').auth('ann', 'wrong')).status).toBe(401);
  });
});

describe('access', () => {
  it('to a role: 401 without credentials, 403 without the role', async () => {
    expect((await http.get('/a/admin')).status).toBe(401);
    expect((await http.get('/a/admin').auth('ann', 'pä:ss')).status).toBe(403);
    expect((await http.get('/a/admin').auth('good-token', { type: 'bearer' })).body).toBe('admin');
    expect((await http.get('/rc/admin').auth('ann', 'pä:ss')).status).toBe(403);
  });

  it('of nobody is 403, with and without credentials', async () => {
    expect((await http.get('/a/nobody')).status).toBe(403);
    expect((await http.get('/a/nobody').auth('good-token', { type: 'bearer' })).status).toBe(403);
  });

  it('holds for HEAD as for GET, and OPTIONS is open', async () => {
    expect((await http.head('/a/any')).status).toBe(401);
    expect((await http.options('/a/any')).status).toBe(204);
  });

  it('of a class holds bare and called, for every method that says nothing itself', async () => {
    @Path('/b')
    @Authenticated()
    class Called {
      @GET get() {
        return 1;
      }
    }
    @Path('/c')
    @DenyAll
    class Bare {
      @GET get() {
        return 1;
      }
    }
    const both = await serve([Called, Bare], options);
    expect((await both.get('/b')).status).toBe(401);
    expect((await both.get('/c')).status).toBe(403);
  });

  it('stands in the listing', async () => {
    const { createApp } = await import('koanatomy');
    const app = await createApp({ controllers: AccountController, logger: false, ...options });
    expect(app.routes.map((route) => [route.path, route.access])).toEqual([
      ['/a/admin', 'roles: admin, root'],
      ['/a/any', 'authenticated'],
      ['/a/nobody', 'nobody'],
      ['/a/open', 'everybody'],
    ]);
  });
});

it('an authenticator that fails is the server’s error, and lets nobody in', async () => {
  const failing = await serve(AccountController, {
    authenticators: [bearer(() => Promise.reject(new Error('the directory is down')))],
  });
  const answer = await failing.get('/a/any').auth('x', { type: 'bearer' });
  expect([answer.status, answer.text.includes('directory')]).toEqual([500, false]);
});
