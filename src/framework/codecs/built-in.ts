import type { Codec } from './codec.js';

/** A codec that is imported where an operation declares one of its media types. */
export interface LazyCodec extends Pick<Codec, 'mediaTypes' | 'suffix'> {
  load(): Promise<Codec>;
}

/** The built-in codecs besides JSON, text, forms and bytes. */
export const BUILT_IN: readonly LazyCodec[] = [
  {
    mediaTypes: ['application/xml', 'text/xml'],
    suffix: '+xml',
    load: async () => (await import('./xml.js')).xmlCodec,
  },
  {
    mediaTypes: ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'],
    suffix: '+yaml',
    load: async () => (await import('./yaml.js')).yamlCodec,
  },
  {
    mediaTypes: ['application/cbor'],
    suffix: '+cbor',
    load: async () => (await import('./cbor.js')).cborCodec,
  },
  {
    mediaTypes: ['application/vnd.msgpack', 'application/msgpack', 'application/x-msgpack'],
    load: async () => (await import('./messagepack.js')).messagePackCodec,
  },
  {
    mediaTypes: ['text/csv'],
    load: async () => (await import('./csv.js')).csvCodec,
  },
  {
    mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
    load: async () => (await import('./ndjson.js')).ndjsonCodec,
  },
  {
    mediaTypes: ['text/event-stream'],
    load: async () => (await import('./event-stream.js')).eventStreamCodec,
  },
  {
    mediaTypes: ['multipart/form-data'],
    load: async () => (await import('./multipart.js')).multipartCodec,
  },
];
