import type { ValidationError } from 'class-validator';
import * as classValidator from 'class-validator';
import type { Class } from '../class.js';
import type { Issue } from '../errors/api-error.js';
import { rulesOf } from './rules.js';

/** Where a property is in the request, from its path below the checked object. */
export type Place = (keys: readonly string[]) => Pick<Issue, 'in' | 'path'>;

/** class-validator's tree of errors as a flat list, in its order. */
export function toIssues(errors: readonly ValidationError[], place: Place, at: readonly string[]): Issue[] {
  const issues: Issue[] = [];
  add(issues, errors, place, at);
  return issues;
}

function add(issues: Issue[], errors: readonly ValidationError[], place: Place, at: readonly string[]): void {
  for (const error of errors) {
    const { constraints, children, property } = error;
    const keys = property === undefined ? at : [...at, property];
    if (constraints !== undefined) {
      const where = place(keys);
      for (const code of Object.keys(constraints)) {
        const message = withoutValue(constraints[code] ?? '', error);
        issues.push({ in: where.in, path: where.path, code, message });
      }
    }
    if (children !== undefined && children.length > 0) add(issues, children, place, keys);
  }
}

/**
 * A message may be made by the user (`$value` in a text, a function of the value) and quote the submitted
 * value, which could be a password. Such a message is replaced where it does.
 */
function withoutValue(message: string, { target, property, value }: ValidationError): string {
  if (target === undefined || !mayQuote(target.constructor as Class, property)) return message;
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const quoted = parts.some((part) => {
    if (part === undefined || part === null || typeof part === 'object') return false;
    const text = String(part);
    return text !== '' && message.includes(text);
  });
  return quoted ? `${property} is not valid` : message;
}

const BUILT_IN_RULES = new Set(Object.values(classValidator).filter((value) => typeof value === 'string'));
const quoting = new WeakMap<Class, ReadonlySet<string>>();

/** Whether a rule on the property has a message that class-validator itself didn't write. */
function mayQuote(type: Class, property: string): boolean {
  let properties = quoting.get(type);
  if (properties === undefined) {
    const rules = rulesOf(type).filter((rule) => {
      const { message } = rule;
      if (typeof message === 'function' || message?.includes('$value')) return true;
      return rule.type === 'customValidation' && !BUILT_IN_RULES.has(rule.name ?? '');
    });
    properties = new Set(rules.map((rule) => rule.propertyName));
    quoting.set(type, properties);
  }
  return properties.has(property);
}
