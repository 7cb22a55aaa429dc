import * as fc from 'fast-check';
import {
  type Application,
  Authenticated,
  apiKey,
  basic,
  Context,
  createApp,
  GET,
  hashApiKey,
  hashPassword,
  jwt,
  Path,
  POST,
  Principal,
  passwords,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  claims,
  ec,
  ed,
  encode,
  ISSUER,
  jwk,
  listen,
  otherRsa,
  raw,
  rsa,
  SECRET,
  token,
} from './support.js';

const KEY = 'k3y-of-a-partner-0123456789';
const PASSWORD = 'correct horse: battery staple';

let calls = 0;

@Path('/')
class Private {
  @GET('/private') @Authenticated get(@Context() who: Principal) {
    calls += 1;
    return { name: who.name };
  }
  @GET('/perhaps') perhaps(@Context() who?: Principal) {
    if (who !== undefined) calls += 1;
    return { name: who?.name ?? null };
  }
  @POST('/private') @Authenticated post(@Context() who: Principal) {
    calls += 1;
    return { name: who.name };
  }
}

let server: Awaited<ReturnType<typeof listen>>;
let attacker: Awaited<ReturnType<typeof listen>>;
let fetched = 0;
const errors: unknown[] = [];

beforeAll(async () => {
  attacker = await listen((_request, response) => {
    fetched += 1;
    response.end(JSON.stringify({ keys: [jwk(otherRsa.publicKey, 'evil', 'RS256')] }));
  });
  const common = { issuer: ISSUER, audience: AUDIENCE };
  const hash = await hashPassword(PASSWORD, { ln: 10, r: 8, p: 1 });
  const app: Application = await createApp({
    controllers: Private,
    logger: {
      info: () => {},
      warn: () => {},
      error: (...line: unknown[]) => errors.push(line),
    },
    authenticators: [
      jwt({
        ...common,
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        keys: {
          keys: [
            jwk(rsa.publicKey, 'rsa', 'RS256'),
            jwk(ec.publicKey, 'ec', 'ES256'),
            jwk(ed.publicKey, 'ed', 'EdDSA'),
          ],
        },
      }),
      jwt({ ...common, algorithms: ['HS256'], key: SECRET }),
      basic(passwords({ ann: hash, jörg: hash })),
      apiKey({ keys: { partner: KEY } }),
    ],
  });
  server = await listen(app);
});

afterAll(() => Promise.all([server.close(), attacker.close()]));

const RS = { alg: 'RS256', kid: 'rsa', typ: 'JWT' };
const HS = { alg: 'HS256', typ: 'JWT' };
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;
const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64');
const bearerOf = (text: string) => [`Authorization: Bearer ${text}`];
const basicOf = (text: string | Buffer) => [`Authorization: Basic ${base64(text)}`];
const good = () => token(RS, claims());
const [head = '', body = '', signature = ''] = good().split('.');
const past = () => Math.floor(Date.now() / 1000) - 1;

const GOOD: Record<string, () => readonly string[]> = {
  RS256: () => bearerOf(good()),
  ES256: () => bearerOf(token({ alg: 'ES256', kid: 'ec' }, claims(), ec.privateKey)),
  EdDSA: () => bearerOf(token({ alg: 'EdDSA', kid: 'ed' }, claims(), ed.privateKey)),
  HS256: () => bearerOf(token(HS, claims(), SECRET)),
  'no kid': () => bearerOf(token({ alg: 'RS256' }, claims())),
  'at+jwt': () => bearerOf(token({ ...RS, typ: 'application/at+jwt' }, claims())),
  'several audiences': () => bearerOf(token(RS, claims({ aud: ['b', AUDIENCE] }))),
  'another case': () => [`AUTHORIZATION: bEARER   ${good()}  `],
  password: () => basicOf(`ann:${PASSWORD}`),
  'another script': () => basicOf(`jörg:${PASSWORD}`),
  key: () => [`x-api-KEY: ${KEY}`],
};

const TOKENS: Record<string, () => string> = {
  'alg none': () => token({ ...RS, alg: 'none' }, claims(), null),
  'alg None': () => token({ ...RS, alg: 'None' }, claims(), null),
  'alg NONE': () => token({ ...RS, alg: 'NONE' }, claims(), null),
  'alg none with a signature': () => `${encode({ ...RS, alg: 'none' })}.${body}.${signature}`,
  'alg none without a kid': () => token({ alg: 'none' }, claims(), null),
  'no alg': () => token({ typ: 'JWT', kid: 'rsa' }, claims()),
  'alg null': () => token({ ...RS, alg: null }, claims()),
  'alg a list': () => token({ ...RS, alg: ['RS256'] }, claims()),
  'alg in another case': () => token({ ...RS, alg: 'rs256' }, claims()),
  'alg of a prototype': () => token({ ...RS, alg: '__proto__' }, claims()),
  'HS256 with the public key as PEM': () => token({ ...HS, kid: 'rsa' }, claims(), pem),
  'HS256 with the public key as trimmed PEM': () => token({ ...HS, kid: 'rsa' }, claims(), pem.trim()),
  'HS256 with the public key as DER': () => token({ ...HS, kid: 'rsa' }, claims(), der),
  'HS256 with the JWK': () =>
    token({ ...HS, kid: 'rsa' }, claims(), JSON.stringify(jwk(rsa.publicKey, 'rsa', 'RS256'))),
  'HS256 with the modulus': () =>
    token({ ...HS, kid: 'rsa' }, claims(), String(rsa.publicKey.export({ format: 'jwk' }).n)),
  'HS256 with an empty secret': () => token(HS, claims(), ''),
  'HS256 with another secret': () => token(HS, claims(), `${SECRET}.`),
  'HS512 with the secret': () => token({ ...HS, alg: 'HS512' }, claims(), SECRET, 'sha512'),
  'RS512 with the key': () => token({ ...RS, alg: 'RS512' }, claims(), rsa.privateKey, 'sha512'),
  'RS256 said, signed with SHA-512': () => token(RS, claims(), rsa.privateKey, 'sha512'),
  'PS256 said, signed with RS256': () => token({ ...RS, alg: 'PS256' }, claims()),
  'another key': () => token(RS, claims(), otherRsa.privateKey),
  'another key without kid': () => token({ alg: 'RS256' }, claims(), otherRsa.privateKey),
  'a kid that is not there': () => token({ ...RS, kid: 'evil' }, claims(), otherRsa.privateKey),
  'the kid of another kind of key': () => token({ ...RS, kid: 'ec' }, claims()),
  'a kid that is a path': () => token({ ...HS, kid: '../../../../dev/null' }, claims(), ''),
  'a kid that is SQL': () => token({ ...HS, kid: "x' UNION SELECT 'key" }, claims(), 'key'),
  'a kid of a prototype': () => token({ ...RS, kid: '__proto__' }, claims()),
  'a kid with a line break': () => token({ ...RS, kid: 'rsa\r\nX: y' }, claims(), otherRsa.privateKey),
  'a kid that is a number': () => token({ ...RS, kid: 0 }, claims(), otherRsa.privateKey),
  'a kid that is an object': () => token({ ...RS, kid: { toString: 'rsa' } }, claims()),
  'a kid of a thousand letters': () => token({ ...RS, kid: 'k'.repeat(1000) }, claims()),
  'a key of its own': () =>
    token({ alg: 'RS256', jwk: otherRsa.publicKey.export({ format: 'jwk' }) }, claims(), otherRsa.privateKey),
  'a secret of its own': () => token({ ...HS, jwk: { kty: 'oct', k: encode('mine') } }, claims(), 'mine'),
  'an address of keys of its own': () =>
    token({ alg: 'RS256', kid: 'evil', jku: `${attacker.url}/jwks` }, claims(), otherRsa.privateKey),
  'a certificate’s address': () =>
    token({ alg: 'RS256', kid: 'evil', x5u: `${attacker.url}/x5u` }, claims(), otherRsa.privateKey),
  'a certificate of its own': () =>
    token({ alg: 'RS256', x5c: [base64(der)] }, claims(), otherRsa.privateKey),
  'a critical extension': () => token({ ...RS, crit: ['exp2'], exp2: 1 }, claims()),
  'no critical extensions': () => token({ ...RS, crit: [] }, claims()),
  'a payload that is not encoded': () => token({ ...RS, crit: ['b64'], b64: false }, claims()),
  'what is for a logout': () => token({ ...RS, typ: 'logout+jwt' }, claims()),
  'what is for a proof': () => token({ ...RS, typ: 'dpop+jwt' }, claims()),
  'a type that is a list': () => token({ ...RS, typ: ['JWT'] }, claims()),
  expired: () => token(RS, claims({ exp: past() })),
  'expired long ago': () => token(RS, claims({ exp: 0 })),
  'no end': () => token(RS, claims({ exp: undefined })),
  'an end that is text': () => token(RS, claims({ exp: '9999999999' })),
  'an end that is null': () => token(RS, claims({ exp: null })),
  'an end before all times': () => token(RS, claims({ exp: -1 })),
  'an end beyond numbers': () => token(RS, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999')),
  'not yet': () => token(RS, claims({ nbf: past() + 1000 })),
  'a beginning that is text': () => token(RS, claims({ nbf: '0' })),
  'an iat that is text': () => token(RS, claims({ iat: 'now' })),
  'another issuer': () => token(RS, claims({ iss: 'https://evil.example.com/' })),
  'no issuer': () => token(RS, claims({ iss: undefined })),
  'a list of issuers': () => token(RS, claims({ iss: [ISSUER] })),
  'an issuer without its slash': () => token(RS, claims({ iss: ISSUER.slice(0, -1) })),
  'an issuer in capitals': () => token(RS, claims({ iss: ISSUER.toUpperCase() })),
  'an issuer with more': () => token(RS, claims({ iss: `${ISSUER}x` })),
  'another audience': () => token(RS, claims({ aud: 'https://other.example.com' })),
  'no audience': () => token(RS, claims({ aud: undefined })),
  'no audience in a list': () => token(RS, claims({ aud: [] })),
  'other audiences': () => token(RS, claims({ aud: ['a', 'b', [AUDIENCE]] })),
  'an audience that is an object': () => token(RS, claims({ aud: { [AUDIENCE]: true } })),
  'an audience with more': () => token(RS, claims({ aud: `${AUDIENCE}.evil.com` })),
  'no subject': () => token(RS, claims({ sub: undefined })),
  'an empty subject': () => token(RS, claims({ sub: '' })),
  'a subject that is a number': () => token(RS, claims({ sub: 7 })),
  'a subject that is an object': () => token(RS, claims({ sub: { toString: 'ann' } })),
  'claims that are a list': () => token(RS, [claims()]),
  'claims that are null': () => token(RS, 'null'),
  'claims that are text': () => token(RS, '"ann"'),
  'claims that are no JSON': () => token(RS, '{sub: ann}'),
  'claims that are no UTF-8': () => {
    const text = `${encode(RS)}.${Buffer.from([0xff, 0xfe]).toString('base64url')}`;
    return `${text}.${token(RS, claims()).split('.')[2]}`;
  },
  'changed claims': () => `${head}.${encode(claims({ sub: 'root' }))}.${signature}`,
  'another header': () => `${encode({ ...RS, x: 1 })}.${body}.${signature}`,
  'a header that is no JSON': () => `${encode('{')}.${body}.${signature}`,
  'a header that is null': () => `${encode('null')}.${body}.${signature}`,
  'a header that is a list': () => `${encode('[]')}.${body}.${signature}`,
  'a header that is deep': () => `${encode('['.repeat(4000))}.${body}.${signature}`,
  'a header that pollutes': () => `${encode('{"__proto__":{"alg":"RS256"}}')}.${body}.${signature}`,
  'a shorter signature': () => `${head}.${body}.${signature.slice(0, -4)}`,
  'no signature': () => `${head}.${body}.`,
  'a signature of nothing but zeros': () => `${head}.${body}.${Buffer.alloc(256).toString('base64url')}`,
  'an ES256 signature of zeros': () =>
    `${encode({ alg: 'ES256', kid: 'ec' })}.${body}.${Buffer.alloc(64).toString('base64url')}`,
  'an ES256 signature in DER': () => {
    const text = `${encode({ alg: 'ES256', kid: 'ec' })}.${body}`;
    return `${text}.${Buffer.concat([Buffer.from([0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00])]).toString('base64url')}`;
  },
  'another token’s signature': () => `${head}.${body}.${token(RS, claims({ jti: 'x' })).split('.')[2]}`,
  'two parts': () => `${head}.${body}`,
  'four parts': () => `${head}.${body}.${signature}.${signature}`,
  'five parts': () => `${head}..${body}.${signature}.${signature}`,
  'no parts': () => '..',
  'one part': () => 'token',
  'padding within': () => `${head}=.${body}.${signature}`,
  'a comma behind': () => `${good()},`,
  'two tokens': () => `${good()} ${good()}`,
  'two tokens with a comma': () => `${good()}, Bearer ${good()}`,
  quotes: () => `"${good()}"`,
  'other letters': () => `${good()}\xe9`,
  'letters of the upper half': () => '\xc3\xa4\xf6\xfc',
  'more than eight kibibytes': () => token(RS, claims({ pad: 'x'.repeat(7000) })),
};

const OTHERS: Record<string, () => readonly string[]> = {
  'an empty field': () => ['Authorization:'],
  'a scheme alone': () => ['Authorization: Bearer'],
  'a scheme and a space': () => ['Authorization: Bearer '],
  'a token without scheme': () => [`Authorization: ${good()}`],
  'a colon behind the scheme': () => [`Authorization: Bearer: ${good()}`],
  'an equals sign': () => [`Authorization: Bearer=${good()}`],
  'a tab behind the scheme': () => [`Authorization: Bearer\t${good()}`],
  'another scheme': () => [`Authorization: Token ${good()}`],
  'a scheme with more': () => [`Authorization: Bearers ${good()}`],
  'a scheme of a prototype': () => ['Authorization: __proto__ x'],
  'a scheme that is a constructor': () => ['Authorization: constructor x'],
  'the scheme of another': () => [`Authorization: Basic ${good()}`],
  'an API key as a token': () => [`Authorization: Bearer ${KEY}`],
  'an API key by its scheme': () => [`Authorization: ApiKey ${KEY}`],
  'two fields, both good': () => [...bearerOf(good()), ...bearerOf(good())],
  'two fields, the first good': () => [...bearerOf(good()), ...bearerOf('x')],
  'two fields, the second good': () => [...bearerOf('x'), ...bearerOf(good())],
  'two fields in two cases': () => [`authorization: Bearer ${good()}`, `AUTHORIZATION: Bearer ${good()}`],
  'two fields of two schemes': () => [...bearerOf(good()), ...basicOf(`ann:${PASSWORD}`)],
  'a token and a key': () => [...bearerOf(good()), `X-API-Key: ${KEY}`],
  'a folded field': () => [`Authorization: Bearer\r\n ${good()}`],
  'a space before the colon': () => [`Authorization : Bearer ${good()}`],
  'a null byte': () => [`Authorization: Bearer ${good()}\0`],
  'a bare line feed': () => [`Authorization: Bearer x\nAuthorization: Bearer ${good()}`],
  'a wrong password': () => basicOf('ann:wrong'),
  'an unknown user': () => basicOf(`bob:${PASSWORD}`),
  'an empty password': () => basicOf('ann:'),
  'an empty user': () => basicOf(`:${PASSWORD}`),
  'no colon': () => basicOf('ann'),
  'a colon alone': () => basicOf(':'),
  'a user in another case': () => basicOf(`ANN:${PASSWORD}`),
  'a user in wide letters': () => basicOf(`\uff41nn:${PASSWORD}`),
  'a user with a space': () => basicOf(`ann :${PASSWORD}`),
  'a user with a byte order mark': () => basicOf(`\ufeffann:${PASSWORD}`),
  'a user with a null byte': () => basicOf(`ann\0:${PASSWORD}`),
  'a user with nothing to see': () => basicOf(`ann\u200b:${PASSWORD}`),
  'a user of a prototype': () => basicOf(`__proto__:${PASSWORD}`),
  'a user that is a constructor': () => basicOf(`constructor:${PASSWORD}`),
  'a password with a space': () => basicOf(`ann:${PASSWORD} `),
  'a password with a line break': () => basicOf(`ann:${PASSWORD}\r\n`),
  'a password up to its colon': () => basicOf('ann:correct horse'),
  'a long password': () => basicOf(`ann:${'x'.repeat(5000)}`),
  'a user in Latin-1': () => basicOf(Buffer.from(`j\xf6rg:${PASSWORD}`, 'latin1')),
  'base64 twice': () => basicOf(base64(`ann:${PASSWORD}`)),
  'no base64': () => ['Authorization: Basic ???'],
  'no base64 at all': () => [`Authorization: Basic ann:${PASSWORD}`],
  'base64 with a space': () => [`Authorization: Basic ${base64('ann:')} ${base64(PASSWORD)}`],
  'another key': () => ['X-API-Key: k3y-of-a-partner-0123456788'],
  'a part of the key': () => [`X-API-Key: ${KEY.slice(0, -1)}`],
  'the key and more': () => [`X-API-Key: ${KEY}0`],
  'the key in capitals': () => [`X-API-Key: ${KEY.toUpperCase()}`],
  'the key twice': () => [`X-API-Key: ${KEY}`, `X-API-Key: ${KEY}`],
  'the key in a list': () => [`X-API-Key: ${KEY}, ${KEY}`],
  'the key in quotes': () => [`X-API-Key: "${KEY}"`],
  'no key': () => ['X-API-Key:'],
  'the hash of the key': () => [`X-API-Key: ${hashApiKey(KEY)}`],
  'a key of a prototype': () => ['X-API-Key: __proto__'],
};

/** Where credentials have no business: the request is one without any. */
const ELSEWHERE: Record<string, () => { lines?: readonly string[]; path?: string; body?: string }> = {
  'a query': () => ({ path: `/private?access_token=${good()}` }),
  'a query by the field’s name': () => ({ path: `/private?Authorization=Bearer%20${good()}` }),
  'a cookie': () => ({ lines: [`Cookie: Authorization=Bearer ${good()}; access_token=${good()}`] }),
  'a form': () => ({
    lines: ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${good().length + 13}`],
    body: `access_token=${good()}`,
  }),
  'a proxy’s field': () => ({ lines: [`Proxy-Authorization: Bearer ${good()}`] }),
  'a field of another name': () => ({ lines: [`X-Authorization: Bearer ${good()}`] }),
  'a field with an underscore': () => ({ lines: [`X_API_Key: ${KEY}`] }),
  'a forwarded user': () => ({ lines: ['X-Forwarded-User: ann', 'Remote-User: ann', 'From: ann'] }),
  'an address with a password': () => ({ path: `http://ann:${PASSWORD.slice(0, 7)}@a/private` }),
};

async function attack(lines: readonly string[], path?: string, sent?: string) {
  const before = calls;
  const answer = await raw(server.port, lines, path, sent);
  expect(answer.status === 400 || answer.status === 401, `${answer.status}: ${lines.join()}`).toBe(true);
  expect(answer.text).toMatch(/\r\ncontent-type: application\/problem\+json/i);
  if (answer.status === 401) expect(answer.text).toMatch(/\r\nwww-authenticate: Bearer realm="api"/i);
  expect(calls).toBe(before);
  expect(errors).toEqual([]);
}

describe('credentials that are good let in', () => {
  it.each(Object.entries(GOOD))('%s', async (_, lines) => {
    expect((await raw(server.port, lines())).status).toBe(200);
    expect((await raw(server.port, lines(), '/perhaps')).text).toMatch(/"name":"(ann|jörg|jÃ¶rg|partner)"/);
  });
});

describe('a token is refused with 401 or 400, also where nobody needs one, that has', () => {
  it.each(Object.entries(TOKENS))('%s', async (_, made) => {
    await attack(bearerOf(made()));
    await attack(bearerOf(made()), '/perhaps');
  });

  it('and none of them made the server ask an attacker for keys', () => expect(fetched).toBe(0));
});

describe('what is refused with 401 or 400', () => {
  it.each(Object.entries(OTHERS))('%s', async (_, lines) => {
    await attack(lines());
    await attack(lines(), '/perhaps');
  });
});

describe('credentials that mean nothing in', () => {
  it.each(Object.entries(ELSEWHERE))('%s', async (_, made) => {
    const { lines = [], path, body: sent } = made();
    await attack(lines, path, sent);
  });
});

it('the table has at least sixty attacks', () => {
  const count = [TOKENS, OTHERS, ELSEWHERE].reduce((sum, table) => sum + Object.keys(table).length, 0);
  expect(count).toBeGreaterThanOrEqual(150);
});

describe('a property:', () => {
  const printable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 60,
  });
  const decoded = (text: string) =>
    text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join();

  it('a good token with something else in a place is a bad one', async () => {
    const valid = good();
    const edits = fc.record({
      at: fc.nat(valid.length),
      cut: fc.integer({ min: 0, max: 3 }),
      put: fc.oneof(printable, fc.constantFrom('', '.', '=', 'A', '_', '-')),
    });
    await fc.assert(
      fc.asyncProperty(edits, async ({ at, cut, put }) => {
        const changed = valid.slice(0, at) + put + valid.slice(at + cut);
        // The last letter of base64 has bits that mean nothing.
        if (changed.trim() === valid || decoded(changed) === decoded(valid)) return;
        await attack(bearerOf(changed));
      }),
      { numRuns: 500 },
    );
  });

  it('any claims that are signed by somebody else let nobody in', async () => {
    const header = fc.record(
      {
        alg: fc.constantFrom('RS256', 'HS256', 'none', 'ES256', 'EdDSA'),
        kid: fc.constantFrom('rsa', 'ec', 'ed', 'x'),
        typ: fc.constantFrom('JWT', 'at+jwt'),
      },
      { requiredKeys: ['alg'] },
    );
    const key = fc.constantFrom(otherRsa.privateKey, pem, 'guess', null);
    await fc.assert(
      fc.asyncProperty(header, fc.dictionary(printable, fc.jsonValue()), key, (made, more, by) =>
        attack(bearerOf(token(made, claims(more), by))),
      ),
      { numRuns: 200 },
    );
  });

  it('any text as Authorization or X-API-Key lets nobody in', async () => {
    const scheme = fc.constantFrom('Bearer', 'Basic', 'ApiKey', 'bearer', 'Digest', '');
    await fc.assert(
      fc.asyncProperty(scheme, printable, fc.boolean(), (name, text, isKey) =>
        attack([isKey ? `X-API-Key: ${text}` : `Authorization: ${name} ${text}`]),
      ),
      { numRuns: 500 },
    );
  });

  it('any user and password but the right ones are refused', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, fc.constant('ann')), text, (user, password) =>
        attack(basicOf(`${user}:${password}`)),
      ),
      { numRuns: 100 },
    );
  });
});
