import { sql } from 'kysely';
import { type CaseRow, type CaseStatus, type Database, MAX_ID } from './schema.js';

/** A case as the database has it. */
export interface CaseRecord {
  readonly id: number;
  readonly title: string;
  readonly description: string | null;
  readonly status: CaseStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The cases in the database. It decides nothing; it throws what the database throws. */
export class CaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(title: string, description: string | null): Promise<CaseRecord> {
    const row = await this.#database
      .insertInto('cases')
      .values({ title, description, status: 'new', updated_at: NOW })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRecord(row);
  }

  async find(id: number): Promise<CaseRecord | undefined> {
    if (!isId(id)) return undefined;
    const row = await this.#database.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toRecord(row);
  }

  /** Cases by rising id, at most `limit`, those after an id alone. */
  async list(limit: number, after: number, status: CaseStatus | undefined): Promise<readonly CaseRecord[]> {
    if (after >= MAX_ID) return [];
    let query = this.#database.selectFrom('cases').selectAll().where('id', '>', after);
    if (status !== undefined) query = query.where('status', '=', status);
    const rows = await query.orderBy('id').limit(limit).execute();
    return rows.map(toRecord);
  }

  /**
   * Sets the status where it is still `from`, in one statement, so that of several at once one succeeds.
   *
   * @returns the case as it is now; undefined where it isn't `from` any more, or is gone
   */
  async replaceStatus(id: number, from: CaseStatus, to: CaseStatus): Promise<CaseRecord | undefined> {
    const row = await this.#database
      .updateTable('cases')
      .set({ status: to, updated_at: NOW })
      .where('id', '=', id)
      .where('status', '=', from)
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }
}

const NOW = sql<Date>`now()`;

/** Whether the column can hold it: PostgreSQL refuses to compare it with a larger one. */
function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= MAX_ID;
}

function toRecord(row: CaseRow): CaseRecord {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
