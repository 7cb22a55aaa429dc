import type { Codec, ReadContext } from '../framework/codecs/codec.js';
import { jsonCodec } from '../framework/codecs/json.js';
import { textCodec } from '../framework/codecs/text.js';
import type { BodyPlan, CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { contentCodings, decodeContent, encodedLimit } from '../framework/http/decode-content.js';
import { discardRest } from '../framework/http/discard.js';
import { formatMediaType, type MediaType } from '../framework/http/media-type.js';
import { onGone } from '../framework/http/on-gone.js';
import { readBody, tooLarge } from '../framework/http/read-body.js';
import { isPatchType } from '../framework/patch/media-types.js';
import { PatchDocument, patchCurrent } from '../framework/patch/patch-body.js';
import { requireHolding } from '../framework/preconditions.js';
import { type Current, currentState } from '../framework/respond/current-state.js';

/** The body's bytes → a value, through the codec of its media type and under the operation's limit. */
export function deserialise(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { body } = exchange.operation;
  if (body !== null) return read(application, exchange, body);
}

async function read(application: CompiledApplication, exchange: Exchange, body: BodyPlan): Promise<void> {
  const { ctx, contentType } = exchange;
  const { req } = ctx;
  if (req.readableDidRead) {
    exchange.body = readAlready(ctx.request, contentType?.subtype === 'x-www-form-urlencoded');
    if (exchange.body === undefined && body.required) throw missing();
    return;
  }
  const transfer = req.headers['transfer-encoding']?.trim().toLowerCase();
  if (transfer !== undefined && transfer !== 'chunked') {
    throw new FrameworkError('not-implemented', 'The only transfer coding that can be read is chunked');
  }
  const encoding = req.headers['content-encoding'];
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > encodedLimit(body.limit)) throw tooLarge(body.limit);
  const isPlain = contentCodings(encoding).length === 0;
  const codec = contentType === null || body.isBytes ? null : application.codecs.reader(contentType);
  if (contentType !== null && codec?.readStream !== undefined) {
    const readStream = codec.readStream.bind(codec);
    exchange.body = await readStreamed(application, exchange, readStream, contentType);
    return;
  }
  const isHere = req.complete;
  const source = isPlain ? req : decodeContent(req, encoding, body.limit);
  const bytes = await readBody(source, body.limit, isPlain ? declared : 0);
  // Whoever sends slowly must not overwrite what others have written meanwhile.
  if (!isHere && exchange.hasAskedState && body.patch !== 'applied') await recheck(application, exchange);
  // No bytes are a text, a list or bytes too, where somebody says that they are one (Jakarta REST 4.0 §4.2.4).
  const isEmptyValue = contentType !== null && (body.isBytes || body.isText || codec?.readsEmpty === true);
  if (bytes.length === 0 && !isEmptyValue) {
    if (body.required) throw missing();
    return;
  }
  // What a decoder makes lies in memory that it will use again.
  const own = isPlain ? bytes : Buffer.from(bytes);
  exchange.body = body.isBytes ? own : await readValue(application, exchange, bytes, contentType);
}

/** Content that is not held in memory: what was kept of it elsewhere goes when the request is over. */
async function readStreamed(
  application: CompiledApplication,
  { ctx, id, operation }: Exchange,
  read: NonNullable<Codec['readStream']>,
  contentType: MediaType,
): Promise<unknown> {
  const { req, res } = ctx;
  const source = decodeContent(req, req.headers['content-encoding'], operation.body?.limit ?? 0);
  const context = readContext(application, contentType);
  const multipart = { ...application.multipart, isStreamed: operation.body?.isStreamed ?? false };
  try {
    const value = await read(source, { ...context, multipart });
    onGone(req, res, () => {
      if (isDisposable(value)) value.dispose().catch((error: unknown) => application.report(error, ctx, id));
      source.destroy();
      discardRest(req);
    });
    return value;
  } catch (error) {
    source.destroy();
    throw error;
  }
}

function isDisposable(value: unknown): value is { dispose(): Promise<void> } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'dispose') === 'function';
}

function readContext({ maxDepth }: CompiledApplication, { parameters }: MediaType) {
  const charset = parameters.get('charset')?.toLowerCase() ?? null;
  return { charset, parameters, maxDepth };
}

async function readValue(
  application: CompiledApplication,
  exchange: Exchange,
  bytes: Buffer,
  contentType: MediaType | null,
): Promise<unknown> {
  const codec = contentType === null ? null : readerOf(application, exchange, contentType);
  if (contentType === null || codec?.read === undefined) throw unreadable(exchange, contentType);
  exchange.isText = codec.isText ?? false;
  const value = await readWith(
    codec.read.bind(codec),
    bytes,
    readContext(application, contentType),
    exchange,
  );
  const { body } = exchange.operation;
  if (body?.patch === null || !isPatchType(contentType)) return value;
  return body?.patch === 'object'
    ? new PatchDocument(contentType, value)
    : patchCurrent(contentType, value, await recheck(application, exchange));
}

/** 415 says what would do (RFC 9110 §15.5.16), also where the charset is what can't be read. */
async function readWith(
  read: NonNullable<Codec['read']>,
  bytes: Buffer,
  context: ReadContext,
  { operation }: Exchange,
): Promise<unknown> {
  try {
    return await read(bytes, context);
  } catch (error) {
    if (!(error instanceof FrameworkError) || error.status !== 415 || 'Accept' in error.headers) throw error;
    const types = (operation.body?.consumes ?? []).map((type) => `${formatMediaType(type)}; charset=utf-8`);
    throw new FrameworkError(error.code, error.message, { headers: { Accept: types.join(', ') } });
  }
}

/** The state of now: while the content was on its way, somebody may have written. A patch is applied to this one. */
async function recheck(application: CompiledApplication, exchange: Exchange): Promise<Current> {
  const current = await currentState(application, exchange);
  if (exchange.preconditions !== null) requireHolding(exchange, exchange.preconditions, current);
  return current;
}

/** A method that takes a text gets it as it came, except where it is a JSON value. */
function readerOf(
  { codecs }: CompiledApplication,
  { operation }: Exchange,
  contentType: MediaType,
): Codec | null {
  const codec = codecs.reader(contentType);
  return operation.body?.isText === true && codec !== jsonCodec ? textCodec : codec;
}

function unreadable({ operation }: Exchange, contentType: MediaType | null): FrameworkError {
  const name = contentType === null ? 'A body without a type' : formatMediaType(contentType);
  return new FrameworkError('unsupported-media-type', `${name} can't be read here`, {
    headers: { Accept: (operation.body?.consumes ?? []).map(formatMediaType).join(', ') },
  });
}

/** What a body parser in front of us left; its bytes are gone. A form's fields become what our codec makes. */
function readAlready(request: object, isForm: boolean): unknown {
  if (!('body' in request)) {
    throw new Error(
      'something in front of the controllers read the request body and left no ctx.request.body',
    );
  }
  const { body } = request;
  if (!isForm || typeof body !== 'object' || body === null || body instanceof Map) return body;
  return new Map(Object.entries(body).map(([name, value]) => [name, [value].flat().map(String)]));
}

function missing(): FrameworkError {
  return new FrameworkError('missing-body', 'The request has no body, and one is required');
}
