import { FrameworkError } from '../errors/api-error.js';

/** A byte order mark stays: what comes in a field is handed over as it was sent. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

/**
 * A part's bytes → text, in the charset of its Content-Type (RFC 7578 §4.5), else UTF-8. A form's `_charset_`
 * field (§4.6) says nothing here: it would change how the other fields are read.
 *
 * @throws FrameworkError `malformed-body` where the bytes aren't in that charset, `unsupported-media-type` where
 * nothing here knows it.
 */
export function decodePart(bytes: Uint8Array, charset: string | null): string {
  const decoder = charset === null || UTF8.has(charset.toLowerCase()) ? utf8 : decoderOf(charset);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FrameworkError('malformed-body', 'A part of the form is not valid in its character set');
  }
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  } catch {
    throw new FrameworkError('unsupported-media-type', 'A part of the form has an unknown character set');
  }
}
