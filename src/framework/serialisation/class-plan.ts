import type { ClassTransformOptions } from 'class-transformer';
import { defaultOptions } from 'class-transformer/cjs/constants/default-options.constant.js';
import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum.js';
import { TransformOperationExecutor } from 'class-transformer/cjs/TransformOperationExecutor.js';
import type { Class } from '../class.js';
import {
  decoratedNames,
  type TransformMetadata,
  transformStorage,
} from '../validation/compiled/transform-metadata.js';
import { prepare } from './json-bytes.js';

/** How one key of an object becomes a member of the JSON text. */
export interface Member {
  readonly key: string;
  /** `,"name":` */
  readonly prefix: Uint8Array;
  /** What `@Type` says; null where nothing does. */
  readonly typeOf: (() => unknown) | null;
  readonly transforms: readonly TransformMetadata[];
  readonly isLeftOut: boolean;
  /** Whether its value is more than what the object has. */
  readonly isSpecial: boolean;
}

/** How instances of one class are written. */
export interface ClassPlan {
  /** Null for the objects that no class was named for. */
  readonly Type: Class | null;
  /** By key. Those that no decorator knows are added when they are met. */
  readonly members: Map<string, Member>;
  /** By place, as the last object had them. */
  readonly order: Member[];
  /** Names that decorators have given: a key of the same name would be written over. */
  readonly given: ReadonlySet<string>;
  /** Those that are looked for whether the object has them or not, after its own. */
  readonly exposed: readonly Member[];
  readonly walksKeys: boolean;
}

/** What is the same for every class: the options, and the library with them. */
export interface PlainContext {
  readonly options: ClassTransformOptions;
  readonly library: TransformOperationExecutor;
  /** Whether objects without a class keep their keys. */
  readonly walksUntyped: boolean;
  /** Whether the options ask for nothing that only the library does. */
  readonly isOrdinary: boolean;
}

export function plainContext(given: ClassTransformOptions): PlainContext {
  const options = { ...defaultOptions, ...given };
  const { enableCircularCheck, excludePrefixes, ignoreDecorators, targetMaps } = options;
  return {
    options,
    library: new TransformOperationExecutor(TransformationType.CLASS_TO_PLAIN, options),
    walksUntyped: (options.strategy || 'exposeAll') === 'exposeAll',
    isOrdinary: !enableCircularCheck && !excludePrefixes?.length && !ignoreDecorators && !targetMaps,
  };
}

/** The plan of a class; null where only the library writes it. */
export function compilePlan(context: PlainContext, Type: Class): ClassPlan | null {
  const prototype = Type.prototype as object;
  // Of what is built in, and of promises, more than the members counts.
  if (!isClean(prototype) || 'then' in prototype || isOfTheLibrary(prototype)) return null;
  try {
    const members = new Map<string, Member>();
    const given = new Set<string>();
    for (const name of decoratedNames(Type)) {
      // With a method of this name an object would be taken for a promise, left out or not.
      if (typeof name !== 'string' || name === 'then') return null;
      const member = isKept(context, Type, name) ? memberOf(context, Type, name) : leftOut(name)[1];
      if (member === 'unknown') return null;
      members.set(name, member);
      const as = nameOf(Type, name);
      if (as === null) continue;
      // A number would stand before all others, and one name twice would be written over.
      if (given.has(as) || /^(?:\d+|__proto__)$/.test(as)) return null;
      given.add(as);
    }
    if ([...given].some((name) => members.has(name))) return null;
    const keys = context.library.getKeys(Type, {}, false);
    const exposed = keys.flatMap((key) => {
      const member = members.get(String(key));
      return member === undefined || member.isLeftOut ? [] : [member];
    });
    if (exposed.some(({ key }) => /^\d+$/.test(key))) return null;
    for (const key of ['__proto__', 'constructor']) members.set(...leftOut(key));
    return { Type, members, order: [], given, exposed, walksKeys: isKept(context, Type, UNDECLARED) };
  } catch {
    // Whatever the metadata is that can't be read: the library meets it again and says so.
    return null;
  }
}

/** The plan of objects that no class was named for. */
export function untyped(): ClassPlan {
  const members = new Map([leftOut('__proto__'), leftOut('constructor')]);
  return { Type: null, members, order: [], given: new Set(), exposed: [], walksKeys: true };
}

/** A name that no metadata has by accident. */
const UNDECLARED = '\u0000 a key that nobody declared';

/** Asked of the library, so that strategy, groups and versions mean what it means by them. */
function isKept({ library }: PlainContext, Type: Class, key: string): boolean {
  return library.getKeys(Type, Object.fromEntries([[key, null]]), false).includes(key);
}

/** The name that a decorator gives to a property; null where none does. */
function nameOf(Type: Class, key: string): string | null {
  return transformStorage.findExposeMetadata(Type, key)?.options?.name || null;
}

function memberOf(context: PlainContext, Type: Class, key: string): Member | 'unknown' {
  const typed = transformStorage.findTypeMetadata(Type, key);
  const typeFunction = typed?.typeFunction;
  const isSimple = typed === undefined || (!typed.options?.discriminator && typed.reflectedType !== Map);
  // A function that looks at the object under way would see that there is none.
  if (!isSimple || (typeFunction?.length ?? 0) > 0) return 'unknown';
  const transforms = transformsOf(context, Type, key);
  return {
    key,
    prefix: prefixOf(nameOf(Type, key) ?? key),
    isLeftOut: false,
    isSpecial: transforms.length > 0,
    typeOf:
      typed === undefined
        ? null
        : ((typeFunction as (() => unknown) | undefined) ?? (() => typed.reflectedType)),
    transforms,
  };
}

function transformsOf(
  { library, options: { groups, version } }: PlainContext,
  Type: Class,
  key: string,
): readonly TransformMetadata[] {
  const all = transformStorage.findTransformMetadatas(Type, key, TransformationType.CLASS_TO_PLAIN);
  return all.filter(({ options }) => {
    if (!options) return true;
    if (version !== undefined && !library.checkVersion(options.since, options.until)) return false;
    return groups?.length ? library.checkGroups(options.groups) : !options.groups?.length;
  });
}

/** A member of which no decorator says anything. */
export function undeclared(key: string): Member {
  // Without a function `then` it is no promise; with one it is the library's to leave alone.
  const isSpecial = key === 'then';
  return { key, prefix: prefixOf(key), typeOf: null, transforms: [], isLeftOut: false, isSpecial };
}

/** A key that has no member, with the entry that says so. */
function leftOut(key: string): [key: string, member: Member] {
  return [key, { ...undeclared(key), isLeftOut: true }];
}

/** What the library converts, copies or looks into, whatever members it has. */
const BUILT_IN = [Array, Map, Set, Date, Uint8Array, String, Number, Boolean];

function isOfTheLibrary(prototype: object): boolean {
  return BUILT_IN.some((each) => prototype === each.prototype || prototype instanceof each);
}

function prefixOf(name: string): Uint8Array {
  return prepare(`,${JSON.stringify(name)}:`);
}

const clean = new WeakMap<object, boolean>();

/** Whether a prototype, and those above it, have nothing that would be visited beside an object's own keys. */
export function isClean(prototype: object): boolean {
  let found = clean.get(prototype);
  if (found === undefined) {
    found = true;
    for (const _ in prototype) found = false;
    clean.set(prototype, found);
  }
  return found;
}
