import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Who waits for a connection to close. One listener a socket: pipelined requests share it. */
const waiting = new WeakMap<Socket, Set<() => void>>();

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
  let set = waiting.get(socket);
  if (set === undefined) {
    const made = new Set<() => void>();
    set = made;
    waiting.set(socket, made);
    socket.once('close', () => {
      for (const each of [...made]) each();
    });
  }
  const all = set;
  const once = (): void => {
    if (!all.delete(once)) return;
    res.off('close', once);
    done();
  };
  all.add(once);
  res.once('close', once);
}
