import type { CodecRegistry } from '../codecs/registry.js';
import { formatMediaType, type MediaType } from '../http/media-type.js';
import { pointer } from '../http/pointer.js';
import { hasFormField } from '../model/media-of.js';
import type { BeanModel, BodyModel, OperationModel, ParameterModel } from '../model/model.js';
import type { Place } from '../validation/issues.js';
import type { BodySize } from '../validation/size.js';
import { beanPlan, bodyPlan } from '../validation/value-plan.js';
import { compileBinder } from './bind.js';
import type { BodyPlan, CheckedArgument, CompiledOperation, Representation } from './records.js';

/** What compiling an operation needs of the application. */
export interface CompileContext {
  readonly codecs: CodecRegistry;
  /** The most bytes of a body where the operation says nothing. */
  readonly maxBody: number;
  readonly unknownProperties: 'strip' | 'refuse';
  readonly size: BodySize;
}

/** Compiles one operation, whose controller is made already. */
export function compileOperation(
  model: OperationModel,
  controller: object,
  context: CompileContext,
): CompiledOperation {
  const { path, parameters, access, headers } = model;
  const handler = Reflect.get(controller, model.method) as (...args: readonly unknown[]) => unknown;
  return Object.freeze({
    name: model.name,
    verb: model.verb,
    access,
    needsPrincipal: access.kind === 'authenticated' || access.kind === 'roles',
    takesPrincipal: parameters.some(
      (parameter) => parameter.kind === 'context' && parameter.what === 'principal',
    ),
    body: compileBody(model, context),
    produces: model.produces.map((type) => representation(type, context.codecs)),
    producesDeclared: model.producesDeclared,
    binders: parameters.map((parameter) =>
      compileBinder(parameter, path.variables, context.unknownProperties),
    ),
    checks: parameters.flatMap((parameter, index) => check(parameter, index, context)),
    call: (args: readonly unknown[]) => handler.apply(controller, args as unknown[]),
    status: model.status,
    headers: headers.length === 0 ? null : headers,
  });
}

function compileBody(
  { parameters, consumes, maxBody }: OperationModel,
  context: CompileContext,
): BodyPlan | null {
  const body = parameters.find((parameter) => parameter.kind === 'body');
  if (body === undefined && !hasFormField(parameters)) return null;
  const limit = maxBody ?? context.maxBody;
  return { consumes, required: body?.required ?? false, limit, isBytes: body?.type === Buffer && !body.list };
}

/**
 * Text says that it is UTF-8; JSON does as Koa does, though RFC 8259 needs no charset. The parameter belongs to
 * the media type, so that `Accept: application/json; charset=utf-8` finds it.
 */
export function representation(declared: MediaType, codecs: CodecRegistry): Representation {
  const { type, subtype, parameters } = declared;
  const textual = type === 'text' || (type === 'application' && subtype === 'json');
  const mediaType =
    textual && !parameters.has('charset') && subtype !== '*'
      ? { ...declared, parameters: new Map([...parameters, ['charset', 'utf-8']]) }
      : declared;
  return { mediaType, contentType: formatMediaType(mediaType), codec: codecs.writer(mediaType) };
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
  const { form } = body;
  if (form === null) return plan;
  const formPlan = beanPlan(form.type, placeOf(form));
  if (formPlan === null) return plan;
  // What the binder made of a form is an instance already, of text that is converted.
  return {
    check: (value: unknown, issues: Parameters<typeof plan.check>[1]) =>
      value instanceof form.type ? formPlan.check(value, issues) : plan.check(value, issues),
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
