/**
 * The libraries' own executors, which their types don't show: what a plan leaves to a library, it leaves to
 * these, for that part of a value only. The differential tests fail when a version changes what is declared here.
 */
declare module 'class-transformer/cjs/TransformOperationExecutor.js' {
  import type { ClassTransformOptions, TransformationType } from 'class-transformer';

  export class TransformOperationExecutor {
    constructor(type: TransformationType, options: ClassTransformOptions);
    transform(
      source: undefined,
      value: unknown,
      targetType: unknown,
      arrayType: unknown,
      isMap: boolean | undefined,
      level?: number,
    ): unknown;
    getKeys(target: unknown, object: object, isMap: boolean): PropertyKey[];
    checkVersion(since: unknown, until: unknown): boolean;
    checkGroups(groups: unknown): boolean;
  }
}

declare module 'class-transformer/cjs/constants/default-options.constant.js' {
  import type { ClassTransformOptions } from 'class-transformer';

  export const defaultOptions: ClassTransformOptions;
}

declare module 'class-validator/cjs/validation/ValidationExecutor.js' {
  import type { ValidationError, Validator, ValidatorOptions } from 'class-validator';

  export class ValidationExecutor {
    constructor(validator: Validator, options: ValidatorOptions | undefined);
    awaitingPromises: Promise<unknown>[];
    execute(object: object, schema: string | undefined, errors: ValidationError[]): void;
  }
}

declare module 'class-validator/cjs/validation/ValidationUtils.js' {
  import type { ValidationArguments } from 'class-validator';

  export const ValidationUtils: {
    replaceMessageSpecialTokens(
      message: string | ((given: ValidationArguments) => string),
      given: ValidationArguments,
    ): string;
  };
}
