import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { CompiledApplication, Representation } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { attachment, FileContent } from '../framework/http/file-content.js';
import { formatLink } from '../framework/http/link.js';
import { formatMediaType, parseMediaType } from '../framework/http/media-type.js';
import { onGone } from '../framework/http/on-gone.js';
import { abandon, isAsyncIterable, isStream, untilReadable } from '../framework/http/streams.js';
import { isResponse, isWebStream } from '../framework/http/web.js';
import { hasStatus, setStatus } from '../framework/koa-status.js';
import { Reply } from '../framework/reply.js';
import { writeCacheControl } from '../framework/respond/cache-control.js';
import { type Content, fromWeb, toContent } from '../framework/respond/content.js';
import { answeredDirectly } from '../framework/respond/direct.js';
import { send } from '../framework/respond/send.js';

/** Returned value → status, headers, and bytes or a stream. A promise only where something has to be waited for. */
export function serialise(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  if (answeredDirectly(application, exchange)) return;
  exchange.setLasting();
  const { ctx, operation, result } = exchange;
  if (isAnswered(exchange)) return;
  const entity = result instanceof Reply ? result.entity : result;
  // Whatever becomes of the answer, its source ends with it: also when the client leaves before the first chunk.
  if (typeof entity === 'object' && entity !== null) keepUntilGone(exchange, entity);
  for (const [name, value] of operation.headers ?? []) ctx.set(name, value);
  if (exchange.language !== null) ctx.set('Content-Language', exchange.language);
  if (result instanceof Reply) {
    writeHeaders(application, ctx, result);
    return writeEntity(application, exchange, result.entity, result.status);
  }
  if (isResponse(result)) return writeWebResponse(application, exchange, result);
  return writeEntity(application, exchange, result, operation.status);
}

function keepUntilGone({ ctx }: Exchange, entity: object): void {
  if (isStream(entity) || isWebStream(entity) || isAsyncIterable(entity)) {
    onGone(ctx.req, ctx.res, () => abandon(entity));
  }
}

/** Whether the method wrote to Koa's context itself, as Koa's own handlers do. */
function isAnswered({ ctx, result, front }: Exchange): boolean {
  if (ctx.respond === false || ctx.headerSent) return true;
  if (result === ctx || result === ctx.response || result === ctx.res) return true;
  return result === undefined && ctx.body !== undefined && ctx.body !== null && ctx.body !== front.body;
}

function writeHeaders({ origin }: CompiledApplication, ctx: Context, { headers, links }: Reply): void {
  const written = new Set<string>();
  const absolute = (reference: string): string =>
    origin === null ? reference : resolved(reference, origin, ctx);
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'vary') ctx.vary(value);
    else if (key === 'set-cookie' || written.has(key)) ctx.append(name, value);
    else ctx.set(name, key === 'location' || key === 'content-location' ? absolute(value) : value);
    written.add(key);
  }
  for (const { target, parameters } of links) ctx.append('Link', formatLink(absolute(target), parameters));
}

/**
 * Whether a header has characters outside ASCII (RFC 9110 §5.5). Node writes the header section together with a text,
 * and then as UTF-8; with bytes it stays what it is.
 */
function hasObsText(result: unknown): boolean {
  return result instanceof Reply && result.headers.some(([, value]) => /[\x80-\xff]/.test(value));
}

/** A reference from where the client sees the request's path; one that can't be resolved stays as it is. */
function resolved(reference: string, origin: string, { req }: Context): string {
  const path = req.url?.startsWith('/') ? req.url.replace(/^\/+/, '/') : '/';
  return URL.canParse(reference, origin + path) ? new URL(reference, origin + path).href : reference;
}

function writeEntity(
  application: CompiledApplication,
  exchange: Exchange,
  entity: unknown,
  status: number | null,
): void | Promise<void> {
  const { ctx, representation, front } = exchange;
  // A status that the method set on Koa's context is its word, as in Koa.
  const own = hasStatus(ctx) && ctx.status !== front.status ? ctx.status : null;
  const isEmpty = entity === undefined || entity === null;
  const code = status ?? own ?? (isEmpty ? 204 : 200);
  writeCacheControl(exchange, code);
  if (isEmpty || code === 204 || code === 205 || code === 304) {
    if (exchange.language !== null) ctx.remove('Content-Language');
    ctx.body = null;
    setStatus(ctx, code);
    // Koa says so for GET alone (RFC 9110 §9.3.2).
    if (ctx.method === 'HEAD' && code !== 204 && code !== 205 && code !== 304) ctx.set('Content-Length', '0');
    return;
  }
  const made = toContent(entity, chosen(application, exchange, representation), (stream) => {
    onGone(ctx.req, ctx.res, () => abandon(stream));
  });
  return made instanceof Promise
    ? made.then((content) => writeContent(application, exchange, entity, code, content))
    : writeContent(application, exchange, entity, code, made);
}

function writeContent(
  application: CompiledApplication,
  exchange: Exchange,
  entity: unknown,
  code: number,
  made: Content,
): void | Promise<void> {
  const { ctx, result } = exchange;
  const isBytes = typeof made.body === 'string' && hasObsText(result);
  const content = isBytes ? { ...made, body: Buffer.from(made.body as string) } : made;
  setStatus(ctx, code);
  if (content.contentType.startsWith('text/event-stream')) prepareEventStream(ctx);
  if (entity instanceof FileContent) {
    // Its type comes from its name; what is in it may look like a page.
    ctx.set('X-Content-Type-Options', 'nosniff');
    const { downloadAs } = entity.options;
    if (downloadAs !== undefined) ctx.set('Content-Disposition', attachment(downloadAs));
  }
  return send(application, exchange, entity, content);
}

/** An event stream is for one client and for now; proxies that collect what they pass on are asked not to. */
function prepareEventStream(ctx: Context): void {
  if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-cache');
  ctx.set('X-Accel-Buffering', 'no');
}

/** The negotiated representation, unless the method set a Content-Type: then the codec of that one. */
function chosen(
  { codecs }: CompiledApplication,
  { ctx, operation, front }: Exchange,
  negotiated: Representation,
): Representation {
  const header = ctx.res.getHeader('Content-Type');
  const isOwn = typeof header === 'string' && header !== front.headers['content-type'];
  const own = isOwn ? parseMediaType(header) : null;
  if (own !== null) {
    return { mediaType: own, contentType: formatMediaType(own), codec: codecs.writer(own), tagSuffix: '' };
  }
  if (!operation.producesDeclared || negotiated.mediaType.subtype !== '*') return negotiated;
  // A wildcard in @Produces leaves the choice to the value.
  const isText = negotiated.mediaType.type === 'text';
  return {
    ...negotiated,
    contentType: isText ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    codec: null,
  };
}

/** Fields that are about one connection (RFC 9110 §7.6.1), or about bytes that may not be the ones we send. */
const NOT_OURS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

async function writeWebResponse(
  application: CompiledApplication,
  exchange: Exchange,
  response: Response,
): Promise<void> {
  const { ctx } = exchange;
  // What `fetch` answers is decoded already; its length and coding are those of the bytes before.
  const fetched = response.type !== 'default';
  for (const [name, value] of response.headers) {
    if (NOT_OURS.has(name) || (response.body !== null && name === 'content-length')) continue;
    if (fetched && name === 'content-encoding') continue;
    if (name === 'set-cookie') ctx.append(name, value);
    else if (name === 'vary') ctx.vary(value);
    else ctx.set(name, value);
  }
  writeCacheControl(exchange, response.status);
  if (response.body === null) {
    ctx.body = null;
    setStatus(ctx, response.status);
    return;
  }
  const body: Readable = fromWeb(response.body);
  onGone(ctx.req, ctx.res, () => abandon(body));
  await untilReadable(body);
  setStatus(ctx, response.status);
  const contentType = String(ctx.res.getHeader('Content-Type') ?? '');
  await send(application, exchange, response, {
    contentType,
    body,
    isLive: true,
    etag: null,
    lastModified: null,
  });
}
