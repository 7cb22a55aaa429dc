import { Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  MinLength,
  registerDecorator,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { ApiError, Body, Path, POST } from 'koanatomy';
import type request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

@ValidatorConstraint({ async: true })
class IsFree implements ValidatorConstraintInterface {
  async validate(value: unknown) {
    await Promise.resolve();
    return value !== 'taken';
  }
  defaultMessage({ value }: { value?: unknown } = {}) {
    return `the name ${String(value)} is taken`;
  }
}

function IsShouted(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isShouted',
      target: target.constructor,
      propertyName: String(property),
      validator: { validate: (value) => typeof value === 'string' && value === value.toUpperCase() },
    });
  };
}

class Part {
  @IsString() name!: string;
}

class Thing {
  @Validate(IsFree) @IsString() name!: string;
  @IsOptional() @IsShouted() cry?: string;
  @IsOptional() @IsInt({ groups: ['strict'] }) @Allow() size?: number;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Part) parts?: Part[];
  @IsOptional() @Transform(({ value }) => (value as string).trim()) @MinLength(1) trimmed?: string;
  @IsOptional() @Expose({ name: 'other_name' }) @IsString() otherName?: string;
  @IsOptional() @Type(() => Date) at?: Date;
  @IsOptional() @Allow() free?: unknown;
  save?: () => void;
}

class Picky {
  @Transform(({ value }) => {
    if (value === 'teapot') throw new ApiError(422, 'no teapots');
    return value as string;
  })
  @IsString()
  kind!: string;
}

@Path('/v')
class ValidationController {
  @POST('/thing') thing(thing: Thing) {
    return { is: thing instanceof Thing, ...thing };
  }
  @POST('/strict') strict(@Body({ validate: { groups: ['strict'], always: true } }) thing: Thing) {
    return { size: thing.size };
  }
  @POST('/raw') raw(@Body({ validate: false }) thing: Thing) {
    return { ...thing };
  }
  @POST('/list') list(@Body({ type: [Part] }) parts: Part[]) {
    return parts.map((part) => part instanceof Part);
  }
  @POST('/texts') texts(@Body({ type: String }) texts: string[]) {
    return texts;
  }
  @POST('/picky') picky(picky: Picky) {
    return picky.kind;
  }
}

let http: ReturnType<typeof request>;
beforeAll(async () => {
  http = await serve(ValidationController);
});

const issues = async (path: string, body: object) => {
  const answer = await http.post(path).send(body);
  return answer.status === 400
    ? answer.body.errors.map((issue: { path: string; code: string }) => `${issue.path} ${issue.code}`)
    : answer.body;
};

describe('a body of a class', () => {
  it('is an instance, transformed as its decorators say', async () => {
    const body = {
      name: 'x',
      parts: [{ name: 'p' }],
      trimmed: ' t ',
      other_name: 'o',
      at: '2020-01-01',
      free: { a: [1] },
    };
    expect(await issues('/v/thing', body)).toEqual({
      is: true,
      name: 'x',
      parts: [{ name: 'p' }],
      trimmed: 't',
      otherName: 'o',
      at: '2020-01-01T00:00:00.000Z',
      free: { a: [1] },
    });
  });

  it('is checked by asynchronous and custom rules too, without their quoting the value', async () => {
    const answer = await http.post('/v/thing').send({ name: 'taken', cry: 'quiet' });
    expect(answer.body.errors).toEqual([
      { in: 'body', path: '/name', code: 'IsFree', message: 'name is not valid' },
      expect.objectContaining({ path: '/cry', code: 'isShouted' }),
    ]);
  });

  it('is checked with the options that its parameter gives', async () => {
    expect(await issues('/v/strict', { name: 'x', size: 'big' })).toEqual(['/size isInt']);
    expect(await issues('/v/raw', { name: 1, more: 2 })).toEqual({ name: 1, more: 2 });
  });

  it.each([
    ['a transformer’s function that expects another type', { name: 'x', trimmed: 5 }],
    ['a key that names a constructor', { name: 'x', free: { constructor: 'x' } }],
  ])('that makes class-transformer throw is 400: %s', async (_, body) => {
    expect(await issues('/v/thing', body)).toEqual([' transform']);
  });

  it('that has an object for a date is 400', async () => {
    expect(await issues('/v/thing', { name: 'x', at: { valueOf: 1, toString: 1 } })).toEqual(['/at type']);
  });

  it('lets an ApiError of a transformer through', async () => {
    const answer = await http.post('/v/picky').send({ kind: 'teapot' });
    expect([answer.status, answer.body.detail]).toEqual([422, 'no teapots']);
  });

  it('keeps its methods: a property of their name is stripped', async () => {
    expect(await issues('/v/thing', { name: 'x', save: 'no', hasOwnProperty: 1, toString: 2 })).toEqual({
      is: true,
      name: 'x',
    });
  });

  it('has places that are JSON pointers', async () => {
    expect(await issues('/v/thing', { name: 'x', parts: [{ name: 'p' }, {}, null] })).toEqual([
      '/parts/1/name isString',
      '/parts/2 nestedValidation',
    ]);
  });
});

describe('a list', () => {
  it('has instances of its class', async () => {
    expect(await issues('/v/list', [{ name: 'a' }, { name: 'b' }])).toEqual([true, true]);
    expect(await issues('/v/list', [{ name: 'a' }, {}, 7])).toEqual(['/1/name isString', '/2 isObject']);
  });

  it('of primitives is checked item by item', async () => {
    expect(await issues('/v/texts', ['a', 'b'])).toEqual(['a', 'b']);
    expect(await issues('/v/texts', ['a', 1])).toEqual(['/1 isString']);
  });
});
