import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOn } from '../../../src/backend/database.js';
import { migrate } from '../../../src/backend/migrations.js';
import { PGlitePool } from '../../../src/backend/PGlitePool.js';
import type { Database } from '../../../src/backend/schema.js';

let pglite: PGlite;
let database: Database;

beforeAll(async () => {
  pglite = await PGlite.create();
  database = databaseOn(pglite);
  await migrate(database);
});
afterAll(() => database.destroy());

const insert = (db: Database, title: string) =>
  db
    .insertInto('cases')
    .values({ title, description: null, status: 'new', updated_at: new Date() })
    .execute();
const titles = async (db: Database) =>
  (await db.selectFrom('cases').select('title').execute()).map(({ title }) => title);

describe('the pool around PGlite', () => {
  it('keeps the statements of others out of a transaction', async () => {
    let others: Promise<unknown> | undefined;
    const rolledBack = database.transaction().execute(async (transaction) => {
      await insert(transaction as Database, 'undone');
      others = insert(database, 'kept');
      expect(await titles(transaction as Database)).toContain('undone');
      throw new Error('roll back');
    });
    await expect(rolledBack).rejects.toThrow('roll back');
    await others;
    const left = await titles(database);
    expect(left).toContain('kept');
    expect(left).not.toContain('undone');
  });

  it('serves those that wait in their order', async () => {
    const pool = new PGlitePool(pglite);
    const first = await pool.connect();
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (i) => {
      const client = await pool.connect();
      order.push(i);
      client.release();
    });
    expect(order).toEqual([]);
    first.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  it('goes on after a statement that failed, in a transaction and outside', async () => {
    const failing = database.transaction().execute((transaction) =>
      transaction
        .insertInto('cases')
        .values({ title: null } as never)
        .execute(),
    );
    await expect(failing).rejects.toThrow('null value in column "title"');
    await expect(
      database
        .selectFrom('nothing' as 'cases')
        .selectAll()
        .execute(),
    ).rejects.toThrow('does not exist');
    await insert(database, 'after');
    expect(await titles(database)).toContain('after');
  });

  it('tells how many rows were changed', async () => {
    await insert(database, 'one');
    const result = await database
      .updateTable('cases')
      .set({ title: 'two' })
      .where('title', '=', 'one')
      .execute();
    expect(result[0]?.numUpdatedRows).toBe(1n);
  });

  it('waits for its user when it ends, and then takes nobody', async () => {
    const own = await PGlite.create({ loadDataDir: await pglite.dumpDataDir('none') });
    const pool = new PGlitePool(own);
    const client = await pool.connect();
    const ended = pool.end();
    await expect(pool.connect()).rejects.toThrow('the database is closed');
    expect(await client.query('select 1 as one', [])).toMatchObject({ rows: [{ one: 1 }] });
    client.release();
    await ended;
    expect(own.closed).toBe(true);
  });
});
