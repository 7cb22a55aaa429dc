import { type Finding, finding } from '../errors/startup-error.js';
import type { MediaType } from '../http/media-type.js';
import { isPatchType } from '../patch/media-types.js';
import type { OperationModel, ParameterModel } from './model.js';

/** A patch document that is read into a class is applied to what GET answers, the result being the body. */
export function withPatch(
  parameters: readonly ParameterModel[],
  verb: string,
  consumes: readonly MediaType[],
): readonly ParameterModel[] {
  if (verb !== 'PATCH' || !consumes.some(isPatchType)) return parameters;
  return parameters.map((parameter) =>
    parameter.kind === 'body' && parameter.patch === null && parameter.type !== null
      ? Object.freeze({ ...parameter, patch: 'applied' as const })
      : parameter,
  );
}

/**
 * Where no GET answers on the same path there is nothing to apply a patch to. A merge patch can be the body as it
 * came, an object with the members that change; the operations of a JSON Patch (RFC 6902) never can.
 */
export function settlePatches(
  operations: readonly OperationModel[],
  findings: Finding[],
): readonly OperationModel[] {
  const readable = new Set(operations.filter(({ verb }) => verb === 'GET').map(({ path }) => path.shape));
  return operations.map((operation) => {
    const { name, path, parameters, consumes } = operation;
    if (readable.has(path.shape) || !parameters.some(isApplied)) return operation;
    const message = `no GET answers on ${path.text}, so that there is nothing to apply a patch to`;
    if (consumes.some(({ subtype }) => subtype === 'json-patch+json')) {
      const remedy =
        'take a Patch<T> parameter and apply it to what you load, or add a GET with the same path';
      findings.push(finding('patch-without-get', name, message, remedy));
    } else {
      const remedy =
        'add a GET with the same path, or take a Patch<T> parameter; as it is, the merge patch itself is the body';
      findings.push(finding('patch-not-applied', name, message, remedy));
    }
    const asBody = parameters.map((parameter) =>
      isApplied(parameter) ? Object.freeze({ ...parameter, patch: null }) : parameter,
    );
    return Object.freeze({ ...operation, parameters: Object.freeze(asBody) });
  });
}

/** RFC 5789 §2: a patch document says what PATCH is to change; with another verb it is content like any other. */
export function checkPatch({ name, verb, parameters, consumes }: OperationModel): readonly Finding[] {
  if (verb === 'PATCH') return [];
  const isPatch = parameters.some((parameter) => parameter.kind === 'body' && parameter.patch === 'object');
  if (!isPatch && !consumes.some(isPatchType)) return [];
  const message = `a patch document is the body of ${verb}`;
  const remedy = 'use @PATCH (RFC 5789), or another media type';
  return [finding('patch-on-other-verb', name, message, remedy)];
}

function isApplied(parameter: ParameterModel): boolean {
  return parameter.kind === 'body' && parameter.patch === 'applied';
}
