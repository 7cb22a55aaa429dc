import type { Class } from '../class.js';
import type { Access } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { Declarations } from './declarations.js';
import { locatorOf, warnOfUnserved } from './locator-of.js';
import type { OperationModel, ParameterModel } from './model.js';
import { operationOf, type Place } from './operation-of.js';
import { settlePatches } from './patch-of.js';
import { joinPaths, type PathTemplate } from './template.js';

/**
 * Reads what was declared on the classes into operations; what is wrong with it goes to `findings`. The operations
 * of a class that a locator is declared to return are among them, with the whole path.
 *
 * @param fallback who may call a method where nothing is declared
 */
export function buildModel(
  types: readonly Class[],
  prefix: string,
  findings: Finding[],
  fallback: Access = PERMIT,
): readonly OperationModel[] {
  const declarations = new Declarations();
  const found: Finding[] = [];
  const operations = types.flatMap((type) => {
    refuseIdle(type, declarations, found);
    const path = joinPaths(prefix, declarations.controller(type)?.route);
    return operationsAt({ type, path, locators: [], guard: PERMIT, fallback }, declarations, found);
  });
  const settled = settlePatches(operations, found);
  findings.push(...unique(found));
  return settled;
}

/** A class that a locator returned, as operations whose paths begin where the locator's ends. */
export interface SubResourceModel {
  readonly operations: readonly OperationModel[];
  /** The variables of the path above that it binds; in each operation's path they stand before its own. */
  readonly outer: readonly string[];
}

/** Reads one class as a sub-resource; its own path, where it has one, means nothing here (Jakarta REST 4.0 §3.4.1). */
export function buildSubResource(type: Class, findings: Finding[], fallback: Access): SubResourceModel {
  const found: Finding[] = [];
  const place = { type, path: '', locators: [], guard: PERMIT, fallback };
  const operations = settlePatches(operationsAt(place, new Declarations(), found), found);
  findings.push(...unique(found));
  const outer = [...new Set(operations.flatMap(unknownVariables))];
  return { outer, operations: operations.map((operation) => below(outer, operation)) };
}

const PERMIT = Object.freeze({ kind: 'permit' } as const);

function operationsAt(place: Place, declarations: Declarations, findings: Finding[]): OperationModel[] {
  const { type } = place;
  const half = declarations.halfOverridden(type);
  for (const { method, base, lacks } of half) {
    const message = `it has decorators but no ${lacks}, so that those of ${base.name}.${method} do not hold (Jakarta REST §3.6)`;
    const remedy =
      'repeat the verb, the path, the access and the parameters of the overridden method, or decorate nothing';
    findings.push(finding('half-overridden', `${type.name}.${method}`, message, remedy));
  }
  warnOfUnserved(type, declarations, findings);
  const actions = declarations
    .actions(type)
    .flatMap((action) => operationOf(place, action, declarations, findings) ?? []);
  const isHalf = (method: string): boolean => half.some((each) => each.method === method);
  const located = declarations.locators(type).filter((method) => !isHalf(method));
  return [
    ...actions,
    ...located.flatMap((method) => {
      const found = locatorOf(place, method, declarations, findings);
      if (found === null) return [];
      return 'guard' in found ? operationsAt(found, declarations, findings) : [found];
    }),
  ];
}

function refuseIdle(type: Class, declarations: Declarations, findings: Finding[]): void {
  const does = [
    declarations.actions(type),
    declarations.locators(type),
    declarations.halfOverridden(type),
  ].some((each) => each.length > 0);
  if (does) return;
  const remedy = 'decorate a method with @GET, @POST, …';
  findings.push(finding('no-verb', type.name, 'no method of it answers a verb', remedy));
}

/** Each finding once: a class that two locators lead to is read twice. */
export function unique(findings: readonly Finding[]): readonly Finding[] {
  const byText = new Map(findings.map((each) => [`${each.code}\n${each.where}\n${each.message}`, each]));
  return [...byText.values()];
}

/** The path variables that an operation's parameters, and its locators', name and its path lacks. */
function unknownVariables({ path, parameters, locators }: OperationModel): readonly string[] {
  return [{ path, parameters }, ...locators].flatMap((each) =>
    boundVariables(each.parameters).filter((name) => !each.path.variables.includes(name)),
  );
}

/** The path variables that parameters name. */
export function boundVariables(parameters: readonly ParameterModel[]): readonly string[] {
  const scalars = parameters.flatMap((parameter) => {
    if (parameter.kind === 'scalar') return [parameter];
    return parameter.kind === 'bean' ? parameter.fields.map((field) => field.parameter) : [];
  });
  return scalars.filter((scalar) => scalar.in === 'path').map((scalar) => scalar.name);
}

function below(outer: readonly string[], operation: OperationModel): OperationModel {
  const extended = (path: PathTemplate): PathTemplate =>
    Object.freeze({ ...path, variables: [...outer, ...path.variables] });
  return Object.freeze({
    ...operation,
    path: extended(operation.path),
    locators: operation.locators.map((locator) =>
      Object.freeze({ ...locator, path: extended(locator.path) }),
    ),
  });
}
