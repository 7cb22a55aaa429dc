import 'reflect-metadata';
import { Exclude, Expose, plainToInstance, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Min,
  registerDecorator,
  ValidateIf,
  ValidateNested,
  type ValidationArguments,
  validate,
} from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Class } from '../../../../src/framework/class.js';
import { compileAccept } from '../../../../src/framework/validation/compiled/check.js';
import { isCompiled } from '../../../../src/framework/validation/compiled/options.js';

class Address {
  @IsString() @Length(1, 20) street!: string;
  @Matches(/^\d{4}$/) postcode!: string;
}

class Tag {
  @IsString() name = 'none';
  @ValidateNested({ each: true }) @IsOptional() @Type(() => Tag) below?: Tag[];
}

class Base {
  @IsInt() @Min(1) quantity!: number;
}

class Order extends Base {
  @Length(3, 10) reference!: string;
  @IsIn(['low', 'high']) priority = 'low';
  @IsOptional() @IsString() note?: string | null;
  @ValidateIf((order: Order) => order.note !== undefined) @IsInt() pages!: number;
  @IsArray() @ArrayMaxSize(3) @IsString({ each: true }) labels!: string[];
  @ValidateNested() @Type(() => Address) address!: Address;
  @ValidateNested({ each: true }) @IsArray() @Type(() => Tag) tags!: Tag[];
  @IsDate() @IsOptional() @Type(() => Date) at?: Date;
  @Expose({ name: 'as' }) @IsString() own!: string;
  @Allow() anything: unknown;
  @Exclude() @IsOptional() secret?: string;
  method(): string {
    return 'x';
  }
}

const RULES = { whitelist: true, forbidUnknownValues: true };

function valid(): Record<string, unknown> {
  return {
    quantity: 2,
    reference: 'abc',
    priority: 'high',
    note: 'n',
    pages: 3,
    labels: ['a', 'b'],
    address: { street: 'Here 1', postcode: '3000' },
    tags: [{ name: 'a', below: [{ name: 'b' }] }, {}],
    at: '2026-01-01T00:00:00Z',
    as: 'renamed',
    anything: { at: { all: [1, { is: null }] } },
    secret: 'hidden',
  };
}

const KEYS = [...Object.keys(valid()), 'method', 'own', 'unknown', 'toString', 'length'];
const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'abc',
  'low',
  0,
  1,
  true,
  [],
  ['a'],
  [['a']],
  [null],
  {},
  [{}],
  [{ name: 1 }],
  { street: 'x', postcode: '1' },
  { street: 'x', postcode: '1234', more: 1 },
  { constructor: { name: 'x' } },
);

async function byLibrary(type: Class, value: object, rules: object) {
  const instance = plainToInstance(type as unknown as new () => object, value);
  return { instance, errors: await validate(instance, rules) };
}

// Nothing is with KOANATOMY_COMPILED=off.
describe.skipIf(!isCompiled())('a value that is accepted at once', () => {
  it.each([
    false,
    true,
  ])('is what the libraries make of it, without a fault (refusing: %s)', async (refuses) => {
    const rules = { ...RULES, forbidNonWhitelisted: refuses };
    const accept = compileAccept(Order, {}, rules);
    let accepted = 0;
    const changes = fc.array(fc.tuple(fc.constantFrom(...KEYS), odd), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, fc.boolean(), async (changed, isReversed) => {
        const entries = Object.entries({ ...valid(), ...Object.fromEntries(changed) });
        if (isReversed) entries.reverse();
        const value = () => structuredClone(Object.fromEntries(entries));
        const made = accept(value());
        if (made === null) return;
        accepted += 1;
        const { instance, errors } = await byLibrary(Order, value(), rules);
        expect(errors).toEqual([]);
        expect(made).toStrictEqual(instance);
        expect(Object.keys(made)).toEqual(Object.keys(instance));
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(400);
  });

  it('is one of a class that is nested in itself', () => {
    const accept = compileAccept(Tag, {}, RULES);
    expect(accept({ name: 'a', below: [{ name: 'b', below: [{ name: 'c' }] }] })).toBeInstanceOf(Tag);
    expect(accept({ name: 'a', below: [{ name: 'b', below: [{ name: 1 }] }] })).toBeNull();
  });

  it('is none of a class with what only the plans know', () => {
    class Trimmed {
      @IsString() @Transform(({ value }) => String(value).trim()) name!: string;
    }
    class Guarded {
      #name = '';
      @IsString() set name(name: string) {
        this.#name = name;
      }
      get name() {
        return this.#name;
      }
    }
    class Unruled {
      name = 'x';
    }
    for (const type of [Trimmed, Guarded, Unruled]) {
      expect(compileAccept(type, {}, RULES)({ name: 'a' })).toBeNull();
    }
    expect(compileAccept(Tag, {}, { ...RULES, whitelist: false })({ name: 'a' })).toBeNull();
    expect(compileAccept(Tag, { enableImplicitConversion: true }, RULES)({ name: 'a' })).toBeNull();
  });

  it('leaves what it gives up as it came', () => {
    class One {}
    class Kinds {
      @Type(() => One, { discriminator: { property: 'kind', subTypes: [{ name: 'one', value: One }] } })
      of: unknown;
    }
    class Holder {
      @Allow() @Type(() => Kinds) kinds: unknown;
      @IsInt() number!: number;
    }
    const value = { kinds: { of: { kind: 'one' } }, number: 'none' };
    expect(compileAccept(Holder, {}, RULES)(value)).toBeNull();
    expect(value).toEqual({ kinds: { of: { kind: 'one' } }, number: 'none' });
  });

  it('is none where a rule throws, or turns out to be asynchronous, which is not run twice each time', () => {
    const seen: ValidationArguments[] = [];
    const rule = (name: string, validateIt: (value: unknown, given: ValidationArguments) => never) => {
      return (target: object, propertyName: string) =>
        registerDecorator({
          name,
          target: target.constructor,
          propertyName,
          validator: { validate: validateIt },
        });
    };
    class Late {
      @rule('isLate', (_, given) => {
        seen.push(given);
        return Promise.reject(new Error('nobody waits')) as never;
      })
      name!: string;
    }
    class Throwing {
      @rule('throws', () => {
        throw new Error('thrown');
      })
      name!: string;
    }
    const accept = compileAccept(Late, {}, RULES);
    for (let i = 0; i < 5; i++) expect(accept({ name: 'a' })).toBeNull();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      targetName: 'Late',
      property: 'name',
      value: 'a',
      object: { name: 'a' },
    });
    expect(compileAccept(Throwing, {}, RULES)({ name: 'a' })).toBeNull();
  });
});
