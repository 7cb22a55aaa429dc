import { checkArguments } from '../compile/check-arguments.js';
import type {
  CompiledApplication,
  CompiledOperation,
  CompiledResource,
  Representation,
} from '../compile/records.js';
import { ApiError, type Issue } from '../errors/api-error.js';
import { toFailure } from '../errors/failure.js';
import type { Exchange } from '../exchange.js';
import { isCodingSuffix } from '../http/content-coding.js';
import { type EntityTag, hashTag, parseEntityTag, toEntityTag, withSuffix } from '../http/entity-tag.js';
import { FileContent } from '../http/file-content.js';
import { parseHttpDate } from '../http/http-date.js';
import type { Validators } from '../http/preconditions.js';
import { abandon } from '../http/streams.js';
import { isResponse } from '../http/web.js';
import { Reply } from '../reply.js';
import { checkAllowed, checkRules } from '../security/allowed.js';
import type { Authentication } from '../security/authentication.js';
import { notValid } from '../validation/refuse.js';

/** What GET would answer on the same resource. */
export type Current =
  | { readonly kind: 'present'; readonly entity: unknown; readonly validators: Validators }
  /** Nothing is there; `error` is what GET threw, where there is a GET. */
  | { readonly kind: 'absent'; readonly error: unknown };

/** The GET operation that tells of a resource's state: one that declares validators, else the first one. */
export function stateSource(resource: CompiledResource): CompiledOperation | null {
  const all = resource.verbs.get('GET')?.operations ?? [];
  const declares = ({ caching }: CompiledOperation): boolean =>
    caching.etag !== null || caching.lastModified !== null;
  return all.find(declares) ?? all[0] ?? null;
}

/**
 * The current state of the request's resource, from its GET: how conditional changes are checked, and what a
 * patch is applied to. GET's own access holds. What it writes to Koa's context on the way is undone.
 *
 * @throws FrameworkError 401 or 403 where the client may not GET it, 400 where GET's parameters are not valid: a
 *   condition that can't be checked must not count as one that holds.
 */
export async function currentState(
  { authentication }: CompiledApplication,
  exchange: Exchange,
): Promise<Current> {
  const source = stateSource(exchange.resource);
  if (source === null) return { kind: 'absent', error: null };
  await admitTo(source, authentication, exchange);
  const restore = contextOf(exchange);
  const told: Told = { etag: null, lastModified: null };
  exchange.probe = told;
  try {
    const args = await argumentsOf(source, exchange);
    if (source.rules !== null) await checkRules(source.rules, exchange.principal, args);
    return await present(source, await source.call(args, exchange), told, exchange);
  } catch (error) {
    const { status } = toFailure(error, exchange.id);
    if (status === 404 || status === 410) return { kind: 'absent', error };
    throw error;
  } finally {
    exchange.probe = null;
    restore();
  }
}

/** What GET told {@link Preconditions}. */
type Told = NonNullable<Exchange['probe']>;

async function admitTo(
  { access, needsPrincipal, takesPrincipal }: CompiledOperation,
  authentication: Authentication,
  exchange: Exchange,
): Promise<void> {
  if (exchange.principal === null && (needsPrincipal || takesPrincipal)) {
    exchange.principal = await authentication.identify(exchange.ctx);
    if (needsPrincipal && exchange.principal === null) {
      throw authentication.required('The state of this resource asks for credentials');
    }
  }
  checkAllowed(access, exchange.principal);
}

async function argumentsOf(source: CompiledOperation, exchange: Exchange): Promise<readonly unknown[]> {
  const issues: Issue[] = [];
  const args: unknown[] = [];
  for (const bind of source.binders) args.push(bind(exchange, issues));
  await checkArguments(source.checks, args, issues);
  if (issues.length > 0) throw notValid(issues);
  return args;
}

async function present(
  source: CompiledOperation,
  result: unknown,
  told: Told,
  exchange: Exchange,
): Promise<Current> {
  const answer = result instanceof Reply || isResponse(result) ? result : null;
  const status = answer?.status ?? 200;
  const entity = result instanceof Reply ? result.entity : isResponse(result) ? result.body : result;
  abandon(entity);
  if (status === 404 || status === 410) return { kind: 'absent', error: new ApiError(status) };
  const file = entity instanceof FileContent ? await entity.open() : null;
  await file?.close();
  const header = (name: string): string | null => headerOf(answer, name) ?? ownHeader(exchange, name);
  const own = header('etag');
  const set = (own === null ? null : parseEntityTag(own)) ?? told.etag;
  const etags = tagsOf(source, entity, set, file?.etag ?? null);
  const date = header('last-modified');
  const hasEntity = entity !== null && entity !== undefined;
  const lastModified =
    (date === null ? null : parseHttpDate(date)) ??
    told.lastModified ??
    (hasEntity ? source.caching.lastModified?.(entity as never) : null) ??
    file?.lastModified ??
    null;
  return { kind: 'present', entity, validators: { etags, etag: etags[0] ?? null, lastModified } };
}

function headerOf(answer: Reply | Response | null, name: string): string | null {
  if (answer === null) return null;
  if (isResponse(answer)) return answer.headers.get(name);
  return answer.headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? null;
}

function ownHeader({ ctx, front }: Exchange, name: string): string | null {
  const value = ctx.res.getHeader(name);
  return typeof value === 'string' && value !== front.headers[name] ? value : null;
}

/** The tags of the state in all its representations. */
function tagsOf(
  { tagSuffixes, caching, produces }: CompiledOperation,
  entity: unknown,
  set: EntityTag | null,
  ofFile: EntityTag | null,
): readonly EntityTag[] {
  const spread = (tag: EntityTag): readonly EntityTag[] =>
    tag.weak ? [tag] : tagSuffixes.map((suffix) => withSuffix(tag, suffix));
  if (set !== null) return spread(set);
  const { etag } = caching;
  const hasEntity = entity !== null && entity !== undefined;
  const version = hasEntity ? etag?.of?.(entity as never) : null;
  if (etag !== null && version !== null && version !== undefined)
    return spread(toEntityTag(version, etag.weak));
  if (ofFile !== null) return spread(ofFile);
  if (etag === null || etag.of !== null || !hasEntity) return [];
  const codings = tagSuffixes.filter((suffix) => suffix === '' || isCodingSuffix(suffix));
  return produces.flatMap((representation) => {
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
