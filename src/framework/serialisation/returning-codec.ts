import type { ClassTransformOptions } from 'class-transformer';
import type { Class } from '../class.js';
import type { Codec } from '../codecs/codec.js';
import { jsonCodec, writeJson } from '../codecs/json.js';
import { isCompiled, optionsKey } from '../validation/compiled/options.js';
import { ClassWriter } from './class-writer.js';

/** What a method says that it returns. */
export interface ReturnedType {
  readonly type: Class;
  /** class-transformer's, such as groups and version. */
  readonly options: ClassTransformOptions;
}

/**
 * A codec that writes values as class-transformer's `instanceToPlain` gives them, by the decorators of the declared class:
 * JSON in one walk, other formats from the plain value.
 */
export function returningCodec(codec: Codec, { type, options }: ReturnedType): Codec {
  const writer = writerFor(options);
  const write = codec.write?.bind(codec);
  const writeItems = codec.writeItems?.bind(codec);
  const made = Object.create(codec) as Codec;
  const isJson = codec === jsonCodec && isCompiled();
  if (write !== undefined) {
    const otherwise = (value: unknown) =>
      (codec === jsonCodec ? writeJson : write)(writer.toPlain(value, type));
    made.write = isJson ? (value) => writer.write(value, type) ?? otherwise(value) : otherwise;
  }
  if (writeItems !== undefined) {
    made.writeItems = (items) => writeItems(plainItems(items, writer, type));
  }
  return made;
}

async function* plainItems(
  items: AsyncIterable<unknown>,
  writer: ClassWriter,
  type: Class,
): AsyncGenerator<unknown> {
  for await (const item of items) yield writer.toPlain(item, type);
}

const writers = new Map<string, ClassWriter>();

/** One for all operations with equal options. */
function writerFor(options: ClassTransformOptions): ClassWriter {
  const key = optionsKey(options);
  if (key === null) return new ClassWriter(options);
  const writer = writers.get(key) ?? new ClassWriter(options);
  writers.set(key, writer);
  return writer;
}
