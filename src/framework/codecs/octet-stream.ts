import type { Codec } from './codec.js';

/** Bytes as they are, RFC 2046 §4.5.1. */
export const octetStreamCodec: Codec = {
  mediaTypes: ['application/octet-stream'],
  read: (bytes) => bytes,
};
