import type { Issue } from '../errors/api-error.js';
import type { Place } from './issues.js';

/** How much of a body is transformed and validated. */
export interface BodySize {
  /** The most properties of one object. */
  readonly members: number;
  /** The most values in all: members and items, at every depth. */
  readonly values: number;
}

/**
 * Refuses bodies that are small in bytes and large in work, before class-transformer and class-validator see
 * them: the one takes time that grows with the square of an object's keys (90,000 took 17 s), the other about
 * 15 µs an item, and both keep the event loop to themselves.
 */
export function checkSize(
  body: unknown,
  { members, values }: BodySize,
  place: Place,
  issues: Issue[],
): boolean {
  let left = values;
  const open: unknown[] = [body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    const inner = Array.isArray(value) ? (value as readonly unknown[]) : Object.values(value);
    left -= inner.length;
    if (left < 0) {
      issues.push({
        ...place([]),
        code: 'tooManyValues',
        message: `the body may have at most ${values} values`,
      });
      return false;
    }
    if (!Array.isArray(value) && inner.length > members) {
      const message = `an object of the body may have at most ${members} properties`;
      issues.push({ ...place([]), code: 'tooManyProperties', message });
      return false;
    }
    for (const each of inner) if (typeof each === 'object' && each !== null) open.push(each);
  }
  return true;
}
