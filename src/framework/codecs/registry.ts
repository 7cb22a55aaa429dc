import type { MediaType } from '../http/media-type.js';
import type { Codec } from './codec.js';
import { formCodec } from './form.js';
import { jsonCodec } from './json.js';
import { octetStreamCodec } from './octet-stream.js';
import { textCodec } from './text.js';

/** The codecs of an application, found by media type; one that the user added is found first. */
export class CodecRegistry {
  readonly #readers: ReadonlyMap<string, Codec>;
  readonly #writers: ReadonlyMap<string, Codec>;

  constructor(added: readonly Codec[] = []) {
    const codecs = [...added, jsonCodec, textCodec, formCodec, octetStreamCodec];
    this.#readers = byName(codecs.filter((codec) => codec.read !== undefined));
    this.#writers = byName(codecs.filter((codec) => codec.write !== undefined));
  }

  /** The codec that reads `type`, or null. */
  reader(type: MediaType): Codec | null {
    return find(this.#readers, type);
  }

  /** The codec that writes `type`, or null. */
  writer(type: MediaType): Codec | null {
    return find(this.#writers, type);
  }
}

/** By `type/subtype` and by `+suffix`; the first codec with a name has it. */
function byName(codecs: readonly Codec[]): ReadonlyMap<string, Codec> {
  const found = new Map<string, Codec>();
  for (const codec of codecs) {
    const names = codec.suffix === undefined ? codec.mediaTypes : [...codec.mediaTypes, codec.suffix];
    for (const name of names) {
      const key = name.toLowerCase();
      if (!found.has(key)) found.set(key, codec);
    }
  }
  return found;
}

/** RFC 6838 §4.2.8: the suffix is what follows the last plus sign. */
function find(codecs: ReadonlyMap<string, Codec>, { type, subtype }: MediaType): Codec | null {
  const plus = subtype.lastIndexOf('+');
  const suffixed = plus === -1 ? undefined : codecs.get(subtype.slice(plus));
  return codecs.get(`${type}/${subtype}`) ?? suffixed ?? null;
}
