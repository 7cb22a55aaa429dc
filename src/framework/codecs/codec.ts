/** What a codec is told of the bytes it reads. */
export interface ReadContext {
  /** The charset parameter of Content-Type in lower case, or null where there was none. */
  readonly charset: string | null;
  /** The deepest nesting of arrays and objects that is accepted. */
  readonly maxDepth: number;
}

/**
 * A media type's way between bytes and values.
 *
 * `read` throws {@link ApiError} (400 for malformed bytes, 415 for a charset it can't read).
 * A codec without `read` is for responses only, one without `write` for requests only.
 */
export interface Codec {
  /** The media types it is for, each as `type/subtype`; the first one is its name. */
  readonly mediaTypes: readonly string[];
  /** The structured syntax suffix it is for too (RFC 6839), such as `+json`. */
  readonly suffix?: string;
  read?(bytes: Buffer, context: ReadContext): unknown;
  write?(value: unknown): string | Buffer;
}
