import { createSecretKey } from 'node:crypto';
import { Authenticated, Context, GET, type JwtOptions, jwt, Path, Principal, StartupError } from 'koanatomy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serve } from '../../support/serve.js';
import { AUDIENCE, claims, ec, ed, ISSUER, jwk, listen, otherRsa, rsa, SECRET, token } from './support.js';

@Path('/me')
class Me {
  @GET @Authenticated get(@Context() who: Principal) {
    return { name: who.name, roles: [...who.roles], claims: who.claims };
  }
}

const COMMON = { issuer: ISSUER, audience: AUDIENCE };
const RS: JwtOptions = { ...COMMON, algorithms: ['RS256'], key: rsa.publicKey };

async function me(options: JwtOptions, ...tokens: string[]) {
  const http = await serve(Me, { authenticators: [jwt(options)] });
  return Promise.all(tokens.map((each) => http.get('/me').auth(each, { type: 'bearer' })));
}

describe('a token', () => {
  it('makes a principal of its subject, its roles and what else it says', async () => {
    const [answer] = await me(RS, token({ alg: 'RS256' }, claims({ roles: ['a', 7, 'b'], org: 'x' })));
    expect(answer?.body).toMatchObject({ name: 'ann', roles: ['a', 'b'], claims: { org: 'x', iss: ISSUER } });
  });

  it.each([
    ['a text with spaces', { roles: 'scope' }, { scope: 'read write' }, ['read', 'write']],
    ['a path', { roles: 'realm_access.roles' }, { realm_access: { roles: ['a'] } }, ['a']],
    ['a name with dots', { roles: 'https://x.com/r' }, { 'https://x.com/r': ['b'] }, ['b']],
    ['nothing', { roles: 'constructor.name' }, {}, []],
  ])('may have its roles as %s', async (_, options, more, roles) => {
    const [answer] = await me({ ...RS, ...options }, token({ alg: 'RS256' }, claims(more)));
    expect(answer?.body.roles).toEqual(roles);
  });

  it('may be made a principal by a function, which may refuse it', async () => {
    const principal: JwtOptions['principal'] = async ({ sub, email }) =>
      sub === 'ann' && new Principal(String(email), ['own']);
    const made = (sub: string) => token({ alg: 'RS256' }, claims({ sub, email: 'ann@example.com' }));
    const [ann, bob] = await me({ ...RS, principal }, made('ann'), made('bob'));
    expect(ann?.body).toMatchObject({ name: 'ann@example.com', roles: ['own'] });
    expect(bob?.status).toBe(401);
  });

  it('that has expired is told so, and how others fail is not', async () => {
    const [old, bad] = await me(
      RS,
      token({ alg: 'RS256' }, claims({ exp: 1 })),
      token({ alg: 'RS256' }, claims({ exp: 1 }), otherRsa.privateKey),
    );
    expect(old?.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The token has expired"',
    );
    expect(bad?.headers['www-authenticate']).toBe('Bearer realm="api", error="invalid_token"');
    expect(bad?.body.detail).toBe('The credentials are not valid');
  });

  it('that is a little late is taken where clocks may differ', async () => {
    const late = token({ alg: 'RS256' }, claims({ exp: Math.floor(Date.now() / 1000) - 30 }));
    const [strict] = await me(RS, late);
    const [lenient] = await me({ ...RS, clockTolerance: '1m' }, late);
    expect([strict?.status, lenient?.status]).toEqual([401, 200]);
  });

  it('that is too old is refused, whatever its end, and one without a beginning too', async () => {
    const now = Math.floor(Date.now() / 1000);
    const made = (iat: number | undefined) => token({ alg: 'RS256' }, claims({ iat, exp: now + 9999 }));
    const answers = await me({ ...RS, maxAge: '1h' }, made(now - 10), made(now - 3700), made(undefined));
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401]);
  });

  it('of a type that is asked for is the only one', async () => {
    const answers = await me(
      { ...RS, type: 'at+jwt' },
      token({ alg: 'RS256', typ: 'application/AT+JWT' }, claims()),
      token({ alg: 'RS256', typ: 'JWT' }, claims()),
      token({ alg: 'RS256' }, claims()),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401]);
  });

  it('of anybody, for anybody, is taken where that is said', async () => {
    const open = { ...RS, issuer: false as const, audience: false as const };
    const [answer] = await me(open, token({ alg: 'RS256' }, { sub: 'x', exp: 9_999_999_999 }));
    expect(answer?.status).toBe(200);
  });

  it('of one of two issuers goes to the authenticator that knows it', async () => {
    const other = jwt({ ...RS, issuer: 'https://b/', key: otherRsa.publicKey });
    const http = await serve(Me, { authenticators: [jwt(RS), other] });
    const first = token({ alg: 'RS256' }, claims());
    const second = token({ alg: 'RS256' }, claims({ iss: 'https://b/' }), otherRsa.privateKey);
    const mixed = token({ alg: 'RS256' }, claims({ iss: 'https://b/' }));
    const answers = [first, second, mixed].map((each) => http.get('/me').auth(each, { type: 'bearer' }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 401]);
  });
});

describe('a key', () => {
  it.each([
    ['PEM', { key: rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string }],
    ['a JWK', { key: rsa.publicKey.export({ format: 'jwk' }) }],
    ['a KeyObject', { key: rsa.publicKey }],
    ['a private one, of which the public half counts', { key: rsa.privateKey }],
    [
      'among several',
      { keys: { keys: [jwk(otherRsa.publicKey, 'b', 'RS256'), jwk(rsa.publicKey, 'a', 'RS256')] } },
    ],
  ])('may be %s', async (_, source) => {
    const options = { ...COMMON, algorithms: ['RS256' as const], ...source };
    const [good, bad] = await me(
      options,
      token({ alg: 'RS256', kid: 'a' }, claims()),
      token({ alg: 'RS256', kid: 'a' }, claims(), otherRsa.privateKey),
    );
    expect([good?.status, bad?.status]).toEqual([200, 401]);
  });

  it.each([
    ['text', SECRET],
    ['bytes', Buffer.from(SECRET)],
    ['a KeyObject', createSecretKey(Buffer.from(SECRET))],
    ['a JWK', { kty: 'oct', k: Buffer.from(SECRET).toString('base64url') }],
  ])('may be a secret as %s', async (_, key) => {
    const [good] = await me(
      { ...COMMON, algorithms: ['HS256'], key },
      token({ alg: 'HS256' }, claims(), SECRET),
    );
    expect(good?.status).toBe(200);
  });

  it.each([
    ['no algorithms', { algorithms: [] }, /algorithms/],
    ['none', { algorithms: ['none'] }, /no algorithm none/],
    ['an unknown algorithm', { algorithms: ['RS1'] }, /no algorithm RS1/],
    ['a secret beside public keys', { algorithms: ['HS256', 'RS256'] }, /either HS algorithms or/],
    ['PEM as a secret', { algorithms: ['HS256'], key: '-----BEGIN PUBLIC KEY-----' }, /PEM/],
    ['a public key as a secret', { algorithms: ['HS256'] }, /is public/],
    ['a secret as a public key', { key: createSecretKey(Buffer.from(SECRET)) }, /is a secret/],
    ['a secret that is too short', { algorithms: ['HS256'], key: 'short' }, /5 bytes.*32/],
    ['a secret that is too short for its hash', { algorithms: ['HS512'], key: SECRET }, /64/],
    ['text that is no PEM', { key: 'x' }, /no public key/],
    ['a key of another kind', { key: ec.publicKey }, /ec/],
    ['a key of another curve', { algorithms: ['ES384'], key: ec.publicKey }, /ec/],
    ['a key of yet another kind', { algorithms: ['ES256'], key: ed.publicKey }, /ed25519/],
    ['no key', { key: undefined }, /one of key/],
    ['two sources of keys', { keys: { keys: [{}] } }, /one of key/],
    ['no issuer', { issuer: undefined }, /issuer/],
    ['no audience', { audience: undefined }, /audience/],
    ['an empty audience', { audience: [] }, /audience/],
    ['a misspelt option', { audiences: 'x' }, /no option audiences/],
    ['a duration that is none', { clockTolerance: 'soon' }, /clockTolerance/],
    ['an address without TLS', { key: undefined, jwksUri: 'http://login.example.com/' }, /https/],
    ['an address with a password', { key: undefined, jwksUri: 'https://a:b@c/' }, /password/],
    ['no address', { key: undefined, jwksUri: 'keys.json' }, /no URL/],
    ['an address of secrets', { algorithms: ['HS256'], key: undefined, jwksUri: 'https://a/' }, /secret/],
  ])('is refused at once: %s', (_, changes, message) => {
    expect(() => jwt({ ...RS, ...changes } as JwtOptions)).toThrow(message);
    expect(() => jwt({ ...RS, ...changes } as JwtOptions)).toThrow(TypeError);
  });
});

describe('keys that are published', () => {
  let published: unknown[];
  let fetched = 0;
  let mode: 'ok' | 'down' | 'huge' | 'elsewhere' | 'no set' | 'no JSON';
  let source: Awaited<ReturnType<typeof listen>>;

  beforeEach(async () => {
    published = [jwk(rsa.publicKey, 'a', 'RS256')];
    fetched = 0;
    mode = 'ok';
    source = await listen((request, response) => {
      fetched += 1;
      const text = JSON.stringify({ keys: published });
      if (mode === 'elsewhere' && request.url === '/') response.writeHead(302, { Location: '/moved' }).end();
      else if (mode === 'down') response.writeHead(500).end(text);
      else if (mode === 'huge') response.end(text + ' '.repeat(1024 ** 2));
      else if (mode === 'no set') response.end('[]');
      else if (mode === 'no JSON') response.end('<html>');
      else response.end(text);
    });
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await source.close();
  });

  const first = () => token({ alg: 'RS256', kid: 'a' }, claims());
  const second = () => token({ alg: 'RS256', kid: 'b' }, claims(), otherRsa.privateKey);

  async function client() {
    const options: JwtOptions = { ...COMMON, algorithms: ['RS256'], jwksUri: source.url };
    const http = await serve(Me, { authenticators: [jwt(options)] });
    return (made: string) => http.get('/me').auth(made, { type: 'bearer' });
  }

  it('are fetched when they are needed, once for ten minutes, also by many at once', async () => {
    const ask = await client();
    expect(fetched).toBe(0);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => ask(first())));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(fetched).toBe(1);
    vi.advanceTimersByTime(601_000);
    expect((await ask(first())).status).toBe(200);
    expect(fetched).toBe(2);
  });

  it('are fetched again for a new one, but not more often than twice a minute', async () => {
    const ask = await client();
    expect((await ask(first())).status).toBe(200);
    expect((await ask(second())).status).toBe(401);
    expect(fetched).toBe(1);
    published = [jwk(otherRsa.publicKey, 'b', 'RS256')];
    vi.advanceTimersByTime(31_000);
    expect((await ask(second())).status).toBe(200);
    expect(fetched).toBe(2);
    for (const kid of ['x', 'y', 'z'])
      expect((await ask(token({ alg: 'RS256', kid }, claims()))).status).toBe(401);
    expect(fetched).toBe(2);
    // What is published no more holds no more.
    expect((await ask(first())).status).toBe(401);
  });

  it.each([
    'down',
    'huge',
    'elsewhere',
    'no set',
    'no JSON',
  ] as const)('that can’t be had (%s) are 503, and asked for again after a pause', async (fault) => {
    mode = fault;
    const ask = await client();
    const answer = await ask(first());
    expect([answer.status, answer.body.type]).toEqual([503, 'urn:koanatomy:authentication-unavailable']);
    expect(answer.headers['retry-after']).toBe('5');
    const before = fetched;
    expect((await ask(first())).status).toBe(503);
    expect(fetched).toBe(before);
    mode = 'ok';
    vi.advanceTimersByTime(5001);
    expect((await ask(first())).status).toBe(200);
  });

  it('hold for an hour where they can’t be fetched again', async () => {
    const ask = await client();
    expect((await ask(first())).status).toBe(200);
    mode = 'down';
    vi.advanceTimersByTime(3_000_000);
    expect((await ask(first())).status).toBe(200);
    vi.advanceTimersByTime(3_601_000);
    expect((await ask(token({ alg: 'RS256', kid: 'a' }, claims()))).status).toBe(503);
  });

  it('are none of an application’s that starts', async () => {
    mode = 'down';
    await expect(client()).resolves.toBeTypeOf('function');
    expect(fetched).toBe(0);
  });
});

it('an authenticator that is no such thing keeps the application from starting', async () => {
  const authenticators = [
    { scheme: 'X', challenge: 'X', authenticate: () => null, header: 'a b' },
    { scheme: 'X', challenge: 'X', authenticate: () => null, credentialsOf: 'cookie' },
  ] as never;
  const failed = await serve(Me, { authenticators }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(StartupError);
  expect(String((failed as Error).message)).toContain('header is no name of a field');
  expect(String((failed as Error).message)).toContain('credentialsOf is no function');
});
