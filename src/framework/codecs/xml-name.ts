/** Namespaces in XML 1.0 §3: NCName, which is XML's Name (XML 1.0 §2.3) without the colon. */
const START =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const FOLLOWING = `${START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}`;

const NAME = new RegExp(`^[${START}][${FOLLOWING}]*$`, 'u');

/** What can't stand in a name, and an underscore that would be read as the start of an escape. */
const UNFIT = new RegExp(
  `^[^${START}]|[^${FOLLOWING}]|_(?=x(?:[\\dA-Fa-f]{4}){1,2}(?:_|[^${FOLLOWING}]))`,
  'gu',
);
const ESCAPE = /_x((?:[\dA-Fa-f]{4}){1,2})_/g;

/** Whether a text is a name without a prefix. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/**
 * A property's name → an element's. A character that no name may have there is written as `_xHHHH_`, its code in
 * four hexadecimal digits, or in eight beyond U+FFFF; so is the underscore of a name that has such a part itself.
 *
 * @throws TypeError for the empty name.
 */
export function encodeName(property: string): string {
  if (property === '') throw new TypeError('XML has no element for a property whose name is empty');
  return property.replace(UNFIT, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const digits = code.toString(16).toUpperCase();
    return `_x${digits.padStart(code > 0xffff ? 8 : 4, '0')}_`;
  });
}

/** The way back from {@link encodeName}. What is no character, such as half of a surrogate pair, stays as it is. */
export function decodeName(local: string): string {
  return local.replace(ESCAPE, (whole: string, digits: string) => {
    const code = Number.parseInt(digits, 16);
    const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}
