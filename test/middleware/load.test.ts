import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Middleware } from 'koa';
import {
  type ApplicationOptions,
  Body,
  Consumes,
  Context,
  createApp,
  GET,
  MaxConcurrent,
  Path,
  POST,
  Priority,
  StartupError,
  Timeout,
  Uses,
} from 'koanatomy';
import { afterEach, describe, expect, it } from 'vitest';

/** What a test lets end, and what it hears of. */
class Gate {
  readonly waiting: (() => void)[] = [];
  readonly signals: AbortSignal[] = [];
  #arrived: (() => void)[] = [];

  enter(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      for (const tell of this.#arrived.splice(0)) tell();
    });
  }
  async arrived(count: number): Promise<void> {
    while (this.waiting.length < count) await new Promise<void>((resolve) => this.#arrived.push(resolve));
  }
  open(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

let gate = new Gate();

@Path('/l')
class LoadController {
  @GET('/one') @MaxConcurrent({ max: 1, queue: 1, wait: '10s' }) async one() {
    await gate.enter();
    return 'one';
  }
  @GET('/short') @MaxConcurrent({ max: 1, queue: 5, wait: 20 }) async short() {
    await gate.enter();
    return 'short';
  }
  @GET('/a') @Uses('database') async a() {
    await gate.enter();
    return 'a';
  }
  @GET('/b') @Uses('database') async b() {
    await gate.enter();
    return 'b';
  }
  @POST('/in') @Consumes('text/plain') @Uses('database') in(@Body() body: string) {
    return body;
  }
  @GET('/stream') @Uses('database') async *stream() {
    yield 1;
    await gate.enter();
    yield 2;
  }
  @GET('/any') async any() {
    await gate.enter();
    return 'any';
  }
  @GET('/free') free() {
    return 'free';
  }
  @GET('/health') @Priority('critical') health() {
    return 'well';
  }
  @GET('/export') @Priority('low') export() {
    return 'all';
  }
  @GET('/late') @Timeout(30) async late(@Context() signal: AbortSignal) {
    gate.signals.push(signal);
    await gate.enter();
    return 'too late';
  }
  @GET('/obedient') @Timeout('30ms') async obedient(@Context() signal: AbortSignal) {
    gate.signals.push(signal);
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
  @POST('/body') @Consumes('text/plain') body(@Body() body: string) {
    return body;
  }
}

const servers: Server[] = [];
afterEach(() => {
  gate.open();
  gate = new Gate();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function start(options: Omit<ApplicationOptions, 'controllers'> = {}, middleware: Middleware[] = []) {
  const app = await createApp({
    controllers: LoadController,
    logger: false,
    resources: { database: { max: 2, queue: 0 } },
    ...options,
  });
  for (const each of middleware) app.use(each);
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}/l${path}`, init);
  return { app, port, ask };
}

const statuses = async (answers: readonly Promise<Response>[]) =>
  (await Promise.all(answers)).map(({ status }) => status).sort();

describe('@MaxConcurrent', () => {
  it('lets in as many as may be, makes some wait, and refuses the rest with Retry-After', async () => {
    const { ask } = await start();
    const first = ask('/one');
    await gate.arrived(1);
    const others = [ask('/one'), ask('/one')];
    const refused = await Promise.race(others);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({ type: 'urn:koanatomy:overloaded', status: 503 });
    gate.open();
    expect((await first).status).toBe(200);
    await gate.arrived(1);
    gate.open();
    expect(await statuses(others)).toEqual([200, 503]);
  });

  it('lets nobody wait longer than it says', async () => {
    const { ask } = await start();
    const first = ask('/short');
    await gate.arrived(1);
    expect((await ask('/short')).status).toBe(503);
    gate.open();
    expect((await first).status).toBe(200);
  });

  it('has a place for the next one when a client that waited has left', async () => {
    const { app, ask } = await start();
    const first = ask('/one');
    await gate.arrived(1);
    const leaving = new AbortController();
    const gone = ask('/one', { signal: leaving.signal });
    const queued = () => app.load.places['LoadController.one']?.waiting;
    while (queued() !== 1) await setImmediate();
    leaving.abort();
    await expect(gone).rejects.toThrow();
    while (queued() !== 0) await setImmediate();
    gate.open();
    expect((await first).status).toBe(200);
    const next = ask('/one');
    await gate.arrived(1);
    gate.open();
    expect((await next).status).toBe(200);
  });

  it.each([
    [0],
    [1.5],
    ['many'],
    [{ max: 1, queue: -1 }],
    [{ max: 1, wait: 'long' }],
    [{ max: 1, quene: 2 }],
  ])('takes no %o', (options) => {
    expect(() => MaxConcurrent(options as never)).toThrow(TypeError);
  });
});

describe('@Uses', () => {
  it('shares the places of one resource among operations, and refuses before the body is read', async () => {
    const { ask } = await start();
    const taken = [ask('/a'), ask('/b')];
    await gate.arrived(2);
    expect((await ask('/a')).status).toBe(503);
    const posted = await ask('/in', { method: 'POST', body: '{' });
    expect(posted.status).toBe(503);
    gate.open();
    expect(await statuses(taken)).toEqual([200, 200]);
    expect(
      (await ask('/in', { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/plain' } })).status,
    ).not.toBe(503);
  });

  it('holds its place while an answer that is made item by item is sent', async () => {
    const { ask } = await start({ resources: { database: { max: 1, queue: 0 } } });
    const streamed = await ask('/stream');
    await gate.arrived(1);
    expect((await ask('/a')).status).toBe(503);
    gate.open();
    expect(await streamed.json()).toEqual([1, 2]);
    const next = ask('/a');
    await gate.arrived(1);
    gate.open();
    expect((await next).status).toBe(200);
  });

  it('of a name without limits is an error at startup', async () => {
    const starting = createApp({ controllers: LoadController, logger: false });
    await expect(starting).rejects.toThrow(StartupError);
    await expect(starting).rejects.toThrow(/@Uses\('database'\) names no shared resource/);
  });
});

describe('admission', () => {
  it('lets some wait where it is told to, and passes health checks whatever happens', async () => {
    const { app, ask } = await start({ limits: { inFlight: { max: 1, queue: 1, wait: '10s' } } });
    const first = ask('/any');
    await gate.arrived(1);
    const waiting = ask('/free');
    while (app.load.inFlight.waiting !== 1) await setImmediate();
    expect((await ask('/free')).status).toBe(503);
    expect((await ask('/health')).status).toBe(200);
    expect(app.load).toMatchObject({ inFlight: { inside: 1, waiting: 1, limit: 1 }, refused: 1 });
    gate.open();
    expect(await statuses([first, waiting])).toEqual([200, 200]);
  });

  it('refuses what is of low priority first', async () => {
    const { ask } = await start({ limits: { inFlight: 4 } });
    expect((await ask('/export')).status).toBe(200);
    const taken = [ask('/any'), ask('/any'), ask('/any')];
    await gate.arrived(3);
    expect((await ask('/export')).status).toBe(503);
    expect((await ask('/free')).status).toBe(200);
    gate.open();
    expect(await statuses(taken)).toEqual([200, 200, 200]);
  });

  it('gives the places of clients that send slowly to others', async () => {
    const { ask, port } = await start({ limits: { inFlight: 2 } });
    const slow: Socket[] = [];
    for (let i = 0; i < 2; i++) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(
        'POST /l/body HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nx',
      );
      slow.push(socket);
    }
    // Within a second or so they are known to be slow; until then the server is full.
    while ((await ask('/free')).status !== 200);
    for (const socket of slow) {
      const answered = once(socket, 'data');
      socket.write('y');
      expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 [\s\S]*xy/);
      socket.destroy();
    }
    expect((await ask('/free')).status).toBe(200);
  });

  it('cuts off a body that trickles', async () => {
    const { port } = await start({ timeouts: { body: 300 } });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /l/body HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nx',
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(
      /^HTTP\/1\.1 408 [\s\S]*Connection: close[\s\S]*urn:koanatomy:request-timeout/i,
    );
    socket.destroy();
  });

  it.each([
    ['inFlight', 0],
    ['inFlight', 'all'],
    ['slow', -1],
    ['delay', 'soon'],
    ['heap', 2],
  ])('has no limits.%s of %o', async (name, value) => {
    await expect(start({ limits: { [name]: value } as never })).rejects.toThrow(`limits.${name}`);
  });
});

describe('@Timeout', () => {
  it('answers 504 when the time is over, fires the signal, and drops what comes later', async () => {
    const { ask } = await start();
    const answer = await ask('/late');
    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({ type: 'urn:koanatomy:timed-out' });
    expect(gate.signals[0]?.aborted).toBe(true);
    expect((gate.signals[0]?.reason as Error).name).toBe('TimeoutError');
    gate.open();
    expect((await ask('/free')).status).toBe(200);
  });

  it('keeps the place of a method that runs on until it has ended, or as long again has passed', async () => {
    const { ask } = await start({ limits: { inFlight: 1 } });
    expect((await ask('/late')).status).toBe(504);
    // It never ends by itself: its place comes back nevertheless.
    while ((await ask('/free')).status !== 200);
  });

  it('logs a method that ends by its signal once, as a request that took too long', async () => {
    const errors: object[] = [];
    const logger = { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
    const { ask } = await start({ logger });
    expect((await ask('/obedient')).status).toBe(504);
    expect((await ask('/free')).status).toBe(200);
    expect(errors.map((each) => String((each as { err: unknown }).err))).toEqual([
      'FrameworkError: The answer took too long',
    ]);
  });

  it('has a default for the application', async () => {
    const { ask } = await start({ timeouts: { answer: '50ms' } });
    expect((await ask('/any')).status).toBe(504);
    expect((await ask('/free')).status).toBe(200);
  });

  it('answers behind middleware too, which sees the answer', async () => {
    const seen: number[] = [];
    const { ask } = await start({}, [
      async (ctx, next) => {
        await next();
        seen.push(ctx.status);
      },
    ]);
    expect((await ask('/late')).status).toBe(504);
    expect(seen).toEqual([504]);
  });

  it.each([[0], [-1], ['1 minute'], [2 ** 31]])('takes no %o', (timeout) => {
    expect(() => Timeout(timeout)).toThrow(TypeError);
  });
});
