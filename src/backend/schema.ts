import type { GeneratedAlways, Kysely, Selectable } from 'kysely';

/** The statuses that a case can have in the database; what moves where is for the services to say. */
export const CASE_STATUSES = ['new', 'assigned', 'in-progress', 'resolved', 'closed'] as const;

export type CaseStatus = (typeof CASE_STATUSES)[number];

/** The largest id that the column holds: a PostgreSQL `integer`. Asking for a larger one is an SQL error. */
export const MAX_ID = 2_147_483_647;

interface CaseTable {
  id: GeneratedAlways<number>;
  title: string;
  description: string | null;
  status: CaseStatus;
  created_at: GeneratedAlways<Date>;
  updated_at: Date;
}

/** The tables, for Kysely's types; migrations.ts makes them. */
export interface Schema {
  cases: CaseTable;
}

export type CaseRow = Selectable<CaseTable>;

/** Kysely on PostgreSQL, embedded or a server: the same dialect. */
export type Database = Kysely<Schema>;
