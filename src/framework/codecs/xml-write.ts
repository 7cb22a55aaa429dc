import { asJson, withoutOverflow } from './as-json.js';
import { encodeName } from './xml-name.js';
import { XSI } from './xml-namespaces.js';

const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

/** What was met while writing. */
interface State {
  hasNil: boolean;
}

/**
 * A value → an XML document, with the scalars that JSON would have. The root is named after the value's class
 * with its first letter in lower case, `root` where it has none; an array is `items`, each item named after its
 * class, `item` where it has none. An array in an object repeats the element; an empty one is one empty
 * element, which a class's array is read from; null is `xsi:nil="true"`.
 *
 * @throws TypeError for what JSON can't write either, for characters that XML 1.0 doesn't have (§2.2), and for
 * properties without a name.
 */
export function writeXml(value: unknown): string {
  const plain = asJson(value);
  return withoutOverflow(() => documentOf(value, plain));
}

/** The items of an async iterable as the document of their array, one by one. */
export async function* writeXmlItems(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  // Whether there will be a null isn't known yet.
  yield `<?xml version="1.0" encoding="UTF-8"?><items xmlns:xsi="${XSI}">`;
  for await (const item of items) {
    const plain = asJson(item ?? null);
    yield withoutOverflow(() => element(elementName(item, 'item'), plain, { hasNil: false }));
  }
  yield '</items>';
}

function documentOf(value: unknown, plain: unknown): string {
  const state: State = { hasNil: false };
  const isList = Array.isArray(plain);
  const name = isList ? 'items' : elementName(value, 'root');
  let content = '';
  if (isList) {
    const items = value instanceof Set || Array.isArray(value) ? [...value] : [];
    content = plain.map((item, i) => element(elementName(items[i], 'item'), item, state)).join('');
  } else if (plain !== null) {
    content = contentOf(plain, state);
  }
  const nil = plain === null ? ' xsi:nil="true"' : '';
  const declared = state.hasNil || plain === null ? ` xmlns:xsi="${XSI}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>${tag(name, declared + nil, content)}`;
}

function element(name: string, value: unknown, state: State): string {
  if (value !== null) return tag(name, '', contentOf(value, state));
  state.hasNil = true;
  return tag(name, ' xsi:nil="true"', '');
}

function tag(name: string, attributes: string, content: string): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

function contentOf(value: unknown, state: State): string {
  if (typeof value !== 'object' || value === null) return escapeText(String(value));
  if (Array.isArray(value)) return value.map((item) => element('item', item, state)).join('');
  let content = '';
  for (const [property, member] of Object.entries(value)) {
    const name = encodeName(property);
    if (!Array.isArray(member)) content += element(name, member, state);
    else if (member.length === 0) content += tag(name, '', '');
    else for (const item of member) content += element(name, item, state);
  }
  return content;
}

/** A carriage return would be read as a line feed (§2.11), and `]]>` must not stand in a text (§2.4). */
function escapeText(text: string): string {
  if (ILLEGAL.test(text)) throw new TypeError('a text has a character that XML 1.0 does not have');
  return text.replace(/[&<>\r]/g, (char) => ESCAPES[char] ?? char);
}

const NAMELESS: ReadonlySet<unknown> = new Set([Object, Array, Map, Set, Date]);

function elementName(value: unknown, otherwise: string): string {
  if (typeof value !== 'object' || value === null) return otherwise;
  // Of the prototype: an object's own property of that name is data.
  const prototype: unknown = Object.getPrototypeOf(value);
  const type: unknown = prototype === null ? null : (prototype as { constructor?: unknown }).constructor;
  if (typeof type !== 'function' || NAMELESS.has(type) || type.name === '') return otherwise;
  return encodeName(type.name.charAt(0).toLowerCase() + type.name.slice(1));
}
