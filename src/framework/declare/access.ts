import type { Principal } from '../security/principal.js';
import { bareable } from './bareable.js';
import { type Access, type AccessRule, declaredOn } from './record.js';

/** Who may call what says nothing of it. */
export type DefaultAccess = 'permit' | 'authenticated' | 'deny';

type AccessDecorator = ClassDecorator & MethodDecorator;

function record(value: Access) {
  return (target: object, method?: string | symbol): void => {
    const declared = declaredOn(target, method);
    declared.access = [...(declared.access ?? []), Object.freeze(value)];
  };
}

/**
 * For any principal: a request without valid credentials is answered 401. Bare or called, on a class or a
 * method; a method's word beats its class's.
 */
export const Authenticated = bareable<AccessDecorator>(record({ kind: 'authenticated' }));

/** For everybody; what holds where nothing is declared. Bare or called, on a class or a method. */
export const PermitAll = bareable<AccessDecorator>(record({ kind: 'permit' }));

/** For nobody: always 403. Bare or called, on a class or a method. */
export const DenyAll = bareable<AccessDecorator>(record({ kind: 'deny' }));

/**
 * For a principal with at least one of these roles; 401 without credentials, 403 without a role.
 *
 * @throws TypeError where no role is named: that would be {@link DenyAll} or {@link Authenticated}.
 * @example
 * ```ts
 * import { DELETE, Path, PathParam, RolesAllowed } from 'koanatomy';
 *
 * @Path('/users')
 * export class UserController {
 *   @DELETE @Path('/{id}') @RolesAllowed('admin')
 *   remove(@PathParam('id') id: number) {
 *     console.log(id);
 *   }
 * }
 * ```
 */
export function RolesAllowed(...roles: string[]): AccessDecorator {
  if (roles.length === 0 || roles.some((role) => typeof role !== 'string')) {
    throw new TypeError("@RolesAllowed takes the names of roles, as in @RolesAllowed('admin')");
  }
  return record({ kind: 'roles', roles: Object.freeze(roles) });
}

/**
 * A rule about who calls and what with, such as that only the owner may change a thing: 403 where it answers anything but
 * `true`. It is asked after the request was authenticated and validated, so that `args` are the method's own arguments,
 * and before the method is called. On a class it holds for each of its methods, beside a method's own; several have to
 * hold all. A method that has one needs a principal, unless it has `@PermitAll` itself: then its class's don't hold.
 *
 * @param rule may be asynchronous, and may throw an `ApiError`, such as 404 for who must not know that the thing is there
 * @throws TypeError where it is no function.
 * @example
 * ```ts
 * import { Allow, Path, PathParam, type Principal, PUT } from 'koanatomy';
 *
 * const owners = new Map([[7, 'ann']]);
 * const isOwner = (who: Principal, [id]: [number]) => owners.get(id) === who.name || who.roles.has('admin');
 *
 * @Path('/cases')
 * export class CaseController {
 *   @PUT('/{id}') @Allow(isOwner)
 *   replace(@PathParam('id') id: number) {
 *     return { id };
 *   }
 * }
 * ```
 */
export function Allow<Args extends readonly unknown[]>(
  rule: (principal: Principal, args: Args) => boolean | Promise<boolean>,
): AccessDecorator {
  if (typeof rule !== 'function') {
    throw new TypeError('@Allow takes a function, as in @Allow((principal, [id]) => …)');
  }
  return (target: object, method?: string | symbol): void => {
    const declared = declaredOn(target, method);
    // Decorators are applied from the last to the first; rules are asked in the order in which they stand.
    declared.rules = [rule as AccessRule, ...(declared.rules ?? [])];
  };
}
