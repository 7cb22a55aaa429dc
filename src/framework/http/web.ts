/**
 * Whether a value is one of these globals of the web. Node loads each of them, and what it is made of, when its name is
 * first read; so its tag is looked at before.
 */
export function isResponse(value: unknown): value is Response {
  return tagOf(value) === 'Response' && value instanceof Response;
}

/** See {@link isResponse}. */
export function isWebStream(value: unknown): value is ReadableStream {
  return tagOf(value) === 'ReadableStream' && value instanceof ReadableStream;
}

/** See {@link isResponse}; a File is a Blob. */
export function isBlob(value: unknown): value is Blob {
  const tag = tagOf(value);
  return (tag === 'Blob' || tag === 'File') && value instanceof Blob;
}

function tagOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, Symbol.toStringTag) : undefined;
}
