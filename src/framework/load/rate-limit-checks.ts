import { planOf } from './gcra.js';
import type { DeclaredRateLimit, RateLimitOptions } from './rate-limit.js';

/** What is wrong with one property of a limit. */
export interface RateLimitFault {
  readonly property: string;
  readonly message: string;
  readonly remedy: string;
}

/** Printable in a header and a key of a store as it stands. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** The faults of what was given as a limit, which may come from JSON or JavaScript. */
export function faultsOf(given: Readonly<Record<string, unknown>>): readonly RateLimitFault[] {
  const { limit, window, burst = limit, name, key } = given;
  const faults: RateLimitFault[] = [];
  const check = (property: string, isFit: boolean, remedy: string): void => {
    if (isFit) return;
    const value = given[property];
    const shown =
      typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value;
    faults.push({ property, message: `${shown} is none of its values`, remedy });
  };
  check('limit', isCount(limit), 'give the requests in a window, a whole number from 1 up');
  check('window', isCount(window), 'give whole seconds, from 1 up');
  check('burst', given.burst === undefined || isCount(burst), 'give a whole number from 1 up');
  check(
    'name',
    name === undefined || (typeof name === 'string' && NAME.test(name)),
    'give letters, digits, dots, underscores and hyphens, at most 64',
  );
  check('key', key === undefined || typeof key === 'function', 'give a function that answers a text or null');
  if (faults.length > 0 || !isCount(limit) || !isCount(window) || !isCount(burst)) return faults;
  try {
    planOf(limit, window, burst);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    faults.push({ property: 'limit', message, remedy: 'give a smaller one, a smaller burst or window' });
  }
  return faults;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** A limit without faults, as it is kept. @param otherwise its name where none is given */
export function declaredLimit(given: RateLimitOptions, otherwise: string): DeclaredRateLimit {
  const { limit, window, burst = limit, name, key = null } = given;
  return Object.freeze({
    numbers: Object.freeze({ limit, window, burst, name: name ?? toName(otherwise) }),
    isNamed: name !== undefined,
    plan: planOf(limit, window, burst),
    key,
  });
}

/** A class may have any letters in its name. */
function toName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
  return name === '' ? 'default' : name;
}
