import type { Class } from '../class.js';
import { methodRecord, refuseStandard, storage } from './record.js';

/**
 * The path template of a class (a root resource) or of a method below it. Variables are `{id}`, with a
 * regular expression `{id: [0-9]+}`, or `:id`.
 *
 * @example
 * ```ts
 * import { GET, Path, PathParam } from 'koanatomy';
 *
 * @Path('/cases')
 * export class CaseController {
 *   @GET @Path('/{id: [0-9]+}')
 *   find(@PathParam('id') id: number) {
 *     return { id };
 *   }
 * }
 * ```
 */
export function Path(template: string): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    refuseStandard(method);
    if (method !== undefined) methodRecord(target, String(method)).path = template;
    else storage().controllers.push({ target: target as Class, type: 'json', route: template, options: {} });
  };
}
