import { ValidationTypes } from 'class-validator/cjs/validation/ValidationTypes.js';
import { type Class, isClass, lineage } from '../class.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { rulesOf } from '../validation/rules.js';
import { typeMetadata } from '../validation/transform-metadata.js';

/**
 * Properties that no correct body could pass: `@IsDate` and `@ValidateNested` look for instances, and only
 * class-transformer's `@Type` (or a `@Transform`) makes them of JSON. Nested classes are looked at too.
 */
export function missingTypes(type: Class, seen = new Set<Class>()): Finding[] {
  if (seen.has(type)) return [];
  seen.add(type);
  const rules = rulesOf(type);
  return [...new Set(rules.map((rule) => rule.propertyName))].flatMap((property) => {
    const own = rules.filter((rule) => rule.propertyName === property);
    const isNested = own.some((rule) => rule.type === ValidationTypes.NESTED_VALIDATION);
    const isDate = own.some((rule) => rule.name === 'isDate');
    const { made, type: inner } = typeMetadata(lineage(type), property);
    if (made) return inner !== null && isNested && isClass(inner) ? missingTypes(inner, seen) : [];
    if (!isNested && !isDate) return [];
    const [rule, remedy] = isDate
      ? ['@IsDate', 'add @Type(() => Date)']
      : ['@ValidateNested', 'add @Type(() => TheClass)'];
    const message = `${rule} looks for an instance, and nothing makes one of JSON: every body with it is refused`;
    return [finding('missing-type', `${type.name}.${property}`, message, `${remedy} from class-transformer`)];
  });
}
