import { FrameworkError } from '../errors/api-error.js';

const S = '[ \\t\\n]';
const quoted = (pattern: string): string => `(?:"${pattern}"|'${pattern}')`;
/** XML 1.0 §2.8. Every run of white space is followed by one thing, or by one of two words: no backtracking. */
const DECLARATION = new RegExp(
  `^<\\?xml${S}+version${S}*=${S}*${quoted('1\\.\\d+')}` +
    `(?:${S}+encoding${S}*=${S}*${quoted('([A-Za-z][\\w.-]*)')})?` +
    `(?:${S}+standalone${S}*=${S}*${quoted('(?:yes|no)')})?${S}*\\?>`,
);

/**
 * What the XML declaration says of the encoding, in lower case; null where it says nothing.
 *
 * @throws FrameworkError `malformed-body` for a declaration that isn't one.
 */
export function declaredEncoding(text: string): string | null {
  if (!/^<\?xml[ \t\n?]/.test(text)) return null;
  const match = DECLARATION.exec(text);
  if (match === null) {
    throw new FrameworkError('malformed-body', 'The body has an XML declaration that is not well formed');
  }
  return (match[1] ?? match[2])?.toLowerCase() ?? null;
}

/**
 * Looks through an XML document before it is parsed, in one pass, for what must not reach the parser: elements
 * nested deeper than `maxElements`, since it parses recursively, and document type declarations, since entities
 * are the well-known ways to make a small document large or to have a server read its own files.
 *
 * Of a text that is not well formed it may count too little, but only behind the place where a parser stops.
 *
 * @throws FrameworkError `malformed-body`.
 */
export function scanXml(text: string, maxElements: number, maxDepth: number): void {
  let depth = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    if (text.startsWith('<!--', at)) at = behind(text, '-->', at + 4);
    else if (text.startsWith('<![CDATA[', at)) at = behind(text, ']]>', at + 9);
    else if (text.startsWith('<?', at)) at = behind(text, '?>', at + 2);
    else if (text.startsWith('<!', at)) {
      throw new FrameworkError('malformed-body', 'The body may have no document type declaration');
    } else if (text.startsWith('</', at)) {
      depth--;
      at += 2;
    } else {
      if (++depth > maxElements) throw tooDeep(maxDepth);
      at = endOfTag(text, at + 1);
      if (text[at - 1] === '/') depth--;
    }
  }
}

/** The refusal of nesting beyond the limit. */
export function tooDeep(maxDepth: number): FrameworkError {
  return new FrameworkError('malformed-body', `The body is nested deeper than ${maxDepth} levels`);
}

function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

/** The index of the `>` that ends a tag, or the text's length. Attribute values may have one. */
function endOfTag(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '>') return i;
    if (char !== '"' && char !== "'") continue;
    i = text.indexOf(char, i + 1);
    if (i === -1) break;
  }
  return text.length;
}
