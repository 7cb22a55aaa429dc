import { writeJson } from './json.js';

/**
 * A value → what JSON has of it: texts, numbers, booleans, null, arrays and plain objects. For formats that
 * write what the JSON codec would, with the same dates, bigints, maps and sets, and the same @Exclude().
 *
 * @throws TypeError as `writeJson` does, and for a value that contains itself or is nested too deeply.
 */
export function asJson(value: unknown): unknown {
  return withoutOverflow(() => JSON.parse(writeJson(value)) as unknown);
}

/** Walks a value recursively. One too deep for the stack is a fault of the value, with a name of its own. */
export function withoutOverflow<T>(walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TypeError('the returned value contains itself, or is nested too deeply', { cause: error });
  }
}
