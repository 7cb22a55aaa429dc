import fc from 'fast-check';
import { anyText } from '../http/any-text.js';

/** A key that objects may have; those that mean something to JavaScript come often. */
const anyKey = fc.oneof(
  fc.constantFrom('constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '0', '-1', '', '<<'),
  anyText.filter((text) => text !== '__proto__'),
);

/** A whole number or a fraction, of every size; without -0, which most formats don't tell from 0. */
const anyNumber = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.integer())
  .map((value) => value + 0);

/** What JSON can say, as deep as `maxDepth`, and `leaves` besides. */
export function anyValue(...leaves: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      fc.constantFrom(null, true, false),
      anyNumber,
      anyText,
      ...leaves,
      fc.array(tie('value'), { maxLength: 6 }),
      // What has a constructor with a prototype is refused on purpose.
      fc.dictionary(anyKey, tie('value'), { maxKeys: 6, noNullPrototype: true }).filter(isHarmless),
    ),
  }));
  return value;
}

function isHarmless(members: Record<string, unknown>): boolean {
  const own = Object.hasOwn(members, 'constructor') ? members.constructor : null;
  return typeof own !== 'object' || own === null || !Object.hasOwn(own, 'prototype');
}
