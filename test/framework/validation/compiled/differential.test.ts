import 'reflect-metadata';
import { type ClassTransformOptions, plainToInstance } from 'class-transformer';
import { useContainer, type ValidationError, type ValidatorOptions, validate } from 'class-validator';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Class } from '../../../../src/framework/class.js';
import { compileAccept, compileCheck } from '../../../../src/framework/validation/compiled/check.js';
import { isCompiled } from '../../../../src/framework/validation/compiled/options.js';
import { rulesPlan } from '../../../../src/framework/validation/compiled/rules-plan.js';
import { classPlan, transformContext } from '../../../../src/framework/validation/compiled/transform-plan.js';
import { forget, type GeneratedClass, generateClass } from './classes.js';
import { EXPORTED, VARIANTS } from './decorators.js';
import { Random } from './random.js';
import { copy, difference } from './same.js';
import { generateValue, transformOptions, validatorOptions } from './values.js';

/** Pairs of a class and a value; FC_RUNS=100000 for a night's sleep. */
const PAIRS = Number(process.env.FC_RUNS ?? 5_000);
const VALUES = 4;

// class-validator's own container looks instances up one by one, and here are tens of thousands.
const instances = new WeakMap<object, unknown>();
useContainer({
  get<T>(type: unknown): T {
    const Type = type as new () => T;
    if (!instances.has(Type)) instances.set(Type, new Type());
    return instances.get(Type) as T;
  },
});

type Outcome =
  | { readonly instance: unknown; readonly errors: readonly ValidationError[] }
  | { readonly thrown: string };

async function outcome(work: () => unknown): Promise<Outcome> {
  try {
    // Everything here is ready without waiting, or never: a value's own `then` may call nobody back.
    const never = new Promise((resolve) => setImmediate(resolve, { thrown: 'it never ends' }));
    return (await Promise.race([work(), never])) as Outcome;
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: String(error) };
    // The first of several that can't be deleted is another one: the plan begins with the last.
    return { thrown: `${error.name}: ${error.message.replace(/(?<=^Cannot delete property ).*/, '')}` };
  }
}

async function byLibrary(
  type: Class,
  value: unknown,
  transform: ClassTransformOptions,
  rules: ValidatorOptions,
): Promise<Outcome> {
  const instance = plainToInstance(type as unknown as new () => object, value as object, transform);
  return { instance, errors: await validate(instance, rules) };
}

interface Seen {
  pairs: number;
  passed: number;
  failed: number;
}

const coverage = new Map<string, Seen>();

function seen(name: string): Seen {
  const found = coverage.get(name) ?? { pairs: 0, passed: 0, failed: 0 };
  coverage.set(name, found);
  return found;
}

/** How failures of a decorator are called, in small letters; the table's own constraints belong to two. */
const CODES = new Map([
  ['Length', ['islength']],
  ['ValidateNested', ['nestedvalidation']],
  ['Validate', ['isshort', 'isfree', 'haspeers']],
  ['ValidateBy', ['iseven', 'istruthy', 'isfreelater']],
]);
/** Rules about rules, which never fail themselves. */
const NEVER_FAILS = ['Allow', 'IsOptional', 'ValidateIf', 'ValidatePromise'];

/** By decorator: how many pairs had it, of them with its error for its property and without. */
function count({ properties, transformers }: GeneratedClass, result: Outcome): void {
  for (const name of transformers) seen(name).pairs++;
  for (const { name: property, rules, transformers: own, nested } of properties) {
    for (const name of own) seen(name).pairs++;
    const errors = 'errors' in result ? errorsOf(result.errors, property) : null;
    for (const name of new Set(rules.map((rule) => rule.name))) {
      const entry = seen(name);
      entry.pairs++;
      if (errors === null) continue;
      const codes = CODES.get(name) ?? [name.toLowerCase()];
      if (errors.some((code) => codes.includes(code.toLowerCase()))) entry.failed++;
      else entry.passed++;
    }
    if (nested !== null && nested.properties.length > 0) count(nested, { thrown: 'not looked at' });
  }
}

function errorsOf(errors: readonly ValidationError[], property: string): readonly string[] {
  return Object.keys(errors.find((each) => each.property === property)?.constraints ?? {});
}

const total = { pairs: 0, thrown: 0, valid: 0, broken: 0, accepted: 0, transforms: 0, rules: 0, classes: 0 };

/** With the options of a body: what is accepted at once is what the libraries find no fault with. */
async function acceptable(type: Class, value: unknown, seed: number): Promise<void> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const rules = { whitelist: true, forbidUnknownValues: true, forbidNonWhitelisted: seed % 2 === 0 };
  const mine = copy(value) as object;
  const instance = compileAccept(type, {}, rules)(mine);
  if (instance === null) return;
  const theirs = copy(value);
  const expected = await outcome(() => byLibrary(type, theirs, {}, rules));
  const found = difference([expected, theirs], [{ instance, errors: [] }, mine]);
  if (found !== null) throw new Error(`seed ${seed}, accepted: ${found}`);
  total.accepted++;
}

async function pairs(seed: number): Promise<void> {
  const random = new Random(seed);
  const generated = generateClass(random);
  const { type } = generated;
  const [transform, rules] = [transformOptions(random), validatorOptions(random)];
  try {
    const context = transformContext(transform);
    total.classes++;
    if (context !== null && classPlan(context, type) !== null) total.transforms++;
    if (rulesPlan(type, rules) !== null) total.rules++;
    const check = compileCheck(type, transform, rules);
    for (let i = 0; i < VALUES; i++) {
      const value = random.chance(97)
        ? generateValue(random, generated)
        : [generateValue(random, generated), generateValue(random, generated)];
      const mine = copy(value);
      const theirs = copy(value);
      const expected = await outcome(() => byLibrary(type, theirs, transform, rules));
      const actual = await outcome(() => check(mine as object));
      const found = difference([expected, theirs], [actual, mine]);
      if (found !== null) throw new Error(`seed ${seed}, value ${i}: ${found}`);
      await acceptable(type, value, seed);
      total.pairs++;
      if ('thrown' in expected) total.thrown++;
      else if (expected.errors.length === 0) total.valid++;
      else total.broken++;
      count(generated, expected);
    }
  } finally {
    forget(generated);
  }
}

describe('the compiled plans against class-transformer and class-validator', () => {
  it('knows every property decorator that class-validator exports', () => {
    const known = new Set(VARIANTS.map(({ name }) => name));
    expect(EXPORTED.filter((name) => !known.has(name))).toEqual([]);
  });

  it(
    'makes equal instances and equal errors, or throws as they do, for generated classes and values',
    async () => {
      const property = fc.asyncProperty(fc.noBias(fc.integer()), pairs);
      await fc.assert(property, { numRuns: Math.ceil(PAIRS / VALUES), endOnFailure: true });
      expect(total.transforms / total.classes).toBeGreaterThan(0.85);
      expect(total.rules / total.classes).toBeGreaterThan(0.85);
      expect(Math.min(total.valid, total.thrown) / total.pairs).toBeGreaterThan(0.02);
      if (isCompiled()) expect(total.accepted / total.pairs).toBeGreaterThan(0.01);
      const all = [...EXPORTED, 'Type', 'Expose', 'Exclude', 'Transform'];
      expect(all.filter((name) => seen(name).pairs === 0)).toEqual([]);
      const ruling = EXPORTED.filter((name) => !NEVER_FAILS.includes(name));
      expect(ruling.filter((name) => seen(name).passed === 0 || seen(name).failed === 0)).toEqual([]);
    },
    Math.max(60_000, PAIRS * 20),
  );

  afterAll(() => {
    console.log(JSON.stringify(total));
    const rows = [...coverage].sort(([left], [right]) => left.localeCompare(right));
    console.log('decorator: pairs with it; at the outermost object: failed, passed');
    console.log(
      rows.map(([name, { pairs, failed, passed }]) => `${name} ${pairs}/${failed}/${passed}`).join('; '),
    );
  });
});
