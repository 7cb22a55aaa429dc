import { keepEncodedSlash } from '../http/path.js';
import type { TemplatePart } from '../model/template.js';

/** The expression for one segment, in which a variable without a pattern takes any character. */
export function segmentRegExp(parts: readonly TemplatePart[]): RegExp {
  return regExp(parts.map(separable), '.');
}

/**
 * The expression for the rest of a path, from a variable on that spans segments. That of a locator takes further
 * segments too, as its last group (Jakarta REST 4.0 §3.7.3).
 */
export function restRegExp(segments: readonly (readonly TemplatePart[])[], isLocator = false): RegExp {
  const slash: TemplatePart = { kind: 'literal', text: '/' };
  const parts = segments.flatMap((segment, i) => [...(i === 0 ? [] : [slash]), ...segment.map(separable)]);
  return regExp(parts, '[^/]', isLocator ? '(?:/(.*))?' : '');
}

/**
 * The longest text that an expression of this many variables with expressions of their own is tried on. Each may give
 * back what it took, so that a text of n characters may cost n to the power of their number: one of 16,000 is a header's
 * worth, and would block the server for minutes. One variable alone is not bounded.
 */
export function longestFor(patterns: number): number {
  return patterns < 2 ? Number.POSITIVE_INFINITY : Math.floor(STEPS ** (1 / patterns));
}

const STEPS = 2 ** 24;

function separable(part: TemplatePart): TemplatePart {
  return part.kind === 'literal' ? { ...part, text: keepEncodedSlash(part.text) } : part;
}

/**
 * Jakarta REST 4.0 §3.7.3. A variable without a pattern that another such one follows ends at the first text
 * that separates them: the next takes whatever there is, so that no later end could match where the first
 * doesn't. Hence the lookahead, which never gives back what it found: `{a}-{b}-{c}.json` would else be cubic
 * in the length of a segment of hyphens.
 */
function regExp(parts: readonly TemplatePart[], any: string, end = ''): RegExp {
  let source = '';
  let group = 0;
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'literal') {
      source += escaped(part.text);
      continue;
    }
    group++;
    const separator = separatorAfter(parts, i);
    if (part.pattern !== null) source += `(${part.pattern})`;
    else if (separator === null) source += `(${any}+?)`;
    else source += `(?=(${any}+?)${escaped(separator)})(?:\\${group})`;
  }
  // `s`, since the specification matches the encoded path, where a dot meets no line break.
  return new RegExp(`^${source}${end}$`, 'su');
}

/** The literal text between a variable and the next one, where that has no pattern; else null. */
function separatorAfter(parts: readonly TemplatePart[], at: number): string | null {
  let text = '';
  for (const part of parts.slice(at + 1)) {
    if (part.kind === 'variable') return part.pattern === null ? text : null;
    text += part.text;
  }
  return null;
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
