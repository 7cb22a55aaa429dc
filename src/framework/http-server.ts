import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { FrameworkError } from './errors/api-error.js';
import { refuseConnect, refuseMalformed } from './errors/client-error.js';
import { toFailure } from './errors/failure.js';
import { problemJson } from './errors/problem-formats.js';
import { continueWhenRead } from './http/continue.js';
import type { FieldLines } from './respond/lasting.js';

/**
 * Node's server, which answers with problem documents what its parser refuses, too.
 *
 * @param lines what these answers have besides
 */
export function createHttpServer(listener: RequestListener, lines: FieldLines): Server {
  // Node's own answer to a request without Host is no problem document; the application refuses it.
  const server = createServer({ requireHostHeader: false }, listener);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.expect?.trim().toLowerCase() === '100-continue') continueWhenRead(request, response);
    else return void server.emit('checkExpectation', request, response);
    server.emit('request', request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseMalformed(error, socket, lines),
  );
  server.on('connect', (_request, socket: Socket) => refuseConnect(socket, lines));
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const error = new FrameworkError('expectation-failed', 'Only 100-continue can be expected');
    response.writeHead(417, ['Content-Type', 'application/problem+json', 'Connection', 'close', ...lines]);
    response.end(problemJson(toFailure(error, randomUUID()).document));
  });
  return server;
}
