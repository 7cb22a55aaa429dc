import { jsonCodec } from '../codecs/json.js';
import type { CompiledApplication } from '../compile/records.js';
import type { Exchange } from '../exchange.js';
import { chooseCoding, isCompressible } from '../http/content-coding.js';
import { isPlainData } from '../validation/to-writable.js';
import { isValue } from './content.js';

/**
 * Answers the common case, a value written as text with nothing to say besides, in one call and without Koa's context:
 * true where it did. What it sends is what {@link send} would; a test holds the two together.
 *
 * Only where no middleware stands in front, which would look at the context afterwards, and where the method can't have
 * written to it.
 */
export function answeredDirectly(application: CompiledApplication, exchange: Exchange): boolean {
  const { ctx, operation, representation, preconditions } = exchange;
  if (!operation.isDirect || preconditions !== null || ctx.method === 'HEAD') return false;
  const { res } = ctx;
  if (res.headersSent || res.getHeaderNames().length > 0) return false;
  const text = textOf(exchange);
  if (text === null) return false;
  const length = Buffer.byteLength(text);
  const { contentType } = representation;
  const head = ['Content-Type', contentType, 'Content-Length', String(length)];
  if (!isSentAsItIs(application, ctx.req.headers['accept-encoding'], text.length, contentType, head))
    return false;
  res.writeHead(operation.status ?? 200, head);
  res.end(text);
  ctx.respond = false;
  return true;
}

/** The value as the text of its representation; null where it is no plain value. */
function textOf({ result, representation }: Exchange): string | null {
  const { codec, mediaType } = representation;
  if (result === undefined || result === null || codec?.write === undefined) return null;
  if (codec === jsonCodec && typeof result === 'object' && isPlainValue(result))
    return JSON.stringify(result);
  if (typeof result === 'string') return mediaType.type === 'text' ? result : asText(codec.write(result));
  return typeof result !== 'object' || isValue(result) ? asText(codec.write(result)) : null;
}

/** Most values are plain data, and nothing of what has members or a tag that say that it is more than that. */
function isPlainValue(value: object): boolean {
  return isPlainData(value) && !(Symbol.asyncIterator in value) && !(Symbol.toStringTag in value);
}

function asText(written: string | Uint8Array): string | null {
  return typeof written === 'string' ? written : null;
}

/** Whether no content coding applies; `Vary` is added to `head` where one could have. */
function isSentAsItIs(
  { compression }: CompiledApplication,
  accepted: string | undefined,
  size: number,
  contentType: string,
  head: string[],
): boolean {
  if (compression === null) return true;
  if (size < compression.threshold) return accepted === undefined || !accepted.includes(';');
  if (!isCompressible(contentType)) return true;
  if (accepted !== undefined && chooseCoding(accepted, compression.codings) !== 'identity') return false;
  head.push('Vary', 'Accept-Encoding');
  return true;
}
