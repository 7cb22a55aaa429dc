import { bareable } from './bareable.js';
import { type Access, declaredOn } from './record.js';

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
