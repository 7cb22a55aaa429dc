import { FrameworkError } from '../errors/api-error.js';
import { type MediaType, parseMediaType, splitUnquoted } from '../http/media-type.js';
import { trimOws } from '../http/ows.js';

/** What a part says of itself. */
export interface PartHead {
  /** The field's name. */
  readonly name: string;
  /** The base name of the file, without control characters; null for a part that names none. */
  readonly fileName: string | null;
  /** Without a Content-Type it is text/plain (RFC 7578 §4.4). */
  readonly type: MediaType;
  /** Whether it is a file: it names one, or is bytes of no type. */
  readonly isFile: boolean;
  /** Every header by its lower-case name, unfolded; one that came several times with its values in one. */
  readonly headers: ReadonlyMap<string, string>;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CONTROL = /[^\t\x20-\x7e\u0080-\u{10ffff}]/u;
const UNFIT_FOR_FILES = /[\p{Cc}\p{Bidi_Control}]/gu;
const PLAIN_CODINGS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);
const TEXT: MediaType = { type: 'text', subtype: 'plain', parameters: new Map(), weight: 1 };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a part's header block (RFC 7578 §4.2 and §4.8, in UTF-8 as §5.1 has it).
 *
 * @throws FrameworkError `malformed-body`, or `unsupported-media-type` for content that is encoded, or is a
 * multipart body itself.
 */
export function parsePartHead(block: Buffer): PartHead {
  const headers = fieldsOf(textOf(block));
  const { name, fileName } = namesOf(headers.get('content-disposition'));
  const type = typeOf(headers.get('content-type'));
  const coding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  // RFC 7578 §4.7 has it deprecated: undone by one server and not by the next, it would be two contents.
  if (!PLAIN_CODINGS.has(coding)) throw unsupported('A part may have no Content-Transfer-Encoding');
  // RFC 7578 §4.3: several files are several parts of one name.
  if (type.type === 'multipart') throw unsupported('A part may be no multipart body itself');
  const isBytes = type.type === 'application' && type.subtype === 'octet-stream';
  return { name, fileName, type, isFile: fileName !== null || isBytes, headers };
}

function textOf(block: Buffer): string {
  try {
    return utf8.decode(block);
  } catch {
    throw malformed('The headers of a part are not valid UTF-8');
  }
}

/** These say what the part is: two of one kind could be read as one or the other. */
const SINGLE: ReadonlySet<string> = new Set([
  'content-disposition',
  'content-type',
  'content-transfer-encoding',
]);

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of unfolded(text)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = trimOws(line.slice(colon + 1));
    if (!TOKEN.test(name) || CONTROL.test(value)) throw malformed('A part has a malformed header');
    const before = fields.get(name);
    if (before !== undefined && SINGLE.has(name)) throw malformed('A part has a header twice');
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

/** RFC 5322 §2.2.3: a line that begins with white space goes on with the one before. */
function unfolded(text: string): readonly string[] {
  const lines: string[] = [];
  for (const line of text === '' ? [] : text.split('\r\n')) {
    const last = lines.length - 1;
    if (last >= 0 && /^[ \t]/.test(line)) lines[last] += line;
    else lines.push(line);
  }
  return lines;
}

function namesOf(disposition: string | undefined): Pick<PartHead, 'name' | 'fileName'> {
  if (disposition === undefined) throw malformed('A part has no Content-Disposition');
  const [kind = '', ...rest] = splitUnquoted(disposition, ';');
  if (trimOws(kind).toLowerCase() !== 'form-data') throw malformed('A part is not form-data');
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const parameter = trimOws(part);
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const key = parameter.slice(0, Math.max(0, equals)).toLowerCase();
    const value = unquoted(parameter.slice(equals + 1));
    // RFC 7578 §4.2: `filename*` must not be used. Taken by one server and not by the next, it is two names.
    if (/^(?:file)?name\*/.test(key)) throw malformed('A part has a name* or filename*, which forms do not');
    if (!TOKEN.test(key) || value === null || parameters.has(key)) {
      throw malformed('A part has a malformed Content-Disposition');
    }
    parameters.set(key, value);
  }
  const name = parameters.get('name');
  if (name === undefined) throw malformed('A part has no name');
  const fileName = parameters.get('filename');
  return { name: unescaped(name), fileName: fileName === undefined ? null : baseName(unescaped(fileName)) };
}

/**
 * A token, or the text of a quoted string; null where it is neither. A backslash escapes a quote or a backslash
 * and is itself elsewhere: user agents have sent whole Windows paths as they are.
 */
function unquoted(value: string): string | null {
  if (!value.startsWith('"')) return TOKEN.test(value) ? value : null;
  let text = '';
  for (let i = 1; i < value.length; i++) {
    if (value[i] === '"') return i === value.length - 1 ? text : null;
    const next = value[i + 1];
    if (value[i] === '\\' && (next === '"' || next === '\\')) i++;
    text += value[i];
  }
  return null;
}

const ESCAPES: Readonly<Record<string, string>> = { '%22': '"', '%0D': '\r', '%0A': '\n' };

/**
 * Undoes the three escapes that browsers make (HTML, "multipart/form-data encoding algorithm"). Others are text:
 * a file may be called `100%25.txt`, and nothing tells it from an escaped name.
 */
function unescaped(text: string): string {
  return text.replace(/%(?:22|0D|0A)/g, (written) => ESCAPES[written] ?? written);
}

/** RFC 7578 §4.2: directories of a file's name are to be ignored. Neither can it be a directory itself. */
function baseName(text: string): string {
  const clean = text.replace(UNFIT_FOR_FILES, '');
  const name = clean.slice(Math.max(clean.lastIndexOf('/'), clean.lastIndexOf('\\')) + 1);
  return name === '.' || name === '..' ? '' : name;
}

function typeOf(text: string | undefined): MediaType {
  if (text === undefined) return TEXT;
  const type = parseMediaType(text);
  if (type === null || type.subtype === '*') throw malformed('A part has a malformed Content-Type');
  return type;
}

function malformed(message: string): FrameworkError {
  return new FrameworkError('malformed-body', message);
}

function unsupported(message: string): FrameworkError {
  return new FrameworkError('unsupported-media-type', message);
}
