import type { Readable } from 'node:stream';
import { toError } from '../logger.js';
import { isWebStream } from './web.js';

/**
 * Waits until a stream has a first chunk or its end, so that one that fails at once is answered with an error
 * and not with the headers of a success.
 *
 * @throws what the stream fails with; an error of its own where the stream closed without an end.
 */
export function untilReadable(stream: Readable): Promise<void> {
  if (stream.errored) return Promise.reject(stream.errored);
  if (stream.readableLength > 0 || stream.readableEnded) return Promise.resolve();
  if (stream.destroyed) return Promise.reject(new ClosedEarlyError());
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      stream.off('readable', onReady).off('end', onReady).off('close', onClose).off('error', settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onReady = (): void => settle();
    const onClose = (): void => settle(new ClosedEarlyError());
    stream.on('readable', onReady).on('end', onReady).on('close', onClose).on('error', settle);
  });
}

/** A stream that closed without an end: its source gave up, or the client left and it was destroyed. */
export class ClosedEarlyError extends Error {
  override readonly name = 'ClosedEarlyError';

  constructor() {
    super('the stream was closed before its end');
  }
}

/** Whether a value is a stream of Node's, of whatever package. */
export function isStream(value: unknown): value is Readable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'pipe') === 'function' &&
    typeof Reflect.get(value, 'destroy') === 'function'
  );
}

/**
 * Whether a stream in object mode has text or bytes for its first chunk, as one made by `Readable.from` of texts
 * has; else its chunks are values.
 */
export function isTextual(stream: Readable): boolean {
  const first: unknown = stream.readableLength > 0 ? peek(stream) : null;
  return typeof first === 'string' || first instanceof Uint8Array;
}

function peek(stream: Readable): unknown {
  const chunk: unknown = stream.read();
  if (chunk !== null) stream.unshift(chunk);
  return chunk;
}

/**
 * A stream may fail while nobody listens: before it is looked at, or between its first chunk and the response. That
 * must not end the process; whoever reads it, or asks `errored`, hears of it.
 */
export function hush(stream: Readable): void {
  stream.on('error', () => {});
}

/**
 * Ends a source that is not needed any more: a stream is destroyed, a web stream cancelled, an iterator returned. What
 * they have to say to it is of no interest; unheard, it would end the process.
 */
export function abandon(source: unknown): void {
  if (typeof source !== 'object' || source === null) return;
  if (isStream(source)) {
    hush(source);
    source.destroy();
    return;
  }
  try {
    const ending: unknown = isWebStream(source)
      ? source.cancel()
      : isAsyncIterable(source) && (source as Partial<AsyncGenerator>).return?.(undefined);
    Promise.resolve(ending).catch(() => undefined);
  } catch {
    // One that can't be ended has been asked.
  }
}

/** Whether a value is iterated with `for await`. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof Reflect.get(value, Symbol.asyncIterator) === 'function';
}

/**
 * The same chunks; what is thrown on the way is an Error that can be looked at, since Node's streams do, and would
 * throw where nobody catches it.
 */
export async function* failingPlainly<T>(chunks: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* chunks;
  } catch (error) {
    throw toError(error);
  }
}

/** The chunks of a stream in object mode that are to be bytes: one that isn't is an error of the stream. */
export async function* textChunks(stream: AsyncIterable<unknown>): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of stream) {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      throw new TypeError('the stream has text or bytes first, and a value of another kind later');
    }
    yield chunk;
  }
}
