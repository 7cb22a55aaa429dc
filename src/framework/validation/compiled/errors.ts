import type { ValidatorOptions } from 'class-validator';
import { ValidationError } from 'class-validator/cjs/validation/ValidationError.js';
import type { RuleContext, RulesPlan } from './rules-plan.js';

/** What is the same for every class: the options, and the rules that were compiled for them so far. */
export interface ValidationContext {
  readonly options: ValidatorOptions;
  readonly plans: WeakMap<object, RulesPlan | null>;
  readonly showsTarget: boolean;
  readonly showsValue: boolean;
  readonly forbidsUnknown: boolean;
}

/** One validation: what has to be waited for, and whether no error can turn out to be none. */
export interface Run {
  readonly context: ValidationContext;
  readonly awaited: Promise<unknown>[];
  isClean: boolean;
}

/** An error of a property, without the constraints that it gets when one fails. */
export function emptyError(
  { showsTarget, showsValue }: ValidationContext,
  target: object,
  value: unknown,
  name: string,
): ValidationError {
  const error = new ValidationError();
  if (showsTarget) error.target = target;
  if (showsValue) error.value = value;
  error.property = name;
  error.children = [];
  return error;
}

/** The error of an object whose class has no rule. */
export function unknownValue(context: ValidationContext, target: object): ValidationError {
  const error = new ValidationError();
  if (context.showsTarget) error.target = target;
  error.value = undefined;
  // The library leaves it without a name, against its own type.
  Object.assign(error, { property: undefined });
  error.children = [];
  error.constraints = { unknownValue: 'an unknown value was passed to the validate function' };
  return error;
}

/** Whether an error has more than the errors below it. */
export function hasConstraint(error: ValidationError | null): boolean {
  return error !== null && Object.keys(error.constraints ?? {}).length > 0;
}

/** Adds the contexts of those rules that failed. */
export function addContexts(contexts: readonly RuleContext[], error: ValidationError | null): void {
  if (error === null || error.constraints === undefined) return;
  for (const each of contexts) if (error.constraints[each.code]) addContext(each, error);
}

export function addContext({ code, context }: RuleContext, error: ValidationError): void {
  error.contexts ??= {};
  const found: unknown = error.contexts[code];
  error.contexts[code] = Object.assign(found || {}, context);
}

/** Without errors that turned out to be none, as the library's `stripEmptyErrors`. */
export function stripped(errors: readonly ValidationError[]): ValidationError[] {
  return errors.filter((error) => {
    if (error.children) error.children = stripped(error.children);
    if (error.constraints !== undefined && Object.keys(error.constraints).length > 0) return true;
    if (error.children === undefined || error.children.length === 0) return false;
    delete error.constraints;
    return true;
  });
}
