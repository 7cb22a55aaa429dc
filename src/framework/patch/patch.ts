import { FrameworkError } from '../errors/api-error.js';
import { parseMediaType } from '../http/media-type.js';
import { toWritable } from '../validation/to-writable.js';
import { applyJsonPatch } from './json-patch.js';
import type { PatchType } from './media-types.js';
import { mergePatch } from './merge-patch.js';

/**
 * A patch that came as a body, RFC 5789: a parameter of this type stands for a change and not for an object.
 * With `type` in `@Body`, what the patch makes of the current state is validated as that class.
 *
 * @example
 * ```ts
 * import { Body, Consumes, PATCH, Patch, Path, PathParam } from 'koanatomy';
 *
 * class Draft {
 *   title = '';
 * }
 *
 * interface DraftStore {
 *   load(id: number): Promise<Draft>;
 *   save(id: number, draft: Draft): Promise<Draft>;
 * }
 *
 * @Path('/drafts')
 * export class DraftController {
 *   constructor(private readonly store: DraftStore) {}
 *
 *   @PATCH @Path('/{id}') @Consumes('application/merge-patch+json', 'application/json-patch+json')
 *   async update(@PathParam('id') id: number, @Body({ type: Draft }) patch: Patch<Draft>) {
 *     return this.store.save(id, await patch.apply(await this.store.load(id)));
 *   }
 * }
 * ```
 */
export class Patch<T = unknown> {
  readonly #check: ((value: unknown) => Promise<unknown>) | null;

  /** @internal The framework makes them. */
  constructor(
    readonly mediaType: PatchType,
    /** The patch as it came: any JSON value for a merge patch, an array for a JSON Patch. */
    readonly document: unknown,
    check: ((value: unknown) => Promise<unknown>) | null,
  ) {
    this.#check = check;
  }

  /**
   * What the patch makes of the current state: all of the patch or nothing, validated, and new. `current` is
   * not changed. The patch is applied to the JSON form of `current`, which is what clients know of it: a
   * member that `@Exclude()` hides can be neither tested nor copied, and the result lacks it.
   *
   * Between loading and saving, others may save too; `If-Match` or a transaction keeps their changes.
   *
   * @throws FrameworkError `malformed-body` for a document that is no patch, `patch-conflict` for one that
   * doesn't fit, `content-too-large` for one that makes too much of it, `validation-failed` for the result.
   * @throws TypeError where `current` has no JSON form, as `undefined` has none.
   */
  async apply(current: T): Promise<T> {
    const text: string | undefined = JSON.stringify(current, toWritable);
    if (text === undefined) throw new TypeError('what a patch is applied to has no JSON form');
    const result = applyPatch(this.mediaType, this.document, JSON.parse(text));
    // Without a check nobody has said what a T is, and the handler takes the client's word for it.
    return (this.#check === null ? result : await this.#check(result)) as T;
  }
}

/**
 * Applies a patch of either kind to a JSON value, and returns a new one.
 *
 * @param mediaType that of the patch, as in Content-Type; parameters make no difference
 * @throws FrameworkError what {@link applyJsonPatch} throws; `unsupported-media-type` for another media type.
 */
export function applyPatch(mediaType: string, document: unknown, target: unknown): unknown {
  const parsed = parseMediaType(mediaType);
  switch (`${parsed?.type}/${parsed?.subtype}`) {
    case 'application/merge-patch+json' satisfies PatchType:
      return mergePatch(target, document);
    case 'application/json-patch+json' satisfies PatchType:
      return applyJsonPatch(target, document);
    default:
      throw new FrameworkError('unsupported-media-type', 'The body is no patch that the server knows');
  }
}
