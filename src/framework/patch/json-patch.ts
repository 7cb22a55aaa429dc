import { FrameworkError } from '../errors/api-error.js';
import { arrayIndex } from './json-pointer.js';
import { deepCopy, depthOf, equal, isJsonObject, type JsonObject, setMember } from './json-value.js';
import { malformed, type Operation, parseOperations } from './operations.js';

// What the copies of one patch may come to in all. Each `copy` of the root into itself doubles the document,
// so that thirty of them, a kilobyte, would fill the memory. Strings are shared until the result is written,
// when a long one in a hundred thousand places is as long as all of these together.
const MAX_COPIED_VALUES = 100_000;
const MAX_COPIED_CHARACTERS = 10_000_000;

/**
 * The depth that a result may always have, in arrays and objects. What comes after the patch, validation and
 * `JSON.stringify`, is recursive, and operations can nest a document deeper than any body may be.
 */
const MAX_DEPTH = 100;

const NOWHERE = 'asks for a place that does not exist';

/** Where a value is or would be: a member of an object or an item of an array, if that is what `parent` is. */
interface Place {
  readonly parent: unknown;
  readonly token: string;
}

/** What is left for copies. */
interface Budget {
  values: number;
  characters: number;
}

/**
 * Applies a JSON Patch (RFC 6902), all of it or nothing. The result is new: it shares nothing with the target
 * or the operations, and neither is changed.
 *
 * A result may be deeper than 100 levels only where the target or the patch is.
 *
 * @throws FrameworkError with the operation's index in its details: `malformed-body` where the document is no
 * JSON Patch, or has something else than an index where there is an array; `patch-conflict` where a place does
 * not exist or a test fails; `content-too-large` for too many operations, or where the result grows too much.
 */
export function applyJsonPatch(target: unknown, operations: unknown): unknown {
  const parsed = parseOperations(operations);
  // The document as a member of an object, so that the root is a place like any other.
  const holder = { document: deepCopy(target) };
  const budget: Budget = { values: MAX_COPIED_VALUES, characters: MAX_COPIED_CHARACTERS };
  for (const [at, operation] of parsed.entries()) apply(holder, operation, at, budget);
  const { document } = holder;
  const depth = depthOf(document);
  if (depth > MAX_DEPTH && depth > Math.max(depthOf(target), depthOf(operations))) {
    const message = `The patch nests the document deeper than ${MAX_DEPTH} levels`;
    throw new FrameworkError('content-too-large', message);
  }
  return document;
}

function apply(holder: object, operation: Operation, at: number, budget: Budget): void {
  const place = (tokens: readonly string[]): Place => placeOf(holder, tokens, at);
  switch (operation.op) {
    case 'add':
      add(place(operation.path), deepCopy(operation.value), at);
      break;
    case 'remove':
      take(place(operation.path), at);
      break;
    case 'replace':
      replace(place(operation.path), deepCopy(operation.value), at);
      break;
    case 'move': {
      // RFC 6902 §4.4: a removal and then an addition, so the second index counts without the first item.
      const value = take(place(operation.from), at);
      add(place(operation.path), value, at);
      break;
    }
    case 'copy': {
      const value = copyWithin(budget, read(place(operation.from), at), at);
      add(place(operation.path), value, at);
      break;
    }
    case 'test':
      if (!equal(read(place(operation.path), at), operation.value)) {
        throw conflict(at, 'tests for another value than the one there');
      }
  }
}

function placeOf(holder: object, tokens: readonly string[], at: number): Place {
  let place: Place = { parent: holder, token: 'document' };
  for (const token of tokens) place = { parent: read(place, at), token };
  return place;
}

function read({ parent, token }: Place, at: number): unknown {
  if (Array.isArray(parent)) {
    const index = indexOf(token, at);
    if (index < parent.length) return parent[index];
  } else if (isJsonObject(parent) && Object.hasOwn(parent, token)) {
    return parent[token];
  }
  throw conflict(at, NOWHERE);
}

function add(place: Place, value: unknown, at: number): void {
  const { parent, token } = place;
  if (Array.isArray(parent)) {
    const index = token === '-' ? parent.length : indexOf(token, at);
    if (index > parent.length) throw conflict(at, NOWHERE);
    parent.splice(index, 0, value);
  } else if (isJsonObject(parent)) {
    write(parent, token, value, at);
  } else {
    throw conflict(at, NOWHERE);
  }
}

function take(place: Place, at: number): unknown {
  const value = read(place, at);
  const { parent, token } = place;
  if (Array.isArray(parent)) parent.splice(indexOf(token, at), 1);
  else if (isJsonObject(parent)) delete parent[token];
  return value;
}

function replace(place: Place, value: unknown, at: number): void {
  read(place, at);
  const { parent, token } = place;
  if (Array.isArray(parent)) parent[indexOf(token, at)] = value;
  else if (isJsonObject(parent)) write(parent, token, value, at);
}

function write(parent: JsonObject, name: string, value: unknown, at: number): void {
  // The JSON codec sees each value by itself; this pair would be put together here.
  if (name === 'constructor' && isJsonObject(value) && Object.hasOwn(value, 'prototype')) {
    throw malformed(at, 'makes a key that is not allowed: constructor');
  }
  setMember(parent, name, value);
}

/** RFC 6901 §4: what stands for an item of an array is an index, and `-` is one after the last. */
function indexOf(token: string, at: number): number {
  const index = arrayIndex(token);
  if (index === null) throw conflict(at, 'has no index where the resource has an array');
  return index;
}

function copyWithin(budget: Budget, value: unknown, at: number): unknown {
  return deepCopy(value, (each, name) => {
    budget.values--;
    budget.characters -= name.length + (typeof each === 'string' ? each.length : 0);
    if (budget.values >= 0 && budget.characters >= 0) return;
    const message = `Operation ${at} of the patch copies more than the server takes`;
    throw new FrameworkError('content-too-large', message, { details: { operation: at } });
  });
}

/** An operation that doesn't fit the resource as it is now. */
function conflict(at: number, what: string): FrameworkError {
  const message = `Operation ${at} of the patch ${what}`;
  return new FrameworkError('patch-conflict', message, { details: { operation: at } });
}
