import type { ClassTransformOptions } from 'class-transformer';
import type { ValidatorOptions } from 'class-validator';
import { type Awaitable, andThen } from '../awaitable.js';
import type { Class } from '../class.js';
import { MultipartStream } from '../codecs/multipart-stream.js';
import { ApiError, type Issue } from '../errors/api-error.js';
import { pointer } from '../http/pointer.js';
import { compileAccept, compileTransform, compileValidation } from './compiled/check.js';
import { type Place, toBodyIssues, toIssues } from './issues.js';
import { hasRules } from './rules.js';
import { checkShape } from './shape.js';
import { type BodySize, checkSize } from './size.js';
import { strictValues } from './strict-values.js';
import { typedText } from './typed-text.js';

/** What is known of a body's value besides the value. */
export interface ContentFacts {
  /** Whether its scalars are all texts, as those of XML and CSV are. */
  readonly isText: boolean;
  /** The most values that it can have, members and items at every depth; null where nobody knows. */
  readonly mostValues: number | null;
}

const NO_FACTS: ContentFacts = { isText: false, mostValues: null };

/** What an argument is checked against; issues are added, never thrown. */
export interface ValuePlan {
  /**
   * @returns what the method gets, or a promise of it where something in the class is asynchronous
   */
  check(value: unknown, issues: Issue[], facts?: ContentFacts): unknown;
}

/** Options of {@link bodyPlan}. */
export interface BodyPlanOptions {
  /** A class with rules, a primitive's constructor, or null for anything. */
  readonly type: Class | null;
  readonly list: boolean;
  readonly validate: boolean | ValidatorOptions;
  readonly transform: ClassTransformOptions;
  readonly unknownProperties: 'strip' | 'refuse';
  readonly size: BodySize;
}

const BODY: Place = (keys) => ({ in: 'body', path: pointer(...keys) });

/**
 * The plan for a body: its texts where it has nothing else, its outer shape, then class-transformer, the inner
 * shape, and class-validator.
 */
export function bodyPlan(options: BodyPlanOptions): ValuePlan {
  const { type, list, size } = options;
  const plan = typedPlan(options);
  const typed = typedText(type, list);
  const strict = strictValues(type, list);
  return {
    check(value, issues, facts = NO_FACTS) {
      const convert = facts.isText ? typed : strict;
      if (convert === null) return plan.check(value, issues, facts);
      if (type !== null && !fits(value, size, facts, issues)) return undefined;
      const mistyped: Issue[] = [];
      const broken: Issue[] = [];
      return andThen(plan.check(convert(value, mistyped), broken), (checked) => {
        addIssues(issues, mistyped);
        // What did not convert has its issue; rules on the hole it left, or on its list, would only repeat it.
        const had = new Set(mistyped.flatMap(({ path }) => [path, path.replace(/\/\d+$/, '')]));
        addIssues(issues, mistyped.length === 0 ? broken : broken.filter(({ path }) => !had.has(path)));
        return checked;
      });
    },
  };
}

function typedPlan(options: BodyPlanOptions): ValuePlan {
  const one = itemCheck(options);
  const isFree = options.type === null;
  if (!options.list) {
    return {
      check(value, issues, facts = NO_FACTS) {
        if (!isFree && !fits(value, options.size, facts, issues)) return undefined;
        return one(value, [], issues);
      },
    };
  }
  return {
    check(value, issues, facts = NO_FACTS) {
      if (!isFree && !fits(value, options.size, facts, issues)) return undefined;
      if (!Array.isArray(value)) {
        issues.push({ ...BODY([]), code: 'isArray', message: 'the body must be an array' });
        return undefined;
      }
      return eachOf(value, one, issues, []);
    },
  };
}

/** Whether a body is not too much work; a small one is not looked at. */
function fits(value: unknown, size: BodySize, { mostValues }: ContentFacts, issues: Issue[]): boolean {
  const isSmall = mostValues !== null && mostValues <= size.members && mostValues <= size.values;
  return isSmall || checkSize(value, size, BODY, issues);
}

/** One item after the other, so that their issues stand in their order. */
function eachOf(
  values: readonly unknown[],
  one: ItemCheck,
  issues: Issue[],
  made: unknown[],
): Awaitable<readonly unknown[]> {
  for (let i = made.length; i < values.length; i++) {
    const item = one(values[i], [String(i)], issues);
    if (item instanceof Promise) {
      return item.then((value) => {
        made.push(value);
        return eachOf(values, one, issues, made);
      });
    }
    made.push(item);
  }
  return made;
}

/** The plan for a bean: class-validator's rules on what was bound already. */
export function beanPlan(type: Class, place: Place): ValuePlan | null {
  if (!hasRules(type)) return null;
  const validate = compileValidation({ forbidUnknownValues: true });
  return {
    check(bean, issues) {
      return andThen(validate(bean as object), (errors) => {
        // A property that did not convert has its issue; rules on the hole it left would only repeat it.
        const had = new Set(issues.map((issue) => `${issue.in}${issue.path}`));
        const found = toIssues(errors, place);
        addIssues(
          issues,
          found.filter((issue) => !had.has(`${issue.in}${issue.path}`)),
        );
        return bean;
      });
    },
  };
}

/** The value's instance, or a promise of it; undefined where it has an issue that leaves none. */
type ItemCheck = (value: unknown, at: readonly string[], issues: Issue[]) => unknown;

function itemCheck({ type, validate: rules, transform, unknownProperties }: BodyPlanOptions): ItemCheck {
  if (type === null) return (value) => value;
  // Bytes are what octet-stream's codec makes; there is nothing to transform or check.
  if (type === MultipartStream) return (value) => value;
  if (type === Buffer) return bytesOnly;
  const primitive = PRIMITIVES.get(type);
  if (primitive !== undefined) return primitiveCheck(primitive);
  const Type = type as new () => object;
  const ruled = hasRules(type);
  const options: ValidatorOptions = {
    whitelist: true,
    forbidNonWhitelisted: unknownProperties === 'refuse',
    forbidUnknownValues: true,
    ...(typeof rules === 'object' ? rules : null),
  };
  const make = compileTransform<object>(Type, transform);
  const check = compileValidation(options);
  const accept = compileAccept(type, transform, options);
  const checkInstance = (instance: object | undefined, at: readonly string[], issues: Issue[]): unknown => {
    if (instance === undefined) return undefined;
    const misshapen: Issue[] = [];
    checkShape(instance, at, BODY, misshapen);
    return andThen(check(instance), (errors) => {
      if (errors.length > 0 || misshapen.length > 0)
        addBroken(issues, misshapen, toBodyIssues(errors, pointer(...at)));
      return instance;
    });
  };
  return (value, at, issues) => {
    // Also for arrays: class-transformer would make an array of instances, and class-validator validate it
    // as an object without rules.
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (value instanceof Type) return value;
      const subject = at.length === 0 ? 'the body' : `item ${at.join('/')}`;
      issues.push({ ...BODY(at), code: 'isObject', message: `${subject} must be an object` });
      return undefined;
    }
    if (rules === false) return instantiate(Type, value, make, at, issues);
    if (!ruled) return instantiate(Type, {}, make, at, issues);
    if (value instanceof Type) return checkInstance(value, at, issues);
    const accepted = accept(value);
    if (accepted !== null) return accepted;
    return andThen(instantiate(Type, value, make, at, issues), (made) => checkInstance(made, at, issues));
  };
}

/** What has the wrong shape has its issue; rules on it or below it would only repeat it. */
function addBroken(issues: Issue[], misshapen: readonly Issue[], broken: readonly Issue[]): void {
  addIssues(issues, misshapen);
  const wrong = misshapen.map((issue) => issue.path);
  addIssues(
    issues,
    wrong.length === 0 ? broken : broken.filter(({ path }) => !wrong.some((each) => isWithin(path, each))),
  );
}

function bytesOnly(value: unknown, at: readonly string[], issues: Issue[]): unknown {
  if (value instanceof Uint8Array) return value;
  issues.push({ ...BODY(at), code: 'type', message: 'the body must be bytes' });
  return undefined;
}

const PRIMITIVES = new Map<unknown, { readonly name: string; readonly code: string }>([
  [String, { name: 'string', code: 'isString' }],
  [Number, { name: 'number', code: 'isNumber' }],
  [Boolean, { name: 'boolean', code: 'isBoolean' }],
]);

function primitiveCheck({ name, code }: { name: string; code: string }): ItemCheck {
  return (value, at, issues) => {
    if (typeof value === name) return value;
    const subject = at.length === 0 ? 'the body' : `item ${at.join('/')}`;
    issues.push({ ...BODY(at), code, message: `${subject} must be a ${name}` });
    return undefined;
  };
}

/**
 * class-transformer throws for some hostile values (`new value.constructor()`, `Number({ valueOf: 1 })`), and
 * so do `@Transform` functions that expect another type. Both are the client's doing, so both are an issue.
 */
function instantiate(
  Type: new () => object,
  value: object,
  make: (value: object) => object,
  at: readonly string[],
  issues: Issue[],
): Awaitable<object | undefined> {
  const failed = (error: unknown): undefined => {
    if (error instanceof ApiError) throw error;
    issues.push({
      ...BODY(at),
      code: 'transform',
      message: `a value has a type that ${Type.name} can't be made from`,
    });
    return undefined;
  };
  try {
    const made = settled(make(value));
    return made instanceof Promise ? made.catch(failed) : made;
  } catch (error) {
    return failed(error);
  }
}

/** A `@Transform` function may be asynchronous: its value is awaited, so that rules see it and a rejection counts. */
function settled(instance: object): Awaitable<object> {
  for (const key of Object.keys(instance)) {
    if (Reflect.get(instance, key) instanceof Promise) return settledLate(instance);
  }
  return instance;
}

async function settledLate(instance: object): Promise<object> {
  for (const [key, value] of Object.entries(instance)) {
    if (value instanceof Promise) Reflect.set(instance, key, await value);
  }
  return instance;
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

/** One by one: spread into `push`, a few hundred thousand would overflow the stack. */
function addIssues(issues: Issue[], found: readonly Issue[]): void {
  for (const issue of found) issues.push(issue);
}
