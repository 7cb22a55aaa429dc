/**
 * Who sent the request, as the authenticator found out.
 *
 * @example
 * ```ts
 * import { Context, GET, Path, Principal, RolesAllowed } from 'koanatomy';
 *
 * @Path('/me')
 * export class MeController {
 *   @GET @RolesAllowed('member')
 *   me(@Context() who: Principal) {
 *     return { name: who.name };
 *   }
 * }
 * ```
 */
export class Principal {
  readonly roles: ReadonlySet<string>;

  constructor(
    readonly name: string,
    roles: Iterable<string> = [],
    /** Whatever else is known, such as a token's claims. */
    readonly claims: Readonly<Record<string, unknown>> = {},
  ) {
    this.roles = new Set(roles);
  }
}
