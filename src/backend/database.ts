import type { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { migrate } from './migrations.js';
import { PGlitePool } from './PGlitePool.js';
import type { Database, Schema } from './schema.js';

/** Where the data is: a server by its URL, or else a folder. */
export interface DatabaseSettings {
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  readonly dataDir: string;
}

/** A database that is open and has the schema. */
export interface OpenDatabase {
  readonly database: Database;
  /** Waits for the queries that run. */
  close(): Promise<void>;
}

/** Thrown where the database can't be opened; the message names the setting and has no secret. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/**
 * Opens the database and runs the migrations that it lacks.
 *
 * @param onIdleError hears of a server's connection that broke while nobody used it; the pool replaces it
 * @throws DatabaseUnavailableError
 */
export async function openDatabase(
  settings: DatabaseSettings,
  onIdleError: (error: Error) => void,
): Promise<OpenDatabase> {
  const { databaseUrl, dataDir } = settings;
  const where = databaseUrl === null ? `DATA_DIR ${dataDir}` : `DATABASE_URL ${withoutSecrets(databaseUrl)}`;
  let open: OpenDatabase | null = null;
  try {
    open = await (databaseUrl === null ? embedded(dataDir) : server(databaseUrl, settings, onIdleError));
    await migrate(open.database);
    return open;
  } catch (error) {
    await open?.close().catch(() => {});
    throw new DatabaseUnavailableError(`the database can't be opened (${where}): ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Kysely on a PGlite that is there already, such as one in memory. Closing it closes PGlite. */
export function databaseOn(pglite: PGlite): Database {
  return kysely(new PGlitePool(pglite));
}

function kysely(pool: PostgresPool): Database {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

// Each loads its driver when it is the one: PGlite's is large, and a server needs none of it.
async function embedded(folder: string): Promise<OpenDatabase> {
  const { openFolder } = await import('./open-folder.js');
  const opened = await openFolder(folder);
  const database = databaseOn(opened.pglite);
  return {
    database,
    async close() {
      await database.destroy();
      // Where nothing was ever asked, Kysely has not met the pool, and leaves it open.
      await opened.close();
    },
  };
}

async function server(
  url: string,
  settings: DatabaseSettings,
  onIdleError: (error: Error) => void,
): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: settings.databasePoolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    application_name: 'koanatomy',
  });
  // Without a listener, a server that restarts would end this process.
  pool.on('error', onIdleError);
  const database = kysely(pool);
  return { database, close: () => database.destroy() };
}

/** Milliseconds to wait for a connection: for the server to answer, or for one of the pool to be free. */
const CONNECT_TIMEOUT = 5000;

/** A URL's host and database, which say which server it is. Its query is left out: it may have a password. */
function withoutSecrets(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Node reports a name with several addresses that all refuse as an error without a message. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(reason).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
