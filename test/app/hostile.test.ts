import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.js';
import { inMemory, type TestDatabase } from './support/databases.js';
import { anyRequest, type HostileRequest, hostileBytes } from './support/hostile.js';

/** An answer; `body` is null where the method has none. */
interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string | null;
}

const agent = new Agent({ keepAlive: true });
/** Rejections that nobody handled, here or in the server, and what was wrong on connections. */
const failures: unknown[] = [];
const onRejection = (reason: unknown): void => void failures.push(reason);
const errors: object[] = [];
let db: TestDatabase;
let server: Server;
let port: number;

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  db = await inMemory();
  const logger = { info() {}, warn() {}, error: (fields: object) => errors.push(fields) };
  const app = await buildApp({ database: db.database, logger });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  agent.destroy();
  server.closeAllConnections();
  server.close();
  await db.close();
});

async function send({ method, target, headers, body }: HostileRequest): Promise<Answer> {
  // Node's client frames the content of a GET, HEAD or DELETE only where it is told to.
  const framing = body === null ? {} : { 'Content-Length': body.length };
  const options = { method, path: target, headers: { ...headers, ...framing } };
  const sent = request({ agent, port, host: '127.0.0.1', ...options });
  sent.end(body ?? undefined);
  sent.on('error', (error: NodeJS.ErrnoException) => {
    // What Node's parser refuses is answered before its method is known, so HEAD gets content too.
    if (method !== 'HEAD' || error.code !== 'HPE_CLOSED_CONNECTION') failures.push(error);
  });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const content = (await buffer(response)).toString();
  const { statusCode: status = 0, headers: fields } = response;
  return { status, type: fields['content-type'], body: method === 'HEAD' ? null : content };
}

/** Everything that comes back on a connection until the server has closed it. */
async function exchange(bytes: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  // A server that has seen enough may reset the connection.
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(socket, 'close');
  socket.end(bytes);
  await closed;
  return Buffer.concat(chunks);
}

/** The answers in what came over a connection. */
function answersIn(bytes: Buffer): Answer[] {
  const answers: Answer[] = [];
  let rest = bytes.toString('latin1');
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    expect(body).toHaveLength(length);
    if (status !== 100) answers.push({ status, type: /\r\ncontent-type: ([^\r]*)/i.exec(head)?.[1], body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/** No 5xx; save for methods and transfer codings that nothing here knows: 501 (RFC 9110 §15.6.2, RFC 9112 §6.1). */
function expectSound({ status, type, body }: Answer, isUnknown = false): void {
  if (!(isUnknown && status === 501)) expect(status).toBeLessThan(500);
  if (status < 400) return;
  expect(type).toMatch(/^(?:application\/problem\+(?:json|xml)|text\/(?:html|plain); charset=utf-8)$/);
  if (body === null || type !== 'application/problem+json') return;
  const document: unknown = JSON.parse(body);
  expect(document).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.stringMatching(/./),
  });
}

describe('the application under hostile requests', () => {
  it('answers 10,000 of them, each error with a problem document and none with 5xx', {
    timeout: 240_000,
  }, async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(anyRequest, async (hostile) => {
        const answer = await send(hostile);
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
        expectSound(answer, hostile.method === 'PROPFIND' || hostile.method === 'PURGE');
      }),
      { numRuns: 10_000 },
    );
    // What is asked has to be of every kind, or nothing was tested.
    for (const status of [200, 201, 400, 404, 405, 406, 413, 415])
      expect(seen.get(status) ?? 0).toBeGreaterThan(5);
    expect([...seen.values()].reduce((a, b) => a + b)).toBeGreaterThanOrEqual(10_000);
    expect(failures).toEqual([]);
  });

  it('answers or closes 1,000 connections whose bytes are no HTTP, or almost', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(hostileBytes, async (bytes) => {
        for (const answer of answersIn(await exchange(bytes))) expectSound(answer, true);
      }),
      { numRuns: 1000 },
    );
    expect(failures).toEqual([]);
  });

  it('still serves those that mean well', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = Buffer.from('{"title":"x"}');
    expect((await send({ method: 'POST', target: '/cases', headers, body })).status).toBe(201);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
