import type { Class } from '../class.js';
import type { CodecRegistry } from '../codecs/registry.js';
import type { Access } from '../declare/record.js';
import { type Finding, StartupError } from '../errors/startup-error.js';
import { isConcrete } from '../http/media-type.js';
import { boundVariables, buildSubResource } from '../model/build-model.js';
import { checkModel } from '../model/check-model.js';
import type { OperationModel } from '../model/model.js';
import type { Binder, CompiledOperation, SubRoutes } from './records.js';

/** Compiles the class of an object that a locator found, when one of it is found for the first time. */
export type SubResources = (type: Class, hasAuthenticators: boolean) => Promise<SubRoutes>;

type Finish = (model: OperationModel, compiled: CompiledOperation) => CompiledOperation;

/**
 * Makes {@link SubResources}: compiled once for each class, whatever the number of its objects, and kept as long
 * as the class. What the checks find is thrown each time the class is met, with a StartupError as its cause.
 */
export function createSubResources(
  {
    codecs,
    resources,
    fallback,
  }: {
    readonly codecs: CodecRegistry;
    readonly resources: ReadonlySet<string>;
    readonly fallback: Access;
  },
  arrange: (operations: readonly OperationModel[], finish: Finish) => Omit<SubRoutes, 'outer'>,
): SubResources {
  const compiled = new WeakMap<Class, Promise<SubRoutes>>();
  // One after another: a codec that is being loaded for one class is not yet there for the next.
  let last: Promise<unknown> = Promise.resolve();

  async function compile(type: Class, hasAuthenticators: boolean): Promise<SubRoutes> {
    const findings: Finding[] = [];
    const { operations, outer } = buildSubResource(type, findings, fallback);
    await codecs.load(
      operations.flatMap(({ consumes, produces }) => [...consumes, ...produces.filter(isConcrete)]),
    );
    findings.push(...checkModel(operations, { codecs, hasAuthenticators, resources }));
    if (findings.some(({ severity }) => severity === 'error')) {
      const cause = new StartupError(findings);
      throw new Error(`a locator found an object of ${type.name}, which can't be served`, { cause });
    }
    if (operations.length === 0) {
      throw new TypeError(`a locator found an object of ${type.name}, no method of which answers a verb`);
    }
    return { ...arrange(operations, (model, compiled) => withOuter(outer, model, compiled)), outer };
  }

  return (type, hasAuthenticators) => {
    const found = compiled.get(type);
    if (found !== undefined) return found;
    const made = last.then(() => compile(type, hasAuthenticators));
    last = made.catch(() => undefined);
    compiled.set(type, made);
    return made;
  };
}

/**
 * A class may be found below several paths, and bind a variable that not all of them have: what is bound must be
 * there, as it must for paths that are known at startup. The check stands behind the binders, where it has no argument.
 */
function withOuter(
  outer: readonly string[],
  { name, path, parameters, locators }: OperationModel,
  compiled: CompiledOperation,
): CompiledOperation {
  const bound = new Set(
    [{ path, parameters }, ...locators].flatMap((step) => boundVariables(step.parameters)),
  );
  const needed = [...outer.entries()].filter(
    ([i, each]) => bound.has(each) && path.variables.lastIndexOf(each) === i,
  );
  if (needed.length === 0) return compiled;
  const check: Binder = ({ pathValues }) => {
    const missing = needed.find(([i]) => pathValues[i] === undefined);
    if (missing === undefined) return;
    throw new TypeError(
      `${name} binds {${missing[1]}}, and a locator found it below a path without that variable`,
    );
  };
  return Object.freeze({ ...compiled, binders: [...compiled.binders, check] });
}
