import type { Codec } from './codec.js';

/** Placeholder. */
export const messagePackCodec: Codec = { mediaTypes: ['application/vnd.msgpack'] };
