import fc from 'fast-check';

/** Names that are ordinary members, those of `Object.prototype` among them. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c') },
  fc.constantFrom('', '0', '1', '-', '01', 'a/b', 'm~n', '~1', 'ö', ' ', 'toString', 'length', 'constructor'),
);

/** JSON values with few names, so that two of them have some in common. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1.5, '', 'a', 'ö'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries) as unknown),
  ),
})).value;

/** `levels` arrays, one in the other. */
export function nested(levels: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}

/** How many arrays and objects stand around the first leaf; without recursion, for deep ones. */
export function levelsOf(value: unknown): number {
  let levels = 0;
  for (let at = value; typeof at === 'object' && at !== null; at = Object.values(at)[0]) levels++;
  return levels;
}

/** The arrays and objects in a value, itself among them. */
export function containersOf(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(containersOf)];
}

/** Makes a write to any part of it throw. */
export function frozen<T>(value: T): T {
  for (const container of containersOf(value)) Object.freeze(container);
  return value;
}
