import { FrameworkError } from '../errors/api-error.js';
import { isAbove, parsePointer } from './json-pointer.js';
import { isJsonObject, type JsonObject } from './json-value.js';

/** One operation of a JSON Patch, RFC 6902 §4, checked, with its pointers as tokens. */
export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Tokens; readonly value: unknown }
  | { readonly op: 'move' | 'copy'; readonly path: Tokens; readonly from: Tokens }
  | { readonly op: 'remove'; readonly path: Tokens };

type Tokens = readonly string[];

/** The most operations of a patch: each may shift all items of an array. */
export const MAX_OPERATIONS = 1000;

/**
 * Reads a JSON Patch document, all of it, before anything is applied: whether a patch is well formed must not
 * depend on the resource. Members that an operation has no meaning for are ignored (RFC 6902 §4).
 *
 * @throws FrameworkError `malformed-body`, which names the operation by its index and quotes nothing of it;
 * `content-too-large` for more than {@link MAX_OPERATIONS}.
 */
export function parseOperations(document: unknown): readonly Operation[] {
  if (!Array.isArray(document)) {
    throw new FrameworkError('malformed-body', 'A JSON Patch is an array of operations (RFC 6902)');
  }
  if (document.length > MAX_OPERATIONS) {
    const message = `A JSON Patch may have at most ${MAX_OPERATIONS} operations`;
    throw new FrameworkError('content-too-large', message);
  }
  // Array.from visits holes too, which `map` would leave as they are.
  return Array.from(document, parseOperation);
}

function parseOperation(operation: unknown, at: number): Operation {
  if (!isJsonObject(operation)) throw malformed(at, 'is no object');
  const op = own(operation, 'op');
  switch (op) {
    case 'add':
    case 'replace':
    case 'test': {
      const value = own(operation, 'value');
      if (value === undefined) throw malformed(at, 'has no "value"');
      return { op, path: pointerAt(operation, 'path', at), value };
    }
    case 'move':
    case 'copy': {
      const from = pointerAt(operation, 'from', at);
      const path = pointerAt(operation, 'path', at);
      // RFC 6902 §4.4; it would make a value its own part.
      if (op === 'move' && isAbove(from, path)) throw malformed(at, 'moves a value into itself');
      return { op, path, from };
    }
    case 'remove': {
      const path = pointerAt(operation, 'path', at);
      if (path.length === 0) throw malformed(at, 'removes the whole document');
      return { op, path };
    }
    default:
      throw malformed(at, 'has no "op", or one that RFC 6902 does not define');
  }
}

function pointerAt(operation: JsonObject, name: 'path' | 'from', at: number): Tokens {
  const text = own(operation, name);
  const tokens = typeof text === 'string' ? parsePointer(text) : null;
  if (tokens === null) throw malformed(at, `has no "${name}" that is a JSON pointer (RFC 6901)`);
  // The JSON codec refuses these keys, and here they would come by another way.
  const reaches = tokens.some(
    (token, i) => token === '__proto__' || (token === 'prototype' && tokens[i - 1] === 'constructor'),
  );
  if (reaches) throw malformed(at, `has a "${name}" that is not allowed: __proto__ or constructor`);
  return tokens;
}

/** A member of its own; what `Object.prototype` has is none. */
function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** An operation that could never be applied. */
export function malformed(at: number, what: string): FrameworkError {
  const message = `Operation ${at} of the patch ${what}`;
  return new FrameworkError('malformed-body', message, { details: { operation: at } });
}
