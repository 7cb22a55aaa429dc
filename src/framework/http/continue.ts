import type { IncomingMessage, ServerResponse } from 'node:http';

const waiting = new WeakMap<IncomingMessage, (event: string | symbol) => void>();

/**
 * Invites the content of a request with `Expect: 100-continue` when somebody reads it, and not before: one that is
 * refused for its credentials or its length is never asked to send it (RFC 9110 §10.1.1).
 */
export function continueWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const invite = (event: string | symbol): void => {
    if (event !== 'data' && event !== 'readable') return;
    withdraw(request);
    if (!response.headersSent) response.writeContinue();
  };
  waiting.set(request, invite);
  request.on('newListener', invite);
}

/** Takes the invitation back; true where the client still waits for it. */
export function withdraw(request: IncomingMessage): boolean {
  const invite = waiting.get(request);
  if (invite === undefined) return false;
  waiting.delete(request);
  request.off('newListener', invite);
  return true;
}
