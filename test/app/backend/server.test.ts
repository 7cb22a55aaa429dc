import dns from 'node:dns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../../src/backend/database.js';
import { emptyServerDatabase, serverIsThere } from '../support/databases.js';
import { pg } from '../support/pg.js';

function open(databaseUrl: string, onIdleError: (error: Error) => void = () => {}): Promise<OpenDatabase> {
  return openDatabase({ databaseUrl, databasePoolSize: 2, dataDir: '' }, onIdleError);
}

describe('a server that is not there', () => {
  it.each([
    ['refuses', 'postgres://me:hunter2@127.0.0.1:1/cases'],
    ['refuses', 'postgres://me:hunter2@127.0.0.1:1/cases?password=hunter2'],
    ['has no address', 'postgres://me:hunter2@nowhere.invalid/cases'],
  ])('is reported by its setting without the password where it %s', async (_, url) => {
    const opening = open(url);
    await expect(opening).rejects.toThrow(
      /^the database can't be opened \(DATABASE_URL [\w.:]+\/cases\): .+/,
    );
    await expect(opening).rejects.toThrow(expect.not.stringContaining('hunter2'));
  });
});

describe('a server whose name has several addresses', () => {
  it('is reported with what each of them said', async () => {
    const addresses = [1, 2].map((last) => ({ address: `127.0.0.${last}`, family: 4 }));
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
      const done = args.at(-1) as (error: null, found: object[]) => void;
      done(null, addresses);
    }) as never);
    try {
      await expect(open('postgres://me@several.invalid:1/cases')).rejects.toThrow(
        'connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.2:1',
      );
    } finally {
      lookup.mockRestore();
    }
  });
});

describe.skipIf(!(await serverIsThere()))('a server', () => {
  let url: string;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    ({ url, drop } = await emptyServerDatabase());
  });
  afterAll(() => drop());

  it('is migrated once by many processes that start at once', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(url)));
    const [first] = opened;
    const rows = await first?.database
      .selectFrom('kysely_migration' as 'cases')
      .select('name' as 'id')
      .execute();
    await Promise.all(opened.map(({ close }) => close()));
    expect(rows).toEqual([{ name: '0001-cases' }]);
  });

  it('that lacks the database is reported with its reason', async () => {
    const missing = new URL(url);
    missing.pathname = '/koanatomy_no_such';
    await expect(open(missing.href)).rejects.toThrow('database "koanatomy_no_such" does not exist');
  });

  it('may break connections that nobody uses, and is asked again on another', async () => {
    let heard: (error: Error) => void = () => {};
    const broken = new Promise<Error>((resolve) => {
      heard = resolve;
    });
    const { database, close } = await open(url, heard);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'koanatomy'",
    );
    await client.end();
    expect((await broken).message).toContain('terminat');
    expect(await database.selectFrom('cases').selectAll().execute()).toEqual([]);
    await close();
  });
});
