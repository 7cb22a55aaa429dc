import { FrameworkError } from '../errors/api-error.js';
import type { MediaType } from '../http/media-type.js';
import type { Current } from '../respond/current-state.js';
import { toWritable } from '../validation/to-writable.js';
import type { PatchType } from './media-types.js';
import { applyPatch } from './patch.js';

/** A patch document as it came, on its way to a {@link Patch}. */
export class PatchDocument {
  readonly mediaType: PatchType;

  constructor(
    { type, subtype }: MediaType,
    readonly document: unknown,
  ) {
    this.mediaType = `${type}/${subtype}` as PatchType;
  }
}

/**
 * A patch document applied to the resource's current state, as GET tells it.
 *
 * @throws FrameworkError 404 where the resource doesn't exist, 400 and 409 where the patch can't be applied.
 */
export function patchCurrent({ type, subtype }: MediaType, document: unknown, current: Current): unknown {
  if (current.kind === 'absent') {
    throw current.error ?? new FrameworkError('not-found', 'There is nothing here to patch');
  }
  const text = JSON.stringify(current.entity, toWritable) as string | undefined;
  const target: unknown = text === undefined ? null : JSON.parse(text);
  return applyPatch(`${type}/${subtype}`, document, target);
}
