import type { Codec } from './codec.js';

/** Placeholder. */
export const eventStreamCodec: Codec = { mediaTypes: ['text/event-stream'] };
