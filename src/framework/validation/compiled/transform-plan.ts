import type { ClassTransformOptions } from 'class-transformer';
import { defaultOptions } from 'class-transformer/cjs/constants/default-options.constant.js';
import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum.js';
import { TransformOperationExecutor } from 'class-transformer/cjs/TransformOperationExecutor.js';
import { type Class, isClass } from '../../class.js';
import {
  decoratedNames,
  type TransformMetadata,
  type TypeMetadata,
  transformStorage,
} from './transform-metadata.js';

/** How one key of a plain object becomes a property. */
export interface MemberPlan {
  /** In the plain object. */
  readonly key: string;
  /** In the instance: another one with `@Expose({ name })`. */
  readonly property: string;
  /** Whether the prototype has a getter or a method of this name, which class-transformer leaves alone. */
  readonly isBlocked: boolean;
  readonly typed: TypeMetadata | null;
  readonly isDiscriminated: boolean;
  /** The type where no `@Type` says it: with `enableImplicitConversion` the emitted one. */
  readonly implicitType: unknown;
  readonly isMap: boolean;
  /** What `new` makes the container of where the value is an array; undefined for an ordinary array. */
  readonly listType: unknown;
  readonly transforms: readonly TransformMetadata[];
}

/** How a plain object becomes an instance of one class. */
export interface ClassPlan {
  readonly Type: new () => object;
  /** By the key in the plain object; null for keys that are left out. */
  readonly members: ReadonlyMap<string, MemberPlan | null>;
  /** Those that are looked for whether the plain object has them or not, after its own. */
  readonly exposed: readonly MemberPlan[];
  /** Whether the plain object's keys are walked at all. */
  readonly walksKeys: boolean;
}

/** What is the same for every class: the options, and what was compiled for them so far. */
export interface TransformContext {
  readonly options: ClassTransformOptions;
  readonly library: TransformOperationExecutor;
  /** Null for classes that are left to the library. */
  readonly plans: WeakMap<object, ClassPlan | null>;
  readonly keepsUndefined: boolean;
  readonly keepsDefaults: boolean;
  readonly isImplicit: boolean;
  /** Whether objects without a class keep their keys. */
  readonly walksUntyped: boolean;
}

/** Null where the options ask for what only the library does: references that it remembers, maps of types. */
export function transformContext(given: ClassTransformOptions): TransformContext | null {
  const options = { ...defaultOptions, ...given };
  if (options.enableCircularCheck || options.targetMaps || options.excludePrefixes?.length) return null;
  const library = new TransformOperationExecutor(TransformationType.PLAIN_TO_CLASS, options);
  return {
    options,
    library,
    plans: new WeakMap(),
    keepsUndefined: Boolean(options.exposeUnsetFields),
    keepsDefaults: Boolean(options.exposeDefaultValues),
    isImplicit: Boolean(options.enableImplicitConversion),
    walksUntyped: (options.strategy || 'exposeAll') === 'exposeAll',
  };
}

/** The plan of a class, compiled when it is first needed: a `@Type` may name a class that comes later. */
export function classPlan(context: TransformContext, type: object): ClassPlan | null {
  const found = context.plans.get(type);
  if (found !== undefined) return found;
  const plan = compile(context, type);
  context.plans.set(type, plan);
  return plan;
}

/** Names that no metadata and no input can have by accident. */
const UNKNOWN = '\u0000 a key that nobody declared';

function compile(context: TransformContext, type: unknown): ClassPlan | null {
  // A Map is filled by another method, and `new` of what isn't a class is the library's to fail at.
  if (!isClass(type) || type === Map || type.prototype instanceof Map) return null;
  try {
    const names = [...decoratedNames(type), ...Object.getOwnPropertyNames(type.prototype)];
    if (!names.every((name) => typeof name === 'string')) return null;
    const members = new Map<string, MemberPlan | null>();
    for (const name of names)
      members.set(name, isKept(context, type, name) ? member(context, type, name) : null);
    // class-transformer never touches these, decorated or not.
    for (const key of ['__proto__', 'constructor']) members.set(key, null);
    const exposed = context.library.getKeys(type, {}, false).flatMap((key) => members.get(String(key)) ?? []);
    const walksKeys = walks(context, type);
    return { Type: type as unknown as new () => object, members, exposed, walksKeys };
  } catch {
    // Whatever the metadata is that can't be read: the library meets it again and says so.
    return null;
  }
}

/** Asked of the library, so that strategy, groups and versions mean what it means by them. */
function isKept({ library }: TransformContext, type: Class, key: string): boolean {
  return library.getKeys(type, Object.fromEntries([[key, null]]), false).includes(key);
}

function walks(context: TransformContext, type: Class): boolean {
  return isKept(context, type, UNKNOWN);
}

function member(context: TransformContext, type: Class, key: string): MemberPlan {
  const { library, options } = context;
  const renamed = options.ignoreDecorators
    ? undefined
    : transformStorage.getExposedMetadatas(type).find((exposed) => exposed.options?.name === key);
  const property = renamed?.propertyName ?? key;
  const typed = transformStorage.findTypeMetadata(type, property) ?? null;
  const discriminator = typed?.options?.discriminator;
  const transforms = transformStorage
    .findTransformMetadatas(type, property, TransformationType.PLAIN_TO_CLASS)
    .filter((each) => applies(library, options, each));
  return {
    key,
    property,
    isBlocked: isBlocked(type.prototype as object, property),
    typed,
    isDiscriminated: Boolean(discriminator?.property && discriminator.subTypes),
    implicitType: typed === null && context.isImplicit ? implicitType(type, property) : undefined,
    isMap: typed?.reflectedType === Map,
    listType: PLAIN_LISTS.has(typed?.reflectedType) ? undefined : typed?.reflectedType,
    transforms,
  };
}

/** What class-transformer makes an ordinary array for, since `new` of it has no `push` or is one. */
const PLAIN_LISTS = new Set<unknown>([Array, Object, String, Number, Boolean]);

function applies(
  library: TransformOperationExecutor,
  { version, groups }: ClassTransformOptions,
  { options }: TransformMetadata,
): boolean {
  if (!options) return true;
  if (version !== undefined && !library.checkVersion(options.since, options.until)) return false;
  return groups?.length ? library.checkGroups(options.groups) : !options.groups?.length;
}

/** Whether a prototype has a getter without a setter, a method or a constant under a name of its own. */
export function isBlocked(prototype: object, property: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, property);
  return descriptor !== undefined && !descriptor.set;
}

/** The type that TypeScript emitted for a property, as class-transformer asks for it. */
export function implicitType(type: Class, property: string): unknown {
  const emitted: unknown = Reflect.getMetadata('design:type', type.prototype as object, property);
  return emitted || undefined;
}
