import { parseWeighted } from './content-coding.js';

/** A range of `Accept-Language`, RFC 4647 §2.1, with its weight. */
export interface LanguageRange {
  /** In lower case: `de`, `de-ch`, or `*`. */
  readonly range: string;
  /** From 0, not acceptable, to 1. */
  readonly weight: number;
}

const RANGE = /^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/;
// Each range is compared with each language; nobody reads more, and 16 KiB of header have 5000.
const MOST_RANGES = 100;

/**
 * Reads `Accept-Language` (RFC 9110 §12.5.4), ranges in their order, each once. Malformed members are passed
 * over, as is what comes after the first hundred.
 */
export function parseAcceptLanguage(header: string | undefined): readonly LanguageRange[] {
  if (header === undefined) return [];
  const ranges: LanguageRange[] = [];
  for (const [range, weight] of parseWeighted(header, RANGE)) {
    if (ranges.push({ range, weight }) === MOST_RANGES) break;
  }
  return ranges;
}

/**
 * The language of `available` that `Accept-Language` asks for, as it stands there. RFC 9110 §12.5.4 leaves open
 * how; here it is this way:
 *
 * 1. What a range says of a language itself counts first: the longest one that is it or the beginning of it
 *    (basic filtering, RFC 4647 §3.3.1; `de` fits `de-CH`).
 * 2. Of a language that no range names, those that begin with it speak (lookup, §3.4; `de-CH-1996` finds `de`),
 *    unless they have a weight of 0.
 * 3. `*` speaks of all others.
 *
 * The greatest weight wins; of equal ones the range that came first, `*` last; of the languages of one range what
 * fits it by rule 1, then what differs by the fewest subtags, then what `available` has first. Where nothing
 * fits, the answer is the first language that wasn't refused with a weight of 0, else the first one: people are
 * helped more by another language than by 406.
 *
 * @throws RangeError where there is none to choose from.
 */
export function chooseLanguage(available: readonly string[], header: string | undefined): string {
  const [first] = available;
  if (first === undefined) throw new RangeError('there is no language to choose from');
  const ranges = parseAcceptLanguage(header);
  if (ranges.length === 0) return first;
  let best: Fit | null = null;
  let fallback: string | null = null;
  for (const language of available) {
    const fit = fitOf(language, ranges);
    if (fit === null || fit.weight === 0) {
      if (fit === null) fallback ??= language;
    } else if (best === null || isBetter(fit, best)) best = fit;
  }
  return best?.language ?? fallback ?? first;
}

/** How a language fits the range that speaks of it. */
interface Fit {
  readonly language: string;
  readonly weight: number;
  /** The range's place in the header; `*` is behind all. */
  readonly place: number;
  /** Whether the language is only the beginning of the range. */
  readonly isLookup: boolean;
  /** How many subtags one has more than the other. */
  readonly distance: number;
}

function fitOf(language: string, ranges: readonly LanguageRange[]): Fit | null {
  const tag = language.toLowerCase();
  let named: Fit | null = null;
  let found: Fit | null = null;
  let any: Fit | null = null;
  for (const [place, { range, weight }] of ranges.entries()) {
    if (range === '*') any = { language, weight, place: Number.MAX_VALUE, isLookup: false, distance: 0 };
    else if (beginsWith(tag, range)) {
      const fit = { language, weight, place, isLookup: false, distance: subtags(tag) - subtags(range) };
      if (named === null || fit.distance < named.distance) named = fit;
    } else if (weight > 0 && beginsWith(range, tag)) {
      const fit = { language, weight, place, isLookup: true, distance: subtags(range) - subtags(tag) };
      if (found === null || isBetter(fit, found)) found = fit;
    }
  }
  return named ?? found ?? any;
}

/** Whether `text` is `beginning`, or has further subtags behind it. */
function beginsWith(text: string, beginning: string): boolean {
  return text.startsWith(beginning) && (text.length === beginning.length || text[beginning.length] === '-');
}

function subtags(tag: string): number {
  return tag.split('-').length;
}

function isBetter(a: Fit, b: Fit): boolean {
  if (a.weight !== b.weight) return a.weight > b.weight;
  if (a.place !== b.place) return a.place < b.place;
  if (a.isLookup !== b.isLookup) return b.isLookup;
  return a.distance < b.distance;
}

/** `langtag` or `privateuse` of RFC 5646 §2.1. */
const TAG = new RegExp(
  [
    '^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})', // language, extended language
    '(?:-[a-z]{4})?', // script
    '(?:-(?:[a-z]{2}|[0-9]{3}))?', // region
    '(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*', // variants
    '(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*', // extensions
    '(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+)$', // private use
  ].join(''),
  'i',
);

/** The grandfathered tags that are no `langtag`; the list is closed. */
const IRREGULAR: ReadonlySet<string> = new Set(
  (
    'en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu ' +
    'sgn-be-fr sgn-be-nl sgn-ch-de'
  ).split(' '),
);

/**
 * Whether a text is a well-formed language tag of BCP 47 (RFC 5646 §2.2.9), without a variant or an extension
 * that is there twice. Whether its subtags are registered isn't asked.
 */
export function isLanguageTag(text: string): boolean {
  const tag = text.toLowerCase();
  if (!TAG.test(tag)) return IRREGULAR.has(tag);
  const [publicPart = ''] = tag.split(/(?:^|-)x-/, 1);
  const seen = new Set<string>();
  let inExtension = false;
  for (const subtag of publicPart.split('-').slice(1)) {
    const isSingleton = subtag.length === 1;
    inExtension ||= isSingleton;
    const isVariant = !inExtension && (subtag.length > 4 || /^[0-9].{3}$/.test(subtag));
    if (!isSingleton && !isVariant) continue;
    if (seen.has(subtag)) return false;
    seen.add(subtag);
  }
  return true;
}
