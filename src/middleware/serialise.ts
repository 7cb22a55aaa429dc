import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { CompiledApplication, Representation } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { formatMediaType, parseMediaType } from '../framework/http/media-type.js';
import { onGone } from '../framework/http/on-gone.js';
import {
  isAsyncIterable,
  isStream,
  isTextual,
  jsonArray,
  textChunks,
  untilReadable,
} from '../framework/http/streams.js';
import { hasStatus, setStatus } from '../framework/koa-status.js';
import { Reply } from '../framework/reply.js';

/** Returned value → status, headers, and bytes or a stream. */
export async function serialise(application: CompiledApplication, exchange: Exchange): Promise<void> {
  const { ctx, operation, result } = exchange;
  if (isAnswered(exchange)) return;
  const entity = result instanceof Reply ? result.entity : result;
  // Whatever becomes of the answer, its source ends with it: also when the client leaves before the first chunk.
  if (isStream(entity)) onGone(ctx.req, ctx.res, () => entity.destroy());
  for (const [name, value] of operation.headers ?? []) ctx.set(name, value);
  if (result instanceof Reply) {
    writeHeaders(ctx, result);
    await writeEntity(application, exchange, result.entity, result.status);
  } else if (result instanceof Response) {
    await writeWebResponse(ctx, result);
  } else {
    await writeEntity(application, exchange, result, operation.status);
  }
}

/** Whether the method wrote to Koa's context itself, as Koa's own handlers do. */
function isAnswered({ ctx, result, front }: Exchange): boolean {
  if (ctx.respond === false || ctx.headerSent) return true;
  if (result === ctx || result === ctx.response || result === ctx.res) return true;
  return result === undefined && ctx.body !== undefined && ctx.body !== null && ctx.body !== front.body;
}

function writeHeaders(ctx: Context, { headers }: Reply): void {
  const written = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'vary') ctx.vary(value);
    else if (key === 'set-cookie' || written.has(key)) ctx.append(name, value);
    else ctx.set(name, value);
    written.add(key);
  }
}

async function writeEntity(
  application: CompiledApplication,
  exchange: Exchange,
  entity: unknown,
  status: number | null,
): Promise<void> {
  const { ctx, representation, front } = exchange;
  // A status that the method set on Koa's context is its word, as in Koa.
  const own = hasStatus(ctx) && ctx.status !== front.status ? ctx.status : null;
  if (entity === undefined || entity === null) {
    ctx.body = null;
    setStatus(ctx, status ?? own ?? 204);
    return;
  }
  const { body, contentType } = await written(entity, chosen(application, exchange, representation));
  setStatus(ctx, status ?? own ?? 200);
  ctx.set('Content-Type', contentType);
  ctx.body = body;
  if (body instanceof Readable) breakOffOnError(ctx, body);
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
  if (own !== null) return { mediaType: own, contentType: formatMediaType(own), codec: codecs.writer(own) };
  // `*/*` in @Produces leaves the choice to the value.
  return operation.producesDeclared && negotiated.mediaType.subtype === '*'
    ? { ...negotiated, contentType: 'application/octet-stream', codec: null }
    : negotiated;
}

interface Written {
  readonly body: string | Buffer | Readable;
  readonly contentType: string;
}

async function written(entity: unknown, representation: Representation): Promise<Written> {
  const { contentType, codec, mediaType } = representation;
  if (isStream(entity) && entity.readableObjectMode) {
    await untilReadable(entity);
    const items = codec !== null && !isTextual(entity);
    const body = Readable.from(items ? jsonArray(entity, codec) : textChunks(entity), { objectMode: false });
    await untilReadable(body);
    return { body, contentType: items ? contentType : bytesType(contentType, mediaType.subtype) };
  }
  const bytes = source(entity);
  if (bytes !== null) {
    const type =
      entity instanceof Blob && entity.type !== '' ? entity.type : bytesType(contentType, mediaType.subtype);
    if (bytes instanceof Readable) await untilReadable(bytes);
    return { body: bytes, contentType: type };
  }
  if (isAsyncIterable(entity)) {
    const body = Readable.from(jsonArray(entity, codec), { objectMode: false });
    await untilReadable(body);
    return { body, contentType };
  }
  if (typeof entity === 'string' && (codec === null || mediaType.type === 'text'))
    return { body: entity, contentType };
  if (codec?.write === undefined) {
    throw new TypeError(
      `nothing writes ${formatMediaType(mediaType)}: return a string, bytes or a stream, or add a codec`,
    );
  }
  return { body: codec.write(entity) as string | Buffer, contentType };
}

/** The bytes of what is bytes already; null for values. */
function source(entity: unknown): Buffer | Readable | null {
  if (isStream(entity)) return entity instanceof Readable ? entity : new Readable().wrap(entity);
  if (entity instanceof ReadableStream) return fromWeb(entity);
  if (entity instanceof Blob) return fromWeb(entity.stream());
  if (entity instanceof ArrayBuffer) return Buffer.from(entity);
  if (!(entity instanceof Uint8Array)) return null;
  return Buffer.from(entity.buffer, entity.byteOffset, entity.byteLength);
}

function fromWeb(stream: unknown): Readable {
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}

/** Bytes that nobody gave a type aren't JSON only because JSON is what values become. */
function bytesType(contentType: string, subtype: string): string {
  return subtype === 'json' ? 'application/octet-stream' : contentType;
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

async function writeWebResponse(ctx: Context, response: Response): Promise<void> {
  // What `fetch` answers is decoded already; its length and coding are those of the bytes before.
  const fetched = response.type !== 'default';
  for (const [name, value] of response.headers) {
    if (NOT_OURS.has(name) || (response.body !== null && name === 'content-length')) continue;
    if (fetched && name === 'content-encoding') continue;
    if (name === 'set-cookie') ctx.append(name, value);
    else if (name === 'vary') ctx.vary(value);
    else ctx.set(name, value);
  }
  if (response.body === null) {
    ctx.body = null;
    setStatus(ctx, response.status);
    return;
  }
  const body = fromWeb(response.body);
  onGone(ctx.req, ctx.res, () => body.destroy());
  await untilReadable(body);
  setStatus(ctx, response.status);
  ctx.body = body;
  breakOffOnError(ctx, body);
}

/** After the headers went out, a broken connection is the only way to say that the content is incomplete. */
function breakOffOnError(ctx: Context, body: Readable): void {
  body.once('error', () => ctx.res.destroy());
}
