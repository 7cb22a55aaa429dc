import {
  Authenticated,
  type Authenticator,
  apiKey,
  basic,
  bearer,
  Context,
  ETag,
  GET,
  hashApiKey,
  InvalidCredentialsError,
  Path,
  Principal,
  PUT,
  RequirePrecondition,
} from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

@Path('/me')
class Me {
  @GET @Authenticated get(@Context() who: Principal) {
    return { name: who.name, roles: [...who.roles] };
  }
}

describe('an API key', () => {
  const KEY = '0123456789abcdef';

  it('is looked for in its field, and has roles', async () => {
    const keys = { a: KEY, b: { sha256: hashApiKey('fedcba9876543210').toUpperCase(), roles: ['r'] } };
    const http = await serve(Me, { authenticators: [apiKey({ header: 'Api-Key', keys })] });
    expect((await http.get('/me').set('api-key', KEY)).body).toEqual({ name: 'a', roles: [] });
    expect((await http.get('/me').set('API-KEY', 'fedcba9876543210')).body).toEqual({
      name: 'b',
      roles: ['r'],
    });
    const none = await http.get('/me');
    expect([none.status, none.headers['www-authenticate']]).toEqual([
      401,
      'ApiKey realm="api", header="Api-Key"',
    ]);
  });

  it('may be found by a function', async () => {
    const verify = async (key: string) => hashApiKey(key) === hashApiKey('short') && { name: 'x' };
    const http = await serve(Me, { authenticators: [apiKey({ verify })] });
    expect((await http.get('/me').set('X-API-Key', 'short')).status).toBe(200);
    expect((await http.get('/me').set('X-API-Key', 'other')).status).toBe(401);
  });

  it.each([
    ['nothing', {}, /either keys or verify/],
    ['both', { keys: { a: KEY }, verify: () => null }, /either keys or verify/],
    ['a short key', { keys: { a: 'short' } }, /16/],
    ['a key with a space', { keys: { a: `${KEY} x` } }, /no spaces/],
    ['a hash that is none', { keys: { a: { sha256: 'x' } } }, /64 hexadecimal/],
    ['a key twice', { keys: { a: KEY, b: { sha256: hashApiKey(KEY) } } }, /of b is somebody else/],
    ['a field that is none', { keys: { a: KEY }, header: 'a b' }, /no field/],
    ['a field that is taken', { keys: { a: KEY }, header: 'Authorization' }, /no field/],
  ])('is refused at once with %s', (_, options, message) => {
    expect(() => apiKey(options as never)).toThrow(message);
  });
});

describe('an authenticator of one’s own', () => {
  const session: Authenticator = {
    scheme: 'Session',
    challenge: 'Session',
    credentialsOf: (ctx) => ctx.cookies.get('session'),
    authenticate: (id) => (id === 'good' ? new Principal('ann') : null),
  };

  it('may find credentials elsewhere, such as in a cookie', async () => {
    const http = await serve(Me, { authenticators: [session, bearer(() => null)] });
    expect((await http.get('/me').set('Cookie', 'session=good')).body.name).toBe('ann');
    expect((await http.get('/me').set('Cookie', 'session=bad')).status).toBe(401);
    expect((await http.get('/me').set('Cookie', 'other=good')).status).toBe(401);
    expect((await http.get('/me').set('Cookie', 'session=good').auth('x', { type: 'bearer' })).status).toBe(
      400,
    );
  });

  it('may tell why credentials are not valid, in its own challenge alone', async () => {
    const strict = bearer(() => {
      throw new InvalidCredentialsError('The token was revoked', { error_description: 'It was "revoked"' });
    });
    const http = await serve(Me, { authenticators: [session, strict] });
    const answer = await http.get('/me').auth('x', { type: 'bearer' });
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toBe('The token was revoked');
    expect(answer.headers['www-authenticate']).toBe(
      'Session, Bearer realm="api", error="invalid_token", error_description="It was \\"revoked\\""',
    );
  });

  it('is asked in turn with others of its scheme', async () => {
    const asked: string[] = [];
    const one = (name: string) =>
      bearer((token) => {
        asked.push(name);
        return token === name && { name };
      });
    const http = await serve(Me, { authenticators: [one('a'), one('b')] });
    expect((await http.get('/me').auth('b', { type: 'bearer' })).body.name).toBe('b');
    expect(asked).toEqual(['a', 'b']);
  });

  it('that answers what is no principal lets nobody in', async () => {
    for (const answer of [true, 'ann', 7, {}, { name: 7 }, [], () => 'ann']) {
      const odd = bearer(() => answer as never);
      const http = await serve(Me, { authenticators: [odd] });
      expect((await http.get('/me').auth('x', { type: 'bearer' })).status).toBe(401);
    }
  });
});

it('control characters are in no user name and in no password (RFC 7617 §2)', async () => {
  const http = await serve(Me, { authenticators: [basic((name) => ({ name }))] });
  for (const user of ['a\0b', 'a\n', '\u0085', 'a\x7f']) {
    expect((await http.get('/me').auth(user, 'x')).status).toBe(401);
    expect((await http.get('/me').auth('a', user)).status).toBe(401);
  }
  expect((await http.get('/me').auth('ä', 'x')).body.name).toBe('ä');
});

it('a request is authenticated once, also where the state of its resource is asked for', async () => {
  let count = 0;
  const counted = bearer((token) => {
    count += 1;
    return { name: token };
  });
  @Path('/things')
  @Authenticated
  class Things {
    @GET('/{id}') @ETag(() => '1') get(@Context() who: Principal) {
      return { who: who.name };
    }
    @PUT('/{id}') @RequirePrecondition put(@Context() who: Principal) {
      return { who: who.name };
    }
  }
  const http = await serve(Things, { authenticators: [counted] });
  const answer = await http.put('/things/7').set('If-Match', '"1"').auth('ann', { type: 'bearer' });
  expect([answer.status, answer.body.who, count]).toEqual([200, 'ann', 1]);
});
