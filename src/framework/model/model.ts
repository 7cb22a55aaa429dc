import type { ClassTransformOptions } from 'class-transformer';
import type { ValidatorOptions } from 'class-validator';
import type { Class } from '../class.js';
import type { DateSource, TagSource } from '../declare/caching.js';
import type { Access, AccessRule } from '../declare/record.js';
import type { CrossOriginOptions } from '../http/cross-origin.js';
import type { MediaType } from '../http/media-type.js';
import type { PriorityLevel } from '../load/admission.js';
import type { OwnConcurrency } from '../load/bulkheads.js';
import type { DeclaredRateLimit } from '../load/rate-limit.js';
import type { PathTemplate } from './template.js';

/** A type that text converts to. */
export type ScalarKind = 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'bigint' | 'enum' | 'class';

/** A parameter, or a bean's property, that is bound from text. */
export interface ScalarModel {
  readonly kind: 'scalar';
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'matrix' | 'form';
  readonly name: string;
  readonly scalar: ScalarKind;
  /** The allowed values of an enum. */
  readonly values: object | null;
  /** A class with a static `fromString`. */
  readonly type: Class | null;
  /** Whether it is a file of a form, an UploadedFile; then it is none of the scalar kinds. */
  readonly isFile: boolean;
  readonly list: boolean;
  readonly separator: string | null;
  readonly required: boolean;
  readonly hasDefault: boolean;
  readonly default: unknown;
}

/** The request's content. */
export interface BodyModel {
  readonly kind: 'body';
  /** A class whose rules are checked, a primitive's constructor, or null for anything. */
  readonly type: Class | null;
  readonly list: boolean;
  readonly required: boolean;
  readonly validate: boolean | ValidatorOptions;
  readonly transform: ClassTransformOptions;
  /**
   * How a patch document is taken: `object` as a Patch that the method applies; `applied` to what GET answers,
   * the result being the body. Null where the operation reads none.
   */
  readonly patch: 'object' | 'applied' | null;
  /** How the class is made from a form's fields; null where no form is read into it. */
  readonly form: BeanModel | null;
}

/** An object bound from several parameters. */
export interface BeanModel {
  readonly kind: 'bean';
  readonly type: Class;
  readonly fields: readonly { readonly property: string; readonly parameter: ScalarModel }[];
}

/** Something of the request's surroundings. */
export interface ContextModel {
  readonly kind: 'context';
  readonly what:
    | 'koa'
    | 'request'
    | 'response'
    | 'signal'
    | 'principal'
    | 'state'
    | 'preconditions'
    | 'language';
  /** Of a principal: whether the operation is for authenticated requests only. */
  readonly required: boolean;
  /** Whether Koa's context is what is left where the type says nothing. */
  readonly isGuess?: boolean;
}

export type ParameterModel = ScalarModel | BodyModel | BeanModel | ContextModel;

/** What is declared of caching and of conditional requests. */
export interface CachingModel {
  /** Cache-Control of a success. */
  readonly cacheControl: string | null;
  readonly etag: TagSource | null;
  readonly lastModified: DateSource | null;
  /** Whether a request without a precondition is refused. */
  readonly requirePrecondition: boolean;
}

/** What is declared of an operation's share of the server. */
export interface LoadModel {
  /** Its class's limit and its own, where there are such. */
  readonly concurrency: readonly OwnConcurrency[];
  /** The shared resources that it draws on, sorted. */
  readonly uses: readonly string[];
  /** Milliseconds; null for the application's. */
  readonly timeout: number | null;
  readonly priority: PriorityLevel;
}

/** A method that is called on the way to an operation, and returns the object that has it (Jakarta REST 4.0 §3.4.1). */
export interface LocatorModel {
  /** `CaseController.notes` */
  readonly name: string;
  readonly controller: Class;
  readonly method: string;
  /** The whole path up to here, whose variables its parameters may bind. */
  readonly path: PathTemplate;
  readonly parameters: readonly ParameterModel[];
  readonly rules: readonly AccessRule[];
  /** The class that it is declared to return. */
  readonly returns: Class;
}

/** One method of a controller that answers one verb on one path. */
export interface OperationModel {
  /** `CaseController.find` */
  readonly name: string;
  readonly controller: Class;
  readonly method: string;
  /** The HTTP method; `*` for a locator, where what it returns is known at request time only. */
  readonly verb: string;
  readonly path: PathTemplate;
  /** The locators that lead to it, in the order of their calls; empty where the controller itself has it. */
  readonly locators: readonly LocatorModel[];
  readonly parameters: readonly ParameterModel[];
  /** Empty where the operation reads no body. */
  readonly consumes: readonly MediaType[];
  readonly produces: readonly MediaType[];
  /** Whether `produces` was declared; otherwise a returned string or buffer may name its own type. */
  readonly producesDeclared: boolean;
  /** The class by whose decorators the answer is written; null where each object is by its own. */
  readonly returns: { readonly type: Class; readonly options: ClassTransformOptions } | null;
  readonly access: Access;
  /** What has to be true of the principal and the arguments. */
  readonly rules: readonly AccessRule[];
  /** What is declared for pages of other origins; null where nothing is. */
  readonly crossOrigin: CrossOriginOptions | false | null;
  readonly status: number | null;
  readonly maxBody: number | null;
  readonly rateLimit: DeclaredRateLimit | null;
  /** Empty where the answer has no language that is chosen. */
  readonly languages: readonly string[];
  readonly caching: CachingModel;
  readonly load: LoadModel;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Everything that was declared, as frozen data; read by the compiler, the listing, and others. */
export interface ApplicationModel {
  readonly operations: readonly OperationModel[];
}
