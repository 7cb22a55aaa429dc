import type { ValidationArguments, ValidatorConstraintInterface, ValidatorOptions } from 'class-validator';
import { getMetadataStorage } from 'class-validator/cjs/metadata/MetadataStorage.js';
import { ValidationTypes } from 'class-validator/cjs/validation/ValidationTypes.js';
import { type Class, isClass } from '../../class.js';
import type { MessageParts } from './message.js';

/** What class-validator recorded of one rule. */
export type Metadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];
/** A constraint class, with the name that its failures have. */
export type Constraint = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']
>[number];

/** A constraint's function; what it returns counts as true or false, or is a promise of that. */
export type Validate = (value: unknown, given: ValidationArguments) => unknown;

/** One rule with one of its constraints, as it is run. */
export interface Rule {
  readonly metadata: Metadata;
  /** Under which a failure stands among the constraints of the error. */
  readonly code: string;
  readonly each: boolean;
  /** Null for constraint classes of the application, which class-validator's container is asked for each time. */
  readonly instance: ValidatorConstraintInterface | null;
  /** `validate` of the instance. */
  readonly validate: Validate | null;
  readonly constraint: Constraint;
  readonly message: MessageParts;
}

/** The context of a rule, for the error that the rule gives. */
export interface RuleContext {
  readonly code: string;
  readonly context: object;
}

/** The rules of one property. */
export interface PropertyPlan {
  readonly property: string;
  /** `@IsOptional` and `@ValidateIf`. */
  readonly conditions: readonly Metadata[];
  readonly defined: readonly Rule[];
  readonly definedContexts: readonly RuleContext[];
  readonly rules: readonly Rule[];
  readonly nested: readonly Metadata[];
  readonly contexts: readonly RuleContext[];
  /** Those of the rules for nested objects, which are what a list's items are checked by. */
  readonly nestedContexts: readonly RuleContext[];
}

/** The rules of a class. */
export interface RulesPlan {
  readonly Type: Class;
  /** Null for a class whose name can be assigned, or is a function. */
  readonly name: string | null;
  readonly isUnknown: boolean;
  readonly properties: readonly PropertyPlan[];
  /** As class-validator looks names up when it decides what is unknown: an ordinary object. */
  readonly known: Readonly<Record<string, unknown>>;
}

/** The rules of a class for the groups of `options`; null where they are left to the library. */
export function rulesPlan(type: unknown, options: ValidatorOptions): RulesPlan | null {
  if (!isClass(type)) return null;
  try {
    const storage = getMetadataStorage();
    const { always, strictGroups, groups } = options;
    const all = storage.getTargetValidationMetadatas(
      type,
      '',
      always || false,
      strictGroups || false,
      groups,
    );
    const grouped = storage.groupByPropertyName(all);
    // The library waits for promises in properties before it goes on; the plan doesn't.
    if (all.some((metadata) => metadata.type === ValidationTypes.PROMISE_VALIDATION)) return null;
    const name = fixedName(type);
    const properties = Object.keys(grouped).map((property) =>
      propertyPlan(property, grouped[property] ?? [], name !== null),
    );
    const codes = properties.flatMap((each) => [...each.definedContexts, ...each.contexts]);
    // The library would find a failure under these names where there is none.
    if (codes.some(({ code }) => code in {})) return null;
    return { Type: type, name, isUnknown: all.length === 0, properties, known: grouped };
  } catch {
    // What can't be read here, the library meets again and says what it is.
    return null;
  }
}

function fixedName(type: Class): string | null {
  const name = Object.getOwnPropertyDescriptor(type, 'name');
  return typeof name?.value === 'string' && name.writable === false ? name.value : null;
}

function propertyPlan(property: string, all: readonly Metadata[], isNameFixed: boolean): PropertyPlan {
  const ofType = (type: string) => all.filter((metadata) => metadata.type === type);
  const defined = ofType(ValidationTypes.IS_DEFINED);
  const nested = ofType(ValidationTypes.NESTED_VALIDATION);
  const others = all.filter(
    ({ type }) => type !== ValidationTypes.IS_DEFINED && type !== ValidationTypes.WHITELIST,
  );
  return {
    property,
    conditions: ofType(ValidationTypes.CONDITIONAL_VALIDATION),
    defined: defined.flatMap((each) => rulesOf(each, isNameFixed)),
    definedContexts: defined.flatMap(contextOf),
    rules: ofType(ValidationTypes.CUSTOM_VALIDATION).flatMap((each) => rulesOf(each, isNameFixed)),
    nested,
    contexts: others.flatMap(contextOf),
    nestedContexts: nested.flatMap(contextOf),
  };
}

function constraintsOf(metadata: Metadata): readonly Constraint[] {
  return getMetadataStorage().getTargetValidatorConstraints(metadata.constraintCls);
}

function rulesOf(metadata: Metadata, isNameFixed: boolean): readonly Rule[] {
  return constraintsOf(metadata).map((constraint) => {
    const instance = isWrapper(constraint.target) ? new constraint.target() : null;
    return {
      metadata,
      code: constraint.name ? constraint.name : metadata.type,
      each: Boolean(metadata.each),
      instance,
      validate: instance === null ? null : instance.validate.bind(instance),
      constraint,
      message: {
        hasPlainParameters: parametersOf(metadata).every(isPlainParameter),
        hasFixedParameters: isNameFixed && parametersOf(metadata).every(isFixedParameter),
        last: null,
      },
    };
  });
}

function contextOf(metadata: Metadata): readonly RuleContext[] {
  if (!metadata.context) return [];
  const constraint =
    metadata.type === ValidationTypes.CUSTOM_VALIDATION ? constraintsOf(metadata)[0] : undefined;
  return [{ code: constraint?.name ? constraint.name : metadata.type, context: metadata.context as object }];
}

/**
 * Whether class-validator itself wrote the class, around an object with two functions, as for each of its own
 * decorators. It has no state, so that one instance is as good as the container's, and the container looks
 * instances up one by one.
 */
function isWrapper(target: unknown): target is new () => ValidatorConstraintInterface {
  if (typeof target !== 'function' || target.name !== 'CustomConstraint') return false;
  const text = Function.prototype.toString.call(target);
  return WRAPPED.every((part) => text.includes(part));
}

const WRAPPED = [
  'return validator.validate(value, validationArguments);',
  'return validator.defaultMessage(validationArguments);',
];

function parametersOf({ constraints }: Metadata): readonly unknown[] {
  return Array.isArray(constraints) ? constraints : [];
}

function isFixedParameter(parameter: unknown): boolean {
  if (Array.isArray(parameter))
    return parameter.every((item) => !Array.isArray(item) && isFixedParameter(item));
  if (parameter instanceof RegExp) return Object.getPrototypeOf(parameter) === RegExp.prototype;
  return parameter === null || (typeof parameter !== 'object' && typeof parameter !== 'function');
}

/** For messages with `$constraint1`: what becomes text in one way, and without calling anyone's functions. */
function isPlainParameter(parameter: unknown): boolean {
  if (Array.isArray(parameter))
    return parameter.every((item) => !Array.isArray(item) && isPlainParameter(item));
  if (parameter instanceof RegExp || parameter instanceof Date) return true;
  if (typeof parameter !== 'object' || parameter === null) return typeof parameter !== 'symbol';
  return (
    Object.getPrototypeOf(parameter) === Object.prototype &&
    !TEXTUAL.some((name) => Object.hasOwn(parameter, name))
  );
}

const TEXTUAL: readonly PropertyKey[] = ['toString', 'valueOf', Symbol.toPrimitive];
