import { type Class, isClass, lineage } from '../class.js';
import { type Access, emittedType } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { Reply } from '../reply.js';
import { BUILT_IN } from './built-in.js';
import type { Declarations } from './declarations.js';

/** The verb of a locator in the model, where what it returns is known at request time only; no method's name. */
export const LOCATOR = '*';

/**
 * What a locator's declared return type leads to: a class with verbs or locators; `unknown` where it may be one;
 * or nothing, since no such value has methods that answer a verb.
 */
export type Located = Class | 'unknown' | 'nothing';

/** `Promise<Notes>`, an interface, `typeof Notes`: emitted as something that can stand for any class. */
const OPEN: ReadonlySet<unknown> = new Set<unknown>([Object, Promise, Function, undefined]);

/** Types that are no resource, and mostly what a method with a forgotten verb returns. */
const ANSWERS: ReadonlySet<unknown> = new Set<unknown>([...BUILT_IN, Reply, Response]);

/** Reads what a locator returns from the type that TypeScript emitted (Jakarta REST 4.0 §3.4.1). */
export function locatedBy(type: Class, method: string, declarations: Declarations): Located {
  const returned = emittedType(type.prototype as object, method, 'return');
  if (OPEN.has(returned)) return 'unknown';
  if (!isClass(returned) || ANSWERS.has(returned)) return 'nothing';
  const hasMethods = declarations.actions(returned).length + declarations.locators(returned).length > 0;
  // A class without verbs may be the ancestor of those that have some.
  return hasMethods ? returned : 'unknown';
}

/** The classes that locators lead to, and whether some lead to classes that no declaration tells. */
export function reachable(
  types: readonly Class[],
  declarations: Declarations,
): { readonly classes: ReadonlySet<Class>; readonly isOpen: boolean } {
  const classes = new Set<Class>();
  const queue = [...types];
  let isOpen = false;
  for (const type of queue) {
    for (const method of declarations.locators(type)) {
      const located = locatedBy(type, method, declarations);
      if (located === 'unknown') isOpen = true;
      if (typeof located === 'string' || classes.has(located)) continue;
      classes.add(located);
      queue.push(located);
    }
  }
  return { classes, isOpen };
}

/** Whether what {@link reachable} found has the class, or one that it may stand in for. */
export function isReached({ classes }: { readonly classes: ReadonlySet<Class> }, type: Class): boolean {
  return lineage(type).some((each) => classes.has(each));
}

const DENY: Access = Object.freeze({ kind: 'deny' });

/**
 * What two declarations ask for together: a locator's holds for everything below it, and nothing below opens what
 * it closes. Its code runs first, and a word of the sub-resource's must not let in who may not call it.
 */
export function both(outer: Access, inner: Access, where: string, findings: Finding[]): Access {
  if (outer.kind === 'permit' || inner.kind === 'deny') return inner;
  if (inner.kind === 'permit' || outer.kind === 'deny') return outer;
  if (outer.kind === 'authenticated') return inner;
  if (inner.kind === 'authenticated' || isWithin(outer.roles, inner.roles)) return outer;
  if (isWithin(inner.roles, outer.roles)) return inner;
  const message = `it asks for ${inner.roles.join(' or ')}, and a locator on the way for ${outer.roles.join(' or ')}`;
  const remedy = 'let one of the two name only roles that the other has too';
  findings.push(finding('mixed-access', where, message, remedy));
  return DENY;
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((role) => all.includes(role));
}
