import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, Server as NetServer, type Server, type Socket } from 'node:net';
import type { Application } from 'koanatomy';

/** Where to listen. */
export interface Address {
  readonly port: number;
  readonly host: string;
}

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:3000` */
  readonly url: string;
  /**
   * Stops accepting, closes idle connections, and lets requests in flight finish.
   *
   * @param timeout milliseconds after which the connections that are left are cut
   * @returns how many were cut
   */
  stop(timeout: number): Promise<number>;
}

/** Thrown where an address can't be listened on; the message names the setting. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/**
 * Listens for a moment, to know that it can be done before anything costly is.
 *
 * @throws ListenError
 */
export async function checkAddress(address: Address): Promise<void> {
  const server = createServer();
  await listening(server, server.listen({ ...address, exclusive: true }), address);
  server.close();
  await once(server, 'close');
}

/**
 * Serves an application.
 *
 * @throws ListenError
 */
export async function listen(app: Application, address: Address): Promise<Listening> {
  const server = app.listen(address.port, address.host);
  const connections = new Set<Socket>();
  const responses = new Set<ServerResponse>();
  let stopping = false;
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  // Before the application's own listener, which may send the head at once.
  server.prependListener('request', ({ socket }, response) => {
    responses.add(response);
    if (stopping) response.shouldKeepAlive = false;
    response.once('close', () => {
      responses.delete(response);
      if (stopping) socket.destroySoon();
    });
  });
  await listening(server, server, address);
  return {
    url: urlOf(server),
    async stop(timeout) {
      stopping = true;
      const busy = new Set([...responses].map(({ socket }) => socket));
      for (const response of responses) response.shouldKeepAlive = false;
      const closed = once(server, 'close');
      // Not http.Server's own close: it also cuts connections whose answer has ended and isn't sent whole yet.
      NetServer.prototype.close.call(server);
      for (const socket of connections) if (!busy.has(socket)) socket.destroy();
      return await cutAfter(timeout, connections, closed);
    },
  };
}

async function cutAfter(
  timeout: number,
  connections: ReadonlySet<Socket>,
  closed: Promise<unknown>,
): Promise<number> {
  let cut = 0;
  const timer = setTimeout(() => {
    cut = connections.size;
    for (const socket of connections) socket.destroy();
  }, timeout);
  await closed;
  clearTimeout(timer);
  return cut;
}

async function listening(server: Server, started: Server, address: Address): Promise<void> {
  try {
    await once(started, 'listening');
  } catch (error) {
    server.close();
    throw new ListenError(explain(error as NodeJS.ErrnoException, address), { cause: error });
  }
}

function explain(error: NodeJS.ErrnoException, { port, host }: Address): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `PORT ${port} is taken on ${host}: stop the process that listens there, or set PORT to another one`;
    case 'EACCES':
      return `PORT ${port} is not allowed to this user: set PORT to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${host} is no address of this machine`;
    default:
      return `HOST ${host} and PORT ${port} can't be listened on: ${error.message}`;
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
