import type { Context } from 'koa';
import type { Codec } from '../codecs/codec.js';
import type { CodecRegistry } from '../codecs/registry.js';
import type { Access } from '../declare/record.js';
import type { Issue } from '../errors/api-error.js';
import type { Exchange } from '../exchange.js';
import type { MediaType } from '../http/media-type.js';
import type { Admission } from '../load/admission.js';
import type { Authenticator } from '../security/authenticator.js';
import type { ValuePlan } from '../validation/value-plan.js';
import type { Router } from './router.js';

/** From the request to one argument; what is wrong with it goes to `issues`. */
export type Binder = (exchange: Exchange, issues: Issue[]) => unknown;

/** A media type that an operation answers in. */
export interface Representation {
  readonly mediaType: MediaType;
  /** The Content-Type header's value. */
  readonly contentType: string;
  /** Writes values that aren't text, bytes or streams already; null where none is known. */
  readonly codec: Codec | null;
}

/** What an operation does with the request's content. */
export interface BodyPlan {
  readonly consumes: readonly MediaType[];
  readonly required: boolean;
  /** The most bytes. */
  readonly limit: number;
  /** Whether the method takes the bytes themselves, whatever their type. */
  readonly isBytes: boolean;
}

/** An argument that is an object of a class: checked after it is bound. */
export interface CheckedArgument {
  readonly index: number;
  readonly plan: ValuePlan;
}

/** An operation as the pipeline needs it, settled at startup. Absent stages are null. */
export interface CompiledOperation {
  readonly name: string;
  readonly verb: string;
  readonly access: Access;
  /** Whether a request without a principal is refused. */
  readonly needsPrincipal: boolean;
  /** Whether a parameter is the principal, where there is one. */
  readonly takesPrincipal: boolean;
  readonly body: BodyPlan | null;
  readonly produces: readonly Representation[];
  readonly producesDeclared: boolean;
  readonly binders: readonly Binder[];
  readonly checks: readonly CheckedArgument[];
  readonly call: (args: readonly unknown[]) => unknown;
  readonly status: number | null;
  readonly headers: readonly (readonly [name: string, value: string])[] | null;
}

/** Everything that one path answers. */
export interface CompiledResource {
  readonly path: string;
  readonly verbs: ReadonlyMap<string, readonly CompiledOperation[]>;
  /** The Allow header's value. */
  readonly allow: string;
}

/** A whole application as the pipeline needs it. */
export interface CompiledApplication {
  readonly router: Router<CompiledResource>;
  /** What `OPTIONS *` is answered by (RFC 9110 §9.3.7). */
  readonly server: CompiledResource;
  /** The methods that some resource answers; another one that is no standard method is 501. */
  readonly verbs: ReadonlySet<string>;
  readonly admission: Admission;
  readonly authenticators: readonly Authenticator[];
  readonly codecs: CodecRegistry;
  /** The deepest nesting of a body. */
  readonly maxDepth: number;
  /** Told of each server's error, once. */
  readonly report: (error: unknown, context: Context, id: string) => void;
}
