import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { Class } from '../class.js';

/** Whether class-transformer makes something of a property, and the class that its `@Type` names. */
export function typeMetadata(
  lineage: readonly Class[],
  property: string,
): { readonly made: boolean; readonly type: unknown } {
  const { _typeMetadatas, _transformMetadatas } = defaultMetadataStorage;
  for (const type of lineage) {
    const declared = _typeMetadatas.get(type)?.get(property);
    if (declared !== undefined) return { made: true, type: named(declared.typeFunction) };
    if (_transformMetadatas.get(type)?.has(property)) return { made: true, type: null };
  }
  return { made: false, type: null };
}

function named(typeFunction: ((options?: unknown) => unknown) | undefined): unknown {
  try {
    return typeFunction?.() ?? null;
  } catch {
    // One that needs the object can't be asked at startup.
    return null;
  }
}
