import type { Codec } from './codec.js';

/** Placeholder. */
export const yamlCodec: Codec = { mediaTypes: ['application/yaml'] };
