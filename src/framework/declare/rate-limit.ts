import type { RateLimitOptions } from '../load/rate-limit.js';
import { declaredLimit, faultsOf } from '../load/rate-limit-checks.js';
import { nameOf } from './media.js';
import { declaredOn } from './record.js';

const PROPERTIES: ReadonlySet<string> = new Set<keyof RateLimitOptions>([
  'limit',
  'window',
  'burst',
  'name',
  'key',
]);

/**
 * How many requests of one client a method answers, or all methods of a class together; one more is answered 429. A
 * method's own decorator replaces its class's. Decided when it is known who calls, and before the body is read; the
 * client is the principal where the method has one, else the address.
 *
 * @throws TypeError, which names the method, for numbers that mean nothing, a name that no header can have, or a second one.
 * @example
 * ```ts
 * import { Path, POST, RateLimit } from 'koanatomy';
 *
 * @Path('/sessions')
 * export class SessionController {
 *   @POST @RateLimit({ limit: 5, window: 60 })
 *   logIn() {
 *     return { token: 'x' };
 *   }
 * }
 * ```
 */
export function RateLimit(options: RateLimitOptions): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    const record = declaredOn(target, method);
    const where = `@RateLimit of ${nameOf(target, method)}`;
    if (typeof options !== 'object' || options === null)
      throw new TypeError(`${where} takes an object, such as { limit: 100, window: 60 }`);
    const unknown = Object.keys(options).find((name) => !PROPERTIES.has(name));
    if (unknown !== undefined) throw new TypeError(`${where} has no option ${unknown}`);
    const faults = faultsOf({ ...options }).map(
      ({ property, message, remedy }) => `${property}: ${message}; ${remedy}`,
    );
    if (faults.length > 0) throw new TypeError(`${where}: ${faults.join('. ')}`);
    if (record.rateLimit !== undefined) throw new TypeError(`${where} is a second one: keep one`);
    record.rateLimit = declaredLimit(options, nameOf(target, method));
  };
}
