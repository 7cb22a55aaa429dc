import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 8 * 1024 * 1024;
const MOST_MS = 5000;

/**
 * Reads the rest of a request that was answered early, and throws it away. The answer goes out at once; but if
 * the connection closed while the client still sends, the client would see a reset and not the answer. What is
 * longer than 8 MiB or takes more than 5 seconds is cut off.
 */
export function discardRest(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  const { socket } = req;
  let bytes = 0;
  const timer = setTimeout(() => req.destroy(), MOST_MS).unref();
  const done = (): void => {
    clearTimeout(timer);
    req.off('close', done);
    socket.off('close', done);
  };
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) req.destroy();
  });
  req.on('error', () => {});
  // Once it is answered, a request isn't told that its connection closed.
  req.on('close', done);
  socket.on('close', done);
  req.resume();
}
