import { type Finding, finding } from '../errors/startup-error.js';
import { type MediaType, parseMediaType } from '../http/media-type.js';
import type { OperationModel, ParameterModel } from './model.js';

const JSON_TYPE = known('application/json');
const TEXT = known('text/plain; charset=utf-8');
const BYTES = known('application/octet-stream');
const FORM = known('application/x-www-form-urlencoded');

/** What an operation reads: what it declares, or what its parameters suggest. */
export function consumesOf(
  declared: readonly string[] | undefined,
  parameters: readonly ParameterModel[],
  where: string,
  findings: Finding[],
): readonly MediaType[] {
  const body = parameters.find((parameter) => parameter.kind === 'body');
  if (body === undefined && !hasFormField(parameters)) return [];
  if (declared !== undefined) return parsed(declared, where, findings);
  if (body === undefined) return [FORM];
  if (body.type === String && !body.list) return [TEXT_RANGE, JSON_TYPE];
  return body.type === Buffer ? [BYTES] : [JSON_TYPE];
}

const TEXT_RANGE = known('text/plain');

/** Whether a parameter, or a bean's property, is a form's field. */
export function hasFormField(parameters: readonly ParameterModel[]): boolean {
  return parameters.some(
    (parameter) =>
      (parameter.kind === 'scalar' && parameter.in === 'form') ||
      (parameter.kind === 'bean' && parameter.fields.some((field) => field.parameter.in === 'form')),
  );
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
