// node bench/validation.mjs, after a build: class-transformer and class-validator against the compiled plans, alone,
// in one process: JSON value → instance and errors. The answers are compared before anything is timed.
import 'reflect-metadata';
import { deepStrictEqual } from 'node:assert';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsEmail,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
  validate,
} from 'class-validator';
import { compileCheck } from '../dist/framework/validation/compiled/check.js';

const ROUNDS = 7;
const NS_PER_ROUND = 60_000_000;
const OPTIONS = { whitelist: true, forbidUnknownValues: true };

class Small {
  name;
  age;
  email;
  active;
  note;
}
class Address {
  street;
  city;
}
class Order {
  id;
  small;
  addresses;
}
class List {
  items;
}

declare(Small, 'name', [IsString(), Length(1, 50)]);
declare(Small, 'age', [IsInt(), Min(0), Max(150)]);
declare(Small, 'email', [IsEmail()]);
declare(Small, 'active', [IsBoolean()]);
declare(Small, 'note', [IsOptional(), IsString()]);
declare(Address, 'street', [IsString()]);
declare(Address, 'city', [IsString()]);
declare(Order, 'id', [IsInt()]);
declare(Order, 'small', [ValidateNested(), Type(() => Small)]);
declare(Order, 'addresses', [IsArray(), ValidateNested({ each: true }), Type(() => Address)]);
declare(List, 'items', [IsArray(), ValidateNested({ each: true }), Type(() => Small)]);

function declare(type, property, decorators) {
  // From the last to the first, as TypeScript calls them.
  for (const decorator of decorators.reverse()) decorator(type.prototype, property);
}

const small = { name: 'Ada', age: 36, email: 'ada@example.org', active: true, note: 'x' };
const broken = { name: '', age: 1.5, email: 'ada', active: 'yes', note: 5 };
const address = { street: 'Main Street 1', city: 'Berlin' };
const workloads = [
  ['small, valid', Small, small],
  ['small, invalid', Small, broken],
  ['small, with a key that nobody declared', Small, { ...small, more: 1 }],
  ['nested, valid', Order, { id: 1, small, addresses: [address, address] }],
  ['nested, invalid', Order, { id: '1', small: broken, addresses: [address, { street: 1 }] }],
  ['list of 100, valid', List, { items: Array.from({ length: 100 }, () => small) }],
  ['list of 100, invalid', List, { items: Array.from({ length: 100 }, () => broken) }],
];

async function byLibrary(type, value) {
  const instance = plainToInstance(type, value);
  return { instance, errors: await validate(instance, OPTIONS) };
}

/** ns each, median of the rounds; library and plan alternate within a round. */
async function time(works) {
  const runs = works.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, work] of works.entries()) {
      const start = process.hrtime.bigint();
      let count = 0;
      let spent = 0n;
      do {
        for (let each = 0; each < 20; each++) {
          const result = work();
          if (result instanceof Promise) await result;
        }
        count += 20;
        spent = process.hrtime.bigint() - start;
      } while (spent < NS_PER_ROUND);
      // The first round is for the compiler.
      if (round > 0) runs[i].push(Number(spent) / count);
    }
  }
  return runs.map((each) => each.sort((a, b) => a - b)[each.length >> 1]);
}

console.log('| value | libraries, ns | compiled, ns | ratio |');
console.log('| --- | --- | --- | --- |');
for (const [name, type, value] of workloads) {
  const check = compileCheck(type, {}, OPTIONS);
  deepStrictEqual(check(structuredClone(value)), await byLibrary(type, structuredClone(value)));
  const [library, plan] = await time([() => byLibrary(type, value), () => check(value)]);
  console.log(`| ${name} | ${Math.round(library)} | ${Math.round(plan)} | ${(library / plan).toFixed(1)} |`);
}
