import { MultipartStream } from '../codecs/multipart-stream.js';
import type { CodecRegistry } from '../codecs/registry.js';
import type { Container } from '../container.js';
import type { Issue } from '../errors/api-error.js';
import { codingSuffix } from '../http/content-coding.js';
import type { CrossOriginPolicy } from '../http/cross-origin.js';
import { formatMediaType, isConcrete, type MediaType } from '../http/media-type.js';
import { DeclaredNames } from '../http/pairs.js';
import { pointer } from '../http/pointer.js';
import type { Bulkheads } from '../load/bulkheads.js';
import type { RateLimits } from '../load/rate-limits.js';
import { hasFormField } from '../model/media-of.js';
import type { BeanModel, BodyModel, OperationModel, ParameterModel } from '../model/model.js';
import { Patch } from '../patch/patch.js';
import { PatchDocument } from '../patch/patch-body.js';
import type { CompiledRule } from '../security/allowed.js';
import { returningCodec } from '../serialisation/returning-codec.js';
import type { Place } from '../validation/issues.js';
import { notValid } from '../validation/refuse.js';
import type { BodySize } from '../validation/size.js';
import { beanPlan, bodyPlan, type ContentFacts, type ValuePlan } from '../validation/value-plan.js';
import { compileBinder } from './bind.js';
import { policyOf } from './cross-origin.js';
import { compileCall, nearest } from './locator.js';
import type { BodyPlan, CheckedArgument, CompiledOperation, Representation } from './records.js';

/** What compiling an operation needs of the application. */
export interface CompileContext {
  readonly codecs: CodecRegistry;
  /** The most bytes of a body where the operation says nothing. */
  readonly maxBody: number;
  readonly unknownProperties: 'strip' | 'refuse';
  readonly size: BodySize;
  /** Milliseconds that a method has which says nothing. */
  readonly timeout: number;
  readonly bulkheads: Bulkheads;
  /** The content codings of answers. */
  readonly codings: readonly string[];
  /** What holds for pages of other origins where nothing is declared. */
  readonly crossOrigin: CrossOriginPolicy | null;
  readonly rateLimits: RateLimits;
}

/** Compiles one operation, whose controller is made already; null where a locator finds it at request time. */
export function compileOperation(
  model: OperationModel,
  controller: object | null,
  context: CompileContext,
  container: Container,
): CompiledOperation {
  const { path, access, headers, locators } = model;
  const parameters = [...model.parameters, ...locators.flatMap((locator) => locator.parameters)];
  const query = new DeclaredNames();
  const body = compileBody(model, context);
  const produces = model.produces.map((type, i) => {
    const made = representation(type, context.codecs, i);
    if (model.returns === null || made.codec === null) return made;
    return { ...made, codec: returningCodec(made.codec, model.returns) };
  });
  return Object.freeze({
    name: model.name,
    verb: model.verb,
    access,
    needsPrincipal: access.kind === 'authenticated' || access.kind === 'roles',
    takesPrincipal: parameters.some(
      (parameter) => parameter.kind === 'context' && parameter.what === 'principal',
    ),
    rules: compileRules([model, ...locators]),
    crossOrigin: policyOf(model.crossOrigin, context.crossOrigin),
    rateLimit: model.rateLimit === null ? null : context.rateLimits.of(model.rateLimit),
    body,
    produces,
    producesDeclared: model.producesDeclared,
    binders: [{ path, parameters: model.parameters }, ...locators].flatMap((step) =>
      step.parameters.map((parameter) =>
        compileBinder(
          parameter,
          { variables: nearest(step.path.variables), query },
          context.unknownProperties,
        ),
      ),
    ),
    checks: parameters.flatMap((parameter, index) => check(parameter, index, context)),
    call: compileCall(model, controller, container),
    status: model.status,
    headers: headers.length === 0 ? null : headers,
    languages: model.languages,
    caching: model.caching,
    bulkheads: context.bulkheads.of(model.load.concurrency, model.load.uses),
    timeout: model.load.timeout ?? (body?.isStreamed === true ? Number.POSITIVE_INFINITY : context.timeout),
    priority: model.load.priority,
    isDirect: isDirect(model, produces),
    takesPreconditions: parameters.some(
      (parameter) => parameter.kind === 'context' && parameter.what === 'preconditions',
    ),
    tagSuffixes: tagSuffixes(produces, model.languages, context.codings),
    languageSuffix: (language: string | null) => languageSuffix(model.languages, language),
  });
}

/** Each rule with the arguments of its own method; those of locators first, since their code runs first. */
function compileRules(
  steps: readonly Pick<OperationModel, 'rules' | 'parameters'>[],
): readonly CompiledRule[] | null {
  let start = 0;
  const rules = steps.map(({ rules, parameters }) => {
    const from = start;
    start += parameters.length;
    return rules.map(
      (rule): CompiledRule =>
        (principal, args) =>
          rule(principal, args.slice(from, from + parameters.length) as never),
    );
  });
  const [own = [], ...above] = rules;
  const all = [...above.flat(), ...own];
  return all.length === 0 ? null : all;
}

function compileBody(
  { parameters, consumes, maxBody }: OperationModel,
  context: CompileContext,
): BodyPlan | null {
  const body = parameters.find((parameter) => parameter.kind === 'body');
  if (body === undefined && !hasFormField(parameters)) return null;
  const limit = maxBody ?? context.maxBody;
  return {
    consumes,
    required: body?.required ?? false,
    limit,
    isText: body?.type === String && !body.list,
    isStreamed: body?.type === MultipartStream,
    isBytes: body?.type === Buffer && !body.list,
    patch: body?.patch ?? null,
  };
}

/**
 * Text says that it is UTF-8; JSON does as Koa does, though RFC 8259 needs no charset. The parameter belongs to
 * the media type, so that `Accept: application/json; charset=utf-8` finds it.
 */
export function representation(declared: MediaType, codecs: CodecRegistry, index = 0): Representation {
  const { type, subtype, parameters } = declared;
  const textual = type === 'text' || (type === 'application' && subtype === 'json');
  const mediaType =
    textual && !parameters.has('charset') && subtype !== '*'
      ? { ...declared, parameters: new Map([...parameters, ['charset', 'utf-8']]) }
      : declared;
  return {
    mediaType,
    contentType: formatMediaType(mediaType),
    codec: codecs.writer(mediaType),
    tagSuffix: index === 0 ? '' : `--${subtype}`,
  };
}

/** Statuses without content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

const SEES_CONTEXT: ReadonlySet<string> = new Set(['koa', 'request', 'response', 'state', 'preconditions']);

function isDirect(model: OperationModel, produces: readonly Representation[]): boolean {
  const { caching, headers, languages, locators, parameters } = model;
  const [only] = produces;
  return (
    produces.length === 1 &&
    only !== undefined &&
    isConcrete(only.mediaType) &&
    headers.length === 0 &&
    (model.status === null || !EMPTY.has(model.status)) &&
    languages.length === 0 &&
    caching.cacheControl === null &&
    caching.etag === null &&
    caching.lastModified === null &&
    ![...parameters, ...locators.flatMap((locator) => locator.parameters)].some(
      (parameter) => parameter.kind === 'context' && SEES_CONTEXT.has(parameter.what),
    )
  );
}

/** What the tags of one version end in: in each representation, language and content coding. */
function tagSuffixes(
  produces: readonly Representation[],
  languages: readonly string[],
  codings: readonly string[],
): readonly string[] {
  const types = produces.length === 0 ? [''] : produces.map(({ tagSuffix }) => tagSuffix);
  const spoken = languages.length === 0 ? [''] : languages.map((each) => languageSuffix(languages, each));
  const coded = ['', ...codings.map(codingSuffix)];
  return types.flatMap((type) => spoken.flatMap((each) => coded.map((coding) => type + each + coding)));
}

function languageSuffix(languages: readonly string[], language: string | null): string {
  return language === null || language === languages[0] ? '' : `--${language}`;
}

function check(
  parameter: ParameterModel,
  index: number,
  context: CompileContext,
): readonly CheckedArgument[] {
  if (parameter.kind === 'bean') {
    const plan = beanPlan(parameter.type, placeOf(parameter));
    return plan === null ? [] : [{ index, plan }];
  }
  if (parameter.kind !== 'body') return [];
  return [{ index, plan: planOf(parameter, context) }];
}

function planOf(body: BodyModel, { unknownProperties, size }: CompileContext) {
  const plan = bodyPlan({ ...body, unknownProperties, size });
  if (body.patch === 'object') return patchPlan(plan, body.type !== null);
  const { form } = body;
  if (form === null) return plan;
  const formPlan = beanPlan(form.type, placeOf(form));
  if (formPlan === null) return plan;
  // What the binder made of a form is an instance already, of text that is converted.
  return {
    check: (value: unknown, issues: Issue[], facts?: ContentFacts) =>
      value instanceof form.type ? formPlan.check(value, issues) : plan.check(value, issues, facts),
  };
}

/** What the patch makes of the current state is checked when the method applies it. */
function patchPlan(plan: ValuePlan, isChecked: boolean): ValuePlan {
  const check = async (value: unknown): Promise<unknown> => {
    const issues: Issue[] = [];
    const checked = await plan.check(value, issues);
    if (issues.length > 0) throw notValid(issues);
    return checked;
  };
  return {
    check: (value) =>
      value instanceof PatchDocument
        ? new Patch(value.mediaType, value.document, isChecked ? check : null)
        : value,
  };
}

/** A bean's property is where its parameter came from, by the name the client knows. */
function placeOf(bean: BeanModel): Place {
  const fields = new Map(bean.fields.map(({ property, parameter }) => [property, parameter]));
  return ([property = '', ...rest]) => {
    const parameter = fields.get(property);
    return { in: parameter?.in ?? 'query', path: pointer(parameter?.name ?? property, ...rest) };
  };
}
