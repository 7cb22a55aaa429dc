import type { PGlite } from '@electric-sql/pglite';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';

/**
 * As much of a pg `Pool` as Kysely's PostgreSQL dialect asks for, around PGlite, which is one connection.
 *
 * `connect` waits until whoever connected before has released: PGlite would else run the statements of two
 * users inside one transaction.
 */
export class PGlitePool implements PostgresPool {
  readonly #pglite: PGlite;
  #released: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /** @throws Error once the pool has ended. */
  async connect(): Promise<PostgresPoolClient> {
    if (this.#ended) throw new Error('the database is closed');
    const before = this.#released;
    let release: () => void = () => {};
    this.#released = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return new PGliteClient(this.#pglite, release);
  }

  /** Takes no more users, waits for those that are there, and closes PGlite. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#released;
    if (!this.#pglite.closed) await this.#pglite.close();
  }
}

class PGliteClient implements PostgresPoolClient {
  readonly #pglite: PGlite;
  readonly release: () => void;

  constructor(pglite: PGlite, release: () => void) {
    this.#pglite = pglite;
    this.release = release;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query(what: string | object, parameters: readonly unknown[] = []): never {
    if (typeof what !== 'string') throw new Error('PGlite has no cursors');
    return this.#run(what, parameters) as never;
  }

  async #run(sql: string, parameters: readonly unknown[]): Promise<object> {
    const { rows, command, rowCount = 0 } = await this.#pglite.query(sql, [...parameters]);
    return { rows, command, rowCount };
  }
}
