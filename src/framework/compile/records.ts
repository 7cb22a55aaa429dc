import type { Context } from 'koa';
import type { Codec, ReadContext } from '../codecs/codec.js';
import type { CodecRegistry } from '../codecs/registry.js';
import type { DateSource, TagSource } from '../declare/caching.js';
import type { Access } from '../declare/record.js';
import type { Issue } from '../errors/api-error.js';
import type { Exchange } from '../exchange.js';
import type { Coding } from '../http/content-coding.js';
import type { CrossOriginPolicy } from '../http/cross-origin.js';
import type { MediaType } from '../http/media-type.js';
import type { Admission, PriorityLevel } from '../load/admission.js';
import type { Bulkhead } from '../load/bulkhead.js';
import type { Bulkheads } from '../load/bulkheads.js';
import type { CompiledRateLimit } from '../load/rate-limit.js';
import type { CommonLines } from '../respond/lasting.js';
import type { CompiledRule } from '../security/allowed.js';
import type { Authentication } from '../security/authentication.js';
import type { ValuePlan } from '../validation/value-plan.js';
import type { Candidates } from './candidates.js';
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
  /** What a version's entity tag ends in here; strong tags differ between representations (RFC 9110 §8.8.3.3). */
  readonly tagSuffix: string;
}

/** How an operation's answers may be kept and asked for again. */
export interface CachingPlan {
  readonly cacheControl: string | null;
  readonly etag: TagSource | null;
  readonly lastModified: DateSource | null;
  readonly requirePrecondition: boolean;
}

/** What an operation does with the request's content. */
export interface BodyPlan {
  readonly consumes: readonly MediaType[];
  readonly required: boolean;
  /** The most bytes. */
  readonly limit: number;
  /** Whether the method takes the bytes themselves, whatever their type. */
  readonly isBytes: boolean;
  /** Whether the method takes the text itself, whatever its type; a text in JSON is still a JSON value. */
  readonly isText: boolean;
  /** Whether the method reads the parts of a multipart form itself. */
  readonly isStreamed: boolean;
  /** How patch documents are taken; see the model. */
  readonly patch: 'object' | 'applied' | null;
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
  /** What has to be true of the principal and the arguments, its locators' first; null where nothing has. */
  readonly rules: readonly CompiledRule[] | null;
  /** Null where pages of other origins have no part in it. */
  readonly crossOrigin: CrossOriginPolicy | null;
  readonly rateLimit: CompiledRateLimit | null;
  readonly body: BodyPlan | null;
  readonly produces: readonly Representation[];
  readonly producesDeclared: boolean;
  readonly binders: readonly Binder[];
  readonly checks: readonly CheckedArgument[];
  /** Calls the method, and before it the locators that lead to it. */
  readonly call: (args: readonly unknown[], exchange: Exchange) => unknown;
  readonly status: number | null;
  readonly headers: readonly (readonly [name: string, value: string])[] | null;
  /** The languages of the answer; empty where there is nothing to choose. */
  readonly languages: readonly string[];
  readonly caching: CachingPlan;
  /** What it has to enter before the method is called, in this order. */
  readonly bulkheads: readonly Bulkhead[];
  /** Milliseconds that it has, from when the request is there. */
  readonly timeout: number;
  readonly priority: PriorityLevel;
  /** Whether the answer is a value and nothing besides, and the method sees no context that it could write to. */
  readonly isDirect: boolean;
  /** Whether the method asks {@link Preconditions} itself. */
  readonly takesPreconditions: boolean;
  /** What tags of versions end in, in every representation and content coding; '' is the first one. */
  readonly tagSuffixes: readonly string[];
  languageSuffix(language: string | null): string;
}

/** When and how answers are compressed. */
export interface CompressionPlan {
  /** The least bytes for which it pays. */
  readonly threshold: number;
  /** The codings, the preferred one first. */
  readonly codings: readonly Coding[];
}

/** Everything that one path answers. */
export interface CompiledResource {
  readonly isLocator: false;
  readonly path: string;
  readonly verbs: ReadonlyMap<string, Candidates>;
  /** The Allow header's value. */
  readonly allow: string;
  /** Whether pages of other origins have a part in any of it. */
  readonly hasCrossOrigin: boolean;
  /** What all of it has in common for them. */
  readonly crossOrigin: CrossOriginPolicy | null;
}

/** A path below which a locator finds the resource at request time (Jakarta REST 4.0 §3.4.1). */
export interface CompiledLocator {
  readonly isLocator: true;
  readonly path: string;
  /** The names of the path's variables by position. */
  readonly variables: readonly string[];
  /** The locator itself, which takes the steps of a method before it is called. */
  readonly candidates: Candidates;
  readonly operation: CompiledOperation;
  /** The object that goes on with the request. @throws FrameworkError 404 where the locator answered nothing */
  resourceOf(answer: unknown): object;
  /** What an object answers, by its class. */
  routesOf(resource: object, hasAuthenticators: boolean): Promise<SubRoutes>;
}

/** What a path leads to. */
export type RouteTarget = CompiledResource | CompiledLocator;

/** What the objects of one class answer below a locator's path. */
export interface SubRoutes {
  readonly router: Router<RouteTarget>;
  readonly verbs: ReadonlySet<string>;
  /** The variables of the path above whose values stand before the path's own. */
  readonly outer: readonly string[];
}

/** A whole application as the pipeline needs it. */
export interface CompiledApplication extends CommonLines {
  readonly router: Router<RouteTarget>;
  /** What `OPTIONS *` is answered by (RFC 9110 §9.3.7). */
  readonly server: CompiledResource;
  /** The methods that some resource answers; another one that is no standard method is 501. */
  readonly verbs: ReadonlySet<string>;
  readonly admission: Admission;
  readonly bulkheads: Bulkheads;
  /** The milliseconds that an operation has which says nothing else. */
  readonly timeout: number;
  /** Milliseconds in which a slow body has to have come by a kibibyte a second. */
  readonly bodyTimeout: number;
  /** Whether some operation is of low, or of critical priority. */
  readonly hasLow: boolean;
  readonly hasCritical: boolean;
  /** The limit of each client, whatever it asks for. */
  readonly rateLimit: CompiledRateLimit | null;
  /** What holds for pages of other origins where nothing else is declared. */
  readonly crossOrigin: CrossOriginPolicy | null;
  readonly authentication: Authentication;
  readonly codecs: CodecRegistry;
  /** The most bytes of a request target. */
  readonly maxUrl: number;
  /** The deepest nesting of a body. */
  readonly maxDepth: number;
  /** What a multipart form may have. */
  readonly multipart: NonNullable<ReadContext['multipart']>;
  /** Null where answers are never compressed. */
  readonly compression: CompressionPlan | null;
  /** What `Location` and links are made absolute with, such as `https://api.example.com`; null leaves them. */
  readonly origin: string | null;
  /** Told of each server's error, once. */
  readonly report: (error: unknown, context: Context, id: string) => void;
}
