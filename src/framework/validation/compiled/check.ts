import type { ClassTransformOptions } from 'class-transformer';
import { defaultOptions } from 'class-transformer/cjs/constants/default-options.constant.js';
import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum.js';
import { TransformOperationExecutor } from 'class-transformer/cjs/TransformOperationExecutor.js';
import type { ValidationError, ValidatorOptions } from 'class-validator';
import { Validator } from 'class-validator/cjs/validation/Validator.js';
import type { Class } from '../../class.js';
import { type Accept, Acceptance } from './accept.js';
import type { ValidationContext } from './errors.js';
import { isCompiled, optionsKey } from './options.js';
import { transform } from './transform.js';
import { type TransformContext, transformContext } from './transform-plan.js';
import { validateInstance, validationContext } from './validate.js';

/** An instance, and class-validator's errors of it. */
export interface Checked {
  readonly instance: unknown;
  readonly errors: ValidationError[];
}

/**
 * class-transformer's `plainToInstance` for one class, compiled when it is first called: the class's decorators, and
 * those of the classes that its `@Type`s name, are read once.
 *
 * @throws (the function) what the library throws for the same value
 */
export function compileTransform<T extends object>(
  type: Class<T>,
  options: ClassTransformOptions = {},
): (value: object) => T {
  const context = isCompiled() ? shared(transforms, options, transformContext) : null;
  const Type = type as unknown as new () => T;
  if (context === null) {
    // What `plainToInstance` does.
    const { PLAIN_TO_CLASS } = TransformationType;
    return (value) =>
      new TransformOperationExecutor(PLAIN_TO_CLASS, { ...defaultOptions, ...options }).transform(
        undefined,
        value,
        Type,
        undefined,
        undefined,
      ) as T;
  }
  return (value) => transform(context, value, type) as T;
}

/**
 * class-validator's `validate` for instances of any class, compiled when the first of a class comes: its errors, or a
 * promise of them where a rule is asynchronous.
 *
 * @throws (the function) what the library throws for the same object
 */
export function compileValidation(
  options: ValidatorOptions = {},
): (instance: object) => ValidationError[] | Promise<ValidationError[]> {
  // Its warning about missing metadata is the library's to give.
  if (!isCompiled() || options.enableDebugMessages)
    return (instance) => VALIDATOR.validate(instance, options);
  const context = shared(validations, options, validationContext);
  return (instance) => validateInstance(context, instance);
}

/**
 * Both in one walk, for a class that allows it and a value that has no fault: see {@link Accept}. Null where that is not
 * certain, and always where the compiled plans are off.
 */
export function compileAccept(
  type: Class,
  transformOptions: ClassTransformOptions = {},
  validatorOptions: ValidatorOptions = {},
): Accept {
  const transformation = isCompiled() ? shared(transforms, transformOptions, transformContext) : null;
  if (transformation === null || validatorOptions.enableDebugMessages) return () => null;
  const validation = shared(validations, validatorOptions, validationContext);
  const acceptance = acceptanceOf(transformation, validation);
  return (value) => {
    try {
      return acceptance.of(type)?.(value) ?? null;
    } catch {
      // Whatever was thrown, it is thrown again where it is told from a fault of the value.
      return null;
    }
  };
}

const acceptances = new WeakMap<TransformContext, Map<ValidationContext, Acceptance>>();

function acceptanceOf(transformation: TransformContext, validation: ValidationContext): Acceptance {
  const known = acceptances.get(transformation) ?? new Map<ValidationContext, Acceptance>();
  acceptances.set(transformation, known);
  const acceptance = known.get(validation) ?? new Acceptance(transformation, validation);
  known.set(validation, acceptance);
  return acceptance;
}

/** Both, one after the other: what {@link compileTransform} makes is validated. */
export function compileCheck(
  type: Class,
  transformOptions: ClassTransformOptions = {},
  validatorOptions: ValidatorOptions = {},
): (value: object) => Checked | Promise<Checked> {
  const instantiate = compileTransform(type, transformOptions);
  const check = compileValidation(validatorOptions);
  const accept = compileAccept(type, transformOptions, validatorOptions);
  return (value) => {
    const accepted = accept(value);
    if (accepted !== null) return { instance: accepted, errors: [] };
    const instance = instantiate(value);
    const errors = check(instance);
    if (!(errors instanceof Promise)) return { instance, errors };
    return errors.then((found) => ({ instance, errors: found }));
  };
}

const VALIDATOR = new Validator();

const transforms = new Map<string, TransformContext | null>();
const validations = new Map<string, ValidationContext>();

/** One context, and so one plan a class, for all operations with equal options. They are the application's: few. */
function shared<Options extends object, Context>(
  known: Map<string, Context>,
  options: Options,
  make: (options: Options) => Context,
): Context {
  const key = optionsKey(options);
  if (key === null) return make({ ...options });
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make({ ...options });
  known.set(key, made);
  return made;
}
