/** A piece of a path template. */
export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly pattern: string | null };

/** A parsed path template: segments of parts, in order. */
export interface PathTemplate {
  /** As written, normalised: one leading slash, no trailing one. */
  readonly text: string;
  readonly segments: readonly (readonly TemplatePart[])[];
  readonly variables: readonly string[];
  /** The template without variable names: two routes with one shape are one resource. */
  readonly shape: string;
}

/** Thrown for a template that can't be read; the message says why. */
export class TemplateError extends Error {}

const NAME = /^[A-Za-z_][\w.-]*$/;

/** Joins a class's and a method's path (and a prefix): one slash between, none at the end. */
export function joinPaths(...paths: (string | undefined)[]): string {
  const parts = paths.map((path) => path?.replace(/^\/+|\/+$/g, '') ?? '').filter((path) => path !== '');
  return `/${parts.join('/')}`;
}

/**
 * The template of a path below another one. Both may have a variable of one name: `variables` has it twice, at its
 * two positions.
 */
export function joinTemplates(above: PathTemplate, below: PathTemplate): PathTemplate {
  const shapes = [above.shape, below.shape].filter((shape) => shape !== '/');
  return Object.freeze({
    text: joinPaths(above.text, below.text),
    segments: [...above.segments, ...below.segments],
    variables: [...above.variables, ...below.variables],
    shape: shapes.length === 0 ? '/' : shapes.join(''),
  });
}

/**
 * Parses `/cases/{id: [0-9]+}/notes/:note`. A regular expression may hold braces in pairs and slashes; then
 * its variable spans segments. After a brace a colon is itself: `/cases/{id}:close` has one variable.
 *
 * @throws TemplateError
 */
export function parseTemplate(text: string): PathTemplate {
  const segments: TemplatePart[][] = [[]];
  const variables: string[] = [];
  const add = (part: TemplatePart): void => {
    if (part.kind === 'variable') {
      if (variables.includes(part.name)) throw new TemplateError(`the variable ${part.name} stands twice`);
      variables.push(part.name);
    }
    segments.at(-1)?.push(part);
  };
  let i = 0;
  while (i < text.length) {
    const char = text[i];
    if (char === '/') {
      if (segments.at(-1)?.length !== 0) segments.push([]);
      i++;
    } else if (char === '{') {
      const end = closing(text, i, '{', '}');
      add(braced(text.slice(i + 1, end)));
      i = end + 1;
    } else if (char === ':' && text[i - 1] !== '}' && /[A-Za-z_]/.test(text[i + 1] ?? '')) {
      i = addColon(text, i, add);
    } else {
      const end = nextSpecial(text, i + 1);
      const literal = text.slice(i, end);
      add({ kind: 'literal', text: literalText(literal) });
      i = end;
    }
  }
  if (segments.at(-1)?.length === 0) segments.pop();
  segments.forEach(refuseUnreachable);
  const shape = segments.map((parts) => `/${parts.map(shapeOf).join('')}`).join('');
  return Object.freeze({ text: joinPaths(text), segments, variables, shape: shape === '' ? '/' : shape });
}

function braced(inner: string): TemplatePart {
  const colon = inner.indexOf(':');
  const name = (colon === -1 ? inner : inner.slice(0, colon)).trim();
  if (!NAME.test(name)) throw new TemplateError(`"${name}" is no variable name`);
  return { kind: 'variable', name, pattern: colon === -1 ? null : checked(inner.slice(colon + 1).trim()) };
}

/** `:id`, and `:id(\\d+)` with a regular expression, as path-to-regexp writes them. */
function addColon(text: string, start: number, add: (part: TemplatePart) => void): number {
  const name = /^\w+/.exec(text.slice(start + 1))?.[0] ?? '';
  let end = start + 1 + name.length;
  let pattern: string | null = null;
  if (text[end] === '(') {
    const close = closing(text, end, '(', ')');
    pattern = checked(text.slice(end + 1, close));
    end = close + 1;
  }
  if (/[?*+]/.test(text[end] ?? '')) {
    throw new TemplateError(`:${name}${text[end]} is not supported: declare two paths, or use {${name}: .*}`);
  }
  add({ kind: 'variable', name, pattern });
  return end;
}

function closing(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i;
  }
  throw new TemplateError(`"${text.slice(start)}" is not closed`);
}

function nextSpecial(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '/' || text[i] === '{') return i;
    if (text[i] === ':' && /[A-Za-z_]/.test(text[i + 1] ?? '')) return i;
  }
  return text.length;
}

function checked(pattern: string): string {
  if (pattern === '') throw new TemplateError('the regular expression is empty');
  const uncaptured = withoutCaptures(pattern);
  try {
    // Alone, without a group around it: `a)|(b` would close that one and open another.
    new RegExp(uncaptured, 'u');
  } catch (error) {
    throw new TemplateError(`the regular expression ${pattern} is invalid (${String(error)})`);
  }
  return uncaptured;
}

/** Plain groups become `(?:…)`: a captured one would shift the numbers of the variables that follow. */
function withoutCaptures(pattern: string): string {
  return pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\((?!\?)|\(\?<(?![=!])/g, (token) => {
    if (token === '(?<') throw new TemplateError(`the regular expression ${pattern} has a named group`);
    return token === '(' ? '(?:' : token;
  });
}

/**
 * Whether a match can contain a slash, and so span segments: whether one of the pattern's atoms (an escape,
 * a class, a dot, a character) matches one.
 */
export function spansSegments(pattern: string): boolean {
  const atoms =
    pattern.match(/\\(?:[pPu]\{[^}]*\}|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[=!]|:)|[^()|*+?{}^$]/g) ??
    [];
  return atoms.some((atom) => {
    // Groups, word boundaries and back references match no character of their own.
    if (atom.startsWith('(') || /^\\[bB\d]/.test(atom)) return false;
    try {
      return new RegExp(`^(?:${atom})$`, 'u').test('/');
    } catch {
      return true;
    }
  });
}

/** Templates may be written encoded (`/gr%C3%B6sse`) or plain (`/grösse`): both are the same path. */
function literalText(text: string): string {
  if (/[{}?#\p{Surrogate}]|(?! )\s/u.test(text))
    throw new TemplateError(`"${text}" has a character that a path can't have`);
  if (text.includes(';'))
    throw new TemplateError(`"${text}" has a matrix parameter, which takes no part in the match: bind it`);
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TemplateError(`"${text}" has a malformed percent escape`);
  }
}

/** A template that no request can reach, or that means something in another framework, would be dead in silence. */
function refuseUnreachable(parts: readonly TemplatePart[]): void {
  const literal = parts.map((part) => (part.kind === 'literal' ? part.text : '{}')).join('');
  if (/(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(literal))
    throw new TemplateError(`"${literal}" is a dot segment, which requests can't have`);
  if (/^\*+$|\(\.[*+]\)/.test(literal))
    throw new TemplateError(`"${literal}" is not supported: write {rest: .*}`);
}

function shapeOf(part: TemplatePart): string {
  if (part.kind === 'literal') return part.text.replace(/[{}\\/]/g, '\\$&');
  return part.pattern === null ? '{}' : `{:${part.pattern}}`;
}
