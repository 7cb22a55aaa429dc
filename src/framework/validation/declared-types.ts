import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { type Class, lineage } from '../class.js';
import { emittedType } from '../declare/record.js';
import { rulesOf } from './rules.js';
import { typeMetadata } from './transform-metadata.js';

/** What the decorators of a property say of its value. */
export interface DeclaredProperty {
  readonly property: string;
  /** The names that it has in a body: its own, and those of `@Expose({ name })`. */
  readonly names: readonly string[];
  readonly shape: 'one' | 'list' | 'map';
  /** The class or primitive, of each item where there are several; null where it isn't known. */
  readonly type: unknown;
  /** The enum of `@IsEnum`. */
  readonly values: object | null;
  /** Whether class-transformer makes the value from what JSON has of it. */
  readonly isMade: boolean;
}

type Rules = ReturnType<typeof rulesOf>;

/**
 * What TypeScript, class-transformer and class-validator know of a class's properties, those with `@Transform`
 * left out: their functions know better. For startup, since it asks the metadata.
 */
export function declaredProperties(type: Class): readonly DeclaredProperty[] {
  const rules = rulesOf(type);
  const exposed = exposedNames(type);
  const typed = lineage(type).flatMap((each) => [
    ...(defaultMetadataStorage._typeMetadatas.get(each)?.keys() ?? []),
  ]);
  const properties = new Set([...rules.map((rule) => rule.propertyName), ...typed, ...exposed.keys()]);
  return [...properties].flatMap((property) => {
    const own = rules.filter((rule) => rule.propertyName === property);
    const declared = declaredProperty(type, property, own);
    return declared === null ? [] : [{ ...declared, names: [property, ...(exposed.get(property) ?? [])] }];
  });
}

function declaredProperty(
  type: Class,
  property: string,
  rules: Rules,
): Omit<DeclaredProperty, 'names'> | null {
  const { made, type: typed } = typeMetadata(lineage(type), property);
  if (made && typed === null && !isTransformedToPlainOnly(type, property)) return null;
  const emitted = emittedType(type.prototype as object, property, 'property');
  // A union is emitted as Object.
  const isClear = emitted !== undefined && emitted !== Object;
  const isRuledList = rules.some(({ each, name }) => each === true || name === 'isArray');
  let shape: DeclaredProperty['shape'] = 'one';
  if (emitted === Map) shape = 'map';
  else if (emitted === Array || emitted === Set || (!isClear && isRuledList)) shape = 'list';
  const values: unknown = rules.find(({ name }) => name === 'isEnum')?.constraints?.[0];
  return {
    property,
    shape,
    type: typed ?? (shape === 'one' && isClear ? emitted : ruledType(rules)),
    values: isObject(values) ? values : null,
    isMade: typed !== null,
  };
}

/** Rules that tell a type where TypeScript emits none: for the items of an array, and for `number | null`. */
const RULED = new Map<string | undefined, unknown>([
  ['isInt', Number],
  ['isNumber', Number],
  ['isPositive', Number],
  ['isNegative', Number],
  ['min', Number],
  ['max', Number],
  ['isBoolean', Boolean],
  ['isDate', Date],
]);

function ruledType(rules: Rules): unknown {
  return rules.map(({ name }) => RULED.get(name)).find((type) => type !== undefined) ?? null;
}

/** The names by `@Expose` that properties have in a request's body. */
function exposedNames(type: Class): ReadonlyMap<string, readonly string[]> {
  const exposed = new Map<string, string[]>();
  for (const each of lineage(type)) {
    const found = defaultMetadataStorage._exposeMetadatas.get(each);
    if (!(found instanceof Map)) continue;
    for (const [property, metadata] of found) {
      // The class's own @Expose has no property.
      if (typeof property !== 'string' || option(metadata, 'toPlainOnly') === true) continue;
      const name = option(metadata, 'name');
      const names = exposed.get(property) ?? [];
      if (typeof name === 'string') names.push(name);
      exposed.set(property, names);
    }
  }
  return exposed;
}

/** Whether each `@Transform` of the property is for responses. */
function isTransformedToPlainOnly(type: Class, property: string): boolean {
  const all = lineage(type).flatMap((each) => {
    const found = defaultMetadataStorage._transformMetadatas.get(each)?.get(property);
    return Array.isArray(found) ? (found as readonly unknown[]) : [];
  });
  return all.length > 0 && all.every((metadata) => option(metadata, 'toPlainOnly') === true);
}

function option(metadata: unknown, name: string): unknown {
  const options: unknown = isObject(metadata) ? Reflect.get(metadata, 'options') : null;
  return isObject(options) ? Reflect.get(options, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
