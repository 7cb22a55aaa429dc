import { refuseStandard, storage } from './record.js';

/** A verb decorator: bare (`@GET`), called (`@GET()`), or with a path below the class's (`@GET('/sub')`). */
export interface VerbDecorator {
  (path?: string): MethodDecorator;
  <T>(target: object, method: string | symbol, descriptor: TypedPropertyDescriptor<T>): void;
}

/**
 * A decorator's factory for an HTTP method of any name, such as PURGE (RFC 9110 §9).
 *
 * @example
 * ```ts
 * import { HttpMethod, Path } from 'koanatomy';
 *
 * const PURGE = HttpMethod('PURGE');
 *
 * @Path('/cache')
 * export class CacheController {
 *   @PURGE
 *   clear() {}
 * }
 * ```
 */
export function HttpMethod(verb: string): VerbDecorator {
  return ((first?: unknown, method?: string | symbol) => {
    refuseStandard(method);
    if (method !== undefined) return record(first as object, String(method), undefined);
    return (target: object, name: string | symbol) =>
      record(target, String(name), first as string | undefined);
  }) as VerbDecorator;

  function record(target: object, method: string, route: string | undefined): void {
    if (typeof target === 'function') {
      throw new TypeError(
        `@${verb} on ${target.name}.${method}: a static method can't be served, since no instance has it`,
      );
    }
    type ActionType = ReturnType<typeof storage>['actions'][number]['type'];
    storage().actions.push({
      // The storage's type lists the verbs that its decorators know; its field is a plain string.
      type: verb.toLowerCase() as ActionType,
      target: target.constructor,
      method,
      route: route as string,
      options: {},
    });
  }
}

/** Answers GET, and HEAD with it (RFC 9110 §9.3.1, §9.3.2). */
export const GET: VerbDecorator = HttpMethod('GET');
/** Answers POST (RFC 9110 §9.3.3). */
export const POST: VerbDecorator = HttpMethod('POST');
/** Answers PUT (RFC 9110 §9.3.4). */
export const PUT: VerbDecorator = HttpMethod('PUT');
/** Answers PATCH (RFC 5789). */
export const PATCH: VerbDecorator = HttpMethod('PATCH');
/** Answers DELETE (RFC 9110 §9.3.5). */
export const DELETE: VerbDecorator = HttpMethod('DELETE');
/** Answers HEAD in place of the automatic one (RFC 9110 §9.3.2). */
export const HEAD: VerbDecorator = HttpMethod('HEAD');
/** Answers OPTIONS in place of the automatic one (RFC 9110 §9.3.7). */
export const OPTIONS: VerbDecorator = HttpMethod('OPTIONS');
