import { getMetadataStorage } from 'class-validator/cjs/metadata/MetadataStorage.js';
import type { Class } from '../class.js';

/** The class-validator rules of a class and its ancestors. */
export function rulesOf(type: Class) {
  return getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
}

/** Whether class-validator has a rule for a class or one of its ancestors. */
export function hasRules(type: Class): boolean {
  return rulesOf(type).length > 0;
}
