import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { FrameworkError } from '../errors/api-error.js';
import { trimOws } from './ows.js';
import { ZstdFrame } from './zstd-frame.js';

/** A decoder of Node's zlib; `bytesWritten` counts what it took of the bytes that it was given. */
type Decoder = Transform & { readonly bytesWritten: number };

/** Content codings that are undone (RFC 9110 §8.4.1), by the name that they are advertised with. */
const DECODERS: ReadonlyMap<string, () => Decoder> = decoders();
const SUPPORTED = [...DECODERS.keys()].join(', ');
const MOST_CODINGS = 3;

function decoders(): ReadonlyMap<string, () => Decoder> {
  const known = new Map<string, () => Decoder>([
    ['gzip', () => zlib.createGunzip()],
    ['br', () => zlib.createBrotliDecompress()],
    ['deflate', () => zlib.createInflate()],
  ]);
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  const windowLog: unknown = Reflect.get(zlib.constants, 'ZSTD_d_windowLogMax');
  if (typeof create === 'function' && typeof windowLog === 'number') {
    // RFC 9659 §3: a window of at most 8 MB. Without it a frame of a few bytes could ask for 128 MB.
    known.set('zstd', () => (create as (options: object) => Decoder)({ params: { [windowLog]: 23 } }));
  }
  return known;
}

/**
 * The codings of a `Content-Encoding` in the order in which they were applied, without `identity`: empty where the
 * content is as it is. RFC 9110 §8.4.
 *
 * @throws FrameworkError `unsupported-media-type`, with `Accept-Encoding` (§12.5.3), where there is one that isn't
 *   undone here, or more than three.
 */
export function contentCodings(contentEncoding: string | undefined): readonly string[] {
  if (contentEncoding === undefined) return [];
  const codings: string[] = [];
  for (const member of contentEncoding.split(',')) {
    const coding = trimOws(member).toLowerCase();
    if (coding === '' || coding === 'identity') continue;
    const name = coding === 'x-gzip' ? 'gzip' : coding;
    if (!DECODERS.has(name)) throw unsupported('The body has a content coding that can’t be undone here');
    if (codings.push(name) > MOST_CODINGS) {
      throw unsupported(`The body may have at most ${MOST_CODINGS} content codings`);
    }
  }
  return codings;
}

function unsupported(message: string): FrameworkError {
  return new FrameworkError('unsupported-media-type', message, { headers: { 'Accept-Encoding': SUPPORTED } });
}

/**
 * The most bytes that content of `limit` bytes may have while it is encoded: the same, and what codings add to
 * content that can't be compressed.
 */
export function encodedLimit(limit: number): number {
  return limit + Math.ceil(limit / 256) + 1024;
}

/**
 * The content of a request with its content codings undone (RFC 9110 §8.4), read no faster than the result is.
 *
 * `limit` counts the bytes that come out, not those that went in: when there is one too many, decoding stops at
 * once. What is still encoded may have {@link encodedLimit} bytes. The request itself is never destroyed: after an
 * error it stands still, to be answered and discarded. Content that isn't encoded is passed on as it came.
 *
 * `deflate` is the zlib format, as RFC 9110 §8.4.1.2 has it; a bare deflate stream is malformed, and so is what
 * comes behind the end of the encoded content. gzip may have several members (RFC 1952 §2.2), zstd one frame.
 *
 * @throws FrameworkError `unsupported-media-type` as {@link contentCodings}. The stream fails with
 *   `content-too-large`, or with `malformed-body` where the content is no such coding, ends too early, or the
 *   client broke off.
 */
export function decodeContent(req: Readable, contentEncoding: string | undefined, limit: number): Readable {
  const [first, ...outer] = contentCodings(contentEncoding);
  if (first === undefined) return new Content(req, null, { taken: limit, given: limit, stated: limit });
  const encoded = encodedLimit(limit);
  let source = req;
  // What was applied last is undone first; what comes out of it is encoded still.
  for (const coding of outer.reverse()) {
    source = new Content(source, coding, { taken: encoded, given: encoded, stated: limit });
  }
  return new Content(source, first, { taken: encoded, given: limit, stated: limit });
}

/** The most bytes that may go in and come out, and what the client is told of them. */
interface Bounds {
  readonly taken: number;
  readonly given: number;
  readonly stated: number;
}

class Content extends Readable {
  readonly #source: Readable;
  readonly #coding: string | null;
  readonly #decoder: Decoder | null;
  readonly #frame: ZstdFrame | null;
  readonly #most: Bounds;
  #taken = 0;
  #given = 0;
  /** Whether the reader has room for more. */
  #wanted = false;
  #started = false;
  /** Whether the decoder has a chunk that it isn't done with. */
  #busy = false;
  #ended = false;

  constructor(source: Readable, coding: string | null, most: Bounds) {
    super();
    this.#source = source;
    this.#coding = coding;
    this.#most = most;
    this.#decoder = coding === null ? null : (DECODERS.get(coding)?.() ?? null);
    this.#frame = coding === 'zstd' ? new ZstdFrame() : null;
    // A client may leave before anybody reads this: that must not end the process. Who reads hears of it.
    this.on('error', () => {});
    if (source.destroyed || source.readableEnded) {
      this.destroy(brokenOff());
      return;
    }
    source.on('end', this.#onEnd).on('error', this.#onBroken).on('close', this.#onBroken);
    this.#decoder
      ?.on('data', (chunk: Buffer) => this.#give(chunk))
      .on('end', () => this.#finish())
      .on('error', () => this.destroy(this.#malformed()));
  }

  override _read(): void {
    this.#wanted = true;
    this.#decoder?.resume();
    if (!this.#started) {
      this.#started = true;
      this.#source.on('readable', this.#pump);
    }
    this.#pump();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#source.off('readable', this.#pump).off('end', this.#onEnd);
    this.#source.off('error', this.#onBroken).off('close', this.#onBroken);
    this.#decoder?.destroy();
    if (this.#source instanceof Content) this.#source.destroy();
    callback(error);
  }

  /**
   * Moves on what has come. `read` joins small chunks that have come together: each one by itself would be a trip
   * of its own to the thread that decodes.
   */
  readonly #pump = (): void => {
    if (!this.#wanted || this.#busy || this.destroyed) return;
    const chunk: Buffer | null = this.#source.read();
    if (chunk === null) return;
    this.#taken += chunk.length;
    if (this.#taken > this.#most.taken) this.destroy(tooLarge(this.#most.stated));
    else if (this.#decoder === null) this.#give(chunk);
    else if (this.#frame?.take(chunk) === false) this.destroy(this.#malformed());
    else {
      this.#busy = true;
      // Called when all that is in the chunk has come out, and has been read but for a buffer of it.
      this.#decoder.write(chunk, this.#onWritten);
    }
  };

  readonly #onWritten = (error?: Error | null): void => {
    if (error) return;
    this.#busy = false;
    this.#pump();
    this.#endDecoder();
  };

  #give(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#given += chunk.length;
    if (this.#given > this.#most.given) this.destroy(tooLarge(this.#most.stated));
    else {
      this.#wanted = this.push(chunk);
      if (!this.#wanted) this.#decoder?.pause();
    }
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#decoder === null) this.push(null);
    else this.#endDecoder();
  };

  #endDecoder(): void {
    if (!this.#ended || this.#busy || this.destroyed) return;
    if (this.#frame?.isComplete === false) this.destroy(this.#malformed());
    else this.#decoder?.end();
  }

  /** The decoder is at its end; what it left of its input is behind it, and mustn't be lost in silence. */
  #finish(): void {
    if (this.#decoder?.bytesWritten === this.#taken) this.push(null);
    else this.destroy(this.#malformed());
  }

  readonly #onBroken = (error?: Error): void => {
    if (!this.#ended) this.destroy(error instanceof FrameworkError ? error : brokenOff());
  };

  #malformed(): FrameworkError {
    return new FrameworkError('malformed-body', `The body is not well-formed ${this.#coding ?? 'content'}`);
  }
}

function tooLarge(limit: number): FrameworkError {
  return new FrameworkError('content-too-large', `The body may have at most ${limit} bytes`);
}

function brokenOff(): FrameworkError {
  return new FrameworkError('malformed-body', 'The body broke off before its end');
}
