import { isThenable } from '../framework/awaitable.js';
import type { Codec } from '../framework/codecs/codec.js';
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
import { readmit } from './admit.js';

/** The body's bytes → a value, through the codec of its media type and under the operation's limit. */
export function deserialise(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { body } = exchange.operation;
  if (body !== null) return read(application, exchange, body);
}

function read(application: CompiledApplication, exchange: Exchange, body: BodyPlan): void | Promise<void> {
  const { ctx, contentType } = exchange;
  const { req } = ctx;
  if (req.readableDidRead) {
    exchange.body = readAlready(ctx.request, contentType?.subtype === 'x-www-form-urlencoded');
    if (exchange.body === undefined && body.required) throw missing();
    return;
  }
  const { headers } = req;
  const transfer = headers['transfer-encoding']?.trim().toLowerCase();
  if (transfer !== undefined && transfer !== 'chunked') {
    throw new FrameworkError('not-implemented', 'The only transfer coding that can be read is chunked');
  }
  const encoding = headers['content-encoding'];
  const declared = Number(headers['content-length'] ?? 0);
  if (declared > encodedLimit(body.limit)) throw tooLarge(body.limit);
  const isPlain = encoding === undefined || contentCodings(encoding).length === 0;
  const codec = contentType === null || body.isBytes ? null : application.codecs.reader(contentType);
  if (contentType !== null && codec?.readStream !== undefined) {
    return readStreamed(application, exchange, codec.readStream.bind(codec), contentType);
  }
  awaitBody(exchange);
  const isHere = req.complete;
  const source = isPlain ? req : decodeContent(req, encoding, body.limit);
  return readBody(source, body.limit, isPlain ? declared : 0).then((bytes) => {
    const again = arrived(application, exchange);
    return again === undefined ? goOn(bytes) : again.then(() => goOn(bytes));
  });

  function goOn(bytes: Buffer): void | Promise<void> {
    if (exchange.refusal !== null) return;
    // What a decoder makes lies in memory that it will use again.
    const own = isPlain || !body.isBytes ? bytes : Buffer.from(bytes);
    const isLate = !isHere && exchange.hasAskedState && body.patch !== 'applied';
    // Whoever sends slowly must not overwrite what others have written meanwhile.
    return isLate
      ? recheck(application, exchange).then(() => take(application, exchange, body, own))
      : take(application, exchange, body, own);
  }
}

/** Until its body is here, a request waits for its client alone. */
function awaitBody(exchange: Exchange): void {
  exchange.awaits = 'body';
  exchange.waitsSince = exchange.since;
  exchange.bytesBefore = exchange.ctx.req.socket.bytesRead;
}

/** The method's time begins now. */
function arrived(application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  exchange.awaits = 'server';
  exchange.since = performance.now();
  return readmit(application, exchange);
}

/** The content is here: its value, which a codec may have to wait for. */
function take(
  application: CompiledApplication,
  exchange: Exchange,
  body: BodyPlan,
  bytes: Buffer,
): void | Promise<void> {
  const { contentType } = exchange;
  const codec = contentType === null || body.isBytes ? null : application.codecs.reader(contentType);
  // No bytes are a text, a list or bytes too, where somebody says that they are one (Jakarta REST 4.0 §4.2.4).
  const isEmptyValue = contentType !== null && (body.isBytes || body.isText || codec?.readsEmpty === true);
  if (bytes.length === 0 && !isEmptyValue) {
    if (body.required) throw missing();
    return;
  }
  if (body.isBytes) exchange.body = bytes;
  else return readValue(application, exchange, body, bytes);
}

/** Content that is not held in memory: what was kept of it elsewhere goes when the request is over. */
async function readStreamed(
  application: CompiledApplication,
  exchange: Exchange,
  read: NonNullable<Codec['readStream']>,
  contentType: MediaType,
): Promise<void> {
  const { ctx, operation } = exchange;
  const { req, res } = ctx;
  const source = decodeContent(req, req.headers['content-encoding'], operation.body?.limit ?? 0);
  const context = readContext(application, contentType);
  if (operation.body?.isStreamed !== true) awaitBody(exchange);
  const multipart = { ...application.multipart, isStreamed: operation.body?.isStreamed ?? false };
  try {
    const value = await read(source, { ...context, multipart });
    onGone(req, res, () => {
      if (isDisposable(value))
        value.dispose().catch((error: unknown) => application.report(error, ctx, exchange.id));
      source.destroy();
      discardRest(req);
    });
    exchange.body = value;
    await arrived(application, exchange);
  } catch (error) {
    source.destroy();
    throw error;
  }
}

function isDisposable(value: unknown): value is { dispose(): Promise<void> } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'dispose') === 'function';
}

function readContext({ maxDepth }: CompiledApplication, { parameters }: MediaType) {
  const charset = parameters.size === 0 ? null : (parameters.get('charset')?.toLowerCase() ?? null);
  return { charset, parameters, maxDepth };
}

function readValue(
  application: CompiledApplication,
  exchange: Exchange,
  body: BodyPlan,
  bytes: Buffer,
): void | Promise<void> {
  const { contentType } = exchange;
  const codec = contentType === null ? null : readerOf(application, body, contentType);
  if (contentType === null || codec?.read === undefined) throw unreadable(body, contentType);
  exchange.isText = codec.isText ?? false;
  // Each value of a JSON text has a character of its own.
  if (codec === jsonCodec) exchange.mostValues = bytes.length;
  const patched = body.patch !== null && isPatchType(contentType);
  const finish = (value: unknown): void | Promise<void> => {
    if (patched) return patch(application, exchange, contentType, value);
    exchange.body = value;
  };
  try {
    const value = codec.read(bytes, readContext(application, contentType));
    return isThenable(value)
      ? Promise.resolve(value).then(finish, (error: unknown) => Promise.reject(withAccepted(error, body)))
      : finish(value);
  } catch (error) {
    throw withAccepted(error, body);
  }
}

async function patch(
  application: CompiledApplication,
  exchange: Exchange,
  contentType: MediaType,
  value: unknown,
): Promise<void> {
  exchange.body =
    exchange.operation.body?.patch === 'object'
      ? new PatchDocument(contentType, value)
      : patchCurrent(contentType, value, await recheck(application, exchange));
}

/** 415 says what would do (RFC 9110 §15.5.16), also where the charset is what can't be read. */
function withAccepted(error: unknown, { consumes }: BodyPlan): unknown {
  if (!(error instanceof FrameworkError) || error.status !== 415 || 'Accept' in error.headers) return error;
  const types = consumes.map((type) => `${formatMediaType(type)}; charset=utf-8`);
  return new FrameworkError(error.code, error.message, { headers: { Accept: types.join(', ') } });
}

/** The state of now: while the content was on its way, somebody may have written. A patch is applied to this one. */
async function recheck(application: CompiledApplication, exchange: Exchange): Promise<Current> {
  const current = await currentState(application, exchange);
  if (exchange.preconditions !== null) requireHolding(exchange, exchange.preconditions, current);
  return current;
}

/** A method that takes a text gets it as it came, except where it is a JSON value. */
function readerOf({ codecs }: CompiledApplication, body: BodyPlan, contentType: MediaType): Codec | null {
  const codec = codecs.reader(contentType);
  return body.isText && codec !== jsonCodec ? textCodec : codec;
}

function unreadable({ consumes }: BodyPlan, contentType: MediaType | null): FrameworkError {
  const name = contentType === null ? 'A body without a type' : formatMediaType(contentType);
  return new FrameworkError('unsupported-media-type', `${name} can't be read here`, {
    headers: { Accept: consumes.map(formatMediaType).join(', ') },
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
