import type { XmlElement } from '@rgrove/parse-xml';
import { FrameworkError } from '../errors/api-error.js';
import { isName } from './xml-name.js';

/** The namespace of `xsi:nil` (XML Schema Part 1 §2.6). */
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** The namespace of `xml:lang` and the like, bound to their prefix in every document. */
export const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** The prefixes that one element declares, and the scope around it; the prefix '' is the default namespace. */
export interface Scope {
  readonly own: ReadonlyMap<string, string>;
  readonly outer: Scope | null;
}

/** A name with its namespace; '' is none. */
export interface QualifiedName {
  readonly namespace: string;
  readonly local: string;
}

/** The scope around the root. */
export const OUTERMOST: Scope = { own: new Map([['', '']]), outer: null };

/** Whether an attribute declares a namespace. */
export function isDeclaration(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:');
}

/** The scope in an element: a chain, since copies for each element would take time that grows with the square. */
export function scopeIn(element: XmlElement, outer: Scope): Scope {
  const own = new Map<string, string>();
  for (const [name, uri] of Object.entries(element.attributes)) {
    if (!isDeclaration(name)) continue;
    const prefix = name.slice('xmlns:'.length);
    // Namespaces in XML 1.0 §3 and §5: these two are bound for good, and a prefix can't be unbound.
    const isReserved = prefix === 'xmlns' || uri === XMLNS || (prefix === 'xml') !== (uri === XML);
    if (isReserved || (name !== 'xmlns' && (uri === '' || !isName(prefix)))) throw malformed();
    own.set(prefix, uri);
  }
  return own.size === 0 ? outer : { own, outer };
}

/**
 * Namespaces in XML 1.0 §4 to §6. An attribute without a prefix is in no namespace.
 *
 * @throws FrameworkError `malformed-body` for a name with two colons, or a prefix that nothing declares.
 */
export function resolve(name: string, scope: Scope, isAttribute: boolean): QualifiedName {
  const colon = name.indexOf(':');
  const prefix = colon === -1 ? '' : name.slice(0, colon);
  const local = name.slice(colon + 1);
  if (colon === 0 || (colon !== -1 && !isName(local))) throw malformed();
  if (prefix === 'xml') return { namespace: XML, local };
  if (prefix === '' && isAttribute) return { namespace: '', local };
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const namespace = at.own.get(prefix);
    if (namespace !== undefined) return { namespace, local };
  }
  throw malformed();
}

function malformed(): FrameworkError {
  return new FrameworkError('malformed-body', 'The body has an XML name or namespace that is not valid');
}
