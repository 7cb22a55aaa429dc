import { sql } from 'kysely';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app.js';
import { type Answer, expectProblem } from './answers.js';
import type { Suite } from './case-suite.js';

type Handler = Parameters<typeof request>[0];

/** What was logged as an error. */
interface Logged {
  readonly err: { readonly message: string; readonly cause: unknown };
}

/** What clients and the log are told of a database that fails: `expectProblem` allows nothing else. */
export function describeFailures({ db, create }: Suite): void {
  describe('where the database fails', () => {
    const requests: [string, string, (on: Handler, id: number) => PromiseLike<Answer>][] = [
      [
        'creating',
        'Failed to create case in database.',
        (on) => request(on).post('/cases').send({ title: 'x' }),
      ],
      ['finding', 'Failed to retrieve case from database.', (on, id) => request(on).get(`/cases/${id}`)],
      ['listing', 'Failed to retrieve cases from database.', (on) => request(on).get('/cases')],
      [
        'changing the status',
        'Failed to retrieve case from database.',
        (on, id) => request(on).put(`/cases/${id}/status`).send({ status: 'closed' }),
      ],
    ];

    async function recording() {
      const logged: Logged[] = [];
      const logger = { info() {}, warn() {}, error: (fields: object) => logged.push(fields as Logged) };
      const database = await db().another();
      const broken = await buildApp({ database, logger });
      return { logged, database, on: broken.callback() };
    }

    it.each(requests)('answers 500 when %s, and tells the log why alone', async (_, message, send) => {
      const { logged, database, on } = await recording();
      const id = await create();
      await database.destroy();
      const answer = await send(on, id);
      expectProblem(answer, 500, message);
      expect(logged).toHaveLength(1);
      expect(logged[0]?.err.message).toBe(message);
      expect(logged[0]?.err.cause).toBeInstanceOf(Error);
    });

    it.each(requests)('shows no SQL when %s meets a table that is not there', async (_, message, send) => {
      const { logged, database, on } = await recording();
      const id = await create();
      await sql`alter table cases rename to moved`.execute(database);
      try {
        const answer = await send(on, id);
        expectProblem(answer, 500, message);
        expect(String(logged[0]?.err.cause)).toContain('relation "cases" does not exist');
      } finally {
        await sql`alter table moved rename to cases`.execute(database);
        await database.destroy();
      }
    });

    it('answers 500 with another message where the case is found and can not be written', async () => {
      const { logged, database, on } = await recording();
      const { body } = await request(on).post('/cases').send({ title: 'x' });
      await sql`alter table cases add constraint never check (status <> 'closed') not valid`.execute(
        database,
      );
      try {
        const answer: Answer = await request(on).put(`/cases/${body.id}/status`).send({ status: 'closed' });
        expectProblem(answer, 500, 'Failed to update case status.');
        expect(String(logged[0]?.err.cause)).toContain('violates check constraint');
      } finally {
        await sql`alter table cases drop constraint never`.execute(database);
        await database.destroy();
      }
    });
  });
}
