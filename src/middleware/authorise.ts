import type { CompiledApplication } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { checkAllowed } from '../framework/security/allowed.js';

/** 403 where the operation is for nobody, or the principal has none of its roles. */
export function authorise(_application: CompiledApplication, { operation, principal }: Exchange): void {
  checkAllowed(operation.access, principal);
}
