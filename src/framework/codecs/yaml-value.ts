import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { FrameworkError } from '../errors/api-error.js';
import { checkDepth, newKey, setMember } from './value-builder.js';

/** The most values and characters that aliases may add, together. */
const MOST_COPIED = 100_000;

/** The integers of the core schema, YAML 1.2.2 §10.3.2. */
const INTEGER = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;

/** No double has more digits before its point. */
const MOST_DIGITS = 400;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The node that an anchor stands for; `value` is undefined until the node is complete. */
interface Anchored {
  value: unknown;
}

/**
 * A YAML node → its value: each alias is a copy of its own, so that nothing is shared, and what copies add is
 * limited: ten aliases of ten aliases of … ("a billion laughs") cost nothing here nor in what walks the value.
 *
 * @throws FrameworkError `malformed-body` for nesting beyond `maxDepth`, too many copies, an alias of nothing or
 *   of what it stands in, keys that are no texts, equal or reach prototypes, and numbers that a double can't hold.
 */
export function toValue(root: unknown, maxDepth: number): unknown {
  const anchors = new Map<string, Anchored>();
  let left = MOST_COPIED;

  function read(node: unknown, depth: number): unknown {
    if (isAlias(node)) return copy(anchors.get(node.source)?.value, depth);
    if (isScalar(node)) {
      const value = scalar(node.value, node.source ?? '');
      if (node.anchor !== undefined) anchors.set(node.anchor, { value });
      return value;
    }
    if (!isMap(node) && !isSeq(node)) return null;
    // Before the nodes within it, which may take the name over.
    const anchored: Anchored = { value: undefined };
    if (node.anchor !== undefined) anchors.set(node.anchor, anchored);
    checkDepth(depth, maxDepth);
    if (isSeq(node)) {
      anchored.value = node.items.map((item) => read(item, depth + 1));
      return anchored.value;
    }
    const members: Record<string, unknown> = {};
    for (const { key, value } of node.items) {
      const name = newKey(members, read(key, depth + 1));
      setMember(members, name, read(value, depth + 1));
    }
    anchored.value = members;
    return members;
  }

  function copy(value: unknown, depth: number): unknown {
    if (value === undefined) {
      throw new FrameworkError('malformed-body', 'The body has an alias without an anchor before it');
    }
    spend(typeof value === 'string' ? value.length + 1 : 1);
    if (typeof value !== 'object' || value === null) return value;
    checkDepth(depth, maxDepth);
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        spend(key.length);
        return [key, copy(member, depth + 1)];
      }),
    );
  }

  function spend(cost: number): void {
    left -= cost;
    if (left < 0) throw new FrameworkError('malformed-body', 'The body has aliases that stand for too much');
  }

  return read(root, 0);
}

/**
 * A scalar that is the client's: a number that a double would round to another integer or to infinity is refused,
 * as is half of a surrogate pair (`"\ud800"`), which has no UTF-8 form.
 */
function scalar(value: unknown, source: string): unknown {
  if (typeof value === 'string' && LONE_SURROGATE.test(value)) {
    throw new FrameworkError('malformed-body', 'The body has a text with half of a surrogate pair');
  }
  if (typeof value !== 'number' || Number.isSafeInteger(value) || isHeld(value, source)) return value;
  throw new FrameworkError(
    'malformed-body',
    'The body has a number that a double can not hold: send it as a string',
  );
}

function isHeld(value: number, source: string): boolean {
  if (!INTEGER.test(source)) return Number.isFinite(value) || /^[-+]?\.(?:inf|nan)$/i.test(source);
  if (!Number.isFinite(value) || source.length > MOST_DIGITS) return false;
  // As JavaScript writes a double: 2 ** 60 comes back as it was sent, though it is not that number exactly.
  return String(value) === source || BigInt(value) === BigInt(source);
}
