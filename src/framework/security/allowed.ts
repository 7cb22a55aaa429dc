import type { Access } from '../declare/record.js';
import { FrameworkError } from '../errors/api-error.js';
import type { Principal } from './principal.js';

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
