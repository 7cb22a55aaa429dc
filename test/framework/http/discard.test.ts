import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { discardRest } from '../../../src/framework/http/discard.js';

let server: Server;
let last: IncomingMessage;

beforeAll(async () => {
  server = createServer((req, res) => {
    last = req;
    res.end('early');
    discardRest(req);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function post(length: number): Socket {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1')
    .setNoDelay()
    .on('error', () => {});
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
  return socket;
}

it('the answer comes before the rest was sent, and the connection serves the next request', async () => {
  const socket = post(1_000_000);
  expect(String((await once(socket, 'data'))[0])).toContain('early');
  const ended = once(last, 'end');
  socket.write(Buffer.alloc(1_000_000));
  await ended;
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toContain('early');
  expect(last.method).toBe('GET');
  socket.destroy();
});

it('a rest of more than 8 MiB is cut off', async () => {
  const socket = post(100_000_000);
  await once(socket, 'data');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(Buffer.alloc(20_000_000));
  await closed;
  expect(last.complete).toBe(false);
});

it('a client that leaves is no error, and nothing waits for it any longer', async () => {
  const socket = post(10);
  await once(socket, 'data');
  const connection = last.socket;
  const listeners = connection.listenerCount('close');
  const closed = new Promise((resolve) => connection.once('close', resolve));
  socket.destroy();
  await closed;
  expect(connection.listenerCount('close')).toBeLessThan(listeners);
});

it('a connection keeps no listeners of the requests that it carried', async () => {
  const socket = post(1);
  await once(socket, 'data');
  const connection = last.socket;
  const listeners = connection.listenerCount('close');
  for (let i = 0; i < 5; i++) {
    const ended = new Promise((resolve) => last.once('close', resolve));
    socket.write('x');
    await ended;
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n');
    await once(socket, 'data');
  }
  expect(last.socket).toBe(connection);
  expect(connection.listenerCount('close')).toBe(listeners);
  socket.destroy();
});

it('a request that is read, or gone, is left alone', async () => {
  const socket = post(0);
  await once(socket, 'data');
  if (!last.closed) await new Promise((resolve) => last.once('close', resolve));
  const before = last.listenerCount('data');
  discardRest(last);
  expect(last.listenerCount('data')).toBe(before);
  socket.destroy();
});
