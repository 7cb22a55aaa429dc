import { formatRoutes } from 'koanatomy';
import { Kysely, PostgresDialect } from 'kysely';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.js';
import { expectProblem } from './support/answers.js';

/** For what asks no database. */
const database = new Kysely<never>({
  dialect: new PostgresDialect({ pool: () => Promise.reject(new Error('nobody should ask')) }),
});
const app = await buildApp({ database, logger: false });
const url = app.callback();

describe('the reference application', () => {
  it('answers a ping', async () => {
    const { status, body, headers } = await request(url).get('/test/ping');
    expect({ status, body, type: headers['content-type'] }).toEqual({
      status: 200,
      body: { ping: 'pong' },
      type: 'application/json; charset=utf-8',
    });
  });

  it('serves these routes, and warns of none', () => {
    expect(app.routes.map(({ method, path, handler }) => `${method} ${path} ${handler}`)).toEqual([
      'GET /cases CaseController.list',
      'POST /cases CaseController.create',
      'GET /cases/{id: [0-9]+} CaseController.find',
      'PUT /cases/{id: [0-9]+}/status CaseController.changeStatus',
      'GET /test/ping PingController.ping',
    ]);
    expect(app.warnings).toEqual([]);
    expect(formatRoutes(app.routes).split('\n')).toHaveLength(app.routes.length);
  });

  it.each([
    ['delete', '/cases', 'GET, HEAD, OPTIONS, POST'],
    ['post', '/cases/1', 'GET, HEAD, OPTIONS'],
    ['get', '/cases/1/status', 'OPTIONS, PUT'],
    ['put', '/test/ping', 'GET, HEAD, OPTIONS'],
  ] as const)('answers 405 to %s %s, and says what is allowed', async (method, path, allow) => {
    const answer = await request(url)[method](path);
    expectProblem(answer, 405);
    expect(answer.headers.allow?.split(', ').sort().join(', ')).toBe(allow);
  });

  it.each(['/', '/test', '/test/pings', '/case'])('has no resource at %s', async (path) => {
    expectProblem(await request(url).get(path), 404);
  });

  it('reads no body but JSON', async () => {
    expectProblem(await request(url).post('/cases').type('text/plain').send('title'), 415);
    expectProblem(await request(url).post('/cases').type('json').send('{'), 400);
    expectProblem(await request(url).post('/cases'), 400);
  });
});
