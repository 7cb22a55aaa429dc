import { parseXml, XmlElement, XmlError, XmlText } from '@rgrove/parse-xml';
import { FrameworkError } from '../errors/api-error.js';
import type { ReadContext } from './codec.js';
import { decodeText } from './decode-text.js';
import { PROTOTYPE_KEYS } from './prototype-keys.js';
import { decodeName } from './xml-name.js';
import { isDeclaration, OUTERMOST, resolve, type Scope, scopeIn, XML, XSI } from './xml-namespaces.js';
import { declaredEncoding, scanXml, tooDeep } from './xml-scan.js';

/**
 * An XML document → a value. The root's name says nothing.
 *
 * | element | value |
 * | --- | --- |
 * | with text alone, or empty | the text as it is, or '' |
 * | with child elements or attributes | an object of both, by their names without prefixes |
 * | repeated under one parent | an array, in their order |
 * | with attributes and text | the text is the property `#text` |
 * | `xsi:nil="true"`, with neither content nor attributes | null |
 *
 * Attributes of `xsi` and `xml`, comments and processing instructions are no part of it. Refused are text beside
 * child elements, one name for an attribute and an element or for two namespaces, and names of prototypes.
 *
 * @throws FrameworkError `malformed-body`, or `unsupported-media-type` for an encoding other than UTF-8.
 */
export function readXml(bytes: Buffer, { charset, maxDepth }: ReadContext): unknown {
  refuseUtf16(bytes);
  // XML 1.0 §2.11, which the parser does too, but in time that grows with the square of the line breaks.
  const text = decodeText(bytes, charset).replace(/\r\n?/g, '\n');
  // decodeText has dropped one byte order mark; the parser would drop another.
  if (text.startsWith('\uFEFF')) throw malformed('is not well-formed XML');
  // RFC 7303 §3 lets the charset parameter win, but §8 forbids to send both and differ: somebody is deceived.
  const encoding = declaredEncoding(text);
  if (encoding !== null && !ENCODINGS.has(encoding)) throw notUtf8();
  // The innermost element of an object is a text.
  scanXml(text, maxDepth + 1, maxDepth);
  const root = parsed(text);
  const scope = scopeIn(root, OUTERMOST);
  resolve(root.name, scope, false);
  return toValue({ element: root, scope }, 0, maxDepth);
}

const ENCODINGS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/** XML 1.0 §4.3.3: a document in UTF-16 begins with a byte order mark. */
function refuseUtf16([first, second]: Buffer): void {
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) throw notUtf8();
}

function notUtf8(): FrameworkError {
  return new FrameworkError('unsupported-media-type', 'The body must be encoded in UTF-8');
}

function malformed(what: string): FrameworkError {
  return new FrameworkError('malformed-body', `The body ${what}`);
}

function parsed(text: string): XmlElement {
  try {
    const { root } = parseXml(text);
    if (root !== null) return root;
  } catch (error) {
    // The parser's message quotes the text.
    const place = error instanceof XmlError ? ` (at line ${error.line}, column ${error.column})` : '';
    throw malformed(`is not well-formed XML${place}`);
  }
  throw malformed('is not well-formed XML');
}

/** An element with the prefixes that are declared on it and around it. */
interface Scoped {
  readonly element: XmlElement;
  readonly scope: Scope;
}

/** What one parent has of one name. */
interface Member {
  readonly namespace: string;
  readonly elements: Scoped[];
  /** The value of an attribute; null where it is elements. */
  readonly attribute: string | null;
}

/** `depth` counts the arrays and objects around the value. */
function toValue(scoped: Scoped, depth: number, maxDepth: number): unknown {
  const members = new Map<string, Member>();
  const isNil = addAttributes(scoped, members);
  const attributes = members.size;
  const text = addChildren(scoped, members);
  if (isNil) {
    if (members.size > 0 || text !== '') throw malformed('has an element that is nil, and is not empty');
    return null;
  }
  if (members.size === 0) return text;
  if (depth + 1 > maxDepth) throw tooDeep(maxDepth);
  const entries = [...members].map(([name, { elements, attribute }]): [string, unknown] => {
    const [first] = elements;
    if (first === undefined) return [name, attribute];
    if (elements.length === 1) return [name, toValue(first, depth + 1, maxDepth)];
    if (depth + 2 > maxDepth) throw tooDeep(maxDepth);
    return [name, elements.map((each) => toValue(each, depth + 2, maxDepth))];
  });
  if (/[^ \t\r\n]/.test(text)) {
    if (members.size > attributes) throw malformed('has an element with both text and elements in it');
    entries.push(['#text', text]);
  }
  // Not by assignment: whatever the name, it is the object's own.
  return Object.fromEntries(entries);
}

/** Whether the element is nil. */
function addAttributes({ element, scope }: Scoped, members: Map<string, Member>): boolean {
  let isNil = false;
  for (const [name, value] of Object.entries(element.attributes)) {
    if (isDeclaration(name)) continue;
    const { namespace, local } = resolve(name, scope, true);
    if (namespace === XSI && local === 'nil') isNil = toNil(value);
    if (namespace === XSI || namespace === XML) continue;
    const property = propertyName(local);
    if (members.has(property)) throw ambiguous();
    members.set(property, { namespace, elements: [], attribute: value });
  }
  return isNil;
}

/** The element's text; what it is good for depends on what else there is. */
function addChildren({ element, scope }: Scoped, members: Map<string, Member>): string {
  let text = '';
  for (const child of element.children) {
    if (child instanceof XmlText) text += child.text;
    if (!(child instanceof XmlElement)) continue;
    // An element's own declarations count for its name.
    const own: Scoped = { element: child, scope: scopeIn(child, scope) };
    const { namespace, local } = resolve(child.name, own.scope, false);
    const property = propertyName(local);
    const known = members.get(property);
    if (known === undefined) members.set(property, { namespace, elements: [own], attribute: null });
    else if (known.attribute !== null || known.namespace !== namespace) throw ambiguous();
    else known.elements.push(own);
  }
  return text;
}

function propertyName(local: string): string {
  const name = decodeName(local);
  if (PROTOTYPE_KEYS.has(name))
    throw malformed('has a name that is not allowed: __proto__, constructor or prototype');
  return name;
}

function ambiguous(): FrameworkError {
  return malformed('has one name for an attribute and an element, or for two namespaces, in one element');
}

/** XML Schema Part 2 §3.2.2: a boolean, between white space. Anchored: each place of a long run is tried once. */
const NIL = /^[ \t\n\r]*(?:(true|1)|false|0)[ \t\n\r]*$/;

function toNil(text: string): boolean {
  const match = NIL.exec(text);
  if (match === null) throw malformed('has an xsi:nil that is neither true nor false');
  return match[1] !== undefined;
}
