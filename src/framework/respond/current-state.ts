import type { CompiledOperation, Representation } from '../compile/records.js';
import { ApiError, FrameworkError, type Issue } from '../errors/api-error.js';
import { toFailure } from '../errors/failure.js';
import type { Exchange } from '../exchange.js';
import { type EntityTag, hashTag, parseEntityTag, toEntityTag, withSuffix } from '../http/entity-tag.js';
import { parseHttpDate } from '../http/http-date.js';
import type { Validators } from '../http/preconditions.js';
import { isStream } from '../http/streams.js';
import { Reply } from '../reply.js';
import { checkAllowed } from '../security/allowed.js';

/** What GET would answer on the same resource. */
export type Current =
  | { readonly kind: 'present'; readonly entity: unknown; readonly validators: Validators }
  /** Nothing is there; `error` is what GET threw, where there is a GET. */
  | { readonly kind: 'absent'; readonly error: unknown }
  /** The request's parameters are not valid, so that it will be refused anyway. */
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** The GET operation that tells of a resource's state: one that declares validators, else the first one. */
export function stateSource(exchange: Exchange): CompiledOperation | null {
  const all = exchange.resource.verbs.get('GET') ?? [];
  const declares = ({ caching }: CompiledOperation): boolean =>
    caching.etag !== null || caching.lastModified !== null;
  return all.find(declares) ?? all[0] ?? null;
}

/**
 * The current state of the request's resource, from its GET: how conditional changes are checked, and what a
 * patch is applied to. What GET writes to Koa's context on the way is undone.
 */
export async function currentState(exchange: Exchange): Promise<Current> {
  const source = stateSource(exchange);
  if (source === null) return { kind: 'absent', error: null };
  checkAllowed(source.access, exchange.principal);
  if (source.needsPrincipal && exchange.principal === null) throw unknownPrincipal();
  const issues: Issue[] = [];
  const args: unknown[] = [];
  for (const bind of source.binders) args.push(bind(exchange, issues));
  for (const { index, plan } of source.checks) {
    if (args[index] !== undefined) args[index] = await plan.check(args[index], issues);
  }
  if (issues.length > 0) return { kind: 'invalid', issues };
  const restore = contextOf(exchange);
  try {
    return present(source, await source.call(args, exchange), exchange);
  } catch (error) {
    const { status } = toFailure(error, exchange.id);
    if (status === 404 || status === 410) return { kind: 'absent', error };
    throw error;
  } finally {
    restore();
  }
}

function unknownPrincipal(): FrameworkError {
  return new FrameworkError('forbidden', 'The state of this resource is for authenticated principals only');
}

function present(source: CompiledOperation, result: unknown, exchange: Exchange): Current {
  const reply = result instanceof Reply ? result : null;
  const status = result instanceof Reply || result instanceof Response ? result.status : 200;
  if (status === 404 || status === 410) return { kind: 'absent', error: new ApiError(status) };
  const web = result instanceof Response ? result : null;
  web?.body?.cancel().catch(() => undefined);
  const entity = web !== null ? null : reply === null ? result : reply.entity;
  if (isStream(entity)) entity.destroy();
  const header = (name: string): string | null =>
    reply?.headers.find(([each]) => each.toLowerCase() === name)?.[1] ??
    web?.headers.get(name) ??
    ownHeader(exchange, name);
  const etags = tagsOf(source, entity, header('etag'));
  const date = header('last-modified');
  const lastModified =
    (date === null ? null : parseHttpDate(date)) ??
    (entity === null || entity === undefined ? null : source.caching.lastModified?.(entity as never)) ??
    null;
  return { kind: 'present', entity, validators: { etags, etag: etags[0] ?? null, lastModified } };
}

function ownHeader({ ctx, front }: Exchange, name: string): string | null {
  const value = ctx.res.getHeader(name);
  return typeof value === 'string' && value !== front.headers[name] ? value : null;
}

/** The tags of the state in all its representations. */
function tagsOf(source: CompiledOperation, entity: unknown, own: string | null): readonly EntityTag[] {
  const { tagSuffixes, caching } = source;
  const spread = (tag: EntityTag): readonly EntityTag[] =>
    tag.weak ? [tag] : tagSuffixes.map((suffix) => withSuffix(tag, suffix));
  const set = own === null ? null : parseEntityTag(own);
  if (set !== null) return spread(set);
  const { etag } = caching;
  if (etag === null || entity === null || entity === undefined) return [];
  if (etag.of !== null) {
    const version = etag.of(entity as never);
    return version === null || version === undefined ? [] : spread(toEntityTag(version, etag.weak));
  }
  const codings = tagSuffixes.filter((suffix) => suffix === '' || suffix.startsWith('--'));
  return source.produces.flatMap((representation) => {
    const bytes = bytesOf(entity, representation);
    return bytes === null ? [] : codings.map((coding) => withSuffix(hashTag(bytes), coding));
  });
}

function bytesOf(entity: unknown, { codec, mediaType }: Representation): string | Uint8Array | null {
  if (entity instanceof Uint8Array) return entity;
  if (typeof entity === 'string' && (codec === null || mediaType.type === 'text')) return entity;
  try {
    return codec?.write?.(entity) ?? null;
  } catch {
    // It has no form in this media type, and so nobody has a tag of it.
    return null;
  }
}

/** Remembers what the response has now, and returns what puts it back. */
function contextOf({ ctx }: Exchange): () => void {
  const { res } = ctx;
  const headers = Object.entries(res.getHeaders());
  const { statusCode } = res;
  const hidden = ctx.response as unknown as {
    _body: unknown;
    _explicitStatus: unknown;
    _explicitNullBody: unknown;
  };
  const { _body, _explicitStatus, _explicitNullBody } = hidden;
  return () => {
    if (res.headersSent) return;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    for (const [name, value] of headers) if (value !== undefined) res.setHeader(name, value);
    res.statusCode = statusCode;
    Object.assign(hidden, { _body, _explicitStatus, _explicitNullBody });
  };
}
