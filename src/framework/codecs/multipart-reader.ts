import type { Readable } from 'node:stream';
import { FrameworkError } from '../errors/api-error.js';
import { type PartHead, parsePartHead } from './multipart-headers.js';
import type { MultipartLimits } from './multipart-limits.js';
import { MultipartParser } from './multipart-parser.js';

/**
 * The parts of a form (RFC 7578) in their order, under the limits.
 *
 * @throws FrameworkError `malformed-body`, `unsupported-media-type`, or `content-too-large` where a limit is
 * passed; once it has failed, it fails the same way.
 */
export class MultipartReader {
  readonly #parser: MultipartParser;
  readonly #limits: MultipartLimits;
  #parts = 0;
  #files = 0;
  #isFile = false;
  #fieldBytes = 0;
  #fileBytes = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(source: Readable, boundary: string | undefined, limits: MultipartLimits) {
    this.#parser = new MultipartParser(source, boundary, limits.headerBytes);
    this.#limits = limits;
  }

  /** The next part; null after the last one. What is unread of the one before is skipped, and counts. */
  next(): Promise<PartHead | null> {
    return this.#guarded(async () => {
      for (let rest = await this.#read(); rest !== null; rest = await this.#read());
      const block = await this.#parser.next();
      if (block === null) return null;
      if (++this.#parts > this.#limits.parts) throw tooMany('parts', this.#limits.parts);
      const head = parsePartHead(block);
      this.#isFile = head.isFile;
      this.#fileBytes = 0;
      if (!head.isFile) this.#count(Buffer.byteLength(head.name));
      else if (++this.#files > this.#limits.files) throw tooMany('files', this.#limits.files);
      return head;
    });
  }

  /** The next piece of the part's content; null at its end. */
  read(): Promise<Buffer | null> {
    return this.#guarded(() => this.#read());
  }

  /** Lets go of the source, which stays as it is. */
  close(): Promise<void> {
    return this.#parser.close();
  }

  async #read(): Promise<Buffer | null> {
    // The preamble is no part.
    if (this.#parts === 0) return null;
    const piece = await this.#parser.read();
    if (piece !== null) this.#count(piece.length);
    return piece;
  }

  #count(bytes: number): void {
    const { fileBytes, fieldBytes } = this.#limits;
    if (this.#isFile) this.#fileBytes += bytes;
    else this.#fieldBytes += bytes;
    if (this.#fileBytes > fileBytes) throw tooLarge(`A file may have at most ${fileBytes} bytes`);
    if (this.#fieldBytes > fieldBytes) {
      throw tooLarge(`The fields of a form may have at most ${fieldBytes} bytes`);
    }
  }

  async #guarded<T>(step: () => Promise<T>): Promise<T> {
    if (this.#failure !== null) throw this.#failure.error;
    try {
      return await step();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

function tooMany(what: string, most: number): FrameworkError {
  return tooLarge(`A form may have at most ${most} ${what}`);
}

function tooLarge(message: string): FrameworkError {
  return new FrameworkError('content-too-large', message);
}
