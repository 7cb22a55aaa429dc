import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appears } from './support/appears.js';
import { HalfRequest } from './support/half-request.js';
import { Project } from './support/project.js';

let project: Project;

beforeAll(async () => {
  project = await Project.create();
}, 180_000);
afterAll(() => project?.remains());

const post = (url: string, title: string): Promise<Response> =>
  fetch(`${url}/cases`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ title }),
  });

/** Whether somebody listens there. */
async function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('the server', { timeout: 60_000 }, () => {
  it('prints its routes, its address and the time it took, and serves', async () => {
    const server = project.start({ DATA_DIR: project.dataDir() });
    const url = await server.url();
    expect(server.stdout).toMatch(
      /^GET +\/cases\/\{id: \[0-9\]\+\} +CaseController\.find +- → application\/json +everybody$/m,
    );
    expect(server.stdout).toMatch(
      /^POST +\/cases +CaseController\.create +application\/json → application\/json +everybody$/m,
    );
    expect(server.stdout).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+, ready in \d+\.\d\d s$/m);
    expect(await (await fetch(`${url}/test/ping`)).json()).toEqual({ ping: 'pong' });
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.stderr).toBe('');
  });

  it('logs one line for each request, with its id, and the cause of what failed under the same', async () => {
    const server = project.start({ DATA_DIR: project.dataDir() });
    const url = await server.url();
    const missing = (await (await fetch(`${url}/cases/7?token=secret`)).json()) as { instance: string };
    await server.stop();
    expect(server.log.filter(({ method }) => method !== undefined)).toEqual([
      {
        level: 30,
        time: expect.stringMatching(/^\d{4}-/),
        id: missing.instance,
        method: 'GET',
        path: '/cases/7',
        status: 404,
        ms: expect.any(Number),
        handler: 'CaseController.find',
        msg: 'GET /cases/7 404',
      },
    ]);
  });

  it('says that its port is taken, before it touches the database', async () => {
    const first = project.start({ DATA_DIR: project.dataDir() });
    const { port } = new URL(await first.url());
    const untouched = project.path('untouched');
    const second = project.start({ DATA_DIR: untouched, PORT: port });
    expect(await second.ended()).toEqual({ code: 1, signal: null });
    expect(second.output).toBe(
      `PORT ${port} is taken on 127.0.0.1: stop the process that listens there, or set PORT to another one\n`,
    );
    expect(existsSync(untouched)).toBe(false);
    await first.stop();
  });

  it('says which process has its folder', async () => {
    const dataDir = project.dataDir();
    const first = project.start({ DATA_DIR: dataDir });
    await first.url();
    const second = project.start({ DATA_DIR: dataDir });
    expect(await second.ended()).toEqual({ code: 1, signal: null });
    expect(second.output).toBe(
      `the database can't be opened (DATA_DIR ${dataDir}): the folder ${dataDir} is open in the process with pid ${first.pid}: stop it first, or use another folder\n`,
    );
    expect(await first.stop()).toEqual({ code: 0, signal: null });
  });

  it.each([
    [
      { PORT: 'http', LOG_LEVEL: 'loud' },
      /^2 settings are wrong:\n {2}PORT must be .*\n {2}LOG_LEVEL must be .*\n$/,
    ],
    [{ HOST: '192.0.2.1' }, /^HOST 192\.0\.2\.1 is no address of this machine\n$/],
    [{ HOST: 'nowhere.invalid' }, /^HOST nowhere\.invalid is no address of this machine\n$/],
    [
      { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/cases' },
      /^the database can't be opened \(DATABASE_URL 127\.0\.0\.1:1\/cases\): connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
    ],
  ])('ends with 1 and a plain message where it is started with %o', async (env, message) => {
    const server = project.start({ DATA_DIR: project.path('none'), ...env });
    expect(await server.ended()).toEqual({ code: 1, signal: null });
    expect(server.output).toMatch(message);
  });

  it('ends with 1 and a plain message where its folder is a file', async () => {
    const file = project.path('file');
    writeFileSync(file, '');
    const server = project.start({ DATA_DIR: file });
    expect(await server.ended()).toEqual({ code: 1, signal: null });
    expect(server.output).toMatch(/^the database can't be opened \(DATA_DIR \S+file\): E\w+: .*\n$/);
  });
});

describe('a server that is told to stop', { timeout: 60_000 }, () => {
  it.each([
    'SIGTERM',
    'SIGINT',
  ] as const)('finishes what is in flight at %s, accepts nothing more, and ends with 0', async (signal) => {
    const server = project.start({ DATA_DIR: project.dataDir(), SHUTDOWN_TIMEOUT: '60' });
    const url = await server.url();
    const inFlight = await HalfRequest.send(url);
    server.signal(signal);
    await server.prints(new RegExp(`${signal}: stopping`));
    expect(await accepts(url)).toBe(false);
    const answer = await inFlight.finish();
    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(answer).toContain('"title":"sent in two halves"');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(server.log.at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('closes connections that are kept alive and idle', async () => {
    const server = project.start({ DATA_DIR: project.dataDir(), SHUTDOWN_TIMEOUT: '60' });
    const agent = new Agent({ keepAlive: true });
    const [response] = (await once(get(`${await server.url()}/test/ping`, { agent }), 'response')) as [
      IncomingMessage,
    ];
    expect(response.headers.connection).toBe('keep-alive');
    const closed = once(response.socket, 'close');
    await json(response);
    // An open one on which nothing was ever sent.
    const { hostname, port } = new URL(await server.url());
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    await closed;
    silent.destroy();
    agent.destroy();
  });

  it('sends an answer whole that its client takes slowly', async () => {
    const server = project.start({ DATA_DIR: project.dataDir(), SHUTDOWN_TIMEOUT: '60' });
    const url = await server.url();
    // Characters of seven bytes, to get more than the four megabytes that the system's buffers take.
    const description = '🦄\ufe0f'.repeat(10_000);
    for (let i = 0; i < 100; i++) {
      const body = JSON.stringify({ title: 'x', description });
      await fetch(`${url}/cases`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    }
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /cases?limit=100 HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    server.signal('SIGTERM');
    await server.prints(/stopping/);
    const received = await text(socket);
    const end = received.indexOf('\r\n\r\n') + 4;
    const length = Number(/Content-Length: (\d+)/.exec(received)?.[1]);
    expect(length).toBeGreaterThan(7_000_000);
    expect(Buffer.byteLength(received.slice(end))).toBe(length);
    expect(await server.ended()).toEqual({ code: 0, signal: null });
  });

  it('cuts what takes longer than SHUTDOWN_TIMEOUT, and ends with 0', async () => {
    const server = project.start({ DATA_DIR: project.dataDir(), SHUTDOWN_TIMEOUT: '0.1' });
    const inFlight = await HalfRequest.send(await server.url());
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    await inFlight.closed();
    expect(server.log).toContainEqual(expect.objectContaining({ level: 40, connections: 1 }));
  });

  it('ends at once at a second Ctrl-C, which is no echo of the first', async () => {
    const server = project.start({ DATA_DIR: project.dataDir(), SHUTDOWN_TIMEOUT: '60' });
    const inFlight = await HalfRequest.send(await server.url());
    const ended = server.ended();
    const pressing = setInterval(() => server.signal('SIGINT'), 50);
    expect(await ended).toEqual({ code: 130, signal: null });
    clearInterval(pressing);
    await inFlight.closed();
  });

  it('takes one Ctrl-C that comes twice for one, as npm passes it on', async () => {
    const server = project.start({ DATA_DIR: project.dataDir(), SHUTDOWN_TIMEOUT: '60' });
    const inFlight = await HalfRequest.send(await server.url());
    server.signal('SIGINT');
    await server.prints(/stopping/);
    server.signal('SIGINT');
    server.signal('SIGTERM');
    expect(await inFlight.finish()).toMatch(/^HTTP\/1\.1 201 Created/);
    expect(await server.ended()).toEqual({ code: 0, signal: null });
  });

  it('ends with 0 also while it opens the database, and gives the folder back', async () => {
    const dataDir = project.dataDir();
    const server = project.start({ DATA_DIR: dataDir });
    await appears(dataDir, /^lock\./);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.stdout).not.toContain('listening');
    expect(readdirSync(dataDir)).toEqual(['postgres']);
  });
});

describe('what was answered', { timeout: 120_000 }, () => {
  it('survives kill -9, again and again', async () => {
    const dataDir = project.dataDir();
    const known = new Map<number, string>();
    for (let round = 0; round < 2; round++) {
      const server = project.start({ DATA_DIR: dataDir });
      const url = await server.url();
      for (const [id, title] of known) {
        expect(await (await fetch(`${url}/cases/${id}`)).json()).toMatchObject({ id, title });
      }
      // Killed with many on their way, right after some were answered.
      let answered = 0;
      const killed = new Promise<void>((resolve) => {
        for (let i = 0; i < 50; i++) {
          const title = `round ${round}, case ${i}`;
          post(url, title)
            .then(async (response) => {
              if (response.status !== 201) return;
              const { id } = (await response.json()) as { id: number };
              known.set(id, title);
              if (++answered === 20) void server.kill().then(() => resolve());
            })
            .catch(() => {});
        }
      });
      await killed;
    }
    expect(known.size).toBeGreaterThanOrEqual(40);
    const server = project.start({ DATA_DIR: dataDir });
    const url = await server.url();
    for (const [id, title] of known) {
      expect(await (await fetch(`${url}/cases/${id}`)).json()).toMatchObject({ id, title });
    }
    await server.stop();
    expect(readdirSync(dataDir)).toEqual(['postgres']);
  });

  it('needs nothing of a first start that was killed', async () => {
    const dataDir = project.path('killed');
    mkdirSync(dataDir);
    const first = project.start({ DATA_DIR: dataDir });
    await appears(dataDir, /^postgres\.unfinished$/);
    await first.kill();
    const second = project.start({ DATA_DIR: dataDir });
    expect((await post(await second.url(), 'first')).status).toBe(201);
    await second.stop();
    expect(readdirSync(dataDir)).toEqual(['postgres']);
  });
});
