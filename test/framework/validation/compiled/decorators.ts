import * as cv from 'class-validator';

type Options = cv.ValidationOptions | undefined;

/** A decorator of class-validator with parameters, and values that it takes, or that only it refuses. */
export interface Variant {
  readonly name: string;
  readonly valid: readonly unknown[];
  make(options: Options): PropertyDecorator;
}

export enum Colour {
  Red = 'red',
  Blue = 'blue',
}
export class Thing {
  name = 'thing';
}

@cv.ValidatorConstraint({ name: 'isShort' })
export class IsShort implements cv.ValidatorConstraintInterface {
  validate(value: unknown, given?: cv.ValidationArguments) {
    const [most = 3] = (given?.constraints ?? []) as number[];
    return typeof value === 'string' && value.length <= most;
  }
  defaultMessage(given?: cv.ValidationArguments) {
    return `$property of $target: ${String(given?.value)} is longer than $constraint1 ($value)`;
  }
}

@cv.ValidatorConstraint({ async: true })
export class IsFree implements cv.ValidatorConstraintInterface {
  async validate(value: unknown) {
    await Promise.resolve();
    return value !== 'taken';
  }
}

/** Looks at the other properties, and has no message; its name is the class's. */
@cv.ValidatorConstraint()
export class HasPeers implements cv.ValidatorConstraintInterface {
  validate(_value: unknown, given?: cv.ValidationArguments) {
    return Object.keys(given?.object ?? {}).length > 2;
  }
}

/** Has no constraint metadata: class-validator runs nothing for it. */
export class Unregistered implements cv.ValidatorConstraintInterface {
  validate() {
    return false;
  }
}

const custom: Record<string, readonly ((options: Options) => PropertyDecorator)[]> = {
  Validate: [
    (options) => cv.Validate(IsShort, options),
    (options) => cv.Validate(IsShort, [2], options),
    (options) => cv.Validate(IsFree, options),
    (options) => cv.Validate(HasPeers, options),
    (options) => cv.Validate(Unregistered, options),
  ],
  ValidateBy: [
    (options) =>
      cv.ValidateBy(
        {
          name: 'isEven',
          constraints: [2, Symbol('two')],
          validator: {
            validate: (value: unknown) => typeof value === 'number' && value % 2 === 0,
            defaultMessage: () => '$property must be even, that is by $constraint1',
          },
        },
        options,
      ),
    (options) =>
      cv.ValidateBy(
        {
          name: 'isTruthy',
          constraints: [[1, 'a'], { a: 1 }, /x/g, undefined],
          validator: {
            // Not a boolean: what counts is whether it is truthy.
            validate: (value) => value as boolean,
            defaultMessage: () =>
              '$property: $constraint1, $constraint2, $constraint3, $constraint4, $value $$',
          },
        },
        options,
      ),
    (options) =>
      cv.ValidateBy(
        {
          name: 'isFreeLater',
          async: true,
          validator: {
            validate: (value: unknown) =>
              (typeof value === 'string'
                ? Promise.resolve(value !== 'taken')
                : value !== 5) as Promise<boolean>,
            defaultMessage: () => '$value is taken',
          },
        },
        options,
      ),
  ],
  ValidateIf: [
    (options) => cv.ValidateIf((object: object) => 'a' in object, options),
    (options) => cv.ValidateIf((_object, value) => value !== null, options),
    (options) =>
      cv.ValidateIf((_object, value) => {
        if (value === 'boom') throw new RangeError('a condition was asked');
        return value as boolean;
      }, options),
  ],
};

/** What a decorator is called with before its options, with values that satisfy it, or that are needed for it to fail. */
const parameters: Record<
  string,
  readonly (readonly [parameters: readonly unknown[], valid: readonly unknown[]])[]
> = {
  Allow: [[[], [1]]],
  IsDefined: [[[], [1, 'x']]],
  IsOptional: [[[], [null, undefined]]],
  ValidateNested: [[[], [{ a: 'x' }, [{ a: 1 }], [[{ b: 2 }]], []]]],
  ValidatePromise: [[[], ['x']]],
  IsLatLong: [[[], ['52.5,13.4']]],
  IsLatitude: [[[], ['52.5', 10]]],
  IsLongitude: [[[], ['13.4', 20]]],
  Equals: [
    [[7], [7]],
    [['x'], ['x']],
  ],
  NotEquals: [[[7], [8, 7]]],
  IsEmpty: [[[], ['', null]]],
  IsNotEmpty: [[[], ['x', 0]]],
  IsIn: [[[['x', 'y']], ['x', 'y']]],
  IsNotIn: [[[['x', 'y']], ['z', 'x']]],
  IsDivisibleBy: [[[3], [9]]],
  IsPositive: [[[], [1]]],
  IsNegative: [[[], [-1]]],
  Max: [[[5], [4]]],
  Min: [[[5], [6]]],
  MinDate: [
    [[new Date(0)], [new Date(10)]],
    [[() => new Date(0)], [new Date(10)]],
  ],
  MaxDate: [[[new Date(10)], [new Date(0)]]],
  Contains: [[['x'], ['axb']]],
  NotContains: [[['x'], ['ab']]],
  IsAlpha: [
    [['en-US'], ['abc']],
    [[undefined], ['abc']],
  ],
  IsAlphanumeric: [[['en-US'], ['abc1']]],
  IsDecimal: [
    [[{ decimal_digits: '1' }], ['1.5']],
    [[undefined], ['1.5']],
  ],
  IsAscii: [[[], ['abc']]],
  IsBase64: [[[undefined], ['YWJj']]],
  IsByteLength: [[[1, 5], ['abc']]],
  IsCreditCard: [[[], ['4111111111111111']]],
  IsCurrency: [[[undefined], ['$10.50']]],
  IsEmail: [
    [[undefined], ['a@example.org']],
    [[{ require_tld: false }], ['a@localhost']],
  ],
  IsFQDN: [[[undefined], ['example.org']]],
  IsFullWidth: [[[], ['ａｂｃ']]],
  IsHalfWidth: [[[], ['abc']]],
  IsVariableWidth: [[[], ['aａ']]],
  IsHexColor: [[[], ['#aabbcc']]],
  IsHexadecimal: [[[], ['ab12']]],
  IsMACAddress: [[[undefined], ['01:02:03:04:05:ab']]],
  IsIP: [
    [[4], ['10.0.0.1']],
    [[undefined], ['::1']],
  ],
  IsPort: [[[], ['8080']]],
  IsISBN: [[[13], ['9783836221191']]],
  IsISIN: [[[], ['US0378331005']]],
  IsISO8601: [
    [[{ strict: true }], ['2020-01-01']],
    [[undefined], ['2020-01-01T10:00:00Z']],
  ],
  IsJSON: [[[], ['{"a":1}']]],
  IsJWT: [[[], ['eyJhbGciOiJIUzI1NiJ9.e30.abc']]],
  IsLowercase: [[[], ['abc']]],
  IsMobilePhone: [[['de-DE', undefined], ['+4915123456789']]],
  IsISO31661Alpha2: [[[], ['DE']]],
  IsISO31661Alpha3: [[[], ['DEU']]],
  IsMongoId: [[[], ['507f1f77bcf86cd799439011']]],
  IsMultibyte: [[[], ['äöü中']]],
  IsSurrogatePair: [[[], ['😀']]],
  IsUrl: [[[undefined], ['https://example.org/a']]],
  IsUUID: [[['4'], ['6ba7b814-9dad-41d1-80b4-00c04fd430c8']]],
  IsFirebasePushId: [[[], ['-M1234567890abcdefgh']]],
  IsUppercase: [[[], ['ABC']]],
  Length: [[[1, 3], ['ab']]],
  MaxLength: [[[3], ['ab']]],
  MinLength: [[[3], ['abcd']]],
  Matches: [
    [[/^a+$/], ['aaa']],
    [['^b+$', 'i'], ['BBB']],
  ],
  IsPhoneNumber: [[['DE'], ['+4930123456']]],
  IsMilitaryTime: [[[], ['13:45']]],
  IsHash: [[['md5'], ['d41d8cd98f00b204e9800998ecf8427e']]],
  IsISSN: [[[undefined], ['0378-5955']]],
  IsDateString: [[[undefined], ['2020-01-01']]],
  IsBooleanString: [[[], ['true']]],
  IsNumberString: [[[undefined], ['12']]],
  IsBase32: [[[], ['ME======']]],
  IsBIC: [[[], ['DEUTDEFF']]],
  IsBtcAddress: [[[], ['1BoatSLRHtKNngkdXEeobR76b53LETtpyT']]],
  IsDataURI: [[[], ['data:text/plain;base64,YQ==']]],
  IsEAN: [[[], ['4006381333931']]],
  IsEthereumAddress: [[[], ['0x0000000000000000000000000000000000000001']]],
  IsHSL: [[[], ['hsl(360,100%,50%)']]],
  IsIBAN: [[[], ['DE89370400440532013000']]],
  IsIdentityCard: [[['ES'], ['99999999R']]],
  IsISRC: [[[], ['USAT29900609']]],
  IsLocale: [[[], ['de_DE']]],
  IsMagnetURI: [[[], ['magnet:?xt=urn:btih:06E2A9683BF4DA92C73A661AC56F0ECC9C63C5B4']]],
  IsMimeType: [[[], ['text/plain']]],
  IsOctal: [[[], ['017']]],
  IsPassportNumber: [[['DE'], ['C01X00T47']]],
  IsPostalCode: [[['DE'], ['10115']]],
  IsRFC3339: [[[], ['2020-01-01T00:00:00Z']]],
  IsRgbColor: [[[true], ['rgb(1,2,3)']]],
  IsSemVer: [[[], ['1.2.3']]],
  IsStrongPassword: [[[{ minLength: 4 }], ['aA1!aaaa']]],
  IsTimeZone: [[[], ['Europe/Berlin']]],
  IsBase58: [[[], ['BukQL']]],
  IsTaxId: [[['de-DE'], ['26954371827']]],
  IsISO4217CurrencyCode: [[[], ['EUR']]],
  IsBoolean: [[[], [true, false]]],
  IsDate: [[[], [new Date(5)]]],
  IsNumber: [
    [[{ maxDecimalPlaces: 2 }], [1.25]],
    [[undefined], [1]],
  ],
  IsEnum: [
    [[Colour], ['red']],
    [[{ One: 1, Two: 2 }], [2]],
  ],
  IsInt: [[[], [1]]],
  IsString: [[[], ['abc', '$& $value $property']]],
  IsArray: [[[], [[1, 'x']]]],
  IsObject: [[[], [{ a: 1 }]]],
  ArrayContains: [[[[1]], [[1, 2]]]],
  ArrayNotContains: [[[[1]], [[2]]]],
  ArrayNotEmpty: [[[], [[1]]]],
  ArrayMinSize: [[[1], [[1]]]],
  ArrayMaxSize: [[[1], [[]]]],
  ArrayUnique: [
    [[undefined], [[1, 2]]],
    [[(item: unknown) => JSON.stringify(item)], [['x', 'y']]],
  ],
  IsNotEmptyObject: [
    [[{ nullable: true }], [{ a: 1 }]],
    [[undefined], [{ a: 1 }]],
  ],
  IsInstance: [[[Thing], [new Thing()]]],
};

type Factory = (...parameters: unknown[]) => PropertyDecorator;

/** Every property decorator that class-validator exports. */
export const VARIANTS: readonly Variant[] = [
  ...Object.entries(parameters).flatMap(([name, each]) =>
    each.map(([before, valid]) => ({
      name,
      valid,
      make: (options: Options) =>
        (cv as unknown as Record<string, Factory>)[name]?.(...before, options) as PropertyDecorator,
    })),
  ),
  ...Object.entries(custom).flatMap(([name, each]) =>
    each.map((make) => ({ name, valid: ['ab', 2, 'free'], make })),
  ),
];

const NO_PROPERTY_DECORATOR = new Set([
  'ValidatorConstraint',
  'ValidationError',
  'ValidationTypes',
  'Validator',
  'MetadataStorage',
]);

/** The names that class-validator exports of its property decorators. */
export const EXPORTED: readonly string[] = Object.entries(cv)
  .filter(
    ([name, value]) => /^[A-Z]/.test(name) && typeof value === 'function' && !NO_PROPERTY_DECORATOR.has(name),
  )
  .map(([name]) => name);
