import fc from 'fast-check';

/** One code point, of each length that UTF-8 has; characters with a meaning somewhere come often. */
const codePoint = fc.oneof(
  fc.constantFrom(...' \t"%&+,-./;=\\:\'[]{}<>\0\r\n\x7f\xa0\ufeff'),
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc
    .integer({ min: 0, max: 0x10f7ff })
    .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800)),
);

/** Any text that has a UTF-8 form. */
export const anyText = fc.string({ unit: codePoint });
