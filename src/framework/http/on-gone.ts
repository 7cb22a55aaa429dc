import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Waiters = Set<() => void>;

// On the objects themselves: a look-up in a WeakMap for each request would cost more than what it finds.
const WAITERS = Symbol('koanatomy: who waits for the end');

interface Watched {
  [WAITERS]?: Waiters | undefined;
}

/**
 * Calls `done` once, when the response is sent or its connection lost. The response's own `close` isn't enough:
 * a pipelined request whose connection closes before its turn never hears it. One listener each, whoever waits.
 */
export function onGone(req: IncomingMessage, res: ServerResponse & Watched, done: () => void): void {
  const { socket } = req;
  if (res.destroyed || res.closed || socket.destroyed) {
    done();
    return;
  }
  const known = res[WAITERS];
  if (known !== undefined) {
    known.add(done);
    return;
  }
  const all: Waiters = new Set([done]);
  res[WAITERS] = all;
  const ofSocket = waitersOf(socket);
  const settle = (): void => {
    if (res[WAITERS] === undefined) return;
    res[WAITERS] = undefined;
    ofSocket.delete(settle);
    for (const each of all) each();
  };
  ofSocket.add(settle);
  res.once('close', settle);
}

/** Those who wait for a socket; pipelined requests share its one listener. */
function waitersOf(socket: Socket & Watched): Waiters {
  const known = socket[WAITERS];
  if (known !== undefined) return known;
  const made: Waiters = new Set();
  socket[WAITERS] = made;
  socket.once('close', () => {
    for (const each of [...made]) each();
  });
  return made;
}
