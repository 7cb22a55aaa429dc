import type { ValidationArguments, ValidationError } from 'class-validator';
import { addContext, emptyError, hasConstraint, type Run } from './errors.js';
import { messageOf } from './message.js';
import type { Metadata, Rule, Validate } from './rules-plan.js';

/** What class-validator looks into, item by item. */
export type Collection = readonly unknown[] | Set<unknown> | Map<unknown, unknown>;

export function isCollection(value: unknown): value is Collection {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}

/**
 * Runs the rules of a property, and adds to its error, which is made by the first that fails, or by the first that
 * may fail later.
 */
export function checked(
  run: Run,
  rules: readonly Rule[],
  targetName: string,
  target: object,
  value: unknown,
  before: ValidationError | null,
): ValidationError | null {
  let error = before;
  const { stopAtFirstError } = run.context.options;
  for (const rule of rules) {
    const { metadata } = rule;
    if (stopAtFirstError && hasConstraint(error)) continue;
    const validate = rule.validate ?? ownValidate(rule);
    const { propertyName: property, constraints } = metadata;
    const given: ValidationArguments = { targetName, property, object: target, value, constraints };
    const isValid =
      rule.each && isCollection(value) ? eachValid(validate, value, given) : validate(value, given);
    if (isValid === true) continue;
    if (isPromise(isValid)) {
      const late = failing(run, target, value, metadata, error);
      error = late;
      run.awaited.push(
        isValid.then((is) => (is ? undefined : failLate(run, rule, targetName, target, value, late))),
      );
    } else if (!isValid) {
      error = failing(run, target, value, metadata, error);
      fail(run, rule, targetName, target, value, error);
    }
  }
  return error;
}

/** Of a class of the application, which class-validator's container is asked for. */
function ownValidate({ constraint }: Rule): Validate {
  const { instance } = constraint;
  return (value, given) => instance.validate(value, given);
}

/** Every item is validated, also after one that isn't valid, as the library does. */
function eachValid(validate: Validate, value: Collection, given: ValidationArguments): unknown {
  const items: readonly unknown[] = Array.isArray(value) ? value : [...value.values()];
  const { length } = items;
  let isValid = true;
  let isAsync = false;
  const results: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const item = items[i];
    if (item === undefined && !(i in items)) {
      // A hole is skipped, except that Promise.all sees it.
      results.push(undefined);
      continue;
    }
    const result = validate(item, given);
    if (result === true) continue;
    if (isPromise(result)) isAsync = true;
    else if (!result) isValid = false;
    results.push(result);
  }
  return isAsync ? Promise.all(results).then((all) => all.every((each) => each)) : isValid;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}

function failing(
  { context }: Run,
  target: object,
  value: unknown,
  { propertyName }: Metadata,
  before: ValidationError | null,
): ValidationError {
  const error = before ?? emptyError(context, target, value, propertyName);
  error.constraints ??= {};
  return error;
}

function fail(
  { context }: Run,
  { metadata, constraint, code, instance, message: parts }: Rule,
  targetName: string,
  target: object,
  value: unknown,
  error: ValidationError,
): void {
  const { message: own, propertyName, constraints } = metadata;
  const given = { targetName, property: propertyName, object: target, value, constraints };
  let message = own || '';
  if (!own && !context.options.dismissDefaultMessages) {
    const asked = instance ?? constraint.instance;
    if (asked.defaultMessage instanceof Function) message = asked.defaultMessage(given);
  }
  error.constraints ??= {};
  error.constraints[code] = messageOf(message, given, parts);
}

function failLate(
  run: Run,
  rule: Rule,
  targetName: string,
  target: object,
  value: unknown,
  error: ValidationError,
): void {
  fail(run, rule, targetName, target, value, error);
  const { context } = rule.metadata;
  if (context) addContext({ code: rule.code, context: context as object }, error);
}
