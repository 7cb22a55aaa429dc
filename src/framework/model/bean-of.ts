import { type Class, isClass, lineage } from '../class.js';
import { UploadedFile } from '../codecs/upload.js';
import { emittedType, type OwnParameter, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { rulesOf } from '../validation/rules.js';
import { BUILT_IN } from './built-in.js';
import type { BeanModel, ScalarModel } from './model.js';
import { scalarModel } from './scalar-type.js';

type Field = BeanModel['fields'][number];

/** A bean whose properties carry `@QueryParam` and the like. */
export function beanModel(type: unknown, where: string, findings: Finding[]): BeanModel {
  if (!isClass(type) || BUILT_IN.has(type)) {
    const remedy = 'give it a class whose properties carry @QueryParam, @HeaderParam and the like';
    findings.push(finding('type-not-convertible', where, '@BeanParam needs a class as its type', remedy));
    return { kind: 'bean', type: Object, fields: [] };
  }
  const fields = new Map<string, Field>();
  for (const ancestor of lineage(type)) {
    const record = readRecord(ancestor);
    for (const [property, own] of record?.properties ?? []) {
      const defaults = record?.propertyDefaults;
      const fallback = { hasDefault: defaults?.has(property) ?? false, default: defaults?.get(property) };
      if (!fields.has(property)) fields.set(property, field(type, property, own, fallback, findings));
    }
  }
  if (fields.size === 0) {
    const remedy = 'decorate its properties with @QueryParam, @HeaderParam and the like';
    findings.push(finding('unbound-parameter', where, `no property of ${type.name} is bound`, remedy));
  }
  return Object.freeze({ kind: 'bean', type, fields: Object.freeze([...fields.values()]) });
}

const ITEMS = new Map<string, unknown>([
  ['isInt', Number],
  ['isNumber', Number],
  ['isPositive', Number],
  ['isNegative', Number],
  ['min', Number],
  ['max', Number],
  ['isBoolean', Boolean],
  ['isDate', Date],
]);

/** A bean made of the properties that have class-validator rules, each bound from its own name. */
export function ruledBean(type: Class, source: 'query' | 'form', findings: Finding[]): BeanModel {
  const rules = rulesOf(type);
  const properties = new Set(rules.map((rule) => rule.propertyName));
  const fields = [...properties].map((property) => {
    // TypeScript emits `Array` for `number[]`; the rules on the items say what they are.
    const items = rules.filter((rule) => rule.propertyName === property && rule.each);
    const item = items.find((rule) => ITEMS.has(rule.name ?? ''));
    const isFile = items.some((rule) => rule.name === 'isInstance' && rule.constraints[0] === UploadedFile);
    const itemType = isFile ? UploadedFile : ITEMS.get(item?.name ?? '');
    const own: OwnParameter = { source, name: property, required: false, type: itemType };
    return field(type, property, own, { hasDefault: false, default: undefined }, findings);
  });
  return Object.freeze({ kind: 'bean', type, fields: Object.freeze(fields) });
}

function field(
  type: Class,
  property: string,
  own: OwnParameter,
  fallback: { hasDefault: boolean; default: unknown },
  findings: Finding[],
): Field {
  const emitted = emittedType(type.prototype as object, property, 'property');
  const source = own.source as ScalarModel['in'];
  const declaration = { ...own, in: source, emitted, explicit: own.type, ...fallback };
  return { property, parameter: scalarModel(declaration, `${type.name}.${property}`, findings) };
}
