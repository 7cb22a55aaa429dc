import { Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsEnum,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Class } from '../../../src/framework/class.js';
import type { Codec } from '../../../src/framework/codecs/codec.js';
import { csvCodec } from '../../../src/framework/codecs/csv.js';
import { xmlCodec } from '../../../src/framework/codecs/xml.js';
import type { Issue } from '../../../src/framework/errors/api-error.js';
import { typedText } from '../../../src/framework/validation/typed-text.js';
import { type BodyPlanOptions, bodyPlan } from '../../../src/framework/validation/value-plan.js';

enum Level {
  Low,
  High,
}

enum Colour {
  Red = 'red',
}

class Address {
  @IsString() street!: string;
  @IsOptional() @IsInt() number?: number;
}

class Person {
  @IsString() name!: string;
  @IsInt() age!: number;
  @IsBoolean() active!: boolean;
  @IsDate() @Type(() => Date) born!: Date;
  @ValidateNested() @Type(() => Address) home!: Address;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Address) others!: Address[];
  @IsArray() @IsString({ each: true }) tags!: string[];
  @IsArray() @IsNumber({}, { each: true }) scores!: number[];
  @IsEnum(Level) level!: Level;
  @Allow() big!: bigint;
  @IsOptional() @ValidateNested() @Type(() => Person) friend?: Person;
}

class Loose {
  @Allow() text?: string;
  @Allow() number?: number;
  @Allow() flag?: boolean;
  @Allow() big?: bigint;
  @Allow() date?: Date;
  @Allow() @Type(() => Date) made?: Date;
  @Allow() @Type(() => Number) typed?: unknown;
  @Allow() free?: unknown;
  @Allow() address?: Address;
  @Allow() list?: string[];
  @Allow() @Type(() => Number) numbers?: number[];
  @Allow() @Type(() => Date) dates?: Date[];
  @Allow() @Type(() => Number) set?: Set<number>;
  @Allow() @Type(() => Number) map?: Map<string, number>;
  @IsOptional() @Min(0) union?: number | null;
  @IsOptional() @IsInt({ each: true }) lists?: number[] | null;
  @IsEnum(Level) level?: Level;
  @IsEnum(Colour) colour?: Colour;
  @IsEnum(Level, { each: true }) levels?: Level[];
  @Expose({ name: 'other_name' }) @Allow() otherName?: number;
  @Transform(({ value }) => Number(value) * 2) @Allow() doubled?: number;
  @Transform(({ value }) => String(value), { toPlainOnly: true }) @Allow() shown?: number;
  @Type(() => Number) undecorated?: unknown;
}

class Child extends Loose {
  @Allow() more?: number;
}

function convert(
  type: Class | null,
  value: unknown,
  list = false,
): { value: unknown; issues: readonly Issue[] } {
  const issues: Issue[] = [];
  return { value: typedText(type, list)(value, issues), issues };
}

describe('a text', () => {
  it.each<[body: object, value: object]>([
    [{ text: '5' }, { text: '5' }],
    [{ number: '5' }, { number: 5 }],
    [{ number: '-1.5e3' }, { number: -1500 }],
    [{ flag: 'false' }, { flag: false }],
    [{ big: '12345678901234567890' }, { big: 12345678901234567890n }],
    [{ date: '2026-01-31' }, { date: new Date('2026-01-31') }],
    [{ made: '2026-01-31t12:00:00z' }, { made: '2026-01-31T12:00:00Z' }],
    [{ typed: '5' }, { typed: 5 }],
    [{ free: '5' }, { free: '5' }],
    [{ unknown: '5' }, { unknown: '5' }],
    [
      { toString: '5', hasOwnProperty: '' },
      { toString: '5', hasOwnProperty: '' },
    ],
    [{ union: '5' }, { union: 5 }],
    [{ level: '1' }, { level: Level.High }],
    [{ level: 'High' }, { level: Level.High }],
    [{ colour: 'red' }, { colour: Colour.Red }],
    [{ other_name: '5' }, { other_name: 5 }],
    [{ otherName: '5' }, { otherName: 5 }],
    [{ doubled: '5' }, { doubled: '5' }],
    [{ shown: '5' }, { shown: 5 }],
    [{ undecorated: '5' }, { undecorated: 5 }],
    [{ address: { number: '5', street: '6' } }, { address: { number: 5, street: '6' } }],
    [
      { more: '5', number: '6' },
      { more: 5, number: 6 },
    ],
  ])('%j becomes what its class declares', (body, value) => {
    expect(convert(Child, body)).toEqual({ value, issues: [] });
  });

  it.each<[body: object, path: string]>([
    [{ number: '12abc' }, '/number'],
    [{ number: '0x10' }, '/number'],
    [{ number: ' 5' }, '/number'],
    [{ number: '1_000' }, '/number'],
    [{ number: 'NaN' }, '/number'],
    [{ number: '9007199254740993' }, '/number'],
    [{ flag: '1' }, '/flag'],
    [{ flag: 'TRUE' }, '/flag'],
    [{ big: '1.0' }, '/big'],
    [{ date: '2026-02-30' }, '/date'],
    [{ made: '2026-01-31T12:00:00' }, '/made'],
    [{ made: 'yesterday' }, '/made'],
    [{ level: 'Medium' }, '/level'],
    [{ colour: 'constructor' }, '/colour'],
    [{ numbers: ['1', 'x', '3'] }, '/numbers/1'],
    [{ numbers: 'x' }, '/numbers/0'],
    [{ levels: ['2'] }, '/levels/0'],
    [{ address: { number: 'x' } }, '/address/number'],
    [{ map: { 'a/b': 'x' } }, '/map/a~1b'],
    [{ other_name: 'x' }, '/otherName'],
  ])('%j is an issue that does not quote it', (body, path) => {
    const { value, issues } = convert(Loose, body);
    expect(issues).toEqual([{ in: 'body', path, code: 'type', message: expect.any(String) }]);
    expect(JSON.stringify(value ?? null)).not.toMatch(/abc|yesterday|Medium|"x"/);
    expect(issues[0]?.message).not.toMatch(/12abc|yesterday|Medium|NaN/);
  });

  it('that is empty is no number, boolean, bigint, date or enum, and a property of no value is absent', () => {
    const body = {
      text: '',
      free: '',
      number: '',
      flag: '',
      big: '',
      date: '',
      made: '',
      typed: '',
      level: '',
    };
    expect(convert(Loose, body)).toEqual({ value: { text: '', free: '' }, issues: [] });
    expect(convert(Number, '').issues).toMatchObject([{ path: '', code: 'type' }]);
  });

  it('may be the whole body', () => {
    expect(convert(Number, '5')).toEqual({ value: 5, issues: [] });
    expect(convert(Boolean, 'true')).toEqual({ value: true, issues: [] });
    expect(convert(String, '5')).toEqual({ value: '5', issues: [] });
    expect(convert(null, '5')).toEqual({ value: '5', issues: [] });
    expect(convert(Number, '5x')).toEqual({
      value: undefined,
      issues: [{ in: 'body', path: '', code: 'type', message: 'the body must be a number' }],
    });
  });
});

describe('what has another shape than declared', () => {
  it.each<[body: unknown]>([
    [{ number: { a: '1' } }],
    [{ number: ['1', '2'] }],
    [{ number: null, list: null, address: null, map: null }],
    [{ address: 'x' }],
    [{ address: [{ number: '1' }] }],
    [{ map: 'x' }],
    [{ map: ['1'] }],
    ['x'],
    [null],
    [['1']],
    [undefined],
  ])('is left for the rules to refuse: %j', (body) => {
    expect(convert(Loose, body)).toEqual({ value: body, issues: [] });
  });

  it('keeps a key that reaches prototypes an ordinary one', () => {
    const body: unknown = JSON.parse('{"__proto__":{"number":"1"},"number":"2","address":{"__proto__":"x"}}');
    const { value } = convert(Loose, body);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"number":"1"},"number":2,"address":{"__proto__":"x"}}');
    expect(Reflect.get({}, 'number')).toBeUndefined();
  });
});

describe('an array', () => {
  it.each<[body: object, value: object]>([
    [{ list: ['a', 'b'] }, { list: ['a', 'b'] }],
    [{ list: 'a' }, { list: ['a'] }],
    [{ list: '' }, { list: [] }],
    [{}, {}],
    [{ list: { a: 'b' } }, { list: [{ a: 'b' }] }],
    [{ numbers: ['1', '2'] }, { numbers: [1, 2] }],
    [{ numbers: '1' }, { numbers: [1] }],
    [{ numbers: [null] }, { numbers: [null] }],
    [{ dates: '2026-01-31' }, { dates: ['2026-01-31'] }],
    [{ set: '1' }, { set: [1] }],
    [{ lists: '1' }, { lists: [1] }],
    [{ levels: ['Low', '1'] }, { levels: [0, 1] }],
    [{ map: '' }, { map: {} }],
    [{ map: { a: '1' } }, { map: { a: 1 } }],
    [{ address: '' }, { address: {} }],
  ])('of %j has the items that its class declares', (body, value) => {
    expect(convert(Loose, body)).toEqual({ value, issues: [] });
  });

  it.each<[name: string, body: unknown, value: unknown]>([
    ['an array', ['1', '2'], [1, 2]],
    ['an element with repeated children', { item: ['1', '2'] }, [1, 2]],
    ['an element with one child', { item: '1' }, [1]],
    ['an empty element', '', []],
  ])('is the whole body where it is %s', (_name, body, value) => {
    expect(convert(Number, body, true)).toEqual({ value, issues: [] });
  });

  it.each<[body: unknown]>([[{ a: ['1'], b: ['2'] }], [{}], ['x'], [null]])('is not made of %j', (body) => {
    expect(convert(Number, body, true)).toEqual({ value: body, issues: [] });
  });

  it('of nothing that is declared is still one', () => {
    expect(convert(null, { item: ['1', { a: '2' }] }, true).value).toEqual(['1', { a: '2' }]);
  });

  it('has its items’ places in the issues', () => {
    const { issues } = convert(
      Loose,
      { row: [{ number: '1' }, { number: 'x' }, { numbers: ['1', 'y'] }] },
      true,
    );
    expect(issues.map(({ path, message }) => [path, message])).toEqual([
      ['/1/number', 'number must be a number'],
      ['/2/numbers/1', 'item 1 must be a number'],
    ]);
  });
});

describe('a class that has itself for a property', () => {
  class Tree {
    @IsInt() size!: number;
    @ValidateNested({ each: true }) @Type(() => Tree) trees!: Tree[];
  }

  it('is converted at every depth', () => {
    const body = { size: '1', trees: { size: '2', trees: [{ size: '3' }, { size: '4', trees: '' }] } };
    expect(convert(Tree, body).value).toEqual({
      size: 1,
      trees: [{ size: 2, trees: [{ size: 3 }, { size: 4, trees: [] }] }],
    });
  });
});

const OPTIONS: BodyPlanOptions = {
  type: Person,
  list: false,
  validate: true,
  transform: {},
  unknownProperties: 'strip',
  size: { members: 100, values: 10_000 },
};

async function check(value: unknown, options: Partial<BodyPlanOptions> = {}, isText = true) {
  const issues: Issue[] = [];
  const checked = await bodyPlan({ ...OPTIONS, ...options }).check(value, issues, {
    isText,
    mostValues: null,
  });
  return { checked, issues: issues.map(({ path, code }) => `${path} ${code}`) };
}

function roundTrip(codec: Codec, value: unknown): unknown {
  return codec.read?.(Buffer.from(codec.write?.(value) ?? ''), {
    charset: null,
    parameters: new Map(),
    maxDepth: 100,
  });
}

describe('a body of texts', () => {
  class Sized {
    @IsInt() size!: number;
    @IsArray() @ArrayMinSize(3) @IsInt({ each: true }) sizes!: number[];
    @IsString() name!: string;
  }

  it('has one issue for a text that does not convert, and those of the other rules', async () => {
    const { issues } = await check({ size: 'x', sizes: ['1', 'y', '3'] }, { type: Sized });
    expect(issues).toEqual(['/size type', '/sizes/1 type', '/name isString']);
  });

  it('is checked by its rules when it is converted', async () => {
    expect((await check({ size: '1.5', sizes: '1', name: 'x' }, { type: Sized })).issues).toEqual([
      '/size isInt',
      '/sizes arrayMinSize',
    ]);
    expect((await check({ size: '', sizes: ['1', '2', '3'], name: 'x' }, { type: Sized })).issues).toEqual([
      '/size isInt',
    ]);
  });

  it('is converted only where it is said to be one', async () => {
    const body = { size: '1', sizes: ['1', '2', '3'], name: 'x' };
    expect((await check(body, { type: Sized })).issues).toEqual([]);
    expect((await check(body, { type: Sized }, false)).issues).toEqual(['/size isInt', '/sizes isInt']);
  });

  it('may be a primitive, or a list of them', async () => {
    expect(await check('5', { type: Number })).toEqual({ checked: 5, issues: [] });
    expect((await check('5x', { type: Number })).issues).toEqual([' type']);
    expect(await check({ n: ['1', '2'] }, { type: Number, list: true })).toEqual({
      checked: [1, 2],
      issues: [],
    });
    expect((await check({ n: ['1', 'x'] }, { type: Number, list: true })).issues).toEqual(['/1 type']);
    expect((await check({ n: ['1'], m: ['2'] }, { type: Number, list: true })).issues).toEqual([' isArray']);
  });

  it('is bytes where it is bytes, and anything where nothing is declared', async () => {
    const bytes = Buffer.from('x');
    expect((await check(bytes, { type: Buffer })).checked).toBe(bytes);
    expect((await check({ a: '1' }, { type: null })).checked).toEqual({ a: '1' });
  });

  it('is refused by its size before it is converted', async () => {
    const rows = Array.from({ length: 10_001 }, () => ({ size: 'x' }));
    expect((await check(rows, { type: Sized, list: true })).issues).toEqual([' tooManyValues']);
  });

  const text = fc.string({ unit: fc.constantFrom('a', ' ', '5', '<', '&', '"', ',', '\n', 'ü', '🐨') });
  const date = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
  const of = <T extends object>(Type: new () => T, model: { [K in keyof T]?: fc.Arbitrary<T[K]> }) =>
    fc
      .record(model as Record<string, fc.Arbitrary<unknown>>)
      .map((values) => Object.assign(new Type(), values));
  const address = of(Address, { street: text, number: fc.integer() });
  const number = fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
    .map((n) => n || 0);

  it('is the instance that was written as XML', async () => {
    const model = {
      name: text,
      age: fc.integer(),
      active: fc.boolean(),
      born: date,
      home: address,
      others: fc.array(address, { minLength: 1, maxLength: 3 }),
      tags: fc.array(
        text.filter((each) => each !== ''),
        { minLength: 1, maxLength: 3 },
      ),
      scores: fc.array(number, { minLength: 1, maxLength: 3 }),
      level: fc.constantFrom(Level.Low, Level.High),
      big: fc.bigInt({ min: -(10n ** 50n), max: 10n ** 50n }),
    };
    const person = of(Person, { ...model, friend: of(Person, model) });
    await fc.assert(
      fc.asyncProperty(person, async (given) => {
        expect(await check(roundTrip(xmlCodec, given))).toEqual({ checked: given, issues: [] });
        const list = await check(roundTrip(xmlCodec, [given]), { list: true });
        expect(list).toEqual({ checked: [given], issues: [] });
        expect(list.checked).toMatchObject([expect.any(Person)]);
      }),
    );
  });

  class Row {
    @IsString() name!: string;
    @IsOptional() @IsInt() age?: number;
    @IsOptional() @IsBoolean() active?: boolean;
    @IsOptional() @IsDate() @Type(() => Date) born?: Date;
    @IsEnum(Level) level!: Level;
  }

  it('is the instances that were written as CSV, without what they lack', async () => {
    const row = fc
      .record(
        { name: text, age: fc.integer(), active: fc.boolean(), born: date, level: fc.constantFrom(0, 1) },
        { requiredKeys: ['name', 'level'] },
      )
      .map((values) => Object.assign(new Row(), values));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), async (rows) => {
        const { checked, issues } = await check(roundTrip(csvCodec, rows), { type: Row, list: true });
        expect({ checked, issues }).toEqual({ checked: rows, issues: [] });
      }),
    );
  });
});
