import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app.js';
import { type Answer, expectProblem } from './answers.js';
import type { TestDatabase } from './databases.js';
import { describeFailures } from './failure-suite.js';
import { describeStatusChanges } from './status-suite.js';

/** The application on a database, and how to ask it; there once `beforeAll` has run. */
export interface Suite {
  readonly db: () => TestDatabase;
  readonly get: (path: string) => PromiseLike<Answer>;
  readonly post: (body: unknown) => PromiseLike<Answer>;
  readonly put: (id: unknown, status: unknown) => PromiseLike<Answer>;
  /** Opens a case and gives its id. */
  readonly create: () => Promise<number>;
}

/** Everything that the application does with cases, on whichever database `open` gives. */
export function describeCases(open: () => Promise<TestDatabase>): void {
  let db: TestDatabase;
  let app: Parameters<typeof request>[0];

  beforeAll(async () => {
    db = await open();
    app = (await buildApp({ database: db.database, logger: false })).callback();
  });

  afterAll(() => db?.close());

  const suite: Suite = {
    db: () => db,
    get: (path) => request(app).get(path),
    // As text: supertest's own JSON would change halves of surrogate pairs.
    post: (body) => request(app).post('/cases').type('json').send(JSON.stringify(body)),
    put: (id, status) => request(app).put(`/cases/${id}/status`).send({ status }),
    async create() {
      const { status, body } = await suite.post({ title: 'a case' });
      expect(status).toBe(201);
      return body.id as number;
    },
  };

  describeCreation(suite);
  describeFinding(suite, (path) => request(app).head(path));
  describeListing(suite);
  describeStatusChanges(suite);
  describeFailures(suite);
}

function describeCreation({ get, post }: Suite): void {
  describe('creating a case', () => {
    it('answers 201 with the case, at the beginning of the workflow', async () => {
      const { status, body } = await post({ title: 'Leak', description: 'In the cellar\n\tand the attic' });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(Number),
        title: 'Leak',
        description: 'In the cellar\n\tand the attic',
        status: 'new',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        updatedAt: body.createdAt,
      });
    });

    it('says in Location where the case is', async () => {
      const created = await post({ title: 'Leak' });
      const found = await get(created.headers.location as string);
      expect(found.body).toEqual(created.body);
    });

    it.each([
      ['without a description', { title: 'x' }, null],
      ['with a description of null', { title: 'x', description: null }, null],
      ['with an empty description', { title: 'x', description: '' }, ''],
    ])('takes a case %s', async (_, draft, description) => {
      const { status, body } = await post(draft);
      expect({ status, description: body.description }).toEqual({ status: 201, description });
    });

    it('gives back every character as it was sent', async () => {
      const draft = { title: `'"; drop table cases; -- $1 \\ %s é 漢 🦄`, description: '\u2028🏳️‍🌈\r\n' };
      expect((await post(draft)).body).toMatchObject(draft);
    });

    it('takes a title of 200 characters and refuses one of 201', async () => {
      expect((await post({ title: 'x'.repeat(200) })).status).toBe(201);
      expectProblem(await post({ title: 'x'.repeat(201) }), 400);
    });

    it('takes a description of 10,000 characters and refuses one of 10,001', async () => {
      expect((await post({ title: 'x', description: 'y'.repeat(10_000) })).status).toBe(201);
      expectProblem(await post({ title: 'x', description: 'y'.repeat(10_001) }), 400);
    });

    it.each([
      ['no title', {}, '/title'],
      ['an empty title', { title: '' }, '/title'],
      ['a title of spaces', { title: '  ' }, '/title'],
      ['a title that is a number', { title: 1 }, '/title'],
      ['a title of null', { title: null }, '/title'],
      ['a title with NUL, which PostgreSQL refuses', { title: 'a\0b' }, '/title'],
      ['a title with a line break', { title: 'a\nb' }, '/title'],
      ['a description with NUL', { title: 'a', description: '\0' }, '/description'],
      ['a description that is a list', { title: 'a', description: ['b'] }, '/description'],
    ])('answers 400 to %s, and says where', async (_, draft, path) => {
      const answer = await post(draft);
      expectProblem(answer, 400);
      const errors = answer.body.errors as { in: string; path: string }[];
      expect(new Set(errors.map((error) => error.path))).toEqual(new Set([path]));
    });

    it.each([
      { title: 'a\ud800b' },
      { title: 'a', description: '\udc00' },
    ])('answers 400 to half a surrogate pair, which is no text: %j', async (draft) => {
      expectProblem(await post(draft), 400);
    });

    it('sets nothing that a client has no say in', async () => {
      const { body } = await post({ title: 'x', id: 7_000_000, status: 'closed', createdAt: '2000-01-01' });
      expect(body).toMatchObject({ status: 'new' });
      expect(body.id).not.toBe(7_000_000);
      expect(body.createdAt).not.toContain('2000-01-01');
    });
  });
}

function describeFinding(
  { get, create }: Suite,
  head: (path: string) => PromiseLike<Answer & { text: string }>,
): void {
  describe('finding a case', () => {
    it('answers 404 with the message of the talk where there is none', async () => {
      expectProblem(await get('/cases/2147483647'), 404, 'A case with id 2147483647 does not exist');
      expectProblem(await get('/cases/0'), 404, 'A case with id 0 does not exist');
    });

    it.each([
      ['one more than the database can count', '2147483648'],
      ['the largest number that is exact', '9007199254740991'],
    ])('answers 404 to %s', async (_, id) => {
      expectProblem(await get(`/cases/${id}`), 404, `A case with id ${id} does not exist`);
    });

    it.each([
      '9007199254740993',
      '9'.repeat(1000),
    ])('answers 400 to an id that no number holds', async (id) => {
      expectProblem(await get(`/cases/${id}`), 400);
    });

    it.each(['x', '-1', '1.5', '1e3', '0x10', '%31%20'])('has no resource at /cases/%s', async (id) => {
      expectProblem(await get(`/cases/${id}`), 404);
    });

    it('answers HEAD like GET, without content', async () => {
      const id = await create();
      const { status, headers, text } = await head(`/cases/${id}`);
      expect({ status, text }).toEqual({ status: 200, text: undefined });
      expect(Number(headers['content-length'])).toBeGreaterThan(0);
    });
  });
}

function describeListing({ get, put, create }: Suite): void {
  describe('listing cases', () => {
    const ids = ({ body }: Answer): number[] => (body.cases as { id: number }[]).map(({ id }) => id);

    it('goes through all of them by rising id, page by page', async () => {
      const first = await create();
      const created = [first];
      for (let i = 0; i < 4; i++) created.push(await create());
      const seen: number[] = [];
      let next: unknown = first - 1;
      while (next !== null) {
        const page = await get(`/cases?limit=2&after=${next}`);
        expect(ids(page).length).toBeLessThanOrEqual(2);
        seen.push(...ids(page));
        next = page.body.next;
      }
      expect(seen).toEqual(created);
    });

    it('ends with a `next` of null, also where the last page is full', async () => {
      const id = await create();
      expect((await get(`/cases?limit=1&after=${id - 1}`)).body.next).toBeNull();
    });

    it('gives 20 where no limit is given, and 100 at most', async () => {
      const first = await create();
      for (let i = 0; i < 20; i++) await create();
      expect(ids(await get(`/cases?after=${first - 1}`))).toHaveLength(20);
      expect((await get('/cases?limit=100')).status).toBe(200);
      expectProblem(await get('/cases?limit=101'), 400);
    });

    it('gives those of one status alone', async () => {
      const left = await create();
      const moved = await create();
      await put(moved, 'resolved');
      expect(ids(await get(`/cases?status=resolved&after=${left - 1}`))).toEqual([moved]);
      expect(ids(await get(`/cases?status=new&after=${left - 1}`))).toEqual([left]);
    });

    it('gives none after the largest id, nor after ids that the database can not count', async () => {
      for (const after of ['2147483647', '2147483648', '9007199254740991']) {
        expect((await get(`/cases?after=${after}`)).body).toEqual({ cases: [], next: null });
      }
    });

    it.each([
      'limit=0',
      'limit=-1',
      'limit=',
      'limit=1.5',
      'limit=1e1',
      'limit=ten',
      'limit=1&limit=2',
      'after=-1',
      'after=9007199254740992',
      'status=',
      'status=New',
      'status=toString',
      'status=new&status=closed',
      'status=%ff',
    ])('answers 400 to ?%s', async (query) => {
      expectProblem(await get(`/cases?${query}`), 400);
    });
  });
}
