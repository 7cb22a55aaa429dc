import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FieldLines } from '../respond/lasting.js';
import { FrameworkError } from './api-error.js';
import type { ProblemCode } from './catalogue.js';
import { toFailure } from './failure.js';
import { problemJson } from './problem-formats.js';

/**
 * Answers what Node's HTTP parser refused: there is no request to run a pipeline for, only a socket.
 * Header sections over Node's limit are 431 (RFC 6585 §5), slow requests 408, everything else 400.
 *
 * @param lines what the answer has besides
 */
export function refuseMalformed(
  error: NodeJS.ErrnoException & { readonly rawPacket?: unknown },
  socket: Socket,
  lines: FieldLines,
): void {
  // Node's name for the response that is on its way: an answer in the middle of it would become a part of it.
  const { _httpMessage: running } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || running?.headersSent) {
    socket.destroy();
    return;
  }
  const [code, message] =
    REFUSALS[error.code ?? ''] ?? (['bad-request', 'The request is not valid HTTP'] as const);
  const isHead = Buffer.isBuffer(error.rawPacket) && error.rawPacket.toString('latin1', 0, 5) === 'HEAD ';
  writeTo(socket, new FrameworkError(code, message), isHead, lines);
}

/** CONNECT asks for a tunnel (RFC 9110 §9.3.6); Node would close the connection without a word. */
export function refuseConnect(socket: Socket, lines: FieldLines): void {
  if (socket.writable)
    writeTo(socket, new FrameworkError('not-implemented', 'This is no proxy'), false, lines);
}

function writeTo(socket: Socket, error: FrameworkError, isHead: boolean, lines: FieldLines): void {
  const { status, document } = toFailure(error, randomUUID());
  const body = problemJson(document);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n${asText(lines)}\r\n${isHead ? '' : body}`,
  );
}

/** Their names and values are checked at startup. */
function asText(lines: FieldLines): string {
  let text = '';
  for (let i = 0; i < lines.length; i += 2) text += `${lines[i]}: ${lines[i + 1]}\r\n`;
  return text;
}

const REFUSALS: Readonly<Record<string, readonly [code: ProblemCode, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The header section is larger than the server takes'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    'content-too-large',
    'The extensions of a chunk are larger than the server takes',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request took too long to arrive'],
};
