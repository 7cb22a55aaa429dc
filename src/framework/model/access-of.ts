import { type Class, lineage } from '../class.js';
import { type Access, type MethodRecord, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import type { Declarations } from './declarations.js';

const PERMIT: Access = Object.freeze({ kind: 'permit' });

/** Who may call a method: its own word, else its class's, else the ancestors', else everybody. */
export function accessOf(
  type: Class,
  method: string,
  record: MethodRecord | null,
  declarations: Declarations,
  findings: Finding[],
): Access {
  const where = `${type.name}.${method}`;
  const own = [...(record?.access ?? []), ...authorized(type, method, where, declarations, findings)];
  if (own.length > 0) return single(own, where, findings);
  for (const ancestor of lineage(type)) {
    const declared = readRecord(ancestor)?.access ?? [];
    const all = [...declared, ...authorized(ancestor, undefined, ancestor.name, declarations, findings)];
    if (all.length > 0) return single(all, ancestor.name, findings);
  }
  return PERMIT;
}

function single(declared: readonly Access[], where: string, findings: Finding[]): Access {
  const [first = PERMIT] = declared;
  if (declared.length > 1) {
    const remedy = 'keep one of @Authenticated, @RolesAllowed, @PermitAll, @DenyAll, @Authorized';
    findings.push(finding('mixed-access', where, 'more than one decorator says who may come in', remedy));
  }
  return first;
}

/** routing-controllers' `@Authorized()`, `@Authorized('role')`, `@Authorized(['a', 'b'])`. */
function authorized(
  type: Class,
  method: string | undefined,
  where: string,
  declarations: Declarations,
  findings: Finding[],
): readonly Access[] {
  const found = declarations.handlers(type, method).filter((handler) => handler.type === 'authorized');
  return found.map(({ value }: { value?: unknown }): Access => {
    if (value === undefined) return { kind: 'authenticated' };
    if (typeof value === 'string') return { kind: 'roles', roles: [value] };
    if (Array.isArray(value) && value.every((role) => typeof role === 'string')) {
      return value.length === 0 ? { kind: 'authenticated' } : { kind: 'roles', roles: value };
    }
    const remedy = 'give it the names of roles';
    findings.push(finding('not-supported', where, '@Authorized with a function is not supported', remedy));
    return { kind: 'deny' };
  });
}
