import 'reflect-metadata';
import { type ClassTransformOptions, instanceToPlain, plainToInstance } from 'class-transformer';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Class } from '../../../src/framework/class.js';
import { ClassWriter } from '../../../src/framework/serialisation/class-writer.js';
import { toWritable } from '../../../src/framework/validation/to-writable.js';
import { forget, type GeneratedClass, generateClass } from '../validation/compiled/classes.js';
import { Random } from '../validation/compiled/random.js';
import { copy } from '../validation/compiled/same.js';
import { generateValue, transformOptions } from '../validation/compiled/values.js';

/** Pairs of a class and a value; FC_RUNS=100000 for a night's sleep. */
const PAIRS = Number(process.env.FC_RUNS ?? 5_000);
const VALUES = 4;

const total = { pairs: 0, written: 0, thrown: 0, instances: 0, plain: 0, lists: 0, classes: 0 };
const coverage = new Map<string, { pairs: number; written: number }>();

function count({ properties, transformers }: GeneratedClass, isWritten: boolean): void {
  const labels = [...transformers, ...properties.flatMap((each) => each.transformers)];
  for (const label of labels) {
    const seen = coverage.get(label) ?? { pairs: 0, written: 0 };
    seen.pairs += 1;
    if (isWritten) seen.written += 1;
    coverage.set(label, seen);
  }
  for (const { nested } of properties)
    if (nested !== null && nested.properties.length > 0) count(nested, isWritten);
}

function attempt(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch (error) {
    return `thrown: ${error instanceof Error ? `${error.name} ${error.message}` : String(error)}`;
  }
}

type Kind = 'instances' | 'plain' | 'lists';

/** The same value each time: a discriminator writes to what it is asked about. */
function made(kind: Kind, type: Class, value: unknown): unknown {
  const given = copy(value);
  if (kind === 'plain') return given;
  try {
    const instance = plainToInstance(type as unknown as new () => object, given as object);
    return kind === 'lists' ? [instance, null, instance, undefined, 'text'] : instance;
  } catch {
    return given;
  }
}

function byLibrary(writer: ClassWriter, type: Class, value: unknown): string | undefined {
  return attempt(() => JSON.stringify(writer.toPlain(value, type), toWritable));
}

function pairs(seed: number): void {
  const random = new Random(seed);
  const generated = generateClass(random);
  const { type } = generated;
  const options: ClassTransformOptions = random.chance(40) ? {} : transformOptions(random);
  const writer = new ClassWriter(options);
  total.classes += 1;
  try {
    for (let i = 0; i < VALUES; i++) {
      const value = generateValue(random, generated);
      const kind = random.pick<Kind>(['instances', 'instances', 'plain', 'lists']);
      const expected = byLibrary(writer, type, made(kind, type, value));
      const text = attempt(() => writer.write(made(kind, type, value), type)?.toString() ?? 'left');
      total.pairs += 1;
      total[kind] += 1;
      count(generated, text !== 'left');
      if (text === 'left') continue;
      if (text?.startsWith('thrown')) total.thrown += 1;
      else total.written += 1;
      if (text !== expected) throw new Error(`seed ${seed}, value ${i} (${kind}): ${text} is ${expected}`);
      // What applications call says the same of instances.
      const instance = made(kind, type, value);
      if (kind !== 'instances' || (instance as object | null)?.constructor !== type) continue;
      const plain = attempt(() => JSON.stringify(instanceToPlain(instance, options), toWritable));
      if (plain !== expected) throw new Error(`seed ${seed}, value ${i}: instanceToPlain gives ${plain}`);
    }
  } finally {
    forget(generated);
  }
}

describe('compiled serialisation against instanceToPlain and JSON.stringify', () => {
  it(
    'writes the same text, or throws the same, for generated classes and values',
    () => {
      const property = fc.property(fc.noBias(fc.integer()), pairs);
      fc.assert(property, { numRuns: Math.ceil(PAIRS / VALUES), endOnFailure: true });
      expect(total.written / total.pairs).toBeGreaterThan(0.3);
      for (const name of ['Type', 'Expose', 'Exclude', 'Transform', 'Exclude or Expose of a class']) {
        expect([name, (coverage.get(name)?.written ?? 0) > PAIRS / 200]).toEqual([name, true]);
      }
    },
    Math.max(60_000, PAIRS * 20),
  );

  afterAll(() => {
    console.log(JSON.stringify(total));
    console.log('decorator: pairs with it; of them written without the library');
    console.log(
      [...coverage].map(([name, { pairs: all, written }]) => `${name} ${all}/${written}`).join('; '),
    );
  });
});
