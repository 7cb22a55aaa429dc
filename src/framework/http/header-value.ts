// RFC 9110 §5.5: visible characters, space and tab. CR, LF and NUL would end the field and start another.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const INVALID = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Returns `value` where it may stand in a header field.
 *
 * @throws TypeError where it has CR, LF, NUL or another character that could split the header section, and where
 *   `name` is none.
 */
export function checkHeaderValue(name: string, value: string): string {
  if (!TOKEN.test(name)) throw new TypeError('a header name is no token (RFC 9110 §5.1)');
  if (INVALID.test(value))
    throw new TypeError(`the value of header ${name} has a character that is not allowed`);
  return value;
}

/**
 * A URI reference for `Location` or `Link`: characters that a URI can't have (RFC 3986 §2) are percent
 * encoded, those that are encoded already stay as they are.
 *
 * @throws TypeError where it has CR, LF or NUL.
 */
export function uriReference(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError(`${name} has a line break or NUL`);
  return value.replace(/%[0-9A-Fa-f]{2}|[^!#$&-;=?-Z[\]_a-z~]/gu, (char) =>
    char.length === 3 && char.startsWith('%')
      ? char
      : encodeURIComponent(isWellFormed(char) ? char : '\uFFFD'),
  );
}

/** Whether one character (a code point) is no half of a surrogate pair: such a half has no UTF-8. */
function isWellFormed(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return code < 0xd800 || code > 0xdfff;
}
