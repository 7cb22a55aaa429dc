import { type Class, isClass } from '../class.js';
import { emittedType, type MethodRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { crossOriginOf } from './cross-origin-of.js';
import type { Declarations } from './declarations.js';
import { NO_LOAD } from './load-of.js';
import { LOCATOR, type Located, locatedBy } from './locators.js';
import { hasFormField } from './media-of.js';
import type { LocatorModel, OperationModel, ParameterModel } from './model.js';
import { guarded, type Place, refuseUnsupported, templateOf } from './operation-of.js';
import { parameterModels } from './parameters.js';

/**
 * The most locators in a row that are followed at startup. Classes that lead to one another have a path for each
 * order of theirs; what is below is followed when it is asked for.
 */
const MOST_IN_A_ROW = 3;

/**
 * Reads a locator (Jakarta REST 4.0 §3.4.1): the place of the class that it is declared to return, whose methods
 * are then those of an ordinary path; else an operation of the verb `*`, which answers below its path what is
 * found at request time. Null where it can't be read.
 */
export function locatorOf(
  place: Place,
  method: string,
  declarations: Declarations,
  findings: Finding[],
): Place | OperationModel | null {
  const { type, locators } = place;
  const name = `${type.name}.${method}`;
  const record = declarations.record(type, method);
  const path = templateOf(place, name, record, undefined, findings);
  if (path === null) return null;
  refuseUnsupported(type, method, declarations, findings);
  refuseIdle(type, method, record, declarations, findings);
  const args = declarations.params(type, method);
  const parameters = Object.freeze(parameterModels(type, method, args, record, false, findings));
  refuseParameters(name, parameters, findings);
  const located = locatedBy(type, method, declarations);
  reportUnclear(type, name, method, located, declarations, findings);
  // What stands below has a word of its own: a locator that says nothing closes nothing.
  const open: Place = { ...place, fallback: PERMIT };
  const { access, rules } = guarded(open, method, record, parameters, declarations, findings);
  const isAgain = located === type || locators.some(({ controller }) => controller === located);
  if (typeof located === 'string' || isAgain || locators.length === MOST_IN_A_ROW) {
    return Object.freeze({
      ...NO_ANSWER,
      name,
      controller: type,
      method,
      path,
      locators,
      parameters,
      access,
      rules,
      crossOrigin: crossOriginOf(type, method, null, findings),
    });
  }
  const locator: LocatorModel = Object.freeze({
    name,
    controller: type,
    method,
    path,
    parameters,
    rules,
    returns: located,
  });
  const { fallback } = place;
  return { type: located, path: '', locators: [...locators, locator], guard: access, fallback };
}

const PERMIT = Object.freeze({ kind: 'permit' } as const);

const NO_ANSWER = Object.freeze({
  verb: LOCATOR,
  consumes: [],
  produces: [],
  producesDeclared: false,
  status: null,
  returns: null,
  maxBody: null,
  rateLimit: null,
  languages: [],
  caching: Object.freeze({ cacheControl: null, etag: null, lastModified: null, requirePrecondition: false }),
  load: NO_LOAD,
  headers: [],
}) satisfies Partial<OperationModel>;

/** A locator is called before the body is read, and before anything is known of the answer. */
function refuseParameters(name: string, parameters: readonly ParameterModel[], findings: Finding[]): void {
  const remedy = 'take it in the methods of the class that it returns';
  if (parameters.some(({ kind }) => kind === 'body') || hasFormField(parameters)) {
    findings.push(finding('body-not-allowed', name, 'a sub-resource locator takes no body', remedy));
  }
  for (const parameter of parameters) {
    if (parameter.kind !== 'context' || !OF_THE_ANSWER.has(parameter.what)) continue;
    const message = `a sub-resource locator can't ask for the ${parameter.what} of an answer`;
    findings.push(finding('not-supported', name, message, remedy));
  }
}

const OF_THE_ANSWER: ReadonlySet<string> = new Set(['preconditions', 'language']);

const HOLDS = new Set(['path', 'access', 'rules', 'own', 'extras', 'defaults']);

/** What says how an answer is made or a body is read has no meaning on a method that does neither. */
function refuseIdle(
  type: Class,
  method: string,
  record: MethodRecord | null,
  declarations: Declarations,
  findings: Finding[],
): void {
  const ours = Object.entries(record ?? {}).filter(([key, value]) => !HOLDS.has(key) && value !== undefined);
  const theirs = declarations.handlers(type, method).filter((handler) => IDLE.has(handler.type));
  for (const what of [...ours.map(([key]) => key), ...theirs.map((handler) => handler.type)]) {
    const message = `what is declared as ${what} does nothing on a sub-resource locator, and is not inherited from it`;
    const remedy = 'declare it on the methods of the class that it returns';
    findings.push(finding('not-supported', `${type.name}.${method}`, message, remedy));
  }
}

const IDLE = new Set(['success-code', 'content-type', 'header']);

function reportUnclear(
  type: Class,
  name: string,
  method: string,
  located: Located,
  declarations: Declarations,
  findings: Finding[],
): void {
  const returned = emittedType(type.prototype as object, method, 'return');
  if (located === 'nothing') {
    const what = isClass(returned) ? returned.name : 'what it returns';
    const message = `it has @Path and no verb, and ${what} has no methods that could answer one`;
    findings.push(
      finding(
        'not-a-resource',
        name,
        message,
        'add @GET, @POST, …, or return an object of a class with verbs',
      ),
    );
  } else if (located === 'unknown' && isClass(returned)) {
    // Known by name, and without verbs: a subclass may have them, and what this one decorates is nobody's.
    warnOfUnserved(returned, declarations, findings);
  } else if (returned === undefined) {
    const message = 'it has @Path and no verb, and nothing says what it returns';
    const remedy = 'add @GET, @POST, …; or, for a sub-resource locator, declare its return type';
    findings.push(finding('type-unclear', name, message, remedy));
  }
}

/** The most frequent slip is a verb that is forgotten: the other decorators stand there as if it were served. */
export function warnOfUnserved(type: Class, declarations: Declarations, findings: Finding[]): void {
  for (const method of declarations.unserved(type)) {
    const message = 'it has decorators, but neither a verb nor @Path: it is not served';
    const remedy = 'add @GET, @POST, …; or take its decorators away';
    findings.push(finding('verb-missing', `${type.name}.${method}`, message, remedy));
  }
}
