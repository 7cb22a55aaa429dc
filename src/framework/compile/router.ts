import { ENCODED_SLASH, keepEncodedSlash, type RequestPath } from '../http/path.js';
import { type PathTemplate, spansSegments, type TemplatePart } from '../model/template.js';
import { longestFor, restRegExp, segmentRegExp } from './pattern.js';
import { compareRanks, type Rank, rankOf } from './rank.js';

/** What a path leads to, with the values of the template's variables by position. */
export interface Match<T> {
  readonly target: T;
  readonly values: readonly string[];
  /** How many of the path's segments it took: all of them, unless the target is a locator. */
  readonly depth: number;
}

interface Leaf<T> {
  readonly target: T;
  readonly rank: Rank;
}

interface Node<T> {
  /** Whether it has literals and a variable alone. */
  isSimple: boolean;
  readonly literals: Map<string, Node<T>>;
  readonly patterns: { readonly regexp: RegExp; readonly longest: number; readonly node: Node<T> }[];
  variable: Node<T> | null;
  readonly tails: { readonly regexp: RegExp; readonly longest: number; readonly leaf: Leaf<T> }[];
  leaf: Leaf<T> | null;
  /** A locator's, which answers for everything below as well. */
  locator: Leaf<T> | null;
}

/**
 * Paths → targets. A path with no variable is one look-up, and goes before all others; the rest is a tree
 * over segments, each of whose branches is walked once at most.
 *
 * Among several templates that match, the choice is that of Jakarta REST 4.0 §3.7.2: more literal
 * characters first, then more variables, then more of them with a regular expression. It looks at the whole
 * path, which a tree that takes the first branch that fits can't do: of `/{a}/list` and `/x/{b}`, `/x/list`
 * is the first one's. One rule stands before the number of variables: a variable that spans segments loses,
 * since it would hide every more precise template below it. Order of declaration never matters.
 *
 * A locator's template fits each path that begins with it. Of two that are equal otherwise, what has the whole path
 * goes before it; and nothing leads back out of one that was chosen.
 *
 * A path with one slash at its end is first tried without it, so that the slash makes no difference, then as
 * one with an empty last segment, which only a regular expression can match. Strictly, it is that one alone.
 *
 * The method takes no part in the choice: a resource is chosen, and whether it has the method comes next,
 * which is what makes `Allow` true.
 */
export class Router<T> {
  readonly #static = new Map<string, Leaf<T>>();
  /** Those of them that a target says as it is, so that it needs no reading. */
  readonly #plain = new Map<string, Match<T>>();
  readonly #root: Node<T> = node();
  readonly #strictSlash: boolean;

  /** @param strictSlash whether `/a/` is another path than `/a` */
  constructor(strictSlash = false) {
    this.#strictSlash = strictSlash;
  }

  /** Adds a template; each shape may be added once. */
  add(template: PathTemplate, target: T): void {
    const leaf: Leaf<T> = { target, rank: rankOf(template) };
    if (template.segments.flat().every(isLiteral)) {
      const path = joined(template.segments.map(literalText));
      this.#static.set(path, leaf);
      if (PLAIN.test(path)) this.#plain.set(path, { target, values: [], depth: template.segments.length });
      return;
    }
    const end = this.#end(template, leaf);
    if (end !== null) end.leaf = leaf;
  }

  /** Adds the template of a locator, which may stand beside the same one of a resource. */
  addLocator(template: PathTemplate, target: T): void {
    const leaf: Leaf<T> = { target, rank: rankOf(template, true) };
    const end = this.#end(template, leaf);
    if (end === null) return;
    end.locator = leaf;
    end.isSimple = false;
  }

  /** The match of a target's path that is a literal route letter for letter, as most are; else undefined. */
  plain(path: string): Match<T> | undefined {
    return this.#plain.get(path);
  }

  /**
   * The best match for a path, or null.
   *
   * @param from how many segments locators have taken already
   */
  match(path: RequestPath, from = 0): Match<T> | null {
    const { segments, literal, isPlain, trailingSlash } = path;
    if (this.#strictSlash && trailingSlash) return this.#search([...segments, ''], from);
    const found = this.#static.get(from === 0 ? literal : joined(segments.slice(from)));
    if (found !== undefined) return { target: found.target, values: [], depth: segments.length };
    if (isPlain && from === 0) {
      // What has one way to go needs no search.
      const walked = this.#walk(segments);
      if (walked !== undefined) return walked;
    }
    const match = this.#search(segments, from);
    const slash = segments.length === 0 || (trailingSlash && segments.at(-1) !== '');
    return match === null && slash ? this.#search([...segments, ''], from) : match;
  }

  /** Undefined where some segment leads to more than one branch, or to an expression. */
  #walk(segments: readonly string[]): Match<T> | null | undefined {
    const values: string[] = [];
    let at = this.#root;
    for (const segment of segments) {
      if (!at.isSimple) return undefined;
      const literal = at.literals.get(segment);
      if (literal === undefined) {
        if (at.variable === null) return null;
        values.push(segment);
        at = at.variable;
      } else if (at.variable === null) at = literal;
      else return undefined;
    }
    if (!at.isSimple) return undefined;
    return at.leaf === null ? null : { target: at.leaf.target, values, depth: segments.length };
  }

  #search(segments: readonly string[], from: number): Match<T> | null {
    return new Search<T>(segments).from(this.#root, from);
  }

  /** The node where a template ends; null where it has a variable that spans segments, and is a tail by now. */
  #end({ segments }: PathTemplate, leaf: Leaf<T>): Node<T> | null {
    let at = this.#root;
    for (const [i, parts] of segments.entries()) {
      if (parts.some(isSpanning)) {
        const rest = segments.slice(i);
        const longest = longestFor(patternsIn(rest.flat()));
        at.isSimple = false;
        at.tails.push({ regexp: restRegExp(rest, leaf.rank.isLocator), longest, leaf });
        return null;
      }
      at = child(at, parts);
    }
    return at;
  }
}

/** Without escapes, matrix parameters and leading dots: what is decoded, taken out or refused in a path. */
const PLAIN = /^(?:\/[\w\-~!$&'()*+,=:@][\w\-.~!$&'()*+,=:@]*)+$/;

/** One walk over the tree; it goes down every branch that fits, and keeps the best leaf. */
class Search<T> {
  #best: Leaf<T> | null = null;
  #bestValues: readonly string[] = NO_VALUES;
  #bestDepth = 0;
  readonly #values: string[] = [];

  constructor(readonly segments: readonly string[]) {}

  from(root: Node<T>, depth: number): Match<T> | null {
    this.#visit(root, depth);
    if (this.#best === null) return null;
    return { target: this.#best.target, values: this.#bestValues, depth: this.#bestDepth };
  }

  #visit(at: Node<T>, depth: number): void {
    if (at.locator !== null) this.#offer(at.locator, NO_VALUES, depth);
    if (depth >= this.segments.length) {
      if (at.leaf !== null) this.#offer(at.leaf, NO_VALUES, depth);
      return;
    }
    const segment = this.segments[depth] ?? '';
    if (at.tails.length > 0) this.#tails(at, depth);
    const literal = at.literals.get(segment);
    if (literal !== undefined) this.#visit(literal, depth + 1);
    for (const { regexp, longest, node: next } of at.patterns) {
      if (segment.length > longest) continue;
      const found = regexp.exec(keepEncodedSlash(segment));
      if (found === null) continue;
      const values = valuesOf(found);
      this.#values.push(...values);
      this.#visit(next, depth + 1);
      this.#values.length -= values.length;
    }
    if (at.variable !== null && segment !== '') {
      this.#values.push(segment);
      this.#visit(at.variable, depth + 1);
      this.#values.pop();
    }
  }

  #tails(at: Node<T>, depth: number): void {
    const rest = this.segments.slice(depth).map(keepEncodedSlash).join('/');
    for (const { regexp, longest, leaf } of at.tails) {
      if (rest.length > longest) continue;
      const found = regexp.exec(rest);
      if (found === null) continue;
      const below = leaf.rank.isLocator ? found.pop()?.split('/').length : 0;
      this.#offer(leaf, valuesOf(found), this.segments.length - (below ?? 0));
    }
  }

  #offer(leaf: Leaf<T>, values: readonly string[], depth: number): void {
    if (this.#best !== null && compareRanks(this.#best.rank, leaf.rank) <= 0) return;
    this.#best = leaf;
    this.#bestValues = values.length === 0 ? this.#values.slice() : [...this.#values, ...values];
    this.#bestDepth = depth;
  }
}

const NO_VALUES: readonly string[] = [];

function patternsIn(parts: readonly TemplatePart[]): number {
  return parts.filter((part) => part.kind === 'variable' && part.pattern !== null).length;
}

function valuesOf(found: RegExpExecArray): readonly string[] {
  return found.slice(1).map((value) => value.replaceAll(ENCODED_SLASH, '/'));
}

function node<T>(): Node<T> {
  return {
    isSimple: true,
    literals: new Map(),
    patterns: [],
    variable: null,
    tails: [],
    leaf: null,
    locator: null,
  };
}

function child<T>(at: Node<T>, parts: readonly TemplatePart[]): Node<T> {
  const [first] = parts;
  if (parts.every(isLiteral)) {
    const text = literalText(parts);
    const found = at.literals.get(text) ?? node<T>();
    at.literals.set(text, found);
    return found;
  }
  if (parts.length === 1 && first?.kind === 'variable' && first.pattern === null) {
    at.variable ??= node<T>();
    return at.variable;
  }
  const regexp = segmentRegExp(parts);
  const found = at.patterns.find((pattern) => pattern.regexp.source === regexp.source);
  if (found !== undefined) return found.node;
  const made = { regexp, longest: longestFor(patternsIn(parts)), node: node<T>() };
  at.patterns.push(made);
  at.isSimple = false;
  return made.node;
}

function isLiteral(part: TemplatePart): boolean {
  return part.kind === 'literal';
}

function isSpanning(part: TemplatePart): boolean {
  return part.kind === 'variable' && part.pattern !== null && spansSegments(part.pattern);
}

/** Segments as {@link RequestPath} joins them: one empty segment alone is another path than none. */
function joined(segments: readonly string[]): string {
  return segments.length === 1 && segments[0] === '' ? '//' : `/${segments.map(keepEncodedSlash).join('/')}`;
}

function literalText(parts: readonly TemplatePart[]): string {
  return parts.map((part) => (part.kind === 'literal' ? part.text : '')).join('');
}
