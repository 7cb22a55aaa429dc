import { Readable } from 'node:stream';
import type { Representation } from '../compile/records.js';
import { type ByteSource, blobSource, bufferSource } from '../http/byte-source.js';
import type { EntityTag } from '../http/entity-tag.js';
import { FileContent } from '../http/file-content.js';
import { formatMediaType } from '../http/media-type.js';
import {
  failingPlainly,
  isAsyncIterable,
  isStream,
  isTextual,
  textChunks,
  untilReadable,
} from '../http/streams.js';

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
 * @throws TypeError where nothing writes it.
 */
export function toContent(entity: unknown, representation: Representation): Content | Promise<Content> {
  const { codec, mediaType, contentType } = representation;
  // A text is a document already, except where a text is a value like any other, as in JSON.
  if (typeof entity === 'string' && (codec === null || mediaType.type === 'text' || codec.isText === true)) {
    return plain(contentType, entity);
  }
  if (typeof entity === 'object' && entity !== null) {
    const bytes = ofBytes(entity, representation) ?? ofItems(entity, representation);
    if (bytes !== null) return bytes;
  }
  if (codec?.write === undefined) throw nobodyWrites(representation);
  const written = codec.write(entity);
  return plain(contentType, typeof written === 'string' ? written : asBuffer(written));
}

function ofBytes(
  entity: object,
  { contentType, mediaType }: Representation,
): Content | Promise<Content> | null {
  const type = bytesType(contentType, mediaType.subtype);
  if (entity instanceof Uint8Array) return plain(type, bufferSource(asBuffer(entity)));
  if (entity instanceof ArrayBuffer) return plain(type, bufferSource(Buffer.from(entity)));
  if (entity instanceof Blob) return plain(entity.type === '' ? type : entity.type, blobSource(entity));
  if (entity instanceof FileContent) return ofFile(entity);
  if (entity instanceof ReadableStream) return ofStream(fromWeb(entity), type);
  if (!isStream(entity) || entity.readableObjectMode) return null;
  return ofStream(entity instanceof Readable ? entity : new Readable().wrap(entity), type);
}

async function ofFile(file: FileContent): Promise<Content> {
  const source = await file.open();
  const { etag, lastModified } = source;
  return { contentType: file.contentType, body: source, isLive: false, etag, lastModified };
}

/** One that fails at once is answered with an error, and not with the headers of a success. */
async function ofStream(body: Readable, contentType: string, isLive = false): Promise<Content> {
  await untilReadable(body);
  return { contentType, body, isLive, etag: null, lastModified: null };
}

function ofItems(entity: object, representation: Representation): Promise<Content> | null {
  if (isStream(entity)) return ofObjectStream(entity, representation);
  return isAsyncIterable(entity) ? written(entity, representation) : null;
}

async function ofObjectStream(entity: Readable, representation: Representation): Promise<Content> {
  await untilReadable(entity);
  const { codec, contentType, mediaType } = representation;
  if (codec !== null && !isTextual(entity)) return written(entity, representation);
  const body = bytesOf(textChunks(entity));
  return ofStream(body, bytesType(contentType, mediaType.subtype));
}

async function written(items: AsyncIterable<unknown>, representation: Representation): Promise<Content> {
  const { codec, contentType, mediaType } = representation;
  // Where nothing writes values, they can only be text or bytes.
  if (codec === null) return ofStream(bytesOf(textChunks(items)), contentType, true);
  if (codec.writeItems === undefined) {
    if (codec.write === undefined) throw nobodyWrites(representation);
    const all: unknown[] = [];
    for await (const item of items) all.push(item ?? null);
    const whole = codec.write(all);
    return plain(contentType, typeof whole === 'string' ? whole : asBuffer(whole));
  }
  const body = bytesOf(codec.writeItems(items));
  // The headers of an event stream tell the client that it is connected, long before the first event.
  if (mediaType.subtype === 'event-stream') {
    return { contentType, body, isLive: true, etag: null, lastModified: null };
  }
  return ofStream(body, contentType, true);
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
