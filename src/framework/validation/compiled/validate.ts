import type { ValidationError, ValidatorOptions } from 'class-validator';
import { ValidationExecutor } from 'class-validator/cjs/validation/ValidationExecutor.js';
import { ValidationTypes } from 'class-validator/cjs/validation/ValidationTypes.js';
import { Validator } from 'class-validator/cjs/validation/Validator.js';
import {
  addContexts,
  emptyError,
  hasConstraint,
  type Run,
  stripped,
  unknownValue,
  type ValidationContext,
} from './errors.js';
import { messageOf } from './message.js';
import { type Metadata, type PropertyPlan, type RulesPlan, rulesPlan } from './rules-plan.js';
import { type Collection, checked, isCollection } from './run-rules.js';

type Errors = ValidationError[] | null;

/** The context of {@link validateInstance} for class-validator's options. */
export function validationContext(options: ValidatorOptions): ValidationContext {
  const { validationError, forbidUnknownValues } = options;
  const isShown = (shown: boolean | undefined) => shown === undefined || shown === true;
  return {
    options,
    plans: new WeakMap(),
    showsTarget: !validationError || isShown(validationError.target),
    showsValue: !validationError || isShown(validationError.value),
    forbidsUnknown: forbidUnknownValues !== false,
  };
}

/**
 * class-validator's `validate` with the metadata read once: the same errors, at once where no rule is
 * asynchronous.
 *
 * @throws what constraints and conditions throw; a promise rejects with what asynchronous ones reject with
 */
export function validateInstance(
  context: ValidationContext,
  instance: object,
): ValidationError[] | Promise<ValidationError[]> {
  const run: Run = { context, awaited: [], isClean: true };
  const errors = started(run, instance) ?? [];
  if (run.awaited.length > 0) return Promise.all(run.awaited).then(() => stripped(errors));
  return run.isClean ? errors : stripped(errors);
}

/** A constraint that throws must not leave others behind whose rejection nobody handles: that ends the process. */
function started(run: Run, instance: object): Errors {
  try {
    return object(run, instance, null);
  } catch (error) {
    for (const each of run.awaited) each.catch(() => {});
    throw error;
  }
}

function object(run: Run, target: object, before: Errors): Errors {
  const { context } = run;
  const plan = rulesOfClass(context, target.constructor);
  if (plan === null) return byLibrary(run, target, before ?? []);
  if (plan.isUnknown && context.forbidsUnknown) return [unknownValue(context, target)];
  let errors: Errors = context.options.whitelist ? whitelist(run, plan, target) : null;
  for (const each of plan.properties) {
    const error = property(run, plan, each, target);
    if (error !== null) errors = added(errors, error);
  }
  return errors;
}

/** The rules of a class, compiled when they are first asked for. */
export function rulesOfClass(context: ValidationContext, type: unknown): RulesPlan | null {
  if (typeof type !== 'function') return null;
  const found = context.plans.get(type);
  if (found !== undefined) return found;
  const plan = rulesPlan(type, context.options);
  context.plans.set(type, plan);
  return plan;
}

/**
 * A part of the value as class-validator does it, which waits with the rest; it may add errors to the list when a
 * promise is there.
 */
function byLibrary(run: Run, target: object, errors: ValidationError[]): ValidationError[] {
  const executor = new ValidationExecutor(LIBRARY, run.context.options);
  executor.awaitingPromises = run.awaited;
  run.isClean = false;
  executor.execute(target, undefined, errors);
  return errors;
}

const LIBRARY = new Validator();

function added(errors: Errors, error: ValidationError): ValidationError[] {
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}

/** Properties without a rule: removed, or errors. */
function whitelist({ context }: Run, { known }: RulesPlan, target: object): Errors {
  let extra: string[] | null = null;
  for (const key of Object.keys(target)) {
    const found = known[key] as { readonly length?: unknown } | undefined;
    // Names that every object has are found too, as the library finds them.
    if (found && found.length !== 0) continue;
    if (extra === null) extra = [key];
    else extra.push(key);
  }
  if (extra === null) return null;
  const values = target as Record<string, unknown>;
  if (!context.options.forbidNonWhitelisted) {
    // From the last, which V8 takes back like a step; else the object becomes a hash table, and slow for good.
    for (const key of extra.reverse()) delete values[key];
    return null;
  }
  return extra.map((key) => {
    const error = emptyError(context, target, values[key], key);
    error.constraints = { [ValidationTypes.WHITELIST]: `property ${key} should not exist` };
    error.children = undefined;
    return error;
  });
}

function property(
  run: Run,
  { Type, name }: RulesPlan,
  plan: PropertyPlan,
  target: object,
): ValidationError | null {
  const { context } = run;
  const value = (target as Record<string, unknown>)[plan.property];
  if (plan.conditions.length > 0 && !isChecked(plan.conditions, target, value)) return null;
  let error: ValidationError | null = null;
  if (plan.defined.length > 0) {
    error = checked(run, plan.defined, name ?? Type.name, target, value, null);
    addContexts(plan.definedContexts, error);
  }
  if (isMissing(context.options, value)) return error;
  if (plan.rules.length > 0) error = checked(run, plan.rules, name ?? Type.name, target, value, error);
  if (plan.nested.length > 0) error = nested(run, plan, target, value, plan.property, error);
  addContexts(plan.contexts, error);
  return error;
}

type Conditions = readonly [(target: object, value: unknown) => unknown];

/** Every condition is asked, whatever the first of them says: they may be the application's. */
function isChecked(conditions: readonly Metadata[], target: object, value: unknown): boolean {
  let holds = true;
  for (const { constraints } of conditions) {
    if (!(constraints as unknown as Conditions)[0](target, value)) holds = false;
  }
  return holds;
}

function isMissing(
  { skipUndefinedProperties, skipNullProperties, skipMissingProperties }: ValidatorOptions,
  value: unknown,
): boolean {
  if (value === undefined) return skipUndefinedProperties === true || skipMissingProperties === true;
  return value === null && (skipNullProperties === true || skipMissingProperties === true);
}

function nested(
  run: Run,
  plan: PropertyPlan,
  target: object,
  value: unknown,
  name: string,
  before: ValidationError | null,
): ValidationError | null {
  if (value === undefined) return before;
  let error = before;
  for (const metadata of plan.nested) {
    if (run.context.options.stopAtFirstError && hasConstraint(error)) continue;
    let children: Errors;
    if (isCollection(value)) {
      children = items(run, plan, value);
    } else if (value instanceof Object) {
      children = object(run, value, error?.children ?? null);
    } else {
      error ??= emptyError(run.context, target, value, name);
      error.constraints ??= {};
      error.constraints[metadata.type] = nestedMessage(metadata, value);
      continue;
    }
    if (children === null) continue;
    error ??= emptyError(run.context, target, value, name);
    if (!error.children?.length) error.children = children;
    else if (children !== error.children) for (const child of children) error.children.push(child);
  }
  return error;
}

/** The class stands where other rules have the object, so that `$target` is "Function", as in the library. */
function nestedMessage({ message, target, propertyName, constraints }: Metadata, value: unknown): string {
  const owner = target as object;
  const given = {
    targetName: owner.constructor.name,
    property: propertyName,
    object: owner,
    value,
    constraints,
  };
  return messageOf(message || '', given, null);
}

function items(run: Run, plan: PropertyPlan, values: Collection): Errors {
  let errors: Errors = null;
  const list = values instanceof Set ? [...values] : values;
  list.forEach((value: unknown, at: unknown) => {
    if (isMissing(run.context.options, value)) return;
    const name = (at as PropertyKey).toString();
    const error = nested(run, plan, values, value, name, null);
    addContexts(plan.nestedContexts, error);
    if (error !== null) errors = added(errors, error);
  });
  return errors;
}
