import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Router } from '../../../src/framework/compile/router.js';
import { parsePath } from '../../../src/framework/http/path.js';
import { parseTemplate } from '../../../src/framework/model/template.js';

interface Options {
  readonly strictSlash?: boolean;
}

/** The mark of a locator's template in these tests, which no template can begin with. */
const LOCATOR = '> ';

function routerOf(templates: readonly string[], { strictSlash = false }: Options = {}) {
  const router = new Router<string>(strictSlash);
  for (const text of templates) {
    if (text.startsWith(LOCATOR)) router.addLocator(parseTemplate(text.slice(LOCATOR.length)), text);
    else router.add(parseTemplate(text), text);
  }
  return router;
}

/** `GET path` against these templates: the template that answers with its variables' values, or null. */
function find(templates: readonly string[], path: string, options: Options = {}) {
  const parsed = parsePath(path);
  if (typeof parsed === 'string') return parsed;
  const match = routerOf(templates, options).match(parsed);
  return match === null ? null : [match.target, ...match.values];
}

/** The same, with the segments that a locator leaves, and a trailing slash as one that is empty. */
function findBelow(templates: readonly string[], path: string, options: Options = {}) {
  const parsed = parsePath(path);
  if (typeof parsed === 'string') return parsed;
  const match = routerOf(templates, options).match(parsed);
  if (match === null) return null;
  return [match.target, ...match.values, parsed.segments.slice(match.depth)];
}

describe('the choice among templates, Jakarta REST 4.0 §3.7.2', () => {
  it.each<[path: string, templates: readonly string[], found: readonly string[] | null]>([
    ['/', ['/'], ['/']],
    ['/a', ['/'], null],
    ['/', ['/a'], null],
    ['/a', ['/{x}'], ['/{x}', 'a']],
    ['/a', ['/{x}', '/a'], ['/a']],
    ['/a/list', ['/{x}/list', '/a/{y}'], ['/{x}/list', 'a']],
    ['/x/b', ['/{x}/list', '/x/{y}'], ['/x/{y}', 'b']],
    ['/a/b/c', ['/a/{x}', '/{y}/b/c'], ['/{y}/b/c', 'a']],
    ['/7', ['/{x}', '/{n: [0-9]+}'], ['/{n: [0-9]+}', '7']],
    ['/seven', ['/{x}', '/{n: [0-9]+}'], ['/{x}', 'seven']],
    ['/7', ['/{n: [0-9]+}', '/7'], ['/7']],
    ['/v1', ['/{x}', '/v{n}', '/v{n: [0-9]+}'], ['/v{n: [0-9]+}', '1']],
    ['/vx', ['/{x}', '/v{n}', '/v{n: [0-9]+}'], ['/v{n}', 'x']],
    ['/a-b', ['/{x}', '/{x}-{y}'], ['/{x}-{y}', 'a', 'b']],
    ['/a-b-c', ['/{x}-{y}'], ['/{x}-{y}', 'a', 'b-c']],
    ['/a-', ['/{x}-{y}'], null],
    ['/ab', ['/{x}', '/{x}{y}'], ['/{x}{y}', 'a', 'b']],
    ['/a-b', ['/{x: [a]}-{y}', '/{x: a}-{y: b}'], ['/{x: a}-{y: b}', 'a', 'b']],
    ['/cases/7:close', ['/cases/{id}:close', '/cases/{id}'], ['/cases/{id}:close', '7']],
    ['/2026-01-31.json', ['/{y}-{m}-{d}.json'], ['/{y}-{m}-{d}.json', '2026', '01', '31']],
    ['/a5b6', ['/{x}5{y}'], ['/{x}5{y}', 'a', 'b6']],
    ['/🐨a', ['/{x}{y}'], ['/{x}{y}', '🐨', 'a']],
  ])('%s of %j', (path, templates, found) => {
    expect(find(templates, encodeURI(path))).toEqual(found);
    expect(find(templates.toReversed(), encodeURI(path))).toEqual(found);
  });
});

describe('a variable that spans segments', () => {
  it.each<[path: string, templates: readonly string[], found: readonly string[] | null]>([
    ['/f/a/b', ['/f/{p: .*}'], ['/f/{p: .*}', 'a/b']],
    ['/f/a/b', ['/f/{p: .*}', '/f/{x}/{y}'], ['/f/{x}/{y}', 'a', 'b']],
    ['/f/a', ['/f/{p: .*}', '/f/{x}'], ['/f/{x}', 'a']],
    ['/f/a/edit', ['/f/{p: .*}', '/f/{p: .*}/edit'], ['/f/{p: .*}/edit', 'a']],
    ['/f/a//b', ['/f/{p: .*}'], ['/f/{p: .*}', 'a//b']],
    ['/f', ['/f/{p: .*}'], null],
    ['/f/', ['/f/{p: .*}'], ['/f/{p: .*}', '']],
    ['/f/', ['/f/{p: .+}'], null],
    ['/f/', ['/f/{p: .*}', '/f'], ['/f']],
    ['/f/', ['/{x}/{p: .*}', '/{x}'], ['/{x}', 'f']],
    ['/', ['/{p: .*}'], ['/{p: .*}', '']],
    ['/', ['/{p: .*}', '/'], ['/']],
    ['/f/a/', ['/f/{p: .*}'], ['/f/{p: .*}', 'a']],
    ['/f/a/x-y/', ['/f/{p: .*}/{x}-{y}'], ['/f/{p: .*}/{x}-{y}', 'a', 'x', 'y']],
    ['/f/a%0Ab', ['/f/{p: .*}'], ['/f/{p: .*}', 'a\nb']],
  ])('%s of %j', (path, templates, found) => {
    expect(find(templates, path)).toEqual(found);
    expect(find(templates.toReversed(), path)).toEqual(found);
  });
});

describe('an encoded slash never splits a segment, RFC 3986 §2.2', () => {
  it.each<[path: string, templates: readonly string[], found: readonly string[] | null]>([
    ['/a%2Fb', ['/a/b'], null],
    ['/a/b', ['/a%2Fb'], null],
    ['/a%2Fb', ['/a/b', '/a%2Fb'], ['/a%2Fb']],
    ['/a%2Fb', ['/{x}'], ['/{x}', 'a/b']],
    ['/a%2Fb', ['/{x}/{y}', '/{x}/b', '/a/{y}'], null],
    ['/a%2Fb', ['/{x: [^/]+}'], ['/{x: [^/]+}', 'a/b']],
    ['/a%2Fb', ['/a{x}'], ['/a{x}', '/b']],
    ['/a%2Fb/7', ['/a%2Fb/{x}'], ['/a%2Fb/{x}', '7']],
    ['/a%2Fb7', ['/a%2Fb{x}'], ['/a%2Fb{x}', '7']],
    ['/a/b/7', ['/a%2Fb/{x}'], null],
    ['/a%2Fedit', ['/{p: .+}/edit'], null],
    ['/x/a%2Fedit', ['/{p: .+}', '/{p: .+}/edit'], ['/{p: .+}', 'x/a/edit']],
    ['/x/a%2Fb', ['/{p: .+}/{x}'], ['/{p: .+}/{x}', 'x', 'a/b']],
    ['/x/a%2Fb', ['/{p: [a-z]+/[a-z]+/[a-z]+}'], null],
  ])('%s of %j', (path, templates, found) => {
    expect(find(templates, path)).toEqual(found);
  });
});

describe('a trailing slash', () => {
  it.each<[path: string, strictSlash: boolean, found: readonly string[] | null]>([
    ['/a', false, ['/a']],
    ['/a/', false, ['/a']],
    ['/a//', false, null],
    ['/n/7/', false, ['/n/{x}', '7']],
    ['/n/', false, null],
    ['/m/', false, ['/m/{x: [0-9]*}', '']],
    ['/m', false, null],
    ['/f/a/', false, ['/f/{p: .*}', 'a']],
    ['/f/a//', false, ['/f/{p: .*}', 'a/']],
    ['/f//', false, ['/f/{p: .*}', '']],
    ['/d/a/', false, ['/d/{p: .+/}', 'a/']],
    ['/d//', false, null],
    ['//', false, null],
    ['/a', true, ['/a']],
    ['/a/', true, null],
    ['/n/7/', true, null],
    ['/m/', true, ['/m/{x: [0-9]*}', '']],
    ['/f/a', true, ['/f/{p: .*}', 'a']],
    ['/f/a/', true, ['/f/{p: .*}', 'a/']],
    ['/f/a//', true, ['/f/{p: .*}', 'a//']],
    ['/f/', true, ['/f/{p: .*}', '']],
    ['/f//', true, ['/f/{p: .*}', '/']],
    ['/f', true, null],
    ['/d/a/', true, ['/d/{p: .+/}', 'a/']],
    ['/d/a', true, null],
    ['//', true, null],
    ['/', true, ['/']],
  ])('of %s, strictly: %s', (path, strictSlash, found) => {
    const templates = ['/', '/a', '/n/{x}', '/m/{x: [0-9]*}', '/f/{p: .*}', '/d/{p: .+/}'];
    expect(find(templates, path, { strictSlash })).toEqual(found);
  });
});

describe('a locator, Jakarta REST 4.0 §3.7.2', () => {
  type Row = readonly [path: string, templates: readonly string[], found: readonly unknown[] | null];
  it.each<Row>([
    ['/a', ['> /a'], ['> /a', []]],
    ['/a/', ['> /a'], ['> /a', []]],
    ['/a/b/c', ['> /a'], ['> /a', ['b', 'c']]],
    ['/ab', ['> /a'], null],
    ['/', ['> /'], ['> /', []]],
    ['/a/b', ['> /'], ['> /', ['a', 'b']]],
    ['/a/7/b', ['> /a/{x}'], ['> /a/{x}', '7', ['b']]],
    ['/a', ['> /a/{x}'], null],
    ['/a/7.b/c', ['> /a/{x}.{y}'], ['> /a/{x}.{y}', '7', 'b', ['c']]],
    // Equal otherwise, what has the whole path goes first; below it there is only the locator.
    ['/a/7', ['> /a/{x}', '/a/{x}'], ['/a/{x}', '7', []]],
    ['/a/7/b', ['> /a/{x}', '/a/{x}'], ['> /a/{x}', '7', ['b']]],
    ['/a', ['> /a', '/a'], ['/a', []]],
    // Literal characters first, wherever they come from.
    ['/a/7/b', ['> /a/{x}', '/a/{x}/b'], ['/a/{x}/b', '7', []]],
    ['/a/7/b', ['> /a/{x}', '/a/{x}/{y}'], ['/a/{x}/{y}', '7', 'b', []]],
    ['/a/list', ['> /a', '/{x}/list'], ['/{x}/list', 'a', []]],
    ['/abc/x', ['> /abc', '/{x}/{y}'], ['> /abc', ['x']]],
    ['/a/b/c', ['> /a', '> /a/{x}', '> /{x}'], ['> /a/{x}', 'b', ['c']]],
    // No way back: a locator that was chosen has the path, whether something below answers or not.
    ['/a/b/c', ['> /a/b', '/{x}/{y}/{z}'], ['> /a/b', ['c']]],
    ['/a/b/c', ['> /{x: [a-z]+}', '/{rest: .*}'], ['> /{x: [a-z]+}', 'a', ['b', 'c']]],
    // One that spans segments takes what it can.
    ['/f/a/b', ['> /f/{p: .+}'], ['> /f/{p: .+}', 'a/b', []]],
    ['/f/a/b/edit/c/d', ['> /f/{p: .+}/edit'], ['> /f/{p: .+}/edit', 'a/b', ['c', 'd']]],
    ['/f/a/edit', ['> /f/{p: .+}/edit'], ['> /f/{p: .+}/edit', 'a', []]],
    ['/f/a', ['> /f/{p: .+}/edit'], null],
    ['/f/a%2Fb/edit/c%2Fd', ['> /f/{p: .+}/edit'], ['> /f/{p: .+}/edit', 'a/b', ['c/d']]],
    ['/a%2Fb/c', ['> /a'], null],
  ])('%s of %j', (path, templates, found) => {
    expect(findBelow(templates, path)).toEqual(found);
    expect(findBelow(templates.toReversed(), path)).toEqual(found);
  });

  it('hands on what it left, from where the next router goes on', () => {
    const below = (templates: readonly string[], path: string, from: number, options?: Options) => {
      const parsed = parsePath(path);
      if (typeof parsed === 'string') return parsed;
      const match = routerOf(templates, options).match(parsed, from);
      return match === null ? null : [match.target, ...match.values];
    };
    const templates = ['/', '/b', '/{x}', '/c/{p: .*}', '/a%2Fb'];
    expect(below(templates, '/a', 1)).toEqual(['/']);
    expect(below(templates, '/a/', 1)).toEqual(['/']);
    expect(below(templates, '/a/b', 1)).toEqual(['/b']);
    expect(below(templates, '/a/d/', 1)).toEqual(['/{x}', 'd']);
    expect(below(templates, '/a/a%2Fb', 1)).toEqual(['/a%2Fb']);
    expect(below(templates, '/a/c/d/e', 1)).toEqual(['/c/{p: .*}', 'd/e']);
    expect(below(templates, '/a//', 1)).toBeNull();
    expect(below(templates, '/a/b/c', 1)).toBeNull();
    expect(below(['/{p: .*}'], '/a', 1)).toBeNull();
    expect(below(['/{p: .*}'], '/a/', 1)).toEqual(['/{p: .*}', '']);
    expect(below(templates, '/a/', 1, { strictSlash: true })).toBeNull();
    expect(below(templates, '/a/c/d/', 1, { strictSlash: true })).toEqual(['/c/{p: .*}', 'd/']);
  });
});

it('gives names of Object.prototype no meaning', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(find(['/a', '/{x}/b'], `/${name}`)).toBeNull();
    expect(find([`/${name}`, '/{x}'], `/${name}`)).toEqual([`/${name}`]);
    expect(find([`/${name}/{x}`], '/a/b')).toBeNull();
  }
});

it('takes time in proportion to the path, however its variables are separated', () => {
  // With a variable that gave back what it took, these were cubic: minutes for a path that Node lets through.
  const templates = [
    '/{a}-{b}-{c}-{d}.json',
    '/{a}{b}{c}x',
    '/f/{p: .*}/{a}-{b}-{c}.json',
    '> /f/{p: .*}/edit',
  ];
  for (const part of ['-', 'a-', '%2F', 'x-x', '.json', 'é']) {
    const long = encodeURI(part.repeat(16_000)).replaceAll('%25', '%');
    expect(find(templates, `/${long}!`)).toBeNull();
    expect(find(templates, `/f/g/${long}!`)).toBeNull();
  }
});

/**
 * Jakarta REST 4.0 §3.7.3 to the letter: each template a regular expression over the encoded path, all of them
 * tried, all that match sorted. Only what the router's docblock adds stands here too: static paths first,
 * variables that span segments last among equals, and the path without its last slash before the one with it,
 * which is none where another slash stands before it. A locator's last group is what it leaves.
 */
function reference(
  templates: readonly Template[],
  path: string,
  isStrict: boolean,
): readonly string[] | null {
  const without = path.replace(/\/$/, '');
  const loose = without.endsWith('/') ? [without] : [without, path];
  for (const text of isStrict && path !== '/' ? [path] : loose) {
    const found = templates.flatMap((template) => {
      const source = template.parts.map((parts) => `/${parts.map(sourceOf).join('')}`).join('');
      const end = template.isLocator ? '(/.*)?' : source === '' ? '/?' : '';
      const match = new RegExp(`^${source}${end}$`, 'u').exec(text);
      if (match === null) return [];
      const values = match.slice(1, template.isLocator ? -1 : undefined);
      return [{ template, values: values.map(decodeURIComponent) }];
    });
    const [best] = found.sort((a, b) => compare(keys(a.template), keys(b.template)));
    if (best !== undefined) return [nameOf(best.template), ...best.values];
  }
  return null;
}

interface Template {
  readonly parts: readonly Part[][];
  readonly isLocator: boolean;
}

function nameOf({ parts, isLocator }: Template): string {
  return `${isLocator ? LOCATOR : ''}${textOf(parts)}`;
}

interface Part {
  readonly literal?: string;
  readonly pattern?: string;
  readonly spans?: boolean;
}

function sourceOf({ literal, pattern }: Part): string {
  return literal?.replace(/[.]/g, '\\.') ?? `(${pattern ?? '[^/]+?'})`;
}

function textOf(template: readonly Part[][]): string {
  let count = 0;
  const part = ({ literal, pattern }: Part): string =>
    literal ?? `{v${count++}${pattern === undefined ? '' : `: ${pattern}`}}`;
  return `/${template.map((parts) => parts.map(part).join('')).join('/')}`;
}

function keys({ parts: template, isLocator }: Template): readonly (number | string)[] {
  const parts = template.flat();
  const variables = parts.filter((part) => part.literal === undefined);
  const literals = parts.reduce((sum, { literal = '' }) => sum + literal.length, template.length);
  return [
    variables.length === 0 && !isLocator ? 0 : 1,
    -literals,
    variables.filter((part) => part.spans === true).length,
    -variables.length,
    -variables.filter((part) => part.pattern !== undefined).length,
    Number(isLocator),
    parseTemplate(textOf(template)).shape,
  ];
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const i = a.findIndex((key, at) => key !== b[at]);
  return i === -1 ? 0 : (a[i] ?? 0) < (b[i] ?? 0) ? -1 : 1;
}

describe('any set of templates', () => {
  const literal = fc.constantFrom('a', 'b', 'ab', '1').map((text): Part => ({ literal: text }));
  const separator = fc.constantFrom('-', '.', 'a').map((text): Part => ({ literal: text }));
  const variable = fc.constantFrom<Part>(
    {},
    {},
    { pattern: '[0-9]+' },
    { pattern: '[0-9]*' },
    { pattern: '[a-b]+' },
    { pattern: '[^/]+' },
  );
  const spanning = fc.constantFrom<Part>(
    { pattern: '.*', spans: true },
    { pattern: '.+', spans: true },
    { pattern: '[a-b/]+', spans: true },
    { pattern: '[^-]+', spans: true },
  );
  const segment = fc.oneof(
    fc.tuple(literal),
    fc.tuple(variable),
    fc.tuple(separator, variable),
    fc.tuple(variable, separator),
    fc.tuple(variable, separator, variable),
    fc.tuple(variable, separator, variable, separator, variable),
    { arbitrary: fc.tuple(spanning), weight: 1 },
  );
  const template = fc.record({ parts: fc.array(segment, { maxLength: 4 }), isLocator: fc.boolean() });
  const templates = fc.uniqueArray(template, {
    minLength: 1,
    maxLength: 8,
    selector: ({ parts, isLocator }) => `${isLocator} ${parseTemplate(textOf(parts)).shape}`,
  });
  const piece = fc.constantFrom('a', 'b', '1', '-', '.', '%2F', 'ab', 'a-1', '%C3%B6');
  const pathSegment = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(''));
  /** A path by chance, or one that a template is likely to match. */
  const pathFor = (set: readonly Template[]) =>
    fc
      .tuple(fc.nat(set.length), fc.array(pathSegment, { minLength: 12, maxLength: 12 }), fc.boolean())
      .map(([at, pieces, slash]) => {
        const next = (): string => pieces.pop() ?? '';
        const made = set[at]?.parts.map((parts) => parts.map(({ literal: text }) => text ?? next()).join(''));
        const below = (set[at]?.isLocator ?? false) && pieces.length % 2 === 0 ? ['', next()] : [];
        return `/${(made ?? pieces.slice(-3)).join('/')}${below.join('/')}${slash ? '/' : ''}`;
      });
  const situation = templates.chain((set) => fc.record({ set: fc.constant(set), raw: pathFor(set) }));

  it('gives the answer of the specification’s regular expressions, in whatever order it is declared', () => {
    let matches = 0;
    fc.assert(
      fc.property(
        situation,
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        ({ set, raw }, strictSlash, order) => {
          // Dot segments don't come this far, and the specification knows no path of two slashes alone.
          fc.pre(typeof parsePath(raw) !== 'string' && !/^\/\/+$/.test(raw));
          const expected = reference(set, raw, strictSlash);
          if (expected !== null) matches++;
          const shuffled = set
            .map((each) => [order.next().value, nameOf(each)] as const)
            .sort(([a], [b]) => a - b)
            .map(([, text]) => text);
          expect(find(shuffled, raw, { strictSlash })).toEqual(expected);
        },
      ),
      { numRuns: 2000 },
    );
    // A comparison of nothing with nothing would prove nothing.
    expect(matches).toBeGreaterThan(400);
  });
});

describe('a path of plain text', () => {
  const segment = fc.constantFrom('a', 'b', 'c.d', 'e');
  const template = fc
    .array(fc.oneof(segment, fc.constantFrom('{x}', '{y}', '{n: [ab]+}', '{rest: .*}', 'a{z}')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => `/${parts.map((part, i) => part.replace(/\{\w+/, (name) => name + i)).join('/')}`);

  it('leads where the same path leads once it is read character by character', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(template, {
          minLength: 1,
          maxLength: 8,
          selector: (text) => parseTemplate(text).shape,
        }),
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (templates, segments, hasLocator) => {
          const router = routerOf([...templates, ...(hasLocator ? ['> /a'] : [])]);
          const path = parsePath(`/${segments.join('/')}`);
          if (typeof path === 'string') throw new Error(path);
          expect(path.isPlain).toBe(true);
          const match = router.match(path);
          expect(match).toEqual(router.match({ ...path, isPlain: false }));
          if (match !== null) found += 1;
        },
      ),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(300);
  });
});
