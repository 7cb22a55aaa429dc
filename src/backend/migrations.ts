import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import type { Schema } from './schema.js';

/**
 * The steps from an empty database to the schema, in the order of their names. A step that was released is
 * never changed: databases have run it already. What it needs is therefore written out in it, not imported.
 */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-cases': {
    async up(db: Kysely<never>) {
      await db.schema
        .createType('case_status')
        .asEnum(['new', 'assigned', 'in-progress', 'resolved', 'closed'])
        .execute();
      await db.schema
        .createTable('cases')
        .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('description', 'text')
        .addColumn('status', sql`case_status`, (column) => column.notNull().defaultTo('new'))
        .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .execute();
      await db.schema.createIndex('cases_by_status').on('cases').columns(['status', 'id']).execute();
    },
  },
};

/**
 * Runs the steps that a database has not had yet, all in one transaction. Kysely holds an advisory lock
 * meanwhile, so that of several processes that start at once on a server one does it and the others wait.
 *
 * @throws Error where a step fails, or where the database was migrated by a newer version than this one.
 */
export async function migrate(database: Kysely<Schema>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}
