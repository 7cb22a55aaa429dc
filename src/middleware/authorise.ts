import type { Exchange } from '../framework/exchange.js';
import { checkAllowed } from '../framework/security/allowed.js';

/** 403 where the operation is for nobody, or the principal has none of its roles. */
export function authorise({ operation, principal }: Exchange): void {
  checkAllowed(operation.access, principal);
}
