import { createHook } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import {
  Authenticated,
  basic,
  Context,
  GET,
  hashPassword,
  Path,
  Principal,
  passwords,
  verifyPassword,
} from 'koanatomy';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const CHEAP = { ln: 10, r: 8, p: 1 };
const PASSWORD = 'pä:ss wörd';

@Path('/me')
class Me {
  @GET @Authenticated get(@Context() who: Principal) {
    return { name: who.name, roles: [...who.roles], claims: who.claims };
  }
}

let hash = '';
beforeAll(async () => {
  hash = await hashPassword(PASSWORD, CHEAP);
});

/** What scrypt was asked to do meanwhile. */
async function costs(action: () => Promise<unknown>): Promise<unknown[]> {
  const { scrypt } = crypto;
  const asked: unknown[] = [];
  crypto.scrypt = ((password: string, salt: Buffer, size: number, cost: object, done: () => void) => {
    asked.push({ ...cost, size, salt: salt.length });
    scrypt(password, salt, size, cost, done);
  }) as typeof scrypt;
  syncBuiltinESMExports();
  await action();
  crypto.scrypt = scrypt;
  syncBuiltinESMExports();
  return asked;
}

/** How often a thread computed scrypt meanwhile. */
async function worked(action: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'SCRYPTREQUEST') count += 1;
    },
  }).enable();
  await action();
  hook.disable();
  return count;
}

describe('a hash', () => {
  it('says how it was made, has a salt of its own, and knows its password', async () => {
    expect(hash).toMatch(/^\$scrypt\$ln=10,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hashPassword(PASSWORD, CHEAP)).not.toBe(hash);
    expect(await verifyPassword(PASSWORD, hash)).toBe(true);
    expect(await verifyPassword(`${PASSWORD} `, hash)).toBe(false);
  });

  it('costs what OWASP recommends, unless told otherwise', async () => {
    expect(await hashPassword('x')).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
  });

  it('knows its password however its letters were composed', async () => {
    expect(await verifyPassword(PASSWORD.normalize('NFD'), hash)).toBe(true);
  });

  it('of another program that follows the same format is taken', async () => {
    // RFC 7914 §12: scrypt('pleaseletmein', 'SodiumChloride', N=16384, r=8, p=1)
    const salt = Buffer.from('SodiumChloride').toString('base64').replaceAll('=', '');
    const bytes =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const made = Buffer.from(bytes, 'hex').toString('base64').replaceAll('=', '');
    expect(await verifyPassword('pleaseletmein', `$scrypt$ln=14,r=8,p=1$${salt}$${made}`)).toBe(true);
  });

  it.each([
    '',
    'secret',
    '$scrypt$ln=10,r=8,p=1$$',
    '$scrypt$ln=30,r=8,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2g',
    '$2b$10$abcdefghijklmnopqrstuv',
  ])('that is none is refused: %j', async (text) => {
    await expect(verifyPassword('x', text)).rejects.toThrow(TypeError);
    expect(() => passwords({ ann: text })).toThrow('the password of ann');
  });

  it.each([
    { ln: 9 },
    { ln: 21 },
    { r: 0 },
    { p: 17 },
    { ln: 10.5 },
  ])('of the cost %j is refused', async (cost) => {
    await expect(hashPassword('x', cost)).rejects.toThrow(TypeError);
  });
});

describe('passwords', () => {
  it('make a principal of a table', async () => {
    const table = { ann: hash, bob: { hash, roles: ['admin'], claims: { org: 'x' } } };
    const http = await serve(Me, { authenticators: [basic(passwords(table))] });
    expect((await http.get('/me').auth('ann', PASSWORD)).body).toEqual({
      name: 'ann',
      roles: [],
      claims: {},
    });
    expect((await http.get('/me').auth('bob', PASSWORD)).body).toEqual({
      name: 'bob',
      roles: ['admin'],
      claims: { org: 'x' },
    });
  });

  it('make a principal of what a function finds', async () => {
    const find = async (user: string) => (user === 'ann' ? { hash, roles: ['a'] } : null);
    const http = await serve(Me, { authenticators: [basic(passwords(find))] });
    expect((await http.get('/me').auth('ann', PASSWORD)).status).toBe(200);
    expect((await http.get('/me').auth('bob', PASSWORD)).status).toBe(401);
  });

  it('of an unknown user cost the same work as a wrong one, and get the same answer', async () => {
    const http = await serve(Me, { authenticators: [basic(passwords({ ann: hash }))] });
    const answers: unknown[] = [];
    const ask = (user: string, password: string) => async () => {
      const { status, headers, body } = await http.get('/me').auth(user, password);
      answers.push([status, headers['www-authenticate'], { ...body, instance: '' }]);
    };
    expect(await worked(ask('ann', 'wrong'))).toBe(1);
    expect(await worked(ask('bob', 'wrong'))).toBe(1);
    expect(await worked(ask('__proto__', 'wrong'))).toBe(1);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('of an unknown user cost what those of known ones do', async () => {
    const verify = passwords({ ann: hash });
    const [wrong, unknown] = [await costs(() => verify('ann', 'x')), await costs(() => verify('bob', 'x'))];
    expect(wrong).toHaveLength(1);
    expect(unknown).toEqual(wrong);
    const found = passwords((user) => (user === 'ann' ? hash : null));
    // A function's hashes are known once one was found.
    await found('ann', 'x');
    expect(await costs(() => found('bob', 'x'))).toEqual(wrong);
  });

  it('that were right are known for a while, and wrong ones never', async () => {
    const verify = passwords({ ann: hash });
    expect(await worked(() => verify('ann', PASSWORD))).toBe(1);
    expect(await worked(() => verify('ann', PASSWORD))).toBe(0);
    expect(await worked(() => verify('ann', 'wrong'))).toBe(1);
    expect(await worked(() => verify('ann', 'wrong'))).toBe(1);
    const never = passwords({ ann: hash }, { remember: 0 });
    expect(await worked(() => never('ann', PASSWORD))).toBe(1);
    expect(await worked(() => never('ann', PASSWORD))).toBe(1);
  });

  it('that are sent ten times at once are compared once', async () => {
    const verify = passwords({ ann: hash });
    const all = () => Promise.all(Array.from({ length: 10 }, () => verify('ann', PASSWORD)));
    expect(await worked(all)).toBe(1);
  });

  it('that have changed count at once, and so do roles', async () => {
    let entry: { hash: string; roles: string[] } | null = { hash, roles: ['a'] };
    const verify = passwords(() => entry);
    expect((await verify('ann', PASSWORD))?.roles).toEqual(new Set(['a']));
    entry = { hash, roles: ['b'] };
    expect((await verify('ann', PASSWORD))?.roles).toEqual(new Set(['b']));
    entry = { hash: await hashPassword('another', CHEAP), roles: [] };
    expect(await verify('ann', PASSWORD)).toBeNull();
    entry = null;
    expect(await verify('ann', PASSWORD)).toBeNull();
  });

  it('that are too many at once are 503', async () => {
    const options = { concurrency: { max: 1, queue: 1, wait: '1m' } };
    const http = await serve(Me, { authenticators: [basic(passwords({ ann: hash }, options))] });
    const asked = Array.from({ length: 6 }, (_, i) => http.get('/me').auth('ann', `wrong ${i}`));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toContain(401);
    expect(statuses).toContain(503);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(1);
    // Those that have ended have given their places back.
    expect((await http.get('/me').auth('ann', PASSWORD)).status).toBe(200);
  });

  it('of which a look-up fails are the server’s fault', async () => {
    const broken = passwords(() => Promise.reject(new Error('no database')));
    const http = await serve(Me, { authenticators: [basic(broken)] });
    expect((await http.get('/me').auth('ann', PASSWORD)).status).toBe(500);
    const odd = await serve(Me, { authenticators: [basic(passwords(() => 'plain text'))] });
    expect((await odd.get('/me').auth('ann', PASSWORD)).status).toBe(500);
  });
});
