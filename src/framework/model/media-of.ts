import { MultipartStream } from '../codecs/multipart-stream.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { includes, type MediaType, parseMediaType } from '../http/media-type.js';
import type { OperationModel, ParameterModel, ScalarModel } from './model.js';

const JSON_TYPE = known('application/json');
const TEXT = known('text/plain; charset=utf-8');
const BYTES = known('application/octet-stream');
const MERGE_PATCH = known('application/merge-patch+json');
const JSON_PATCH = known('application/json-patch+json');
const FORM = known('application/x-www-form-urlencoded');
const MULTIPART = known('multipart/form-data');

/** What an operation reads: what it declares, or what its parameters suggest. */
export function consumesOf(
  declared: readonly string[] | undefined,
  parameters: readonly ParameterModel[],
  where: string,
  findings: Finding[],
): readonly MediaType[] {
  const body = parameters.find((parameter) => parameter.kind === 'body');
  if (body === undefined && !hasFormField(parameters)) return [];
  if (declared !== undefined) {
    const types = parsed(declared, where, findings);
    if (hasFile(parameters) && !types.some((type) => includes(type, MULTIPART))) {
      const message = `a file comes in multipart/form-data only, and @Consumes has ${declared.join(', ')}`;
      const remedy = "@Consumes('multipart/form-data'), or leave it out";
      findings.push(finding('type-not-convertible', where, message, remedy));
    }
    return types;
  }
  if (body === undefined) return hasFile(parameters) ? [MULTIPART] : [FORM, MULTIPART];
  if (body.type === MultipartStream) return [MULTIPART];
  if (body.patch === 'object') return [MERGE_PATCH, JSON_PATCH];
  if (body.type === String && !body.list) return [TEXT_RANGE, JSON_TYPE];
  return body.type === Buffer ? [BYTES] : [JSON_TYPE];
}

const TEXT_RANGE = known('text/plain');

/** Whether a parameter, or a bean's property, is a form's field. */
export function hasFormField(parameters: readonly ParameterModel[]): boolean {
  return parameters.flatMap(scalarsOf).some((scalar) => scalar.in === 'form');
}

function hasFile(parameters: readonly ParameterModel[]): boolean {
  return parameters.flatMap(scalarsOf).some((scalar) => scalar.isFile);
}

function scalarsOf(parameter: ParameterModel): readonly ScalarModel[] {
  if (parameter.kind === 'scalar') return [parameter];
  return parameter.kind === 'bean' ? parameter.fields.map((field) => field.parameter) : [];
}

/** What an operation answers in: what it declares, or what its return type suggests. */
export function producesOf(
  declared: readonly string[] | undefined,
  returned: unknown,
  where: string,
  findings: Finding[],
): Pick<OperationModel, 'produces' | 'producesDeclared'> {
  if (declared !== undefined) return { produces: parsed(declared, where, findings), producesDeclared: true };
  if (returned === String) return { produces: [TEXT, JSON_TYPE], producesDeclared: false };
  if (returned === Buffer) return { produces: [BYTES], producesDeclared: false };
  return { produces: [JSON_TYPE], producesDeclared: false };
}

function parsed(texts: readonly string[], where: string, findings: Finding[]): readonly MediaType[] {
  return texts.flatMap((text) => {
    const type = parseMediaType(text);
    if (type !== null) return [type];
    const remedy = 'write type/subtype, with parameters such as "; charset=utf-8" or "; qs=0.5"';
    findings.push(finding('malformed-media-type', where, `"${text}" is no media type`, remedy));
    return [];
  });
}

function known(text: string): MediaType {
  const type = parseMediaType(text);
  if (type === null) throw new Error(`${text} is no media type`);
  return type;
}
