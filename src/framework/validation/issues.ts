import { createRequire } from 'node:module';
import type { ValidationError } from 'class-validator';
import type { Class } from '../class.js';
import type { Issue } from '../errors/api-error.js';
import { pointer } from '../http/pointer.js';
import { rulesOf } from './rules.js';

/** Where a property is in the request, from its path below the checked object. */
export type Place = (keys: readonly string[]) => Pick<Issue, 'in' | 'path'>;

/** class-validator's tree of errors as a flat list, in its order. */
export function toIssues(errors: readonly ValidationError[], place: Place): Issue[] {
  const issues: Issue[] = [];
  const visit = (each: readonly ValidationError[], at: readonly string[]): void => {
    for (const error of each) {
      const keys = error.property === undefined ? at : [...at, error.property];
      const { in: part, path } = place(keys);
      add(issues, error, part, path);
      if (error.children !== undefined && error.children.length > 0) visit(error.children, keys);
    }
  };
  visit(errors, []);
  return issues;
}

/** The same for a body, or for the part of it that a JSON pointer leads to. */
export function toBodyIssues(errors: readonly ValidationError[], at: string): Issue[] {
  const issues: Issue[] = [];
  addBodyIssues(issues, errors, at);
  return issues;
}

function addBodyIssues(issues: Issue[], errors: readonly ValidationError[], at: string): void {
  for (const error of errors) {
    const path = error.property === undefined ? at : at + pointer(error.property);
    add(issues, error, 'body', path);
    if (error.children !== undefined && error.children.length > 0) {
      addBodyIssues(issues, error.children, path);
    }
  }
}

function add(issues: Issue[], error: ValidationError, part: Issue['in'], path: string): void {
  const { constraints } = error;
  if (constraints === undefined) return;
  for (const code of Object.keys(constraints)) {
    issues.push({ in: part, path, code, message: withoutValue(constraints[code] ?? '', error) });
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

const load = createRequire(import.meta.url);
let builtIn: ReadonlySet<unknown> | null = null;

/** The names of class-validator's own rules. Loading all of it takes 80 ms, and where a rule failed it has been done. */
function builtInRules(): ReadonlySet<unknown> {
  builtIn ??= new Set(
    Object.values(load('class-validator') as object).filter((value) => typeof value === 'string'),
  );
  return builtIn;
}
const quoting = new WeakMap<Class, ReadonlySet<string>>();

/** Whether a rule on the property has a message that class-validator itself didn't write. */
function mayQuote(type: Class, property: string): boolean {
  let properties = quoting.get(type);
  if (properties === undefined) {
    const rules = rulesOf(type).filter((rule) => {
      const { message } = rule;
      if (typeof message === 'function' || message?.includes('$value')) return true;
      return rule.type === 'customValidation' && !builtInRules().has(rule.name ?? '');
    });
    properties = new Set(rules.map((rule) => rule.propertyName));
    quoting.set(type, properties);
  }
  return properties.has(property);
}
