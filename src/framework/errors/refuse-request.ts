import { IncomingMessage } from 'node:http';
import { requestFault } from '../http/request-fault.js';
import { FrameworkError } from './api-error.js';
import type { ProblemCode } from './catalogue.js';

/**
 * Node leaves out what comes after 1000 fields, in silence (`server.maxHeadersCount`): it might have been a second `Host`.
 * Newer versions refuse such requests themselves. A name and a value are two entries.
 */
const MOST_ENTRIES = 2000;

/**
 * What is wrong with a request whatever it asks for; null where nothing is. Where that is a doubt, the connection ends with
 * the answer: what else came on it may be a part of this request in the eyes of a proxy in front.
 *
 * @param maxUrl bytes
 */
export function refuseRequest(req: IncomingMessage, maxUrl: number): FrameworkError | null {
  const oversized = refuseOversized(req, maxUrl) ?? refuseFraming(req);
  if (oversized !== null) return oversized;
  const fault = requestFault(req);
  return fault === null ? null : refusal('bad-request', fault);
}

/** 414 and 431 (RFC 9110 §15.5.15, RFC 6585 §5). Node hands targets on as Latin-1: a character is a byte. */
export function refuseOversized(req: IncomingMessage, maxUrl: number): FrameworkError | null {
  if ((req.url?.length ?? 0) > maxUrl) {
    return new FrameworkError('uri-too-long', `The request target has more than ${maxUrl} bytes`);
  }
  if (req.rawHeaders.length < MOST_ENTRIES) return null;
  return refusal('headers-too-large', 'The request has more header fields than the server takes');
}

/**
 * Where a message ends has to be beyond doubt (RFC 9112 §6.1, §6.3). Node's parser refuses nearly all that leaves one; this
 * is the rest: a coding beside chunked, an empty one beside a length, any in a version that has none, and no version at
 * all: `HTTP/2.0` in text.
 */
function refuseFraming(req: IncomingMessage): FrameworkError | null {
  if (req.httpVersionMajor !== 1 && req instanceof IncomingMessage) {
    return refusal('bad-request', 'This is not HTTP/1.0 or HTTP/1.1');
  }
  const coding = req.headers['transfer-encoding'];
  if (coding === undefined) return null;
  if (req.httpVersionMinor === 0 || req.headers['content-length'] !== undefined) {
    return refusal('bad-request', 'The request leaves open where it ends');
  }
  if (coding.toLowerCase() === 'chunked') return null;
  return refusal('not-implemented', 'The only transfer coding that can be read is chunked');
}

function refusal(code: ProblemCode, message: string): FrameworkError {
  return new FrameworkError(code, message, { headers: { Connection: 'close' } });
}
