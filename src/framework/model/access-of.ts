import { type Class, lineage } from '../class.js';
import { type Access, type AccessRule, type MethodRecord, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import type { Declarations } from './declarations.js';

const PERMIT: Access = Object.freeze({ kind: 'permit' });
const AUTHENTICATED: Access = Object.freeze({ kind: 'authenticated' });

/** What nobody has said anything of, where that means nobody. */
export const UNDECLARED: Access = Object.freeze({ kind: 'deny' });

/** Who may call a method, and what has to be true besides. */
export interface AccessModel {
  readonly access: Access;
  readonly rules: readonly AccessRule[];
}

/**
 * Who may call a method: its own word, else its class's, else the ancestors', else what holds where nothing is declared.
 * Rules come on top, those of all of them; only a method's own `@PermitAll` lifts its class's.
 */
export function accessOf(
  type: Class,
  method: string,
  record: MethodRecord | null,
  declarations: Declarations,
  findings: Finding[],
  fallback: Access,
): AccessModel {
  const where = `${type.name}.${method}`;
  const own = [...(record?.access ?? []), ...authorized(type, method, where, declarations, findings)];
  const ownRules = record?.rules ?? [];
  if (own.length > 0) {
    const access = single(own, where, findings);
    refuseIdleRules(access, ownRules, where, findings);
    return access.kind === 'permit'
      ? { access, rules: [] }
      : { access, rules: [...ofClasses(type), ...ownRules] };
  }
  const declared = ofClassesAccess(type, declarations, findings);
  const rules = [...ofClasses(type), ...ownRules];
  // A rule is about somebody, and says by itself who may come in.
  if (rules.length > 0 && (declared ?? PERMIT).kind === 'permit') return { access: AUTHENTICATED, rules };
  return { access: declared ?? fallback, rules };
}

function ofClassesAccess(type: Class, declarations: Declarations, findings: Finding[]): Access | null {
  for (const ancestor of lineage(type)) {
    const declared = readRecord(ancestor)?.access ?? [];
    const all = [...declared, ...authorized(ancestor, undefined, ancestor.name, declarations, findings)];
    if (all.length === 0) continue;
    const access = single(all, ancestor.name, findings);
    refuseIdleRules(access, readRecord(ancestor)?.rules ?? [], ancestor.name, findings);
    return access;
  }
  return null;
}

/** The rules of a class and its ancestors, theirs first. */
function ofClasses(type: Class): readonly AccessRule[] {
  return [...lineage(type)].reverse().flatMap((each) => readRecord(each)?.rules ?? []);
}

/** Who reads both can't tell which of them counts. */
function refuseIdleRules(
  { kind }: Access,
  rules: readonly AccessRule[],
  where: string,
  findings: Finding[],
): void {
  if (rules.length === 0 || (kind !== 'permit' && kind !== 'deny')) return;
  const name = kind === 'permit' ? '@PermitAll' : '@DenyAll';
  const message = `it has ${name} and a rule, which then nobody is asked for`;
  findings.push(finding('mixed-access', where, message, `keep one of ${name} and @Allow`));
}

function single(declared: readonly Access[], where: string, findings: Finding[]): Access {
  const [first = AUTHENTICATED] = declared;
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

const DEFAULTS: ReadonlyMap<unknown, Access> = new Map<unknown, Access>([
  [undefined, PERMIT],
  ['permit', PERMIT],
  ['authenticated', AUTHENTICATED],
  ['deny', UNDECLARED],
]);

/** Reads the option `access`: who may call a method where nothing is declared. */
export function readAccess(given: unknown, findings: Finding[]): Access {
  const found = DEFAULTS.get(given);
  if (found !== undefined) return found;
  const remedy = "give 'permit', 'authenticated' or 'deny'";
  findings.push(finding('bad-option', 'access', `${String(given)} is none of its values`, remedy));
  return UNDECLARED;
}
