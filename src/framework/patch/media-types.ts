import type { MediaType } from '../http/media-type.js';

/** The media types of patch documents: RFC 7396 and RFC 6902. */
export type PatchType = 'application/merge-patch+json' | 'application/json-patch+json';

const TYPES: ReadonlySet<string> = new Set<PatchType>([
  'application/merge-patch+json',
  'application/json-patch+json',
]);

/** Whether a media type is that of a patch document. */
export function isPatchType({ type, subtype }: MediaType): boolean {
  return TYPES.has(`${type}/${subtype}`);
}
