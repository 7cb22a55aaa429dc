import type { Exchange } from '../exchange.js';
import {
  type EntityTag,
  formatEntityTag,
  hashTag,
  parseEntityTag,
  toEntityTag,
  withSuffix,
} from '../http/entity-tag.js';
import { formatHttpDate, parseHttpDate } from '../http/http-date.js';
import { Reply } from '../reply.js';
import { type Content, isByteSource } from './content.js';

/** What an answer is told apart from others by; set as its headers. */
export interface AnswerValidators {
  readonly etag: EntityTag | null;
  readonly lastModified: Date | null;
}

const NONE: AnswerValidators = Object.freeze({ etag: null, lastModified: null });

/**
 * The validators of an answer, in the order of who knows best: what the method set itself, what it told
 * {@link Preconditions}, what is declared, what a file says.
 *
 * An answer to PUT gets none but those that the method set: the content may not be stored as it came
 * (RFC 9110 §9.3.4).
 */
export function validatorsOf(exchange: Exchange, entity: unknown, content: Content): AnswerValidators {
  const { operation, ctx, remembered } = exchange;
  const { etag: source, lastModified: date } = operation.caching;
  const own = ownValidators(exchange);
  if (ctx.method === 'PUT') return own;
  if (source === null && date === null && remembered === null && content.etag === null) {
    if (own.etag !== null) ctx.set('ETag', formatEntityTag(own.etag));
    return own;
  }
  const told = remembered?.etag ?? null;
  const etag =
    own.etag ??
    (told === null ? null : inThis(exchange, told)) ??
    declaredTag(exchange, entity, content) ??
    content.etag;
  const changed =
    own.lastModified ??
    remembered?.lastModified ??
    (date === null ? null : validDate(date(entity as never))) ??
    content.lastModified;
  const lastModified = changed === null ? null : atMostNow(changed);
  if (etag !== null) ctx.set('ETag', formatEntityTag(etag));
  if (lastModified !== null) ctx.set('Last-Modified', formatHttpDate(lastModified));
  return { etag, lastModified };
}

/** What the method set on the response; what middleware in front of it had set is not about its answer. */
function ownValidators(exchange: Exchange): AnswerValidators {
  const { ctx, front, result } = exchange;
  const etag = ctx.res.getHeader('ETag');
  const date = ctx.res.getHeader('Last-Modified');
  if (etag === undefined && date === undefined) return NONE;
  const tag = typeof etag === 'string' && etag !== front.headers.etag ? parseEntityTag(etag) : null;
  return {
    // A Reply's is made of a version; one that was written as a header is what it is.
    etag: tag !== null && result instanceof Reply && ctx.method !== 'PUT' ? inThis(exchange, tag) : tag,
    lastModified:
      typeof date === 'string' && date !== front.headers['last-modified'] ? parseHttpDate(date) : null,
  };
}

function declaredTag(exchange: Exchange, entity: unknown, content: Content): EntityTag | null {
  const source = exchange.operation.caching.etag;
  if (source === null) return null;
  if (source.of !== null) {
    const version = source.of(entity as never);
    if (version === null || version === undefined) return null;
    return inThis(exchange, toEntityTag(version, source.weak));
  }
  const { body } = content;
  const bytes = isByteSource(body) ? (body.length === 0 ? '' : body.read(0, body.length - 1)) : body;
  if (typeof bytes !== 'string' && !Buffer.isBuffer(bytes)) return null;
  const tag = hashTag(bytes);
  return source.weak ? { ...tag, weak: true } : tag;
}

/** A version's tag in the representation and language of this answer. */
function inThis({ operation, representation, language }: Exchange, tag: EntityTag): EntityTag {
  return withSuffix(tag, representation.tagSuffix + operation.languageSuffix(language));
}

function validDate(date: unknown): Date | null {
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date : null;
}

/** RFC 9110 §8.8.2.1: never later than the message. HTTP has whole seconds. */
function atMostNow(date: Date): Date {
  const time = Math.min(date.getTime(), Date.now());
  return new Date(time - (time % 1000));
}
