import type { ClassTransformOptions } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { Class } from '../../class.js';

/** What `@Type` recorded. */
export interface TypeMetadata {
  readonly typeFunction?: (options: TypeFunctionOptions) => unknown;
  readonly reflectedType: unknown;
  readonly options?: {
    readonly keepDiscriminatorProperty?: boolean;
    readonly discriminator?: {
      readonly property: string;
      readonly subTypes: readonly { readonly name: unknown; readonly value: unknown }[];
    };
  };
}

/** What class-transformer gives to the function of a `@Type`. */
export interface TypeFunctionOptions {
  readonly newObject: object;
  readonly object: object;
  readonly property: string;
}

/** What `@Transform` recorded. */
export interface TransformMetadata {
  readonly options?: {
    readonly since?: number;
    readonly until?: number;
    readonly groups?: readonly string[];
  };
  readonly transformFn: (given: {
    value: unknown;
    key: string;
    obj: object;
    type: number;
    options: ClassTransformOptions;
  }) => unknown;
}

interface ExposeMetadata {
  readonly propertyName: string;
  readonly options?: { readonly name?: string };
}

type Found = ReadonlyMap<unknown, ReadonlyMap<unknown, unknown>>;

interface Storage {
  readonly _exposeMetadatas: Found;
  readonly _excludeMetadatas: Found;
  readonly _transformMetadatas: Found;
  readonly _typeMetadatas: Found;
  getAncestors(type: Class): readonly Class[];
  findTypeMetadata(type: Class, property: string): TypeMetadata | undefined;
  findTransformMetadatas(type: Class, property: string, direction: number): readonly TransformMetadata[];
  getExposedMetadatas(type: Class): readonly ExposeMetadata[];
  findExposeMetadata(type: Class, property: string): ExposeMetadata | undefined;
}

/** class-transformer's storage, whose declared type shows only what startup reads of it. */
export const transformStorage = defaultMetadataStorage as unknown as Storage;

/** Every name that a decorator of class-transformer gives to a property of a class, inside and outside. */
export function decoratedNames(type: Class): ReadonlySet<unknown> {
  const names = new Set<unknown>();
  const { _exposeMetadatas, _excludeMetadatas, _transformMetadatas, _typeMetadatas } = transformStorage;
  for (const each of [type, ...transformStorage.getAncestors(type)]) {
    for (const found of [_exposeMetadatas, _excludeMetadatas, _transformMetadatas, _typeMetadatas]) {
      // A decorator of the class itself stands under undefined.
      for (const name of found.get(each)?.keys() ?? []) if (name !== undefined) names.add(name);
    }
  }
  for (const { options } of transformStorage.getExposedMetadatas(type)) {
    if (options?.name !== undefined) names.add(options.name);
  }
  return names;
}
