import type { Codec } from './codec.js';

/** Placeholder. */
export const multipartCodec: Codec = { mediaTypes: ['multipart/form-data'] };
