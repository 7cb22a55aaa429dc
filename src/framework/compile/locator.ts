import { type Class, isClass, lineage } from '../class.js';
import type { Container } from '../container.js';
import { FrameworkError } from '../errors/api-error.js';
import type { Exchange } from '../exchange.js';
import { Declarations } from '../model/declarations.js';
import type { LocatorModel, OperationModel } from '../model/model.js';

type Call = (args: readonly unknown[], exchange: Exchange) => unknown;

/**
 * How an operation's method is called. Its arguments come first, then those of each locator on the way, in their
 * order; `controller` is null where a locator finds the object at request time.
 */
export function compileCall(model: OperationModel, controller: object | null, container: Container): Call {
  const { method, parameters, locators } = model;
  if (locators.length > 0) return callThrough(model, controller, container);
  if (controller === null) {
    return (args, { located }) => callOn(located ?? {}, method, args.slice(0, parameters.length));
  }
  const handler = Reflect.get(controller, method) as (...args: readonly unknown[]) => unknown;
  return (args) => handler.apply(controller, args as unknown[]);
}

function callThrough(
  { method, parameters, locators }: OperationModel,
  root: object | null,
  container: Container,
): Call {
  let end = parameters.length;
  const steps = locators.map((locator) => {
    const start = end;
    end += locator.parameters.length;
    return { locator, start, end, check: subclassCheck(locator) };
  });
  return async (args, exchange) => {
    let at = root ?? exchange.located ?? {};
    for (const { locator, start, end, check } of steps) {
      const answer = await callOn(at, locator.method, args.slice(start, end));
      at = toResource(answer, locator.name, container);
      check(at);
    }
    return callOn(at, method, args.slice(0, parameters.length));
  };
}

function callOn(object: object, method: string, args: readonly unknown[]): unknown {
  return (Reflect.get(object, method) as (...args: readonly unknown[]) => unknown).apply(
    object,
    args as unknown[],
  );
}

/**
 * What a locator answered, as the object that goes on with the request: a class is made by the container
 * (Jakarta REST 4.0 §3.4.1).
 *
 * @throws FrameworkError 404 where it answered nothing.
 * @throws TypeError for values that have no methods.
 */
export function toResource(answer: unknown, locator: string, container: Container): object {
  if (answer === undefined || answer === null) {
    throw new FrameworkError('not-found', 'There is no resource at this path');
  }
  const made: unknown = isClass(answer) ? container.get(answer) : answer;
  if (typeof made === 'object' && made !== null && !('then' in made)) return made;
  throw new TypeError(`${locator} located a ${typeof made}, which is no resource`);
}

/** The class of an object that a locator answered. */
export function classOf(resource: object, locator: string): Class {
  const prototype: unknown = Object.getPrototypeOf(resource);
  const type: unknown = prototype === null ? null : (prototype as object).constructor;
  if (isClass(type)) return type;
  throw new TypeError(`${locator} located an object without a class, which is no resource`);
}

/**
 * What the declared class says holds, so that an object of another class may answer only where that one says
 * nothing itself: its `@RolesAllowed` would be ignored, and nobody would see it. Looked at once for each class.
 */
function subclassCheck({ name, returns }: LocatorModel): (resource: object) => void {
  const checked = new WeakSet<Class>([returns]);
  return (resource) => {
    const type = classOf(resource, name);
    if (checked.has(type)) return;
    const declarations = new Declarations();
    const between = lineage(type).slice(0, lineage(type).indexOf(returns));
    const own = (isSubclass(type, returns) ? between : lineage(type)).find((each) =>
      declarations.declaresAnything(each),
    );
    if (own !== undefined) {
      throw new TypeError(
        `${name} located ${type.name}, and what ${own.name} declares does not hold: the declared type is ${returns.name}; declare object, or a promise`,
      );
    }
    checked.add(type);
  };
}

function isSubclass(type: Class, ancestor: Class): boolean {
  return lineage(type).includes(ancestor);
}

/** The names of a template's variables by position, where of two with one name the last, the nearest, has it. */
export function nearest(variables: readonly string[]): readonly string[] {
  return variables.map((name, i) => (variables.lastIndexOf(name) === i ? name : ''));
}
