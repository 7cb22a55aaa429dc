import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { databaseOn, openDatabase } from '../../../src/backend/database.js';
import { migrate } from '../../../src/backend/migrations.js';
import type { Database } from '../../../src/backend/schema.js';
import { pg } from './pg.js';

/** A database that a test file has for itself, with the schema. */
export interface TestDatabase {
  readonly database: Database;
  /** Opens it a second time, as a copy where it is embedded, for a test that breaks it. */
  another(): Promise<Database>;
  close(): Promise<void>;
}

/** PGlite in memory. */
export async function inMemory(): Promise<TestDatabase> {
  const pglite = await PGlite.create();
  const database = databaseOn(pglite);
  await migrate(database);
  return {
    database,
    async another() {
      // Making one from nothing takes seconds; copying one doesn't.
      const copy = databaseOn(await PGlite.create({ loadDataDir: await pglite.dumpDataDir('none') }));
      // Kysely closes only what it has used.
      await sql`select 1`.execute(copy);
      return copy;
    },
    close: () => database.destroy(),
  };
}

/** Where a PostgreSQL server is, if there is one. */
export const SERVER_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** Whether the server answers; in CI it has to, so that the suite can't be left out unnoticed. */
export async function serverIsThere(): Promise<boolean> {
  const client = new pg.Client({ connectionString: SERVER_URL, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    console.log(
      `no PostgreSQL at ${new URL(SERVER_URL).host}: its tests are skipped (TEST_DATABASE_URL names another)`,
    );
    return false;
  }
}

/** A database on the server for one run, by its URL; nothing of it is left afterwards. */
export async function emptyServerDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `koanatomy_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await administer(`create database ${name}`);
  const url = new URL(SERVER_URL);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

/** The application's own way to a server. */
export async function onServer(): Promise<TestDatabase> {
  const { url, drop } = await emptyServerDatabase();
  const settings = { databaseUrl: url, databasePoolSize: 5, dataDir: '' };
  const ignore = (): void => {};
  const { database, close } = await openDatabase(settings, ignore);
  const others: (() => Promise<void>)[] = [];
  return {
    database,
    async another() {
      const other = await openDatabase(settings, ignore);
      others.push(other.close);
      return other.database;
    },
    async close() {
      for (const closeOther of others) await closeOther();
      await close();
      await drop();
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
