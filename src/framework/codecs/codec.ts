import type { Readable } from 'node:stream';
import type { MultipartContext } from './multipart-limits.js';

/** What a codec is told of the content it reads. */
export interface ReadContext {
  /** The charset parameter of Content-Type in lower case, or null where there was none. */
  readonly charset: string | null;
  /** The parameters of Content-Type by lower-case name, such as multipart's `boundary`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The deepest nesting of arrays and objects that is accepted. */
  readonly maxDepth: number;
  /** What a multipart form may cost, and where its files go; for `readStream`. */
  readonly multipart?: MultipartContext;
}

/**
 * A media type's way between bytes and values: one class, or one object, is a format.
 *
 * `read` throws {@link ApiError} (400 for malformed content, 415 for a charset it can't read); what else it
 * throws is a 500. Each of its methods may be missing: a codec without `read` and `readStream` is for responses
 * only, one without `write` and `writeItems` for requests only.
 *
 * @example
 * ```ts
 * import { isUtf8 } from 'node:buffer';
 * import { ApiError, type Codec, createApp } from 'koanatomy';
 *
 * const properties: Codec = {
 *   mediaTypes: ['text/x-java-properties'],
 *   isText: true,
 *   read(bytes) {
 *     if (!isUtf8(bytes)) throw new ApiError(400, 'The properties are not valid UTF-8');
 *     const pairs = bytes.toString('utf8').split('\n').map((line) => line.split('='));
 *     if (pairs.some((pair) => pair.length !== 2)) throw new ApiError(400, 'A line is no key=value');
 *     return Object.fromEntries(pairs);
 *   },
 *   write: (value) => Object.entries(value as object).map(([k, v]) => `${k}=${v}`).join('\n'),
 * };
 *
 * await createApp({ controllers: 'src/controllers', codecs: [properties] });
 * ```
 */
export interface Codec {
  /** The media types it is for, each as `type/subtype`; the first one is its name. */
  readonly mediaTypes: readonly string[];
  /** The structured syntax suffix it is for too (RFC 6839), such as `+json`. */
  readonly suffix?: string;
  /**
   * Whether what it reads has texts for all its scalars, as XML and CSV have: they are converted to the types
   * that the body's class declares, as parameters are, before its rules are checked.
   */
  readonly isText?: boolean;
  /** Whether no bytes are a value too, such as the empty text or list; else a body without bytes is absent. */
  readonly readsEmpty?: boolean;
  /** The whole content → a value. The operation's limit has been kept already. */
  read?(bytes: Buffer, context: ReadContext): unknown;
  /** In place of `read`, for content that must not be held in memory. The limit counts as it is read. */
  readStream?(source: Readable, context: ReadContext): Promise<unknown>;
  /** A value → its content. */
  write?(value: unknown): string | Uint8Array;
  /** An async iterable → its content, item by item. Without it the items are written together, as an array. */
  writeItems?(items: AsyncIterable<unknown>): AsyncIterable<string | Uint8Array>;
}
