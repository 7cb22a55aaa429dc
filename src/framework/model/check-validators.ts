import { emittedType } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { Reply } from '../reply.js';
import type { OperationModel } from './model.js';

/**
 * `@RequirePrecondition` asks for an `If-Match` that nobody can send where no GET on the same path tells a
 * validator: every one fails (RFC 9110 §13.1.1). A method that asks Preconditions itself knows its own.
 */
export function checkValidators(operations: readonly OperationModel[]): readonly Finding[] {
  const sources = operations.filter(({ verb }) => verb === 'GET');
  const readable = new Set(sources.map(({ path }) => path.shape));
  const validated = new Set(sources.filter(tellsValidators).map(({ path }) => path.shape));
  return operations.flatMap((operation) => {
    const { name, verb, path, caching } = operation;
    const isChange = verb !== 'GET' && verb !== 'HEAD';
    if (!caching.requirePrecondition || !isChange) return [];
    if (validated.has(path.shape) || asksPreconditions(operation)) return [];
    const lack = readable.has(path.shape)
      ? `the GET of ${path.text} declares neither @ETag nor @LastModified`
      : `no GET answers on ${path.text}`;
    const message = `${lack}, so that every If-Match is answered 412`;
    const remedy =
      'declare @ETag on the GET of the same path, or take @Context() preconditions: Preconditions; a GET whose Reply has an ETag does as well';
    return [finding('no-validators', name, message, remedy)];
  });
}

/** Whether a GET declares validators, or may set one where no declaration shows it. */
function tellsValidators(operation: OperationModel): boolean {
  const { caching, controller, method, parameters } = operation;
  if (caching.etag !== null || caching.lastModified !== null || asksPreconditions(operation)) return true;
  const returned = emittedType(controller.prototype as object, method, 'return');
  if (returned === Reply || returned === Response) return true;
  return parameters.some((parameter) => parameter.kind === 'context' && parameter.what === 'koa');
}

function asksPreconditions({ parameters }: OperationModel): boolean {
  return parameters.some((parameter) => parameter.kind === 'context' && parameter.what === 'preconditions');
}
