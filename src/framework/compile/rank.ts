import { type PathTemplate, spansSegments } from '../model/template.js';

/** What decides between templates that match one path. */
export interface Rank {
  readonly literals: number;
  readonly spanning: number;
  readonly variables: number;
  readonly patterns: number;
  readonly isLocator: boolean;
  readonly shape: string;
}

export function rankOf({ segments, shape }: PathTemplate, isLocator = false): Rank {
  const parts = segments.flat();
  const variables = parts.filter((part) => part.kind === 'variable');
  const patterns = variables.filter((variable) => variable.pattern !== null);
  const literals = parts.reduce((sum, part) => sum + (part.kind === 'literal' ? part.text.length : 0), 0);
  return {
    literals: literals + segments.length,
    spanning: patterns.filter((variable) => spansSegments(variable.pattern ?? '')).length,
    variables: variables.length,
    patterns: patterns.length,
    isLocator,
    shape,
  };
}

/** Below zero where `a` goes first. The shape decides last, so that declaration order never does. */
export function compareRanks(a: Rank, b: Rank): number {
  return (
    b.literals - a.literals ||
    a.spanning - b.spanning ||
    b.variables - a.variables ||
    b.patterns - a.patterns ||
    Number(a.isLocator) - Number(b.isLocator) ||
    (a.shape < b.shape ? -1 : 1)
  );
}
