import { Readable } from 'node:stream';
import { formatMediaType } from '../http/media-type.js';
import type { PartHead } from './multipart-headers.js';
import type { MultipartReader } from './multipart-reader.js';

/** One part of a {@link MultipartStream}. */
export interface MultipartPart {
  /** The field's name. */
  readonly name: string;
  /** What the client calls the file, for people only; null for a field. */
  readonly fileName: string | null;
  /** The media type that the client gives, `text/plain` where it gives none. */
  readonly type: string;
  /** The part's headers by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** The content, as it arrives. It must have been read before the next part is asked for, or not at all. */
  readonly stream: Readable;
}

/**
 * The parts of a `multipart/form-data` body, one by one as they arrive and never on disk. No more is read than is
 * asked for; a part that isn't read is skipped. It can be iterated once.
 *
 * The iteration throws what is wrong with the body, such as a malformed boundary (400) or a limit that is
 * passed (413), and so does the stream of the part in which it is found.
 *
 * @example
 * ```ts
 * import type { Readable } from 'node:stream';
 * import type { MultipartStream } from 'koanatomy';
 *
 * export async function store(parts: MultipartStream, save: (content: Readable) => Promise<void>) {
 *   for await (const part of parts) {
 *     if (part.fileName !== null) await save(part.stream);
 *   }
 * }
 * ```
 */
export class MultipartStream implements AsyncIterable<MultipartPart> {
  readonly #reader: MultipartReader;
  readonly #parts: AsyncGenerator<MultipartPart, void>;
  #open: Readable | null = null;

  /** @internal Made by the codec. */
  constructor(reader: MultipartReader) {
    this.#reader = reader;
    this.#parts = this.#each();
  }

  [Symbol.asyncIterator](): AsyncIterator<MultipartPart, void> {
    return this.#parts;
  }

  /** Lets go of the request's content, and ends the stream of a part that is still open. */
  async dispose(): Promise<void> {
    this.#open?.destroy();
    await this.#parts.return();
    // A generator that never began has no `finally` to run.
    await this.#reader.close();
  }

  async *#each(): AsyncGenerator<MultipartPart, void> {
    try {
      for (let head = await this.#reader.next(); head !== null; head = await this.#reader.next()) {
        yield this.#part(head);
        await this.#closed();
      }
    } finally {
      this.#open?.destroy();
      await this.#reader.close();
    }
  }

  #part({ name, fileName, type, headers }: PartHead): MultipartPart {
    const stream = Readable.from(contentOf(this.#reader), { objectMode: false });
    // The iteration throws what goes wrong; a stream that nobody listens to must not end the process for it.
    stream.on('error', () => {});
    this.#open = stream;
    return { name, fileName, type: formatMediaType(type), headers, stream };
  }

  /**
   * Ends the stream of the part that was handed out. If somebody still reads from it, they are told by an error:
   * what they would get from here on is skipped, and a file that just ends is taken for a whole one.
   */
  async #closed(): Promise<void> {
    const stream = this.#open;
    this.#open = null;
    if (stream === null || stream.closed) return;
    const isHalfRead = stream.readableDidRead && !stream.readableEnded;
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    stream.destroy(
      isHalfRead ? new Error('the next part was asked for before this one was read') : undefined,
    );
    await closed;
  }
}

async function* contentOf(reader: MultipartReader): AsyncGenerator<Buffer, void> {
  for (let piece = await reader.read(); piece !== null; piece = await reader.read()) yield piece;
}
