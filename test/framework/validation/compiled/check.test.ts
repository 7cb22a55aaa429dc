import 'reflect-metadata';
import {
  type ClassTransformOptions,
  Exclude,
  Expose,
  plainToInstance,
  Transform,
  Type,
} from 'class-transformer';
import {
  Allow,
  ArrayNotEmpty,
  Contains,
  Equals,
  IsArray,
  IsDate,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  MinLength,
  useContainer,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatePromise,
  type ValidationArguments,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
  type ValidatorOptions,
  validate,
} from 'class-validator';
import { afterEach, describe, expect, it } from 'vitest';
import type { Class } from '../../../../src/framework/class.js';
import {
  compileCheck,
  compileTransform,
  compileValidation,
} from '../../../../src/framework/validation/compiled/check.js';
import { difference } from './same.js';

@ValidatorConstraint({ name: 'longer', async: false })
class IsLonger implements ValidatorConstraintInterface {
  validate(text: string, given?: ValidationArguments) {
    const [property] = (given?.constraints ?? []) as [string];
    return text?.length > String(Reflect.get(given?.object ?? {}, property)).length;
  }
  defaultMessage() {
    return 'the text ($value) is no longer than $constraint1';
  }
}

@ValidatorConstraint({ name: 'free', async: true })
class IsFree implements ValidatorConstraintInterface {
  async validate(value: unknown) {
    await Promise.resolve();
    return value !== 'taken';
  }
  defaultMessage() {
    return '$property $value is taken';
  }
}

class Tag {
  @MinLength(2, { message: 'at least $constraint1 of $property: $value' }) name!: string;
}

class Post {
  @Length(10, 20) title!: string;
  @Contains('hello', { context: { code: 1 } }) text!: string;
  @IsInt() @Min(0) @Max(10, { message: ({ value }) => `${value} is too much` }) rating!: number;
  @IsEmail({}, { groups: ['mail'] }) @IsOptional({ always: true }) email?: string;
  @IsDate() @Type(() => Date) created!: Date;
  @ValidateNested() @Type(() => Tag) tag!: Tag;
  @IsArray() @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => Tag) tags!: Tag[];
  @MaxLength(3, { each: true }) labels!: Set<string> | string[];
  @ValidateIf((post: Post) => post.text === 'x') @IsNotEmpty() reason?: string;
  @Validate(IsLonger, ['text']) more?: string;
  @Allow() anything?: unknown;
}

class Draft extends Post {
  @IsDefined() @IsString({ message: 'a draft has a title' }) override title = 'a draft';
  @Validate(IsFree) @IsOptional() slug?: string;
}

class Photo {
  @IsString() caption!: string;
}
class Landscape extends Photo {
  @IsInt() panorama!: number;
}
class Portrait extends Photo {
  @Equals('me') person!: string;
}
class Album {
  @Type(() => Photo, {
    discriminator: {
      property: 'kind',
      subTypes: [
        { name: 'landscape', value: Landscape },
        { name: 'portrait', value: Portrait },
      ],
    },
  })
  @ValidateNested()
  photos!: Photo[];
  @Type(() => Photo, {
    keepDiscriminatorProperty: true,
    discriminator: { property: 'kind', subTypes: [{ name: 'landscape', value: Landscape }] },
  })
  @ValidateNested()
  cover!: Photo;
  @ValidateNested() @Type(() => Tag) byName!: Map<string, Tag>;
  @ValidateNested() @Type(() => Tag) unique!: Set<Tag>;
}

@Exclude()
class User {
  @Expose({ name: 'user_id' }) @IsInt() id!: number;
  @Expose({ groups: ['admin'] }) @IsString() email!: string;
  @Expose({ since: 2, until: 3 }) @IsOptional() @IsString() nick?: string;
  @IsOptional() @IsString() password?: string;
  @Expose() @Transform(({ value, obj }) => `${value} of ${Object.keys(obj as object).length}`) name!: string;
  @Expose() @IsIn(['a', 'b']) role = 'a';
  get shout() {
    return `${this.name}!`;
  }
}

class Tree {
  @IsString() name!: string;
  @IsOptional() @ValidateNested() @Type(() => Tree) child?: Tree;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Tree) children?: Tree[];
}

const post = {
  title: 'a title of some length',
  text: 'say hello',
  rating: 11.5,
  email: 'nobody',
  created: '2020-01-01T00:00:00Z',
  tag: { name: 'x', extra: 1 },
  tags: [{ name: 'ab' }, null, 7, [{ name: 'c' }], { name: '$&' }],
  labels: ['long', 'ok'],
  more: 'text',
  unknown: true,
};
const album = {
  photos: [
    { kind: 'landscape', caption: 'x', panorama: 'no' },
    { kind: 'portrait', person: 'you' },
    { kind: 'x' },
  ],
  cover: { kind: 'landscape', caption: 5 },
  byName: { one: { name: 'a' }, two: { name: 'ab' } },
  unique: [{ name: 'a' }, { name: 'b' }],
};
const user = {
  user_id: '5',
  id: 6,
  email: 'a',
  nick: 5,
  password: 'x',
  name: 'Ada',
  shout: 'no',
  role: undefined,
};

const examples: readonly [string, Class, unknown, ClassTransformOptions?, ValidatorOptions?][] = [
  ['a post with everything wrong', Post, post],
  ['an empty post', Post, {}],
  ['a post in a group', Post, post, {}, { groups: ['mail'] }],
  ['a post in strict groups', Post, post, {}, { strictGroups: true }],
  ['a post whose rules always hold', Post, post, {}, { groups: ['x'], always: true }],
  ['a post without what is unknown', Post, post, {}, { whitelist: true }],
  ['a post that may have nothing unknown', Post, post, {}, { whitelist: true, forbidNonWhitelisted: true }],
  ['a post without what is missing', Post, { title: null }, {}, { skipMissingProperties: true }],
  ['a post up to its first errors', Post, post, {}, { stopAtFirstError: true }],
  ['a post without messages', Post, post, {}, { dismissDefaultMessages: true }],
  ['errors without targets and values', Post, post, {}, { validationError: { target: false, value: false } }],
  ['a subclass with rules of both', Draft, { ...post, title: 5, slug: 'taken' }],
  ['an asynchronous rule that holds', Draft, { slug: 'free' }],
  ['subtypes in a list, one, a Map and a Set', Album, album],
  ['an excluded class', User, user],
  ['an excluded class for a group and a version', User, user, { groups: ['admin'], version: 2 }],
  ['only what is exposed', User, user, { excludeExtraneousValues: true, exposeDefaultValues: true }],
  ['emitted types', User, user, { enableImplicitConversion: true, strategy: 'exposeAll' }],
  ['a tree', Tree, { name: 'a', child: { name: 1 }, children: [{ name: 'b', children: [{}] }, []] }],
  ['an array of trees', Tree, [{ name: 'a' }, { name: 1 }]],
];

/** What differs from the libraries where they do all of it: answers at once, and in less time. */
const isOff = process.env.KOANATOMY_COMPILED === 'off';

describe('a compiled class', () => {
  it.each(
    examples,
  )('makes the instance and the errors that the libraries make: %s', async (_name, type, value, ...given) => {
    const [transform, rules] = given;
    const instance = plainToInstance(type as new () => object, structuredClone(value) as object, transform);
    const expected = { instance, errors: await validate(instance, rules) };
    const check = compileCheck(type, transform, rules);
    for (let i = 0; i < 3; i++) {
      expect(difference(expected, await check(structuredClone(value) as object))).toBeNull();
    }
  });

  it.skipIf(isOff)(
    'answers at once where nothing is asynchronous, and with a promise where something is',
    async () => {
      expect(compileCheck(Tree)({ name: 'a' })).toMatchObject({ errors: [] });
      const later = compileCheck(Draft)({ slug: 'taken' });
      expect(later).toBeInstanceOf(Promise);
      const { errors } = await later;
      expect(errors.find(({ property }) => property === 'slug')?.constraints).toEqual({
        free: 'slug taken is taken',
      });
    },
  );

  it('gives way to class-validator where a promise is validated', async () => {
    class Later {
      @ValidatePromise() @MinLength(3) text: unknown;
    }
    const check = compileValidation();
    expect(await check(Object.assign(new Later(), { text: Promise.resolve('abc') }))).toEqual([]);
    expect(await check(Object.assign(new Later(), { text: Promise.resolve('ab') }))).toHaveLength(1);
  });
});

describe.skipIf(isOff)('as class-validator does', () => {
  it('asks every condition, also after one that does not hold', () => {
    const asked: string[] = [];
    const condition = (name: string) => () => {
      asked.push(name);
      return false;
    };
    class Asked {
      @ValidateIf(condition('first')) @ValidateIf(condition('second')) @IsString() text: unknown;
    }
    expect(compileValidation()(new Asked())).toEqual([]);
    expect(asked).toEqual(['second', 'first']);
  });

  it('skips the holes of a list, unless a rule is asynchronous', async () => {
    class Holes {
      @IsString({ each: true }) now: unknown;
      @Validate(IsFree, { each: true }) later: unknown;
    }
    const holes = Object.assign(new Holes(), {
      now: Object.assign([], { 1: 'a' }),
      later: Object.assign([], { 1: 'a' }),
    });
    const errors = await compileValidation()(holes);
    expect(difference(await validate(holes), errors)).toBeNull();
    expect(errors.map(({ property }) => property)).toEqual(['later']);
  });
});

describe.skipIf(isOff)('what only the libraries do', () => {
  it('is left to them: references that go round in a circle', () => {
    const options = { enableCircularCheck: true };
    const round: Record<string, unknown> = { name: 'a' };
    round.child = { name: 'b', child: round };
    const expected = plainToInstance(Tree, round, options);
    expect(difference(expected, compileTransform(Tree, options)(round))).toBeNull();
  });

  it('is left to them: constraints that are called as what every object has', async () => {
    @ValidatorConstraint({ name: 'toString' })
    class Holds implements ValidatorConstraintInterface {
      validate() {
        return true;
      }
    }
    class Odd {
      @Validate(Holds, { context: { odd: true } }) @ValidateNested() @Type(() => Tag) tag!: Tag;
    }
    const odd = Object.assign(new Odd(), { tag: new Tag() });
    expect(difference(await validate(odd), compileValidation()(odd))).toBeNull();
  });

  it('is left to them: objects of no class', async () => {
    const tree = Object.assign(new Tree(), { name: 'a', child: { constructor: 5 } });
    expect(difference(await validate(tree), compileValidation()(tree))).toBeNull();
  });
});

describe.skipIf(isOff)('constraints of the application', () => {
  afterEach(() => {
    useContainer({ get: (Type) => new (Type as unknown as new () => never)() });
  });

  it('come from the container of class-validator, each time', () => {
    const check = compileValidation();
    const tagged = Object.assign(new Draft(), { more: 'x' });
    const of = () => {
      const errors = check(tagged);
      return errors instanceof Promise ? [] : errors.filter(({ property }) => property === 'more');
    };
    expect(of()).toHaveLength(1);
    const lenient = { validate: () => true };
    useContainer({
      get: (Type) =>
        (Type === (IsLonger as unknown) ? lenient : new (Type as never as typeof IsLonger)()) as never,
    });
    expect(of()).toHaveLength(0);
  });

  it('that throw leave no rejection behind that ends the process', async () => {
    class Fails {
      validate(value: unknown): Promise<boolean> {
        if (value === 'now') throw new RangeError('now');
        return Promise.reject(new Error('later'));
      }
    }
    ValidatorConstraint({ async: true })(Fails);
    class Two {
      @Validate(Fails) a = 'later';
      @Validate(Fails) b = 'now';
    }
    expect(() => compileValidation()(new Two())).toThrow(RangeError);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(compileValidation()(Object.assign(new Two(), { b: 'later' }))).rejects.toThrow('later');
  });
});

describe.skipIf(isOff)('hostile values', () => {
  it('change no prototype, whatever their keys', () => {
    const text =
      '{"name":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}';
    const made = compileTransform(Tree)({ ...JSON.parse(text), child: JSON.parse(text) });
    expect(Object.getPrototypeOf(made)).toBe(Tree.prototype);
    expect(Object.getPrototypeOf(made.child)).toBe(Tree.prototype);
    expect(Reflect.get(made, 'polluted')).toBeUndefined();
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Object.keys(made)).not.toContain('constructor');
  });

  it('take time in proportion to their size: 100,000 keys that nobody declared', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
    const start = performance.now();
    const checked = compileCheck(Tree, {}, { whitelist: true })({ ...wide, name: 'a' });
    expect(checked).toMatchObject({ errors: [] });
    expect('instance' in checked && Object.keys(checked.instance as Tree)).toHaveLength(3);
    // class-transformer needs 20 s.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('that are too deep throw what can be caught', () => {
    let deep: object = { name: 'a' };
    for (let i = 0; i < 100_000; i++) deep = { name: 'a', child: deep };
    expect(() => compileCheck(Tree)(deep)).toThrow(RangeError);
    let lists: unknown = [];
    for (let i = 0; i < 100_000; i++) lists = [lists];
    expect(() => compileCheck(Tree)({ name: lists })).toThrow(RangeError);
  });

  it('are not called for their functions and getters of others', () => {
    expect(() => compileCheck(Tree)({ name: 'a', child: { constructor: 'x' } })).not.toThrow();
    expect(() => compileCheck(Post)({ anything: { constructor: 'x' } })).toThrow(TypeError);
  });
});
