import type { CodecRegistry } from '../codecs/registry.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { formatMediaType, type MediaType } from '../http/media-type.js';
import { UNDECLARED } from './access-of.js';
import { boundVariables, unique } from './build-model.js';
import { checkValidators } from './check-validators.js';
import { checkCrossOrigin } from './cross-origin-of.js';
import { LOCATOR } from './locators.js';
import { hasFormField } from './media-of.js';
import type { OperationModel, ParameterModel } from './model.js';
import { checkPatch } from './patch-of.js';

/** What the checks need to know of the application besides its operations. */
export interface CheckContext {
  readonly codecs: CodecRegistry;
  readonly hasAuthenticators: boolean;
  /** The names of shared resources that the application has limits for. */
  readonly resources: ReadonlySet<string>;
}

/** Checks the operations, each alone and all together. */
export function checkModel(operations: readonly OperationModel[], context: CheckContext): readonly Finding[] {
  const findings = [
    ...operations.flatMap((operation) => [
      ...checkVariables(operation),
      ...checkBody(operation),
      ...checkCodecs(operation, context),
      ...checkAuthentication(operation, context),
      ...checkDeclared(operation),
      ...checkContext(operation, context),
      ...checkCaching(operation),
      ...checkResources(operation, context),
      ...checkPatch(operation),
    ]),
    ...checkTogether(operations),
    ...checkValidators(operations),
  ];
  // What is wrong with a locator is found again for each method below it.
  return unique(findings);
}

function checkVariables(operation: OperationModel): Finding[] {
  const { name, path, locators, verb } = operation;
  const steps = [...locators, operation];
  const unknown = steps.flatMap((step) =>
    [...new Set(boundVariables(step.parameters))]
      .filter((variable) => !step.path.variables.includes(variable))
      .map((variable) => {
        const has =
          step.path.variables.length === 0 ? 'has no variables' : `has ${step.path.variables.join(', ')}`;
        const message = `@PathParam('${variable}') has no variable: ${step.path.text} ${has}`;
        const remedy = `write {${variable}} in the path, or correct the name`;
        return finding('unknown-path-variable', step.name, message, remedy);
      }),
  );
  // Below a locator of unknown classes there may be somebody who binds it.
  if (verb === LOCATOR || steps.some((step) => seesContext(step.parameters))) return unknown;
  const bound = new Set(steps.flatMap((step) => boundVariables(step.parameters)));
  const unbound = path.variables.filter((variable) => !bound.has(variable));
  return [
    ...unknown,
    ...unbound.map((variable) => {
      const remedy = `add a parameter @PathParam('${variable}'), or take the variable out of the path`;
      const message = `no parameter binds {${variable}} of ${path.text}`;
      return finding('unbound-path-variable', name, message, remedy);
    }),
  ];
}

function seesContext(parameters: readonly ParameterModel[]): boolean {
  return parameters.some((parameter) => parameter.kind === 'context' && parameter.what === 'koa');
}

const WITHOUT_CONTENT = new Set(['GET', 'HEAD', 'TRACE']);

function checkBody({ name, verb, parameters }: OperationModel): Finding[] {
  const bodies = parameters.filter((parameter) => parameter.kind === 'body').length;
  const form = hasFormField(parameters);
  const findings: Finding[] = [];
  if (bodies > 1) {
    const remedy = 'keep one: a request has one body; take the rest from path, query or headers';
    findings.push(finding('two-bodies', name, `${bodies} parameters are the body`, remedy));
  } else if (bodies === 1 && form) {
    const remedy = 'keep either the body or the @FormParam parameters';
    findings.push(finding('two-bodies', name, 'a body and form fields are bound', remedy));
  }
  if (WITHOUT_CONTENT.has(verb) && (bodies > 0 || form)) {
    const remedy = 'use @POST, @PUT or @PATCH, or take the values from the query (RFC 9110 §9.3.1)';
    findings.push(finding('body-not-allowed', name, `a ${verb} request has no body`, remedy));
  }
  return findings;
}

function checkCodecs({ name, consumes, parameters }: OperationModel, { codecs }: CheckContext): Finding[] {
  // Bytes of any type need nobody to read them (Jakarta REST 4.0 §4.2.4).
  if (
    parameters.some(
      (parameter) => parameter.kind === 'body' && (parameter.type === Buffer || parameter.type === String),
    )
  )
    return [];
  const concrete = consumes.filter((type) => type.type !== '*' && type.subtype !== '*');
  return concrete
    .filter((type) => codecs.reader(type) === null)
    .map((type) => {
      const message = `@Consumes has ${formatMediaType(type)}, which nothing here can read`;
      return finding('no-codec', name, message, 'add a codec for it: createApp({ codecs: [...] })');
    });
}

function needsPrincipal({ access }: OperationModel): boolean {
  return access.kind === 'authenticated' || access.kind === 'roles';
}

/** Where there are principals, `who: Principal | undefined` is a mistake that nobody sees: it is emitted as Object. */
function checkContext(operation: OperationModel, { hasAuthenticators }: CheckContext): Finding[] {
  if (!hasAuthenticators) return checkPrincipals(operation);
  return [...operation.locators, operation].flatMap(({ name, parameters }) =>
    parameters.flatMap((parameter, index) => {
      if (parameter.kind !== 'context' || parameter.isGuess !== true) return [];
      const remedy =
        "if the principal is meant, write who?: Principal or @Context(Principal); if not, @Context('koa')";
      const where = `${name}(parameter ${index + 1})`;
      return [finding('type-unclear', where, "@Context has the type Object and gives Koa's context", remedy)];
    }),
  );
}

/** Where the principal is asked for and not needed, nothing is refused, and nobody is ever there. */
function checkPrincipals(operation: OperationModel): Finding[] {
  if (needsPrincipal(operation)) return [];
  return [...operation.locators, operation].flatMap(({ name, parameters }) =>
    parameters.flatMap((parameter, index) => {
      if (parameter.kind !== 'context' || parameter.what !== 'principal') return [];
      const message = 'nothing here can authenticate anybody, so that the principal is always undefined';
      return [finding('no-principal', `${name}(parameter ${index + 1})`, message, AUTHENTICATORS)];
    }),
  );
}

/** RFC 9110 §9.3.4: the answer to a PUT may have a validator only where the content was stored as it came. */
function checkCaching({ name, verb, caching }: OperationModel): Finding[] {
  if (verb !== 'PUT' || (caching.etag === null && caching.lastModified === null)) return [];
  const message = 'the answer to PUT has no ETag and no Last-Modified by itself (RFC 9110 §9.3.4)';
  const remedy =
    'put the decorator on the GET of the same path, which conditional PUTs are checked by; where the content is stored as it came, return a Reply with the tag';
  return [finding('tag-not-sent', name, message, remedy)];
}

function checkResources({ name, load }: OperationModel, { resources }: CheckContext): Finding[] {
  return load.uses
    .filter((resource) => !resources.has(resource))
    .map((resource) => {
      const known = resources.size === 0 ? 'there are none' : `there are ${[...resources].join(', ')}`;
      const message = `@Uses('${resource}') names no shared resource: ${known}`;
      const remedy = `give createApp({ resources: { ${resource}: { max: 10 } } }), or correct the name`;
      return finding('unknown-resource', name, message, remedy);
    });
}

/** Where nothing declared means nobody, who forgot to declare something should hear of it. */
function checkDeclared({ name, access }: OperationModel): Finding[] {
  if (access !== UNDECLARED) return [];
  const message = "nothing says who may call it, and createApp({ access: 'deny' }) lets nobody";
  const remedy = 'add @PermitAll, @Authenticated, @RolesAllowed or @Allow; or @DenyAll, if nobody is meant';
  return [finding('nobody-allowed', name, message, remedy)];
}

function checkAuthentication(operation: OperationModel, { hasAuthenticators }: CheckContext): Finding[] {
  if (hasAuthenticators || !needsPrincipal(operation)) return [];
  const message = 'it asks for a principal, and nothing here can authenticate one';
  return [finding('no-authenticator', operation.name, message, AUTHENTICATORS)];
}

const AUTHENTICATORS = 'give createApp({ authenticators: [bearer(...), basic(...)] })';

function checkTogether(operations: readonly OperationModel[]): Finding[] {
  const groups = new Map<string, OperationModel[]>();
  for (const operation of operations) {
    const key = `${operation.verb} ${operation.path.shape}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [operation]);
    else group.push(operation);
  }
  const findings: Finding[] = [];
  for (const group of groups.values()) {
    for (const [i, a] of group.entries()) {
      for (const b of group.slice(i + 1)) findings.push(...checkPair(a, b));
    }
  }
  return findings;
}

function checkPair(a: OperationModel, b: OperationModel): Finding[] {
  const what = `${a.verb} ${a.path.text}`;
  if (overlap(a.consumes, b.consumes) && overlap(a.produces, b.produces)) {
    const remedy = 'change a path or a verb, or tell them apart by @Consumes or @Produces';
    return [finding('duplicate-route', b.name, `${a.name} answers ${what} too`, remedy)];
  }
  if (a.access.kind !== b.access.kind && (needsPrincipal(a) || needsPrincipal(b))) {
    const message = `${a.name} answers ${what} too, and asks for different authentication`;
    const remedy = 'give both the same access: authentication comes before the choice between them';
    return [finding('mixed-access', b.name, message, remedy)];
  }
  return checkCrossOrigin(a, b);
}

function overlap(a: readonly MediaType[], b: readonly MediaType[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length;
  const names = new Set(a.map(formatMediaType));
  return b.some((type) => names.has(formatMediaType(type)));
}
