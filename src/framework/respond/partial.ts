import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { FrameworkError } from '../errors/api-error.js';
import { contentRange, multipartByteRanges } from '../http/byte-ranges.js';
import type { ByteSource } from '../http/byte-source.js';
import { ifRangeHolds, parseRange } from '../http/ranges.js';
import type { AnswerValidators } from './validators.js';

/**
 * The part of a source that the request asks for (RFC 9110 §14): sets 206 and its headers. Null where all of it is
 * to be sent.
 *
 * @throws FrameworkError 416 where no range can be satisfied.
 */
export function partOf(
  ctx: Context,
  source: ByteSource,
  contentType: string,
  { etag, lastModified }: AnswerValidators,
): Buffer | Readable | null {
  const { range, 'if-range': ifRange } = ctx.req.headers;
  if (range === undefined || ctx.method !== 'GET') return null;
  if (typeof ifRange === 'string' && !ifRangeHolds(ifRange, etag, lastModified)) return null;
  const { length } = source;
  const ranges = parseRange(range, length);
  if (ranges === 'ignore') return null;
  if (ranges === 'unsatisfiable') {
    throw new FrameworkError('range-not-satisfiable', `The content has ${length} bytes`, {
      headers: { 'Content-Range': contentRange(null, length), 'Accept-Ranges': 'bytes' },
    });
  }
  const [only] = ranges;
  ctx.status = 206;
  if (ranges.length === 1 && only !== undefined) {
    ctx.set('Content-Range', contentRange(only, length));
    ctx.set('Content-Length', String(only.end - only.start + 1));
    return source.read(only.start, only.end);
  }
  const parts = multipartByteRanges(ranges, length, contentType, ({ start, end }) => source.read(start, end));
  ctx.set('Content-Type', parts.contentType);
  ctx.set('Content-Length', String(parts.contentLength));
  return Readable.from(parts.body, { objectMode: false });
}
