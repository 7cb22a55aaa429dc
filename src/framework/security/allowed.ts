import type { Access } from '../declare/record.js';
import { FrameworkError } from '../errors/api-error.js';
import type { Principal } from './principal.js';

/** A rule as it is asked: with the arguments of the operation and its locators. */
export type CompiledRule = (principal: Principal, args: readonly unknown[]) => boolean | Promise<boolean>;

/**
 * Checks that a principal may call an operation; whether it needs one at all has been asked before.
 *
 * @throws FrameworkError 403.
 */
export function checkAllowed(access: Access, principal: Principal | null): void {
  if (access.kind === 'deny') throw new FrameworkError('forbidden', 'Nobody may do this');
  if (access.kind !== 'roles') return;
  if (!access.roles.some((role) => principal?.roles.has(role))) {
    throw new FrameworkError('forbidden', 'This asks for a role that you do not have');
  }
}

/**
 * Asks the rules about who calls and what with, one after another.
 *
 * @throws FrameworkError 403 where one doesn't answer `true`; whatever a rule throws.
 */
export async function checkRules(
  rules: readonly CompiledRule[],
  principal: Principal | null,
  args: readonly unknown[],
): Promise<void> {
  for (const rule of rules) {
    // Without a principal nothing is asked: a rule that was written for one must not fail on none.
    const answer: unknown = principal === null ? false : await rule(principal, args);
    if (answer !== true) throw new FrameworkError('forbidden', 'You may not do this');
  }
}
