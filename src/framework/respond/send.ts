import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { CompiledApplication } from '../compile/records.js';
import type { Exchange } from '../exchange.js';
import type { ByteSource } from '../http/byte-source.js';
import { type Coding, codingSuffix } from '../http/content-coding.js';
import { encodeBuffer, encodeStream } from '../http/encode-content.js';
import { onGone } from '../http/on-gone.js';
import { abandon } from '../http/streams.js';
import { codingOf } from './coding.js';
import { answeredConditionally } from './conditional.js';
import { type Content, isByteSource } from './content.js';
import { partOf } from './partial.js';
import { type AnswerValidators, validatorsOf } from './validators.js';

/**
 * Content → the response: its validators, the preconditions of a GET, ranges, content coding. The status has been
 * set. A promise only where something has to be waited for.
 */
export function send(
  application: CompiledApplication,
  exchange: Exchange,
  entity: unknown,
  content: Content,
): void | Promise<void> {
  const { ctx } = exchange;
  const { body, contentType } = content;
  if (isByteSource(body)) onGone(ctx.req, ctx.res, () => void body.close());
  if (contentType !== '') ctx.set('Content-Type', contentType);
  const reads = (ctx.method === 'GET' || ctx.method === 'HEAD') && ctx.status >= 200 && ctx.status < 300;
  const validators = validatorsOf(exchange, entity, content);
  const coding = codingOf(application, ctx, content);
  const suffix = coding === 'identity' ? '' : codingSuffix(coding);
  if (reads && answeredConditionally(exchange, validators, suffix)) return;
  if (isByteSource(body)) return sendSource(ctx, content, body, validators, coding);
  return sendWhole(ctx, content, body, coding);
}

/** Bytes that ranges can be taken of. */
function sendSource(
  ctx: Context,
  content: Content,
  source: ByteSource,
  validators: AnswerValidators,
  coding: Coding | 'identity',
): void | Promise<void> {
  const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
  const isWhole = reads && ctx.status === 200 && coding === 'identity';
  if (isWhole) ctx.set('Accept-Ranges', 'bytes');
  const part = isWhole ? partOf(ctx, source, content.contentType, validators) : null;
  if (part !== null) {
    setBody(ctx, part);
    return;
  }
  if (ctx.method === 'HEAD' && coding === 'identity' && source.whole === null) {
    setLength(ctx, source.length);
    return;
  }
  const whole = source.whole ?? (source.length === 0 ? Buffer.alloc(0) : source.read(0, source.length - 1));
  if (coding === 'identity') ctx.set('Content-Length', String(source.length));
  return sendWhole(ctx, content, whole, coding);
}

function sendWhole(
  ctx: Context,
  { isLive, contentType }: Content,
  body: string | Buffer | Readable,
  coding: Coding | 'identity',
): void | Promise<void> {
  if (coding !== 'identity') {
    ctx.remove('Content-Length');
    ctx.set('Content-Encoding', coding);
    if (body instanceof Readable) return setBody(ctx, encodeStream(body, coding, isLive));
    return encodeBuffer(body, coding).then((encoded) => setBody(ctx, encoded));
  }
  if (body instanceof Readable && contentType.startsWith('text/event-stream')) {
    return setBody(ctx, Readable.from(flushed(ctx, body), { objectMode: false }));
  }
  return setBody(ctx, body);
}

/** Koa's setter for bodies takes away what it thinks it knows better. */
function setBody(ctx: Context, body: string | Buffer | Readable): void {
  // Nothing has been sent yet, so that it can still be an error.
  if (body instanceof Readable && body.errored) throw body.errored;
  const length = ctx.res.getHeader('Content-Length');
  ctx.body = body;
  if (!(body instanceof Readable)) return;
  if (length !== undefined) ctx.set('Content-Length', String(length));
  // After the headers went out, a broken connection is the only way to say that the content is incomplete.
  body.once('error', () => ctx.res.destroy());
  onGone(ctx.req, ctx.res, () => abandon(body));
}

/** HEAD: the length without the bytes, which would have to be read. */
function setLength(ctx: Context, length: number): void {
  ctx.body = '';
  ctx.set('Content-Length', String(length));
}

/** The client shall know that it is connected before there is a first event. */
async function* flushed({ res }: Context, chunks: Readable): AsyncGenerator<Uint8Array> {
  if (!res.headersSent) res.flushHeaders();
  yield* chunks as AsyncIterable<Uint8Array>;
}
