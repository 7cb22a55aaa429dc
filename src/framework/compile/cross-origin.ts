import { type CrossOriginOptions, CrossOriginPolicy } from '../http/cross-origin.js';
import type { OperationModel } from '../model/model.js';

/** One object is one policy: methods that share it, such as those of a class, are told of together. */
const compiled = new WeakMap<CrossOriginOptions, CrossOriginPolicy>();

/** The policy of an operation; null where pages of other origins have no part in it. */
export function policyOf(
  declared: OperationModel['crossOrigin'],
  common: CrossOriginPolicy | null,
): CrossOriginPolicy | null {
  if (declared === null) return common;
  if (declared === false) return null;
  const found = compiled.get(declared) ?? new CrossOriginPolicy(declared);
  compiled.set(declared, found);
  return found;
}

/** What all have in common; null where they don't agree. */
export function sharedPolicy(
  operations: readonly { readonly crossOrigin: CrossOriginPolicy | null }[],
): CrossOriginPolicy | null {
  const first = operations[0]?.crossOrigin ?? null;
  return operations.every(({ crossOrigin }) => crossOrigin === first) ? first : null;
}
