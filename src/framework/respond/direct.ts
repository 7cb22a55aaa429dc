import { jsonCodec } from '../codecs/json.js';
import { shortJson } from '../codecs/json-text.js';
import type { CompiledApplication } from '../compile/records.js';
import { type Exchange, NO_HEADERS } from '../exchange.js';
import { chooseCoding, isCompressible } from '../http/content-coding.js';
import { hasStatus, setText } from '../koa-status.js';
import { isPlainData } from '../validation/to-writable.js';
import { isValue } from './content.js';

/**
 * Answers the common case, a value written as text with nothing to say besides, without most of what {@link send} looks
 * at: true where it did. What it sends is what `send` would; a test holds the two together.
 *
 * Only where the method can't have written to Koa's context, and where middleware in front has set nothing that the
 * answer depends on. Without middleware, nobody looks at the context afterwards, and the answer goes out in one call.
 */
export function answeredDirectly(application: CompiledApplication, exchange: Exchange): boolean {
  const { ctx, operation, representation, preconditions } = exchange;
  const { req, res } = ctx;
  if (!operation.isDirect || preconditions !== null || req.method === 'HEAD' || res.headersSent) return false;
  if (exchange.isAlone ? res.getHeaderNames().length > 0 : !isUntouched(exchange)) return false;
  const text = textOf(exchange);
  if (text === null) return false;
  const { contentType } = representation;
  const coding = codingOf(application, req.headers['accept-encoding'], text.length, contentType);
  if (coding === 'applied') return false;
  const length = String(Buffer.byteLength(text));
  const status = operation.status ?? 200;
  if (exchange.isAlone) {
    const head = ['Content-Type', contentType, 'Content-Length', length];
    if (coding === 'possible') head.push('Vary', 'Accept-Encoding');
    if (exchange.lasting.length > 0) head.push(...exchange.lasting);
    res.writeHead(status, head);
    res.end(text);
    ctx.respond = false;
  } else {
    res.setHeader('Content-Type', contentType);
    res.setHeader('Content-Length', length);
    if (coding === 'possible') ctx.vary('Accept-Encoding');
    exchange.setLasting();
    setText(ctx, status, text);
  }
  return true;
}

/** What middleware in front may have set of what decides about content. */
const DECIDING = [
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'transfer-encoding',
];

/** Whether Koa's context has nothing that a value would have to fit in with. */
function isUntouched({ ctx, front }: Exchange): boolean {
  const { res, response } = ctx;
  if (ctx.respond === false || res.statusCode !== 404 || response.body !== undefined || hasStatus(ctx))
    return false;
  return front.headers === NO_HEADERS || !DECIDING.some((name) => res.hasHeader(name));
}

/** The value as the text of its representation; null where it is no plain value. */
function textOf({ result, representation }: Exchange): string | Buffer | null {
  const { codec, mediaType } = representation;
  if (result === undefined || result === null || codec?.write === undefined) return null;
  if (codec === jsonCodec && typeof result === 'object' && !isMore(result)) {
    const text = shortJson(result) ?? (isPlainData(result) ? JSON.stringify(result) : null);
    if (text !== null) return text;
  }
  if (typeof result === 'string') return mediaType.type === 'text' ? result : asText(codec.write(result));
  return typeof result !== 'object' || isValue(result) ? asText(codec.write(result)) : null;
}

/**
 * Whether an object is no data. What is made of plain members may still be a source of items, or a thing of the web: a
 * symbol says so.
 */
function isMore(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isLiteral = prototype === Object.prototype || prototype === Array.prototype || prototype === null;
  return isLiteral ? Symbol.asyncIterator in value || Symbol.toStringTag in value : !isValue(value);
}

function asText(written: string | Uint8Array): string | Buffer | null {
  return typeof written === 'string' || Buffer.isBuffer(written) ? written : null;
}

/** Whether a content coding is applied, or would be for another client, which `Vary` then says. */
function codingOf(
  { compression }: CompiledApplication,
  accepted: string | undefined,
  size: number,
  contentType: string,
): 'never' | 'possible' | 'applied' {
  if (compression === null) return 'never';
  if (size < compression.threshold) return accepted?.includes(';') === true ? 'applied' : 'never';
  if (!isCompressible(contentType)) return 'never';
  if (accepted === undefined || chooseCoding(accepted, compression.codings) === 'identity') return 'possible';
  return 'applied';
}
