import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Who waits for a response to end, or for its connection to close. One listener each, whoever waits. */
const responses = new WeakMap<ServerResponse, Set<() => void>>();
const sockets = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `done` once, when the response is sent or its connection lost. The response's own `close` isn't enough:
 * a pipelined request whose connection closes before its turn never hears it.
 */
export function onGone(req: IncomingMessage, res: ServerResponse, done: () => void): void {
  const { socket } = req;
  if (res.destroyed || res.closed || socket.destroyed) {
    done();
    return;
  }
  const known = responses.get(res);
  if (known !== undefined) {
    known.add(done);
    return;
  }
  const all = new Set([done]);
  responses.set(res, all);
  const onSocket = (): void => settle();
  const ofSocket = waitersOf(socket).add(onSocket);
  const settle = (): void => {
    ofSocket.delete(onSocket);
    res.off('close', settle);
    responses.delete(res);
    for (const each of all) each();
  };
  res.once('close', settle);
}

/** Those who wait for a socket; pipelined requests share its one listener. */
function waitersOf(socket: Socket): Set<() => void> {
  const known = sockets.get(socket);
  if (known !== undefined) return known;
  const made = new Set<() => void>();
  sockets.set(socket, made);
  socket.once('close', () => {
    for (const each of [...made]) each();
  });
  return made;
}
