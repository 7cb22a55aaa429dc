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
import type { LoadPlan } from './load/read-load.js';
import type { FieldLines } from './respond/lasting.js';

/** What a server needs to know of the application. */
export interface ServerSettings {
  /** What each answer has besides. */
  readonly lines: FieldLines;
  /** The most bytes of a header section, request line included; undefined for Node's own limit. */
  readonly maxHeaders: number | undefined;
  readonly timeouts: LoadPlan['timeouts'];
}

/** Node looks every 30 seconds, which would make half a minute of a second. */
const CHECK_EVERY = 1000;

/** Node's word for no timeout is 0. */
function nodes(milliseconds: number): number {
  return milliseconds === Number.POSITIVE_INFINITY ? 0 : milliseconds;
}

/** Node's server, which answers with problem documents what its parser refuses, too. */
export function createHttpServer(
  listener: RequestListener,
  { lines, maxHeaders, timeouts }: ServerSettings,
): Server {
  const server = createServer(
    {
      // Node's own answer to a request without Host is no problem document; the application refuses it.
      requireHostHeader: false,
      // Said, since `node --insecure-http-parser` would count otherwise: it lets two requests be one.
      insecureHTTPParser: false,
      headersTimeout: nodes(Math.min(timeouts.headers, timeouts.request)),
      requestTimeout: nodes(timeouts.request),
      keepAliveTimeout: nodes(timeouts.keepAlive),
      connectionsCheckingInterval: CHECK_EVERY,
      ...(maxHeaders === undefined ? null : { maxHeaderSize: maxHeaders }),
    },
    listener,
  );
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
