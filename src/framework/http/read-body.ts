import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { FrameworkError } from '../errors/api-error.js';

/** Whether the request has content (RFC 9112 §6.3): a length above zero, or a transfer coding. */
export function hasBody(req: IncomingMessage): boolean {
  if (req.headers['transfer-encoding'] !== undefined) return true;
  const length = req.headers['content-length'];
  return length !== undefined && Number(length) > 0;
}

/** The 413 of a body over `limit` bytes. */
export function tooLarge(limit: number): FrameworkError {
  return new FrameworkError('content-too-large', `The body may have at most ${limit} bytes`);
}

/**
 * Reads a request's content, at most `limit` bytes. A `declared` length above it is refused before a byte is
 * read; content without one is counted as it comes. An error of ours that ends the stream comes through.
 *
 * @throws FrameworkError `content-too-large`, or `malformed-body` where the client broke off.
 */
export function readBody(req: Readable, limit: number, declared = 0): Promise<Buffer> {
  if (declared > limit) return Promise.reject(tooLarge(limit));
  // The stages before may have waited for something: nothing more will be heard of a client that left since.
  if (req.destroyed) return Promise.reject(req.errored instanceof FrameworkError ? req.errored : brokenOff());
  return new Promise((resolve, reject) => {
    const content = new Content(declared);
    // A message whose connection breaks has an error only for those who ask; closing says the same.
    const fails = !(req instanceof IncomingMessage);
    const done = (): void => {
      req.off('data', onData).off('end', onEnd).off('close', onBroken);
      if (fails) req.off('error', onBroken);
    };
    const onData = (chunk: Buffer): void => {
      if (content.size + chunk.length > limit) {
        done();
        req.pause();
        reject(tooLarge(limit));
        return;
      }
      content.add(chunk);
    };
    const onEnd = (): void => {
      done();
      resolve(content.bytes());
    };
    const onBroken = (error?: Error): void => {
      done();
      reject(error instanceof FrameworkError ? error : brokenOff());
    };
    req.on('data', onData).on('end', onEnd).on('close', onBroken);
    if (fails) req.on('error', onBroken);
  });
}

function brokenOff(): FrameworkError {
  return new FrameworkError('malformed-body', 'The body broke off before its end');
}

const NOTHING = Buffer.alloc(0);

/**
 * What has come so far, in one piece of memory. A list of chunks would cost 400 bytes for each byte of a client
 * that sends chunks of one: 400 MB for a body of 1 MiB.
 */
class Content {
  size = 0;
  #memory: Buffer = NOTHING;

  constructor(readonly declared: number) {}

  add(chunk: Buffer): void {
    const size = this.size + chunk.length;
    if (this.size === 0) this.#memory = chunk;
    else {
      if (size > this.#memory.length) this.#grow(Math.max(size, this.declared || 2 * this.size));
      chunk.copy(this.#memory, this.size);
    }
    this.size = size;
  }

  bytes(): Buffer {
    return this.size === this.#memory.length ? this.#memory : this.#memory.subarray(0, this.size);
  }

  #grow(capacity: number): void {
    // Zeroed and of its own: the handler may get these bytes, and what is behind them in their ArrayBuffer.
    const memory = Buffer.alloc(capacity);
    this.#memory.copy(memory, 0, 0, this.size);
    this.#memory = memory;
  }
}
