/** Names that reach prototypes: a content that has one for a property is refused. */
export const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
