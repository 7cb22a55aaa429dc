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

declare module 'class-transformer/cjs/enums/transformation-type.enum.js' {
  export { TransformationType } from 'class-transformer';
}

declare module 'class-validator/cjs/metadata/MetadataStorage.js' {
  export { getMetadataStorage } from 'class-validator';
}

declare module 'class-validator/cjs/validation/ValidationError.js' {
  export { ValidationError } from 'class-validator';
}

declare module 'class-validator/cjs/validation/ValidationTypes.js' {
  export { ValidationTypes } from 'class-validator';
}

declare module 'class-validator/cjs/validation/Validator.js' {
  export { Validator } from 'class-validator';
}

/** Single files of routing-controllers: its index brings its drivers for Express and Koa, and class-validator. */
declare module 'routing-controllers/cjs/http-error/HttpError.js' {
  export { HttpError } from 'routing-controllers';
}

declare module 'routing-controllers/cjs/metadata-builder/MetadataArgsStorage.js' {
  import type { getMetadataArgsStorage } from 'routing-controllers';

  export type MetadataArgsStorage = ReturnType<typeof getMetadataArgsStorage>;
  export const MetadataArgsStorage: new () => MetadataArgsStorage;
}
