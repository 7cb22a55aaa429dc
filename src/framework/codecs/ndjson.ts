import type { Codec } from './codec.js';

/** Placeholder. */
export const ndjsonCodec: Codec = { mediaTypes: ['application/x-ndjson'] };
