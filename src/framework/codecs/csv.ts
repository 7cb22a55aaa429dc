import type { Codec } from './codec.js';

/** Placeholder. */
export const csvCodec: Codec = { mediaTypes: ['text/csv'] };
