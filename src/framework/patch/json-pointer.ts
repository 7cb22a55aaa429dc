/**
 * The reference tokens of a JSON pointer (RFC 6901 §3, §4), unescaped: `/a~1b/0` has `a/b` and `0`, the
 * empty pointer, which is the whole document, has none. Null where the text is no pointer.
 */
export function parsePointer(text: string): readonly string[] | null {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return null;
  // §4 has this order: the other one would make a slash of ~01.
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The array index that a token is (RFC 6901 §4): digits without a leading zero, and no sign, fraction,
 * exponent or space, which `Number` would take. Null where it is none; `-` is none either.
 */
export function arrayIndex(token: string): number | null {
  return /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : null;
}

/** Whether `outer` is a place above `inner`, and not `inner` itself. */
export function isAbove(outer: readonly string[], inner: readonly string[]): boolean {
  return outer.length < inner.length && outer.every((token, i) => token === inner[i]);
}
