/**
 * class-transformer keeps its metadata in a module that its types don't show. What is declared here is all
 * that is used of it; a test fails when a version of the library changes it.
 */
declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: {
    readonly _exposeMetadatas: ReadonlyMap<unknown, unknown>;
    readonly _excludeMetadatas: ReadonlyMap<unknown, unknown>;
    readonly _transformMetadatas: ReadonlyMap<unknown, ReadonlyMap<string, unknown>>;
    readonly _typeMetadatas: ReadonlyMap<
      unknown,
      ReadonlyMap<string, { readonly typeFunction?: (options?: unknown) => unknown }>
    >;
  };
}
