import type { Codec } from './codec.js';

/** Placeholder. */
export const xmlCodec: Codec = { mediaTypes: ['application/xml'] };
