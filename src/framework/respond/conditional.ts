import type { CompiledApplication } from '../compile/records.js';
import type { Exchange } from '../exchange.js';
import { isCompressible } from '../http/content-coding.js';
import { type EntityTag, formatEntityTag, weakMatch, withSuffix } from '../http/entity-tag.js';
import { formatHttpDate } from '../http/http-date.js';
import { evaluate } from '../http/preconditions.js';
import { preconditionFailed } from '../preconditions.js';
import { writeCacheControl } from './cache-control.js';
import type { AnswerValidators } from './validators.js';

/**
 * Evaluates the preconditions of a GET or HEAD against what it would be answered, in the content coding that it would
 * have: true where it was answered with 304.
 *
 * @throws FrameworkError 412.
 */
export function answeredConditionally(
  exchange: Exchange,
  { etag, lastModified }: AnswerValidators,
  suffix: string,
): boolean {
  const { ctx, preconditions } = exchange;
  if (etag !== null && suffix !== '') ctx.set('ETag', formatEntityTag(withSuffix(etag, suffix)));
  // Who takes Preconditions answers for them: also for a state that is not that of the answer.
  if (preconditions === null || exchange.operation.takesPreconditions) return false;
  const tag = etag === null ? null : withSuffix(etag, suffix);
  const validators = { etag: tag, etags: tag === null ? [] : [tag], lastModified };
  const verdict = evaluate(preconditions, ctx.method, validators);
  if (verdict === 'failed') throw preconditionFailed();
  if (verdict === 'proceed') return false;
  answerNotModified(exchange, tag);
  return true;
}

/**
 * 304 for a method that asked {@link Preconditions} and was told that nothing has changed: with what 200 would have
 * had of headers, as far as it is known before there is content.
 */
export function answerStateNotModified({ compression }: CompiledApplication, exchange: Exchange): void {
  const { ctx, operation, remembered, preconditions, representation } = exchange;
  for (const [name, value] of operation.headers ?? []) ctx.set(name, value);
  writeCacheControl(exchange, 304);
  if (compression !== null && isCompressible(representation.contentType)) ctx.vary('Accept-Encoding');
  if (remembered?.lastModified) ctx.set('Last-Modified', formatHttpDate(remembered.lastModified));
  const tag = remembered?.etag ?? null;
  const asked = preconditions?.ifNoneMatch;
  const variants = tag === null ? [] : exchange.preconditionContext().variantsOf(tag);
  const held = Array.isArray(asked)
    ? variants.find((each) => asked.some((other) => weakMatch(each, other)))
    : tag;
  answerNotModified(exchange, held ?? tag);
}

/** What describes the content that is not sent; the rest of what 200 would have goes out (RFC 9110 §15.4.5). */
const CONTENT_FIELDS = [
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
  'Content-Language',
  'Content-Disposition',
  'Content-Range',
  'Accept-Ranges',
  'Transfer-Encoding',
];

/** 304 (RFC 9110 §15.4.5). `Last-Modified` only where there is no tag to tell the stored answers apart. */
export function answerNotModified({ ctx }: Exchange, tag: EntityTag | null): void {
  for (const name of CONTENT_FIELDS) ctx.remove(name);
  if (tag !== null) {
    ctx.set('ETag', formatEntityTag(tag));
    ctx.remove('Last-Modified');
  }
  ctx.status = 304;
  ctx.body = null;
}
