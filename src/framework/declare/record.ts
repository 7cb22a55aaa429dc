import 'reflect-metadata';
import type { ClassTransformOptions } from 'class-transformer';
import type { getMetadataArgsStorage } from 'routing-controllers';
import { MetadataArgsStorage } from 'routing-controllers/cjs/metadata-builder/MetadataArgsStorage.js';
import type { Class } from '../class.js';
import type { CrossOriginOptions } from '../http/cross-origin.js';
import type { PriorityLevel } from '../load/admission.js';
import type { Concurrency } from '../load/concurrency.js';
import type { DeclaredRateLimit } from '../load/rate-limit.js';
import type { Principal } from '../security/principal.js';
import type { DateSource, TagSource } from './caching.js';

/** Who may call an operation. */
export type Access =
  | { readonly kind: 'permit' }
  | { readonly kind: 'deny' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'roles'; readonly roles: readonly string[] };

/**
 * What has to be true of who calls and what with, for the call to be allowed: only `true` allows it. `args` are the
 * method's own, checked and converted.
 */
export type AccessRule = (principal: Principal, args: never) => boolean | Promise<boolean>;

/** What a parameter may take beyond the slots of routing-controllers' storage. */
export interface ParameterExtras {
  readonly integer?: boolean;
  readonly enum?: object;
  readonly separator?: string;
}

/** A parameter that routing-controllers' storage has no slot for; also the property of a bean. */
export interface OwnParameter extends ParameterExtras {
  readonly source: 'path' | 'query' | 'header' | 'cookie' | 'matrix' | 'form' | 'bean' | 'context';
  readonly name: string;
  readonly required: boolean;
  readonly type: unknown;
}

/** What is declared on a class or a method beyond the slots of routing-controllers' storage. */
export interface Declared {
  path?: string;
  consumes?: readonly string[];
  produces?: readonly string[];
  /** Every one that was declared; more than one is a finding, since it can't be told which is meant. */
  access?: readonly Access[];
  rules?: readonly AccessRule[];
  maxBody?: number;
  rateLimit?: DeclaredRateLimit;
  languages?: readonly string[];
  cacheControl?: string;
  etag?: TagSource;
  lastModified?: DateSource;
  requirePrecondition?: boolean;
  maxConcurrent?: Concurrency;
  /** Names of shared resources. */
  uses?: readonly string[];
  /** Milliseconds. */
  timeout?: number;
  priority?: PriorityLevel;
  crossOrigin?: CrossOriginOptions | false;
}

export interface MethodRecord extends Declared {
  readonly own: Map<number, OwnParameter>;
  readonly extras: Map<number, ParameterExtras>;
  readonly defaults: Map<number, unknown>;
  returns?: { readonly type: Class; readonly options: ClassTransformOptions };
}

/** One record a class holds everything of ours; its own, not its ancestors'. */
export interface ClassRecord extends Declared {
  readonly methods: Map<string, MethodRecord>;
  readonly properties: Map<string, OwnParameter>;
  readonly propertyDefaults: Map<string, unknown>;
}

const KEY = 'koanatomy:record';

/** The storage that both vocabularies record into; on `globalThis`, one per process. */
export function storage(): ReturnType<typeof getMetadataArgsStorage> {
  const everywhere = globalThis as { routingControllersMetadataArgsStorage?: MetadataArgsStorage };
  // As routing-controllers' own function does, which would bring all of its drivers along.
  everywhere.routingControllersMetadataArgsStorage ??= new MetadataArgsStorage();
  return everywhere.routingControllersMetadataArgsStorage;
}

/**
 * Standard decorators are called with a context object where legacy ones get a name: what they record would be
 * lost, and the class seem undecorated.
 *
 * @throws TypeError where a decorator is called as a standard one.
 */
export function refuseStandard(member: unknown): void {
  if (typeof member !== 'object' || member === null || !('kind' in member)) return;
  throw new TypeError(
    'set "experimentalDecorators" and "emitDecoratorMetadata" in tsconfig.json: standard decorators have no parameters',
  );
}

/** A class's own record, or null. */
export function readRecord(target: Class): ClassRecord | null {
  return (Reflect.getOwnMetadata(KEY, target) as ClassRecord | undefined) ?? null;
}

/** A class's own record, made where there is none yet. */
export function classRecord(target: Class): ClassRecord {
  const found = readRecord(target);
  if (found !== null) return found;
  const made: ClassRecord = { methods: new Map(), properties: new Map(), propertyDefaults: new Map() };
  Reflect.defineMetadata(KEY, made, target);
  return made;
}

/** A method's record, made where there is none yet. `prototype` is what a decorator gets as its target. */
export function methodRecord(prototype: object, method: string): MethodRecord {
  const { methods } = classRecord(prototype.constructor as Class);
  const found = methods.get(method);
  if (found !== undefined) return found;
  const made: MethodRecord = { own: new Map(), extras: new Map(), defaults: new Map() };
  methods.set(method, made);
  return made;
}

/** The record that a decorator for classes and methods writes to. */
export function declaredOn(target: object, method: string | symbol | undefined): Declared {
  refuseStandard(method);
  return method === undefined ? classRecord(target as Class) : methodRecord(target, String(method));
}

/** The parameter types that TypeScript emitted for a method, or for a constructor; null where it did not. */
export function emittedTypes(target: object, method?: string): readonly unknown[] | null {
  const types: unknown =
    method === undefined
      ? Reflect.getOwnMetadata('design:paramtypes', target)
      : Reflect.getMetadata('design:paramtypes', target, method);
  return Array.isArray(types) ? types : null;
}

/** The return type that TypeScript emitted for a method, or the type of a property. */
export function emittedType(target: object, member: string, which: 'return' | 'property'): unknown {
  return Reflect.getMetadata(which === 'return' ? 'design:returntype' : 'design:type', target, member);
}
