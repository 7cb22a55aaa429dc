import type { Version } from './declare/caching.js';
import { FrameworkError } from './errors/api-error.js';
import type { Exchange } from './exchange.js';
import { type EntityTag, toEntityTag } from './http/entity-tag.js';
import { evaluate, type RequestPreconditions } from './http/preconditions.js';
import type { Current } from './respond/current-state.js';

/** What a method knows of the current state: its version, its date, or both. */
export interface CurrentState {
  /** The version that the entity tag is made of; a text such as `W/"7"` is taken as the tag itself. */
  readonly etag?: Version;
  readonly lastModified?: Date | null;
}

/** The request asks only for what has changed, and nothing has: thrown to end with 304, and no error. */
export class NotModified extends Error {
  override readonly name = 'NotModified';
}

/** How the preconditions of one exchange are evaluated. */
export interface PreconditionContext {
  readonly preconditions: RequestPreconditions | null;
  readonly method: string;
  /** A tag as what the request asks for has it: a GET in its representation, a change in each of the resource's. */
  readonly variantsOf: (tag: EntityTag) => readonly EntityTag[];
  /** Told of a state that holds, so that the answer can name it. */
  readonly remember: (tag: EntityTag | null, lastModified: Date | null) => void;
}

/**
 * The request's preconditions (RFC 9110 §13), to be asked before something is changed; as a parameter, the method
 * answers for them itself, and nothing else looks at them.
 *
 * @example
 * ```ts
 * import { Body, Context, Path, PathParam, Preconditions, PUT } from 'koanatomy';
 *
 * declare const store: { version(id: number): Promise<number | null>; save(id: number, text: string): Promise<void> };
 *
 * @Path('/notes/{id}')
 * export class NoteController {
 *   @PUT
 *   async replace(@PathParam('id') id: number, @Body() text: string, @Context() preconditions: Preconditions) {
 *     const version = await store.version(id);
 *     preconditions.evaluate(version === null ? null : { etag: version });
 *     await store.save(id, text);
 *   }
 * }
 * ```
 */
export class Preconditions {
  readonly #context: PreconditionContext;

  /** @internal Comes from `@Context()`. */
  constructor(context: PreconditionContext) {
    this.#context = context;
  }

  /** Whether the request has any. */
  get isPresent(): boolean {
    return this.#context.preconditions !== null;
  }

  /**
   * Goes on where they hold for the current state; null where the resource doesn't exist. Ends a GET or HEAD with
   * 304 where nothing has changed. The answer to a GET gets the state's ETag and Last-Modified.
   *
   * @throws ApiError 412 where one does not hold.
   */
  evaluate(current: CurrentState | null): void {
    if (this.#outcome(current) === 'proceed') return;
    const { method } = this.#context;
    if (this.#outcome(current) === 'not-modified') throw new NotModified(`${method}: not modified`);
    throw preconditionFailed();
  }

  /** Whether {@link evaluate} would go on. */
  holdsFor(current: CurrentState | null): boolean {
    return this.#outcome(current) === 'proceed';
  }

  #outcome(current: CurrentState | null): ReturnType<typeof evaluate> {
    const { preconditions, method, variantsOf, remember } = this.#context;
    const version = current?.etag ?? null;
    const etag = version === null ? null : toEntityTag(version);
    const lastModified = current?.lastModified ?? null;
    if (current !== null) remember(etag, lastModified);
    if (preconditions === null) return 'proceed';
    if (current === null) return evaluate(preconditions, method, null);
    const etags = etag === null ? [] : variantsOf(etag);
    if (method !== 'GET' && method !== 'HEAD')
      return evaluate(preconditions, method, { etag, etags, lastModified });
    // Whether the answer will be compressed isn't known yet: either tag is that of what the client would get.
    const verdicts = (etags.length === 0 ? [null] : etags).map((tag) =>
      evaluate(preconditions, method, { etag: tag, etags: tag === null ? [] : [tag], lastModified }),
    );
    if (verdicts.includes('not-modified')) return 'not-modified';
    return verdicts.includes('proceed') ? 'proceed' : 'failed';
  }
}

/** 412 (RFC 9110 §15.5.13). */
export function preconditionFailed(): FrameworkError {
  return new FrameworkError(
    'precondition-failed',
    'The resource is not in the state that the request asks for',
  );
}

/**
 * Checks the preconditions of a change against the current state.
 *
 * @throws FrameworkError 412; what GET threw where nothing is there and only PUT could make it: the plain answer would be
 *   an error then, which goes first (RFC 9110 §13.2.1).
 */
export function requireHolding(
  { ctx }: Exchange,
  preconditions: RequestPreconditions,
  current: Current,
): void {
  const validators = current.kind === 'present' ? current.validators : null;
  if (evaluate(preconditions, ctx.method, validators) === 'proceed') return;
  if (current.kind === 'absent' && current.error !== null && ctx.method !== 'PUT') throw current.error;
  throw preconditionFailed();
}
