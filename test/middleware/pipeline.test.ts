import { once } from 'node:events';
import { IsInt } from 'class-validator';
import {
  ApiError,
  Authenticated,
  basic,
  Consumes,
  Context,
  createApp,
  GET,
  MaxBody,
  Path,
  PathParam,
  POST,
  Principal,
  Produces,
  QueryParam,
  RolesAllowed,
} from 'koanatomy';
import request from 'supertest';
import { beforeAll, describe, expect, it, vi } from 'vitest';

class Draft {
  @IsInt() n!: number;
}

let calls = 0;

@Path('/things')
class ThingController {
  @POST
  @Path('/{id: [0-9]+}')
  @RolesAllowed('admin')
  @MaxBody(64)
  update(@PathParam('id') id: number, @QueryParam('q', { integer: true }) q: number, draft: Draft) {
    calls++;
    if (draft.n === 500) throw new ApiError(409, 'conflict');
    return { id, q, n: draft.n === 501 ? Symbol('no JSON form') : draft.n };
  }

  @GET
  @Path('/{id: [0-9]+}')
  @Authenticated()
  find(@PathParam('id') id: number) {
    return { id };
  }

  @POST
  @Path('/open')
  @Consumes('application/json')
  @Produces('application/json')
  open(draft: Draft) {
    calls++;
    return draft;
  }
}

const users: Record<string, string[]> = { admin: ['admin'], guest: [] };
const authenticator = basic((user, password) => password === 'pw' && new Principal(user, users[user]));

interface Case {
  readonly faults: string;
  readonly method?: 'post' | 'get' | 'put';
  readonly path: string;
  readonly user?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly status: number;
  readonly type: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const OK = '{"n":1}';

/** Each request has two faults (a pair of neighbours, or further apart): the earlier stage answers. */
const CASES: readonly Case[] = [
  { faults: 'unreadable path + no credentials', path: '/things/%ff', status: 400, type: 'malformed-path' },
  {
    faults: 'no such resource + malformed body',
    path: '/nothing',
    headers: JSON_TYPE,
    body: '{',
    status: 404,
    type: 'not-found',
  },
  {
    faults: 'no such resource + no acceptable type',
    path: '/nothing',
    headers: { Accept: 'image/png' },
    status: 404,
    type: 'not-found',
  },
  {
    faults: 'wrong method + no credentials',
    method: 'put',
    path: '/things/1',
    status: 405,
    type: 'method-not-allowed',
  },
  {
    faults: 'wrong method + unsupported body',
    method: 'put',
    path: '/things/1',
    headers: { 'Content-Type': 'text/csv' },
    body: 'a',
    status: 405,
    type: 'method-not-allowed',
  },
  {
    faults: 'no credentials + unsupported body',
    path: '/things/1',
    headers: { 'Content-Type': 'text/csv' },
    body: 'a',
    status: 401,
    type: 'unauthenticated',
  },
  {
    faults: 'no credentials + no acceptable type',
    path: '/things/1',
    headers: { ...JSON_TYPE, Accept: 'image/png' },
    body: OK,
    status: 401,
    type: 'unauthenticated',
  },
  {
    faults: 'no credentials + malformed body',
    path: '/things/1',
    headers: JSON_TYPE,
    body: '{',
    status: 401,
    type: 'unauthenticated',
  },
  {
    faults: 'no credentials + a body too large',
    path: '/things/1',
    headers: JSON_TYPE,
    body: `{"n":${' '.repeat(80)}1}`,
    status: 401,
    type: 'unauthenticated',
  },
  {
    faults: 'no credentials + invalid parameter',
    path: '/things/1?q=x',
    headers: JSON_TYPE,
    body: OK,
    status: 401,
    type: 'unauthenticated',
  },
  {
    faults: 'unsupported body + no acceptable type',
    user: 'admin',
    path: '/things/1',
    headers: { 'Content-Type': 'text/csv', Accept: 'image/png' },
    body: 'a',
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    faults: 'unsupported body + no role',
    user: 'guest',
    path: '/things/1',
    headers: { 'Content-Type': 'text/csv' },
    body: 'a',
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    faults: 'unsupported body + too large',
    user: 'admin',
    path: '/things/1',
    headers: { 'Content-Type': 'text/csv' },
    body: 'a'.repeat(80),
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    faults: 'no acceptable type + no role',
    user: 'guest',
    path: '/things/1',
    headers: { ...JSON_TYPE, Accept: 'image/png' },
    body: OK,
    status: 406,
    type: 'not-acceptable',
  },
  {
    faults: 'no acceptable type + malformed body',
    path: '/things/open',
    headers: { ...JSON_TYPE, Accept: 'image/png' },
    body: '{',
    status: 406,
    type: 'not-acceptable',
  },
  {
    faults: 'no role + malformed body',
    user: 'guest',
    path: '/things/1',
    headers: JSON_TYPE,
    body: '{',
    status: 403,
    type: 'forbidden',
  },
  {
    faults: 'no role + invalid parameter',
    user: 'guest',
    path: '/things/1?q=x',
    headers: JSON_TYPE,
    body: OK,
    status: 403,
    type: 'forbidden',
  },
  {
    faults: 'a body too large + malformed',
    user: 'admin',
    path: '/things/1',
    headers: JSON_TYPE,
    body: '{'.repeat(80),
    status: 413,
    type: 'content-too-large',
  },
  {
    faults: 'a body too large + invalid parameter',
    user: 'admin',
    path: '/things/1?q=x',
    headers: JSON_TYPE,
    body: `{"n":${' '.repeat(80)}1}`,
    status: 413,
    type: 'content-too-large',
  },
  {
    faults: 'malformed body + invalid parameter',
    user: 'admin',
    path: '/things/1?q=x',
    headers: JSON_TYPE,
    body: '{',
    status: 400,
    type: 'malformed-body',
  },
  {
    faults: 'missing body + invalid parameter',
    user: 'admin',
    path: '/things/1?q=x',
    headers: {},
    status: 400,
    type: 'missing-body',
  },
  {
    faults: 'invalid parameter + a conflict in the logic',
    user: 'admin',
    path: '/things/1?q=x',
    headers: JSON_TYPE,
    body: '{"n":500}',
    status: 400,
    type: 'validation-failed',
  },
  {
    faults: 'invalid body + a conflict in the logic',
    user: 'admin',
    path: '/things/1',
    headers: JSON_TYPE,
    body: '{"n":"500"}',
    status: 400,
    type: 'validation-failed',
  },
];

describe('with two faults in one request, the earlier stage answers', () => {
  let http: ReturnType<typeof request>;
  beforeAll(async () => {
    const app = await createApp({
      controllers: ThingController,
      authenticators: [authenticator],
      logger: false,
    });
    http = request(app.callback());
  });

  it.each(CASES)('$faults: $status $type', async ({
    method = 'post',
    path,
    user,
    headers = {},
    body,
    status,
    type,
  }) => {
    calls = 0;
    let sent = http[method](path).set(headers);
    if (user !== undefined) sent = sent.auth(user, 'pw');
    const answer = await (body === undefined ? sent : sent.send(body));
    expect({ status: answer.status, type: answer.body.type }).toEqual({
      status,
      type: `urn:koanatomy:${type}`,
    });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(calls).toBe(0);
  });

  it('and without a fault, the business logic does', async () => {
    const answer = await http.post('/things/1?q=2').auth('admin', 'pw').send({ n: 3 });
    expect(answer.body).toEqual({ id: 1, q: 2, n: 3 });
  });

  it('an error of the business logic comes before one of the serialiser', async () => {
    expect((await http.post('/things/1').auth('admin', 'pw').send({ n: 500 })).status).toBe(409);
  });
});

describe('admission', () => {
  it('comes before everything else: an overloaded server does not even look at the path', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (): void => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    @Path('/slow')
    class SlowController {
      @GET
      async slow() {
        entered();
        await held;
        return 'done';
      }
    }
    const app = await createApp({ controllers: SlowController, limits: { inFlight: 1 }, logger: false });
    const server = app.listen(0);
    try {
      const http = request(server);
      const first = http.get('/slow').then((answer) => answer);
      await inside;
      const refused = await http.get('/%ff');
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.body.type).toBe('urn:koanatomy:overloaded');
      release();
      expect((await first).status).toBe(200);
      expect((await http.get('/slow')).status).toBe(200);
    } finally {
      server.close();
    }
  });

  it('counts a method that still runs, also after its client has left', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (_signal: AbortSignal): void => {};
    const inside = new Promise<AbortSignal>((resolve) => {
      entered = resolve;
    });
    @Path('/slow')
    class SlowController {
      @GET
      async slow(@Context signal: AbortSignal) {
        entered(signal);
        await held;
        return 'done';
      }
    }
    const app = await createApp({ controllers: SlowController, limits: { inFlight: 1 }, logger: false });
    const server = app.listen(0);
    try {
      const http = request(server);
      const first = http.get('/slow');
      first.end(() => {});
      const signal = await inside;
      first.abort();
      if (!signal.aborted) await once(signal, 'abort');
      expect((await http.get('/slow')).status).toBe(503);
      release();
      await vi.waitFor(async () => expect((await http.get('/slow')).status).toBe(200));
    } finally {
      server.close();
    }
  });
});
