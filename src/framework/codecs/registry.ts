import { includes, type MediaType, parseMediaType } from '../http/media-type.js';
import { BUILT_IN, type LazyCodec } from './built-in.js';
import type { Codec } from './codec.js';
import { formCodec } from './form.js';
import { jsonCodec } from './json.js';
import { octetStreamCodec } from './octet-stream.js';
import { textCodec } from './text.js';

/** The codecs of an application, found by media type; one that the user added is found first. */
export class CodecRegistry {
  readonly #codecs: Codec[];
  readonly #unloaded = new Set<LazyCodec>(BUILT_IN);
  #readers: ReadonlyMap<string, Codec> = new Map();
  #found = new WeakMap<MediaType, Codec | null>();
  #writers: ReadonlyMap<string, Codec> = new Map();

  constructor(added: readonly Codec[] = []) {
    this.#codecs = [...added, jsonCodec, textCodec, formCodec, octetStreamCodec];
    this.#index();
  }

  /** Loads the built-in codecs of these media types or ranges: what nobody declares is never imported. */
  async load(types: readonly MediaType[]): Promise<void> {
    for (const lazy of this.#unloaded) {
      if (!types.some((type) => isFor(lazy, type))) continue;
      this.#unloaded.delete(lazy);
      this.#codecs.push(await lazy.load());
    }
    this.#index();
  }

  /** The codec that reads `type`, or null. Asked once for each `Content-Type` that is remembered. */
  reader(type: MediaType): Codec | null {
    const known = this.#found.get(type);
    if (known !== undefined) return known;
    const codec = find(this.#readers, type);
    this.#found.set(type, codec);
    return codec;
  }

  /** The codec that writes `type`, or null. */
  writer(type: MediaType): Codec | null {
    return find(this.#writers, type);
  }

  #index(): void {
    this.#found = new WeakMap();
    this.#readers = byName(this.#codecs.filter(({ read, readStream }) => read ?? readStream));
    this.#writers = byName(this.#codecs.filter(({ write, writeItems }) => write ?? writeItems));
  }
}

function isFor({ mediaTypes, suffix }: LazyCodec, declared: MediaType): boolean {
  if (suffix !== undefined && declared.subtype.endsWith(suffix)) return true;
  const range = { ...declared, parameters: new Map() };
  return mediaTypes.some((name) => {
    const type = parseMediaType(name);
    return type !== null && includes(range, type);
  });
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
