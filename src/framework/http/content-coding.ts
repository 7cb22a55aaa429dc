import * as zlib from 'node:zlib';
import { trimOws } from './ows.js';

/** A content coding (RFC 9110 §8.4.1) that responses are compressed with. */
export type Coding = 'br' | 'gzip' | 'zstd';

/** The codings that this Node can write, the one to prefer first: zstd came with Node 22.15. */
export const AVAILABLE_CODINGS: readonly Coding[] = Object.freeze(
  typeof Reflect.get(zlib, 'createZstdCompress') === 'function'
    ? (['br', 'zstd', 'gzip'] as const)
    : (['br', 'gzip'] as const),
);

// RFC 9110 §12.4.2, and what clients send for it, as in media-type.ts.
const WEIGHT = /^(?:0(?:\.\d*)?|\.\d+|1(?:\.0*)?)$/;

/**
 * The members of a weighted list such as `Accept-Encoding` (RFC 9110 §12.4.2, §12.5): each in lower case with its
 * weight, in their order; of one that is there twice the first place and the greatest weight. What is malformed
 * is passed over, as is an empty member (§5.6.1.2).
 *
 * @param item what a member looks like without its weight
 */
export function parseWeighted(header: string, item: RegExp): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const member of header.split(',')) {
    const semicolon = member.indexOf(';');
    const name = trimOws(semicolon === -1 ? member : member.slice(0, semicolon)).toLowerCase();
    const weight = semicolon === -1 ? 1 : parseWeight(trimOws(member.slice(semicolon + 1)));
    if (weight === null || !item.test(name)) continue;
    weights.set(name, Math.max(weight, weights.get(name) ?? 0));
  }
  return weights;
}

function parseWeight(text: string): number | null {
  if (!text.startsWith('q=') && !text.startsWith('Q=')) return null;
  const value = text.slice(2);
  return WEIGHT.test(value) ? Number(value) : null;
}

const CODING = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

type Choice = Coding | 'identity' | null;

// The same few headers come with every request, and are found in 0.3 µs in place of 2. Longer ones are nobody's,
// and would fill the memory.
const MOST_REMEMBERED = 100;
const LONGEST_REMEMBERED = 200;
const remembered = new WeakMap<readonly Coding[], Map<string, Choice>>();

/**
 * Which of `available` a response is compressed with, by `Accept-Encoding` (RFC 9110 §12.5.3); null where the
 * client takes nothing that there is, not even the content as it is.
 *
 * The greatest weight wins; of equal ones the first in `available`, and content as it is comes last. A header
 * that is missing, empty or malformed throughout is `identity`: such a client never said that it decodes.
 * `available` is remembered, so it mustn't change.
 */
export function chooseCoding(header: string | undefined, available: readonly Coding[]): Choice {
  if (header === undefined || header === '') return 'identity';
  if (header.length > LONGEST_REMEMBERED) return choose(header, available);
  let choices = remembered.get(available);
  if (choices === undefined) {
    choices = new Map();
    remembered.set(available, choices);
  }
  const known = choices.get(header);
  if (known !== undefined) return known;
  const choice = choose(header, available);
  if (choices.size >= MOST_REMEMBERED) choices.clear();
  choices.set(header, choice);
  return choice;
}

function choose(header: string, available: readonly Coding[]): Choice {
  const weights = parseWeighted(header, CODING);
  const others = weights.get('*');
  // Acceptable unless it is excluded, but nobody asked for it: any coding that is named comes before it.
  const identity = weights.get('identity') ?? others ?? null;
  let choice: Choice = identity === 0 ? null : 'identity';
  let best = identity ?? 0;
  for (const coding of available) {
    const weight = weightOf(coding, weights) ?? others ?? 0;
    if (weight === 0) continue;
    if (weight > best || (weight === best && choice === 'identity')) {
      choice = coding;
      best = weight;
    }
  }
  return choice;
}

/** RFC 9110 §8.4.1.3: `x-gzip` is `gzip`. */
function weightOf(coding: Coding, weights: ReadonlyMap<string, number>): number | undefined {
  const weight = weights.get(coding);
  if (coding !== 'gzip') return weight;
  const alias = weights.get('x-gzip');
  return weight === undefined || alias === undefined ? (weight ?? alias) : Math.max(weight, alias);
}

/** Types outside `text/` whose content is text, or repeats itself as text does. */
const COMPRESSIBLE = new Set([
  'application/cbor',
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json',
  'application/json-seq',
  'application/jsonl',
  'application/msgpack',
  'application/ndjson',
  'application/rtf',
  'application/sql',
  'application/toml',
  'application/vnd.msgpack',
  'application/wasm',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/x-yaml',
  'application/xml',
  'application/xml-dtd',
  'application/yaml',
  'font/otf',
  'font/ttf',
  'image/bmp',
]);
const SUFFIX = /\+(?:cbor|json|json-seq|xml|yaml)$/;

/**
 * Whether content of this type becomes smaller when it is compressed: text of every kind, what is written as
 * JSON, XML, YAML, CBOR or MessagePack (also by its suffix, RFC 6839), scripts, WebAssembly, and fonts and images
 * that aren't compressed in themselves. Not `text/event-stream`, whose events a proxy may hold back until enough
 * of them have come together; and nothing that isn't known.
 */
export function isCompressible(contentType: string): boolean {
  const semicolon = contentType.indexOf(';');
  const type = trimOws(semicolon === -1 ? contentType : contentType.slice(0, semicolon)).toLowerCase();
  if (type.startsWith('text/')) return type !== 'text/event-stream';
  return COMPRESSIBLE.has(type) || SUFFIX.test(type);
}

/** What the strong tag of a representation ends in where it is sent in this coding (RFC 9110 §8.8.3.3). */
export function codingSuffix(coding: string): string {
  return `--${coding}`;
}

/** Whether a text is such a suffix, and nothing else. */
export function isCodingSuffix(text: string): boolean {
  return AVAILABLE_CODINGS.some((coding) => text === codingSuffix(coding));
}
