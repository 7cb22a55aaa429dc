import type { Codec } from './codec.js';

/** Placeholder. */
export const cborCodec: Codec = { mediaTypes: ['application/cbor'] };
