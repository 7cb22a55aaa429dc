import { quoted } from '../codecs/json-text.js';
import { parseAccept, quality } from '../http/accept.js';
import { type MediaType, parseMediaType } from '../http/media-type.js';
import { toWritable } from '../validation/to-writable.js';
import type { Issue } from './api-error.js';
import type { ProblemDocument } from './failure.js';

/** A problem document in a media type. */
export interface ProblemFormat {
  readonly contentType: string;
  write(document: ProblemDocument): string;
}

interface Offered extends ProblemFormat {
  /** The media types that ask for it: who takes JSON can read what problem+json is. */
  readonly types: readonly MediaType[];
}

const JSON_FORMAT = format(
  'application/problem+json',
  ['application/problem+json', 'application/json'],
  problemJson,
);

/** In the order of preference; the first one goes to clients that accept none of them. */
const FORMATS: readonly Offered[] = [
  JSON_FORMAT,
  format('application/problem+xml', ['application/problem+xml', 'application/xml', 'text/xml'], problemXml),
  format('text/html; charset=utf-8', ['text/html; charset=utf-8'], problemHtml),
  format('text/plain; charset=utf-8', ['text/plain; charset=utf-8'], problemText),
];

function format(
  contentType: string,
  names: readonly string[],
  write: (document: ProblemDocument) => string,
): Offered {
  return { contentType, types: names.flatMap((name) => parseMediaType(name) ?? []), write };
}

/**
 * The format of a problem document that a client likes best, by `Accept` (RFC 9110 §12.5.1, §15.5: an error may be
 * sent in any format, so that none is refused).
 */
export function problemFormat(accept: string | undefined): ProblemFormat {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return JSON_FORMAT;
  const ranges = parseAccept(accept);
  let best: ProblemFormat = JSON_FORMAT;
  let bestQuality = 0;
  for (const offered of FORMATS) {
    const q = Math.max(...offered.types.map((type) => quality(ranges, type)));
    if (q > bestQuality) [best, bestQuality] = [offered, q];
  }
  return best;
}

/** The document as JSON text; details that can't be written as JSON are left out. */
export function problemJson(document: ProblemDocument): string {
  if (document.details === undefined) return ownJson(document);
  try {
    return JSON.stringify(document, toWritable);
  } catch {
    const { details: _, ...rest } = document;
    return JSON.stringify(rest);
  }
}

/** As plain values: what JSON makes of it. */
function members(document: ProblemDocument): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(JSON.parse(problemJson(document)) as object);
}

/** RFC 9457 appendix B: the members as elements, the items of an array each as `i`. */
/** A document without details: all of it is the framework's own. */
function ownJson({ type, title, status, detail, instance, errors }: ProblemDocument): string {
  const head = `{"type":${remembered(type)},"title":${remembered(title)},"status":${status}`;
  let text = `${head},"detail":${remembered(detail)},"instance":${quoted(instance)}`;
  if (errors === undefined) return `${text}}`;
  let separator = ',"errors":[';
  for (const issue of errors) {
    text += separator + issueJson(issue);
    separator = ',';
  }
  return `${text}${separator === ',' ? ']' : ',"errors":[]'}}`;
}

interface KnownIssue {
  readonly issue: Issue;
  readonly text: string;
}

/** Issues by their messages: most faults are made again and again, and their texts say the same. */
const issues = new Map<string, KnownIssue>();

function issueJson(issue: Issue): string {
  const { in: part, path, code, message } = issue;
  const found = issues.get(message);
  if (found !== undefined && isSame(found.issue, issue)) return found.text;
  const text = `{"in":"${part}","path":${quoted(path)},"code":${quoted(code)},"message":${quoted(message)}}`;
  return keep(issues, message, { issue, text }).text;
}

function isSame(one: Issue, other: Issue): boolean {
  return one.path === other.path && one.code === other.code && one.in === other.in;
}

/** Texts that are the same in most documents, with their quotes. */
const texts = new Map<string, string>();

function remembered(text: string): string {
  return texts.get(text) ?? keep(texts, text, quoted(text));
}

const MOST_KEPT = 1000;
const LONGEST_KEPT = 200;

/** What has something of the request in it is always another text: it takes the place of the others, and no more. */
function keep<T>(known: Map<string, T>, key: string, value: T): T {
  if (known.size >= MOST_KEPT) known.clear();
  if (key.length <= LONGEST_KEPT) known.set(key, value);
  return value;
}

function problemXml(document: ProblemDocument): string {
  const body = members(document)
    .map(([name, value]) => element(name, value))
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<problem xmlns="urn:ietf:rfc:7807">${body}</problem>`;
}

const XML_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

function element(name: string, value: unknown): string {
  // Names come from details, which may be anything; those that XML doesn't have are left out.
  if (!XML_NAME.test(name)) return '';
  if (Array.isArray(value)) return `<${name}>${value.map((item) => element('i', item)).join('')}</${name}>`;
  if (typeof value === 'object' && value !== null) {
    const inside = Object.entries(value).map(([key, each]) => element(key, each));
    return `<${name}>${inside.join('')}</${name}>`;
  }
  return `<${name}>${escaped(String(value ?? ''))}</${name}>`;
}

function problemHtml(document: ProblemDocument): string {
  const { title, status, detail } = document;
  const rest = members(document).filter(([name]) => !['title', 'status', 'detail'].includes(name));
  const rows = rest.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    return `<dt>${escaped(name)}</dt><dd><pre>${escaped(text)}</pre></dd>`;
  });
  const heading = `${status} ${escaped(title)}`;
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${heading}</title></head>` +
    `<body><h1>${heading}</h1><p>${escaped(detail)}</p><dl>${rows.join('')}</dl></body></html>\n`
  );
}

function problemText(document: ProblemDocument): string {
  const { title, status, detail } = document;
  const rest = members(document).filter(([name]) => !['title', 'status', 'detail'].includes(name));
  const lines = rest.map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${status} ${title}\n${detail}\n\n${lines.join('\n')}\n`;
}

/** For elements of HTML and XML; characters that XML 1.0 §2.2 doesn't have are replaced. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
