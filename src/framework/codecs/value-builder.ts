import { FrameworkError } from '../errors/api-error.js';

type Members = Record<string, unknown>;

/** An array or object that has begun. */
interface Begun {
  readonly into: unknown[] | Members;
  /** How many items or members are missing; Infinity where only an end mark tells. */
  left: number;
  /** The key that waits for its value. */
  key: string | null;
}

/**
 * Makes one value of the parts in which a format brings it: beginnings of arrays and objects, and leaves.
 * Without recursion, so that nesting can't overflow the stack; it is refused beyond `maxDepth`.
 *
 * What it makes is what JSON could be read to: the keys of objects are texts, each of them once, and none that
 * reaches a prototype. Each method throws {@link FrameworkError} `malformed-body`.
 */
export class ValueBuilder {
  readonly #maxDepth: number;
  readonly #begun: Begun[] = [];
  #value: unknown;
  #isDone = false;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Whether the value is complete. */
  get isDone(): boolean {
    return this.#isDone;
  }

  get value(): unknown {
    return this.#value;
  }

  /** An array of `count` items begins, or of Infinity until {@link end}. */
  beginArray(count: number): void {
    this.#begin([], count);
  }

  /** An object of `count` members begins, or of Infinity until {@link end}; each is a key and a value. */
  beginObject(count: number): void {
    this.#begin({}, count);
  }

  /** The next leaf: an item, a key or a member's value. */
  add(leaf: unknown): void {
    let value = leaf;
    for (;;) {
      const begun = this.#begun.at(-1);
      if (begun === undefined) {
        this.#value = value;
        this.#isDone = true;
        return;
      }
      if (Array.isArray(begun.into)) {
        begun.into.push(value);
      } else if (begun.key === null) {
        begun.key = newKey(begun.into, value);
        return;
      } else {
        setMember(begun.into, begun.key, value);
        begun.key = null;
      }
      begun.left--;
      if (begun.left > 0) return;
      this.#begun.pop();
      value = begun.into;
    }
  }

  /** The end mark of an array or object; false where nothing is that it could end. */
  end(): boolean {
    const begun = this.#begun.at(-1);
    if (begun?.left !== Number.POSITIVE_INFINITY || begun.key !== null) return false;
    this.#begun.pop();
    this.add(begun.into);
    return true;
  }

  #begin(into: unknown[] | Members, count: number): void {
    checkDepth(this.#begun.length, this.#maxDepth);
    if (count === 0) this.add(into);
    else this.#begun.push({ into, left: count, key: null });
  }
}

/**
 * Refuses an array or object within `depth` others where that is too deep: class-transformer and class-validator
 * walk recursively.
 *
 * @throws FrameworkError `malformed-body`.
 */
export function checkDepth(depth: number, maxDepth: number): void {
  if (depth < maxDepth) return;
  throw new FrameworkError('malformed-body', `The body is nested deeper than ${maxDepth} levels`);
}

/**
 * `key`, where it may be the next one of `members`.
 *
 * @throws FrameworkError `malformed-body` for one that is no text, is there already, or reaches the prototype.
 */
export function newKey(members: Readonly<Members>, key: unknown): string {
  if (typeof key !== 'string') {
    throw new FrameworkError('malformed-body', 'The body has an object with a key that is not a text');
  }
  if (key === '__proto__') throw forbidden();
  if (Object.hasOwn(members, key)) {
    throw new FrameworkError('malformed-body', 'The body has an object with the same key twice');
  }
  return key;
}

/**
 * Adds a member, whose key is one that {@link newKey} let through.
 *
 * @throws FrameworkError `malformed-body` for `constructor.prototype`, which a careless merge would write to.
 */
export function setMember(members: Members, key: string, value: unknown): void {
  if (
    key === 'constructor' &&
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'prototype')
  ) {
    throw forbidden();
  }
  members[key] = value;
}

function forbidden(): FrameworkError {
  return new FrameworkError(
    'malformed-body',
    'The body has a key that is not allowed: __proto__ or constructor',
  );
}
