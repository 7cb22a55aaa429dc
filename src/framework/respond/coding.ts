import type { Context } from 'koa';
import type { CompiledApplication } from '../compile/records.js';
import { parseCacheControl } from '../http/cache-control.js';
import { type Coding, chooseCoding, isCompressible } from '../http/content-coding.js';
import { type Content, isByteSource } from './content.js';

/**
 * The content coding of an answer (RFC 9110 §8.4, §12.5.3), where it pays: types that compress, from a size on.
 * `Vary` names Accept-Encoding wherever it took part.
 */
export function codingOf(
  { compression }: CompiledApplication,
  ctx: Context,
  content: Content,
): Coding | 'identity' {
  if (compression === null) return 'identity';
  const header = ctx.req.headers['accept-encoding'];
  const size = sizeOf(content);
  if (size < compression.threshold && !refusesIdentity(header)) return 'identity';
  if (!isCompressible(content.contentType) || ctx.res.hasHeader('Content-Encoding')) return 'identity';
  // Ranges that a method made itself are those of the content as it is.
  if (ctx.status === 206 || ctx.res.hasHeader('Content-Range')) return 'identity';
  const cacheControl = ctx.res.getHeader('Cache-Control');
  // RFC 9111 §5.2.2.6 binds caches on the way; who says it means us too.
  if (typeof cacheControl === 'string' && parseCacheControl(cacheControl).has('no-transform'))
    return 'identity';
  ctx.vary('Accept-Encoding');
  // Ranges are those of the content as it is.
  if (isByteSource(content.body) && ctx.req.headers.range !== undefined && ctx.method === 'GET')
    return 'identity';
  return chooseCoding(header, compression.codings) ?? 'identity';
}

/** Whether the client says that it can't take content as it is: `identity;q=0`, or `*;q=0` without identity. */
export function refusesIdentity(header: string | undefined): boolean {
  return header !== undefined && /[*y]\s*;/i.test(header) && chooseCoding(header, []) === null;
}

/** The bytes, at least; a stream may have any number of them. */
function sizeOf({ body }: Content): number {
  if (typeof body === 'string') return body.length;
  if (Buffer.isBuffer(body)) return body.length;
  return isByteSource(body) ? body.length : Number.POSITIVE_INFINITY;
}
