import { uriReference } from './header-value.js';
import { isLanguageTag } from './language.js';

/** What a link says besides its target, RFC 8288 §3. */
export interface LinkParameters {
  /** One relation type or several: a registered name such as `next`, or a URI (§2.1). */
  readonly rel: string | readonly string[];
  /** A label for people. Where it isn't ASCII it becomes `title*` (RFC 8187). */
  readonly title?: string | undefined;
  /** A hint at the target's media type, `type/subtype`. */
  readonly type?: string | undefined;
  /** A hint at the target's languages, BCP 47. */
  readonly hreflang?: string | readonly string[] | undefined;
  /** The media or devices it is for, a media query. */
  readonly media?: string | undefined;
  /** Where the link comes from, in place of the response's own resource (§3.2): a URI reference. */
  readonly anchor?: string | undefined;
  /** Further target attributes (§3.4.2) by name; `true` has no value. */
  readonly extensions?: Readonly<Record<string, string | true>> | undefined;
}

const OWN = new Set(['rel', 'title', 'type', 'hreflang', 'media', 'anchor']);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const RELATION = /^[a-z][a-z0-9.-]*$/;
const URI = /^[a-z][a-z0-9+.-]*:/i;
// RFC 6838 §4.2: the names that a media type can be registered with.
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&\-^_.+]{0,126}\/[a-z0-9][a-z0-9!#$&\-^_.+]{0,126}$/i;

/**
 * One `link-value` of a `Link` header (RFC 8288 §3). Target and anchor are percent encoded where they need it.
 *
 * `title`, `type`, `media` and `anchor` are quoted always, `hreflang` never, since older readers know them in no
 * other form (§3, "Senders wishing to maximise interoperability").
 *
 * @throws TypeError where there is no relation type, a part isn't what its name says, or has a line break, NUL or
 *   another control character.
 */
export function formatLink(target: string, parameters: LinkParameters): string {
  const { rel, title, type, hreflang = [], media, anchor, extensions = {} } = parameters;
  let link = `<${uriReference('Link', target)}>; rel="${list(rel).map(relation).join(' ')}"`;
  if (list(rel).length === 0) throw new TypeError('a Link needs a relation type');
  // `uriReference` leaves no quotation mark and no backslash.
  if (anchor !== undefined) link += `; anchor="${uriReference('the anchor of Link', anchor)}"`;
  for (const language of list(hreflang)) {
    if (!isLanguageTag(language)) throw new TypeError('hreflang of Link takes language tags');
    link += `; hreflang=${language}`;
  }
  if (media !== undefined) link += `; media=${quote('media', media)}`;
  if (title !== undefined) link += text('title', title);
  if (type !== undefined) {
    if (!MEDIA_TYPE.test(type)) throw new TypeError('type of Link takes a media type without parameters');
    link += `; type="${type}"`;
  }
  for (const [name, value] of Object.entries(extensions)) {
    // A name with an asterisk has values of another form, and is made here from the one without.
    if (!TOKEN.test(name) || name.endsWith('*')) throw new TypeError('a Link has a malformed extension name');
    if (OWN.has(name.toLowerCase())) throw new TypeError(`${name} is no extension of Link`);
    link += value === true ? `; ${name}` : text(name, value);
  }
  return link;
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** RFC 8288 §2.1.1: registered names are compared without regard to case, and written in lower case (§3.3). */
function relation(type: string): string {
  const name = type.toLowerCase();
  if (RELATION.test(name)) return name;
  if (!URI.test(type))
    throw new TypeError('rel of Link takes relation types: names or URIs, several as a list');
  return uriReference('rel of Link', type);
}

/** A parameter of text: a quoted string, or where that can't hold it the extended form of RFC 8187 §3.2. */
function text(name: string, value: string): string {
  if (/^[\t -~]*$/.test(value)) return `; ${name}=${quote(name, value)}`;
  if (/[^\P{Cc}\t]|\p{Cs}/u.test(value)) throw unfit(name);
  const encoded = encodeURIComponent(value).replace(
    // What `attr-char` lacks of the characters that are left as they are.
    /[*'()]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `; ${name}*=UTF-8''${encoded}`;
}

/** RFC 9110 §5.6.4. */
function quote(name: string, value: string): string {
  if (!/^[\t -~]*$/.test(value)) throw unfit(name);
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function unfit(name: string): TypeError {
  return new TypeError(`${name} of Link has a character that can’t be in a header`);
}
