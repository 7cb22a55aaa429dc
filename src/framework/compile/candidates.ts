import type { CrossOriginPolicy } from '../http/cross-origin.js';
import { isConcrete, type MediaType } from '../http/media-type.js';
import type { PriorityLevel } from '../load/admission.js';
import type { CompiledOperation, Representation } from './records.js';

/** An operation, and what it would answer in. */
export interface Offer {
  readonly operation: CompiledOperation;
  readonly representation: Representation;
}

/** What a request's `Content-Type` says, and who can read it. */
export interface Readers {
  readonly contentType: MediaType | null;
  readonly candidates: Candidates;
}

/** The operations that may answer one method of one resource, with what is known of their choice before a request. */
export interface Candidates {
  readonly operations: readonly CompiledOperation[];
  readonly offers: readonly Offer[];
  /** What is answered by an operation that has no representation to choose. */
  readonly bare: Offer | null;
  /** Whether `Accept` decides. */
  readonly varies: boolean;
  /** Whether one of them refuses a request without a principal; all of them do then, as startup has checked. */
  readonly needsPrincipal: boolean;
  readonly takesPrincipal: boolean;
  /** The highest of theirs: who is let in is decided before it is known which one answers. */
  readonly priority: PriorityLevel;
  /** What all of them say to pages of other origins, as startup has checked. */
  readonly crossOrigin: CrossOriginPolicy | null;
  /** What was chosen for an `Accept`, or for its absence: clients send the same few again and again. */
  readonly byAccept: Decisions<Offer>;
  readonly byContentType: Decisions<Readers>;
}

/** Prepares the choice among operations. */
export function candidatesOf(operations: readonly CompiledOperation[]): Candidates {
  const [first] = operations;
  const bare = first?.produces.length === 0 ? { operation: first, representation: NOTHING } : null;
  const offers = operations.flatMap((operation) =>
    operation.produces.map((representation) => ({ operation, representation })),
  );
  const isOpen = offers.some(({ representation }) => !isConcrete(representation.mediaType));
  return {
    operations,
    offers,
    bare,
    varies: operations.length > 1 || offers.length > 1 || isOpen,
    needsPrincipal: operations.some((operation) => operation.needsPrincipal),
    takesPrincipal: operations.some((operation) => operation.takesPrincipal),
    priority: LEVELS.find((level) => operations.some(({ priority }) => priority === level)) ?? 'normal',
    crossOrigin: first?.crossOrigin ?? null,
    byAccept: new Decisions(),
    byContentType: new Decisions(),
  };
}

const LEVELS: readonly PriorityLevel[] = ['critical', 'normal', 'low'];

const NOTHING: Representation = {
  mediaType: { type: 'text', subtype: 'plain', parameters: new Map(), weight: 1 },
  contentType: 'text/plain; charset=utf-8',
  codec: null,
  tagSuffix: '',
};

/**
 * Decisions by a field of the request. Few and short ones are kept, so that a client that makes up values fills no
 * memory: it takes from others what costs a microsecond to find again.
 */
export class Decisions<T> {
  readonly #known = new Map<string | undefined, T>();

  get(field: string | undefined): T | undefined {
    return this.#known.get(field);
  }

  keep(field: string | undefined, decision: T): T {
    if (field !== undefined && field.length > LONGEST_KEPT) return decision;
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(field, decision);
    return decision;
  }
}

const MOST_KEPT = 16;
const LONGEST_KEPT = 300;
