import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage, type ValidationOptions } from 'class-validator';
import type { Class } from '../../../../src/framework/class.js';
import { VARIANTS, type Variant } from './decorators.js';
import type { Random } from './random.js';

/** A property of a generated class, with what values for it are made of. */
export interface GeneratedProperty {
  readonly name: string;
  /** The names it may have in a plain object. */
  readonly names: readonly string[];
  readonly rules: readonly Variant[];
  readonly nested: GeneratedClass | null;
  /** The decorators of class-transformer, for the coverage table. */
  readonly transformers: readonly string[];
}

export interface GeneratedClass {
  readonly type: Class;
  readonly properties: readonly GeneratedProperty[];
  /** All classes that were made for it, to be forgotten afterwards. */
  readonly made: readonly Class[];
  readonly transformers: readonly string[];
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', '0', 'length', 'kind', 'then', 'name'];
/** With one of these class-validator throws for every value. */
const INHERITED = ['hasOwnProperty', 'valueOf'];
export const GROUPS = ['g', 'h'];

/** A class with random decorators of both libraries. */
export function generateClass(random: Random, depth = 2): GeneratedClass {
  const parent = depth > 0 && random.chance(20) ? generateClass(random, 0) : null;
  const made: Class[] = [...(parent?.made ?? [])];
  const transformers: string[] = [];
  const initial = random.chance(60) ? new Map<string, unknown>() : null;
  const type = declare(parent?.type ?? null, initial, random);
  made.push(type);
  const properties: GeneratedProperty[] = [];
  const count = random.chance(4) ? 0 : 1 + random.below(5);
  for (let i = 0; i < count; i++) {
    const generated = property(random, type, initial, depth);
    properties.push(generated);
    made.push(...(generated.nested?.made ?? []));
  }
  if (random.chance(6)) {
    (random.chance(50) ? Exclude() : Expose())(type as unknown as new () => object);
    transformers.push('Exclude or Expose of a class');
  }
  return { type, properties: [...(parent?.properties ?? []), ...properties], made, transformers };
}

const initials: readonly unknown[] = [undefined, undefined, null, 'start', 5, () => 'a function', [1]];

function declare(parent: Class | null, initial: Map<string, unknown> | null, random: Random): Class {
  const fill = (made: object) => {
    for (const [name, value] of initial ?? []) Object.assign(made, { [name]: value });
  };
  const Parent = parent as unknown as new () => object;
  const type =
    parent === null
      ? class Made {
          constructor() {
            fill(this);
          }
        }
      : class Heir extends Parent {
          constructor() {
            super();
            fill(this);
          }
        };
  if (random.chance(10)) member(type.prototype, random.pick(NAMES), random);
  if (random.chance(2))
    Object.defineProperty(type, 'name', { value: random.pick(['$value', 7, 'N $& $property']) });
  return type;
}

function member(prototype: object, name: string, random: Random): void {
  const kept = new WeakMap<object, unknown>();
  const kind = random.below(4);
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    ...(kind === 0
      ? { value: () => 'a method', writable: true }
      : {
          get: () => 'read',
          ...(kind === 1
            ? {
                set(this: object, value: unknown) {
                  kept.set(this, value);
                },
              }
            : {}),
        }),
  });
}

function property(
  random: Random,
  type: Class,
  initial: Map<string, unknown> | null,
  depth: number,
): GeneratedProperty {
  const rare = random.chance(4) ? INHERITED : NAMES;
  const name = random.chance(80) ? (NAMES[random.below(6)] as string) : random.pick(rare);
  const prototype = type.prototype as object;
  const nested = depth > 0 && random.chance(45) ? generateClass(random, depth - 1) : null;
  const kept = nested === null && random.chance(3) ? ownClass(type) : nested;
  const emitted = random.chance(60)
    ? random.pick([
        String,
        Number,
        Boolean,
        Object,
        Array,
        Array,
        Set,
        Map,
        Date,
        random.chance(10) ? Promise : Date,
        kept?.type ?? Object,
      ])
    : undefined;
  if (emitted !== undefined) Reflect.defineMetadata('design:type', emitted, prototype, name);
  if (initial !== null && random.chance(70)) initial.set(name, random.pick(initials));
  const rules = ruled(random, prototype, name, kept !== null);
  const names = [name];
  const transformers = transformed(random, prototype, name, kept, names);
  return { name, names, rules, nested: kept, transformers };
}

/** A property of the class's own class, as in a tree. */
function ownClass(type: Class): GeneratedClass {
  return { type, properties: [], made: [], transformers: [] };
}

const NESTED = VARIANTS.filter(({ name }) => name === 'ValidateNested');
const CONDITIONAL = VARIANTS.filter(({ name }) => ['IsOptional', 'ValidateIf', 'IsDefined'].includes(name));
const OF_LISTS = VARIANTS.filter(({ name }) => name.includes('Array'));

function ruled(random: Random, prototype: object, name: string, isNested: boolean): readonly Variant[] {
  const rules: Variant[] = [];
  if (isNested && random.chance(85)) rules.push(random.pick(NESTED));
  if (isNested && random.chance(20)) rules.push(random.pick(OF_LISTS));
  if (random.chance(25)) rules.push(random.pick(CONDITIONAL));
  const more = isNested ? random.below(2) : random.below(4);
  for (let i = 0; i < more; i++) rules.push(random.pick(VARIANTS));
  if (random.chance(4)) rules.push(random.pick(VARIANTS.filter((each) => each.name === 'Validate')));
  for (const rule of rules) rule.make(options(random))(prototype, name);
  return rules;
}

const notText = (() => 7) as unknown as () => string;
const messages: readonly ValidationOptions['message'][] = [
  'own',
  '$property of $target is $value, not $constraint1 or $constraint2',
  '$value$value $$ $& $constraint10',
  ({ value, property: of, targetName, constraints, object }) =>
    `${of} ${targetName} ${typeof value} ${constraints?.length} ${object.constructor?.name} $property`,
  7 as unknown as string,
  () => '',
];

function options(random: Random): ValidationOptions | undefined {
  if (random.chance(45)) return undefined;
  return {
    ...random.maybe(30, () => ({ each: random.chance(90) })),
    ...random.maybe(25, () => ({ message: random.chance(2) ? notText : random.pick(messages) })),
    ...random.maybe(15, () => ({ groups: random.pick([['g'], ['h'], ['g', 'h'], []]) })),
    ...random.maybe(8, () => ({ always: random.chance(60) })),
    ...random.maybe(15, () => ({ context: random.pick([{ one: 1 }, { two: 2, one: 3 }, 'text']) as object })),
  };
}

const transforms: readonly Parameters<typeof Transform>[0][] = [
  ({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value),
  ({ value, key }) => [value, key],
  ({ obj }) => Object.keys(obj as object).length,
  ({ options: given, type }) => [type, { ...given }],
  ({ value }: { value: unknown }) => (Array.isArray(value) ? new Set(value) : value),
  ({ value }: { value: unknown }) =>
    typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : value,
  ({ value }: { value: unknown }) => {
    if (value === 'boom') throw new RangeError('boom');
    return value;
  },
  ({ value }: { value: unknown }) => (value === 'later' ? Promise.resolve('x') : value),
  () => undefined,
];

function transformed(
  random: Random,
  prototype: object,
  name: string,
  nested: GeneratedClass | null,
  names: string[],
): readonly string[] {
  const used: string[] = [];
  const use = (label: string, decorator: PropertyDecorator) => {
    used.push(label);
    decorator(prototype, name);
  };
  const when = () => ({
    ...random.maybe(15, () => ({ since: random.below(3) })),
    ...random.maybe(15, () => ({ until: 1 + random.below(3) })),
    ...random.maybe(25, () => ({ groups: random.pick([['g'], ['h'], []]) })),
    ...random.maybe(15, () => ({ toClassOnly: true })),
    ...random.maybe(15, () => ({ toPlainOnly: true })),
  });
  if (nested !== null && random.chance(85)) use('Type', typed(random, nested));
  else if (random.chance(15)) {
    const builtIn = random.pick([String, Number, Boolean, Date, Buffer, Object, Array, Map, Set, undefined]);
    use('Type', random.chance(10) ? Type() : Type(() => builtIn as unknown as typeof Object));
  }
  if (random.chance(20)) {
    const outside = random.chance(40) ? random.pick(['x', 'y', 'a', 'b', 'toString']) : undefined;
    if (outside !== undefined) names.push(outside);
    use('Expose', Expose({ ...when(), ...(outside === undefined ? {} : { name: outside }) }));
  }
  if (random.chance(8)) use('Exclude', Exclude(random.chance(50) ? {} : { toPlainOnly: random.chance(50) }));
  while (random.chance(12))
    use('Transform', Transform(random.pick(transforms), random.chance(60) ? {} : when()));
  return used;
}

function typed(random: Random, nested: GeneratedClass): PropertyDecorator {
  if (random.chance(75)) return Type(() => nested.type);
  if (random.chance(50)) {
    return Type((given) => (given?.object?.kind === 'other' ? Object : nested.type) as typeof Object);
  }
  return Type(() => nested.type, {
    keepDiscriminatorProperty: random.chance(50),
    discriminator: {
      property: 'kind',
      subTypes: [
        { name: 'one', value: nested.type as unknown as new () => object },
        { name: 'two', value: Object },
      ],
    },
  });
}

/** Else each class would make the library slower for the next one, which looks at all of them. */
export function forget({ made }: GeneratedClass): void {
  const storages = [getMetadataStorage(), defaultMetadataStorage] as unknown as Record<string, unknown>[];
  for (const storage of storages) {
    for (const map of Object.values(storage)) {
      if (map instanceof Map) for (const type of made) map.delete(type);
    }
  }
}
