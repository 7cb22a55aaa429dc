import { includes, type MediaType, parseMediaType, specificity, splitUnquoted } from './media-type.js';

const EVERYTHING: readonly MediaType[] = [{ type: '*', subtype: '*', parameters: new Map(), weight: 1 }];

/** Reads `Accept`, RFC 9110 §12.5.1. None, an empty and a malformed one ask for nothing in particular. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  if (header === undefined || header === '*/*') return EVERYTHING;
  const ranges: MediaType[] = [];
  for (const part of splitUnquoted(header, ',')) {
    const range = parseMediaType(part);
    if (range !== null) ranges.push(range);
  }
  return ranges.length === 0 ? EVERYTHING : ranges;
}

/**
 * How welcome `type` is: the weight of the most precise range that includes it (RFC 9110 §12.5.1), else 0. Of
 * several equally precise ones the greatest, so that their order means nothing.
 */
export function quality(accept: readonly MediaType[], type: MediaType): number {
  let precision = -1;
  let weight = 0;
  for (const range of accept) {
    const p = specificity(range);
    if (p < precision || !includes(range, type)) continue;
    weight = p > precision ? range.weight : Math.max(weight, range.weight);
    precision = p;
  }
  return weight;
}
