import { refuseStandard } from './record.js';

/** What a decorator is applied to: a class; a prototype and a member; these and a parameter's index. */
export type Apply = (target: object, member?: string | symbol, third?: unknown) => void;

/**
 * A decorator without arguments that works bare (`@PermitAll`) and called (`@PermitAll()`). If only the
 * called form worked, the bare one would compile, do nothing, and leave a method open.
 */
export function bareable<D>(apply: Apply): D & (() => D) {
  const decorator = (...applied: unknown[]): unknown => {
    if (applied.length === 0) return apply;
    const [target, member, third] = applied;
    refuseStandard(member);
    apply(target as object, member as string | symbol | undefined, third);
    // A class decorator that returned something would replace the class.
    return undefined;
  };
  return decorator as D & (() => D);
}
