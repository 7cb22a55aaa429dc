import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';

/** 403 where the operation is for nobody, or the principal has none of its roles. */
export function authorise({ operation, principal }: Exchange): void {
  const { access } = operation;
  if (access.kind === 'deny') throw new FrameworkError('forbidden', 'Nobody may do this');
  if (access.kind !== 'roles') return;
  if (!access.roles.some((role) => principal?.roles.has(role))) {
    throw new FrameworkError('forbidden', 'This asks for a role that you do not have');
  }
}
