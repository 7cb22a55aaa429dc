import type { ClassTransformOptions } from 'class-transformer';
import type { ValidatorOptions } from 'class-validator';
import { type GeneratedClass, type GeneratedProperty, GROUPS } from './classes.js';
import type { Random } from './random.js';

const SCALARS: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  0,
  -1,
  1,
  2.5,
  Number.NaN,
  '',
  'abc',
  'taken',
  'boom',
  'later',
  ' x ',
  '$&$`$value',
  '12',
  '2020-01-01',
  10n,
  new Date(1000),
];

/** What may stand in a key that no class declares. */
const KEYS = [
  'extra',
  'kind',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  '__defineGetter__',
  '7',
];

/** A value for the class: often right, sometimes wrong, with keys of its own. */
export function generateValue(random: Random, of: GeneratedClass, depth = 3): unknown {
  const entries: [string, unknown][] = [];
  for (const property of of.properties) {
    if (random.chance(12)) continue;
    const name = random.chance(75) ? (property.names.at(-1) as string) : random.pick(property.names);
    entries.push([name, valueFor(random, property, depth)]);
  }
  if (random.chance(15)) entries.push(['kind', random.pick(['one', 'two', 'other', 5])]);
  while (random.chance(12)) entries.push([random.pick(KEYS), junk(random, depth)]);
  if (random.chance(10)) entries.reverse();
  return Object.fromEntries(entries);
}

function valueFor(random: Random, { rules, nested }: GeneratedProperty, depth: number): unknown {
  if (nested !== null && depth > 0 && random.chance(85)) {
    const one = () => (random.chance(4) ? junk(random, depth - 1) : generateValue(random, nested, depth - 1));
    if (random.chance(50)) return one();
    const list = Array.from({ length: random.below(4) }, one);
    return random.chance(8) ? [list] : list;
  }
  const fitting = rules.filter((rule) => rule.valid.length > 0);
  if (fitting.length > 0 && random.chance(80)) {
    const value = random.pick(random.pick(fitting).valid);
    return random.chance(15) ? [value, value] : value;
  }
  return junk(random, depth);
}

function junk(random: Random, depth: number): unknown {
  if (depth <= 0 || random.chance(60)) return random.pick(SCALARS);
  if (random.chance(45)) return Array.from({ length: random.below(3) }, () => junk(random, depth - 1));
  if (random.chance(5)) return new Map([['k', junk(random, depth - 1)]]);
  if (random.chance(5)) return new Set([junk(random, depth - 1)]);
  if (random.chance(3)) return Object.assign([], { 2: junk(random, depth - 1) });
  // biome-ignore lint/suspicious/noThenProperty: what the libraries take for a promise.
  if (random.chance(2)) return { then: (done: (value: unknown) => void) => done('then') };
  const keys = ['a', 'b', random.pick(KEYS)].filter(() => random.chance(60));
  return Object.fromEntries(keys.map((key) => [key, junk(random, depth - 1)]));
}

export function transformOptions(random: Random): ClassTransformOptions {
  if (random.chance(35)) return {};
  return {
    ...random.maybe(20, () => ({ excludeExtraneousValues: random.chance(80) })),
    ...random.maybe(25, () => ({ exposeDefaultValues: random.chance(90) })),
    ...random.maybe(25, () => ({ enableImplicitConversion: random.chance(90) })),
    ...random.maybe(15, () => ({ exposeUnsetFields: random.chance(30) })),
    ...random.maybe(15, () => ({ strategy: random.pick(['excludeAll', 'exposeAll']) as 'exposeAll' })),
    ...random.maybe(20, () => ({ groups: random.pick([[], ['g'], GROUPS]) })),
    ...random.maybe(20, () => ({ version: random.below(4) })),
    ...random.maybe(6, () => ({ ignoreDecorators: true })),
    ...random.maybe(3, () => ({ enableCircularCheck: true })),
    ...random.maybe(3, () => ({ excludePrefixes: ['a'] })),
  };
}

export function validatorOptions(random: Random): ValidatorOptions {
  const common = random.chance(50) ? { whitelist: true, forbidUnknownValues: true } : {};
  if (random.chance(30)) return { ...common, forbidNonWhitelisted: random.chance(50) };
  const flags = [
    'whitelist',
    'forbidNonWhitelisted',
    'forbidUnknownValues',
    'always',
    'strictGroups',
    'skipMissingProperties',
    'skipNullProperties',
    'skipUndefinedProperties',
    'stopAtFirstError',
    'dismissDefaultMessages',
  ];
  const flagged = flags.filter(() => random.chance(18)).map((name) => [name, random.chance(70)]);
  return {
    ...common,
    ...Object.fromEntries(flagged),
    ...random.maybe(25, () => ({ groups: random.pick([[], ['g'], GROUPS]) })),
    ...random.maybe(20, () => ({
      validationError: {
        ...random.maybe(50, () => ({ target: random.chance(40) })),
        ...random.maybe(50, () => ({ value: random.chance(40) })),
      },
    })),
  };
}
