import { Readable } from 'node:stream';
import type { Representation } from '../compile/records.js';
import { type ByteSource, blobSource, bufferSource } from '../http/byte-source.js';
import type { EntityTag } from '../http/entity-tag.js';
import { FileContent } from '../http/file-content.js';
import { formatMediaType } from '../http/media-type.js';
import {
  failingPlainly,
  hush,
  isAsyncIterable,
  isStream,
  isTextual,
  textChunks,
  untilReadable,
} from '../http/streams.js';
import { isBlob, isResponse, isWebStream } from '../http/web.js';
import { Reply } from '../reply.js';

/** What is to be sent for an entity. */
export interface Content {
  readonly contentType: string;
  readonly body: string | Buffer | Readable | ByteSource;
  /** Whether its chunks come when they come, and each must go out at once. */
  readonly isLive: boolean;
  /** What a file says of itself. */
  readonly etag: EntityTag | null;
  readonly lastModified: Date | null;
}

/** Whether a body is a source that ranges can be taken of. */
export function isByteSource(body: Content['body']): body is ByteSource {
  return typeof body === 'object' && !(body instanceof Readable) && !Buffer.isBuffer(body);
}

/**
 * An entity → its content in a representation.
 *
 * @param keep is told of each stream that is made, before it is waited for: it has to end when the response does
 * @throws TypeError where nothing writes it.
 */
export function toContent(
  entity: unknown,
  representation: Representation,
  keep: (stream: Readable) => void,
): Content | Promise<Content> {
  return new Writer(representation, keep).write(entity);
}

class Writer {
  readonly #representation: Representation;
  readonly #keep: (stream: Readable) => void;

  constructor(representation: Representation, keep: (stream: Readable) => void) {
    this.#representation = representation;
    this.#keep = keep;
  }

  write(entity: unknown): Content | Promise<Content> {
    const { codec, mediaType, contentType } = this.#representation;
    // A text is a document already, except where a text is a value like any other, as in JSON.
    if (
      typeof entity === 'string' &&
      (codec === null || mediaType.type === 'text' || codec.isText === true)
    ) {
      return plain(contentType, entity);
    }
    if (typeof entity === 'object' && entity !== null) {
      const bytes = this.#bytes(entity) ?? this.#items(entity);
      if (bytes !== null) return bytes;
    }
    return this.#value(entity);
  }

  #value(value: unknown): Content {
    const { codec, contentType } = this.#representation;
    if (codec?.write === undefined) throw nobodyWrites(this.#representation);
    const written = codec.write(value);
    return plain(contentType, typeof written === 'string' ? written : asBuffer(written));
  }

  #bytes(entity: object): Content | Promise<Content> | null {
    const { contentType, mediaType } = this.#representation;
    const type = bytesType(contentType, mediaType.subtype);
    if (entity instanceof Uint8Array) return plain(type, bufferSource(asBuffer(entity)));
    if (entity instanceof ArrayBuffer) return plain(type, bufferSource(Buffer.from(entity)));
    if (isBlob(entity)) return plain(entity.type === '' ? type : entity.type, blobSource(entity));
    if (entity instanceof FileContent) return ofFile(entity);
    if (isWebStream(entity)) return this.#stream(fromWeb(entity), type);
    if (!isStream(entity) || entity.readableObjectMode) return null;
    return this.#stream(entity instanceof Readable ? entity : new Readable().wrap(entity), type);
  }

  /** One that fails at once is answered with an error, and not with the headers of a success. */
  async #stream(body: Readable, contentType: string, isLive = false): Promise<Content> {
    hush(body);
    this.#keep(body);
    await untilReadable(body);
    return { contentType, body, isLive, etag: null, lastModified: null };
  }

  #items(entity: object): Content | Promise<Content> | null {
    if (isStream(entity)) return this.#objects(entity);
    if (isAsyncIterable(entity)) return this.#written(entity);
    return isIterator(entity) ? this.#written(Readable.from(entity)) : null;
  }

  async #objects(entity: Readable): Promise<Content> {
    hush(entity);
    await untilReadable(entity);
    const { codec, contentType, mediaType } = this.#representation;
    if (codec !== null && !isTextual(entity)) return this.#written(entity);
    return this.#stream(bytesOf(textChunks(entity)), bytesType(contentType, mediaType.subtype));
  }

  #written(items: AsyncIterable<unknown>): Content | Promise<Content> {
    const { codec, contentType, mediaType } = this.#representation;
    // Where nothing writes values, they can only be text or bytes.
    if (codec === null) return this.#stream(bytesOf(textChunks(items)), contentType, true);
    if (codec.writeItems === undefined) return this.#together(items);
    const body = bytesOf(codec.writeItems(items));
    if (mediaType.subtype !== 'event-stream') return this.#stream(body, contentType, true);
    // The headers of an event stream tell the client that it is connected, long before the first event.
    hush(body);
    this.#keep(body);
    return { contentType, body, isLive: true, etag: null, lastModified: null };
  }

  /** Formats that have no beginning without an end. */
  async #together(items: AsyncIterable<unknown>): Promise<Content> {
    const stream = Readable.from(items);
    hush(stream);
    this.#keep(stream);
    const all: unknown[] = [];
    for await (const item of stream as AsyncIterable<unknown>) all.push(item ?? null);
    return this.#value(all);
  }
}

/** Whether an object is data for a codec: no bytes, and nothing that gives out items or bytes bit by bit. */
export function isValue(entity: object): boolean {
  return !(
    entity instanceof Uint8Array ||
    entity instanceof FileContent ||
    isStream(entity) ||
    isAsyncIterable(entity) ||
    isIterator(entity) ||
    entity instanceof ArrayBuffer ||
    isBlob(entity) ||
    isWebStream(entity) ||
    isResponse(entity) ||
    entity instanceof Reply
  );
}

/** What a generator makes; arrays, maps and sets are iterable too, but values. */
function isIterator(entity: object): entity is Iterable<unknown> {
  return (
    typeof Reflect.get(entity, 'next') === 'function' &&
    typeof Reflect.get(entity, Symbol.iterator) === 'function'
  );
}

async function ofFile(file: FileContent): Promise<Content> {
  const source = await file.open();
  const { etag, lastModified } = source;
  return { contentType: file.contentType, body: source, isLive: false, etag, lastModified };
}

function bytesOf(chunks: AsyncIterable<string | Uint8Array>): Readable {
  return Readable.from(failingPlainly(chunks), { objectMode: false });
}

function plain(contentType: string, body: Content['body']): Content {
  return { contentType, body, isLive: false, etag: null, lastModified: null };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A web stream as one of Node's. */
export function fromWeb(stream: unknown): Readable {
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}

/** Bytes that nobody gave a type aren't JSON only because JSON is what values become. */
function bytesType(contentType: string, subtype: string): string {
  return subtype === 'json' ? 'application/octet-stream' : contentType;
}

function nobodyWrites({ mediaType }: Representation): TypeError {
  return new TypeError(
    `nothing writes ${formatMediaType(mediaType)}: return a string, bytes or a stream, or add a codec`,
  );
}
