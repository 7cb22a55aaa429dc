import { deepCopy, isJsonObject, type JsonObject, setMember } from './json-value.js';

/**
 * Applies a JSON Merge Patch (RFC 7396 §2): members of the patch replace those of the target, `null` removes
 * them, objects are merged, and everything else, arrays too, is replaced as a whole. Any JSON value is a
 * patch, so this refuses none.
 *
 * The result is new: it shares nothing with the target or the patch, and neither is changed. It is never
 * nested deeper than the deeper one of the two.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return deepCopy(patch);
  const result = isJsonObject(target) ? deepCopy(target) : {};
  // A list in place of recursion: the limit to the depth of bodies can be set, and the stack has its own.
  const open: (readonly [into: JsonObject, patch: JsonObject])[] = [[result as JsonObject, patch]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [into, changes] = next;
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) delete into[name];
      else if (isJsonObject(value)) open.push([objectAt(into, name), value]);
      else setMember(into, name, deepCopy(value));
    }
  }
  return result;
}

/** The object that a member is; whatever else it is, or nothing, gives way to an empty one. */
function objectAt(object: JsonObject, name: string): JsonObject {
  // Only an own member: Object.prototype is what `__proto__` would lead to.
  const present = Object.hasOwn(object, name) ? object[name] : null;
  if (isJsonObject(present)) return present;
  const empty: JsonObject = {};
  setMember(object, name, empty);
  return empty;
}
