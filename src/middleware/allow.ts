import type { CompiledApplication } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { checkRules } from '../framework/security/allowed.js';

/** 403 where a rule of the operation doesn't hold for who calls it with these arguments. */
export function allow(
  _application: CompiledApplication,
  { operation, principal, args }: Exchange,
): void | Promise<void> {
  if (operation.rules !== null) return checkRules(operation.rules, principal, args);
}
