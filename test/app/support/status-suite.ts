import { describe, expect, it } from 'vitest';
import { type CaseRecord, CaseStore } from '../../../src/backend/CaseStore.js';
import type { Database } from '../../../src/backend/schema.js';
import { CaseService } from '../../../src/services/CaseService.js';
import { expectProblem } from './answers.js';
import type { Suite } from './case-suite.js';

const WORKFLOW = ['new', 'assigned', 'in-progress', 'resolved', 'closed'];
const BACKWARDS = 'Cannot move backwards in the case workflow';

/** Gives nobody what was found before so many have found something. */
class Rendezvous extends CaseStore {
  #missing: number;
  #complete: () => void = () => {};
  readonly #all = new Promise<void>((resolve) => {
    this.#complete = resolve;
  });

  constructor(database: Database, size: number) {
    super(database);
    this.#missing = size;
  }

  override async find(id: number): Promise<CaseRecord | undefined> {
    const found = await super.find(id);
    if (--this.#missing === 0) this.#complete();
    await this.#all;
    return found;
  }
}

/** The workflow of cases, one change at a time and many. */
export function describeStatusChanges({ db, get, put, create }: Suite): void {
  describe('changing the status of a case', () => {
    it('answers with the case as it is then, and keeps it', async () => {
      const id = await create();
      const changed = await put(id, 'assigned');
      expect(changed.status).toBe(200);
      expect(changed.body).toMatchObject({ id, status: 'assigned' });
      expect(Date.parse(changed.body.updatedAt as string)).toBeGreaterThanOrEqual(
        Date.parse(changed.body.createdAt as string),
      );
      expect((await get(`/cases/${id}`)).body).toEqual(changed.body);
    });

    it('changes no other case', async () => {
      const [before, id, after] = [await create(), await create(), await create()];
      await put(id, 'closed');
      for (const other of [before, after]) expect((await get(`/cases/${other}`)).body.status).toBe('new');
    });

    it('goes through the whole workflow, one by one', async () => {
      const id = await create();
      for (const status of WORKFLOW.slice(1)) expect((await put(id, status)).body).toMatchObject({ status });
    });

    it('may skip what lies between', async () => {
      expect((await put(await create(), 'closed')).body).toMatchObject({ status: 'closed' });
    });

    it.each(
      WORKFLOW.flatMap((from, i) => WORKFLOW.slice(0, i + 1).map((to) => [from, to])),
    )('answers 400 from %s to %s', async (from, to) => {
      const id = await create();
      if (from !== 'new') await put(id, from);
      expectProblem(await put(id, to), 400, BACKWARDS);
      expect((await get(`/cases/${id}`)).body.status).toBe(from);
    });

    it('answers 404 where there is no such case', async () => {
      expectProblem(await put(2147483647, 'closed'), 404, 'A case with id 2147483647 does not exist');
      expectProblem(await put('9007199254740991', 'closed'), 404);
    });

    it.each([
      [undefined],
      [null],
      ['old'],
      [1],
      [['closed']],
      ['__proto__'],
    ])('answers 400 to the status %j', async (status) => {
      expectProblem(await put(await create(), status), 400);
    });

    it('lets one of many succeed that make the same change at once', async () => {
      const id = await create();
      const answers = await Promise.all(Array.from({ length: 20 }, () => put(id, 'resolved')));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200)) {
        expectProblem(answer, 400, BACKWARDS);
      }
    });

    it('lets one of many succeed that have all read the old status before one writes', async () => {
      const id = await create();
      const service = new CaseService(new Rendezvous(db().database, 5));
      const changes = Array.from({ length: 5 }, () => service.changeStatus(id, 'resolved'));
      const results = await Promise.allSettled(changes);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results.filter((each) => each.status === 'rejected')) {
        expect(result.reason).toMatchObject({ status: 400, message: BACKWARDS });
      }
    });

    it('decides again upon a status that another change has set meanwhile', async () => {
      const id = await create();
      const service = new CaseService(new Rendezvous(db().database, 2));
      const [assigned, closed] = await Promise.allSettled([
        service.changeStatus(id, 'assigned'),
        service.changeStatus(id, 'closed'),
      ]);
      expect(closed).toMatchObject({ status: 'fulfilled', value: { status: 'closed' } });
      if (assigned.status === 'rejected') expect(assigned.reason).toMatchObject({ message: BACKWARDS });
      expect((await get(`/cases/${id}`)).body.status).toBe('closed');
    });

    it('never goes backwards, whatever comes at once', async () => {
      const id = await create();
      const wanted = Array.from({ length: 40 }, (_, i) => WORKFLOW[(i * 7) % 5] as string);
      const answers = await Promise.all(wanted.map((status) => put(id, status)));
      const made = answers.flatMap(({ status, body }) => (status === 200 ? [body.status as string] : []));
      // Each change can have been made once; the furthest one was asked for, so that is where it is.
      expect(new Set(made).size).toBe(made.length);
      expect((await get(`/cases/${id}`)).body.status).toBe('closed');
    });
  });
}
