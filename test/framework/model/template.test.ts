import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  joinPaths,
  parseTemplate,
  spansSegments,
  TemplateError,
} from '../../../src/framework/model/template.js';

describe('paths are joined by one slash, with none at the end', () => {
  it.each<[paths: readonly (string | undefined)[], joined: string]>([
    [[], '/'],
    [['', undefined, '/'], '/'],
    [['cases'], '/cases'],
    [['/api/', '/cases/', '/{id}/'], '/api/cases/{id}'],
    [['//api//', 'a//b'], '/api/a//b'],
  ])('%j', (paths, joined) => {
    expect(joinPaths(...paths)).toBe(joined);
  });
});

describe('a template', () => {
  it.each<[text: string, segments: readonly (readonly string[])[]]>([
    ['', []],
    ['/', []],
    ['/a', [['a']]],
    ['a//b/', [['a'], ['b']]],
    ['/{id}', [['{id}']]],
    ['/{ id }', [['{id}']]],
    ['/{id : [0-9]+ }', [['{id}[0-9]+']]],
    ['/{id: [0-9]{2,3}}/x', [['{id}[0-9]{2,3}'], ['x']]],
    ['/{p: a/b}', [['{p}a/b']]],
    ['/{p: \\}}', [['{p}\\}']]],
    ['/{a.b-c_1}', [['{a.b-c_1}']]],
    ['/:id', [['{id}']]],
    ['/:id/notes/:note', [['{id}'], ['notes'], ['{note}']]],
    ['/:id(\\d+)', [['{id}\\d+']]],
    ['/:from-:to', [['{from}', '-', '{to}']]],
    ['/:a.json', [['{a}', '.json']]],
    [
      '/v{n}/{a}-{b}',
      [
        ['v', '{n}'],
        ['{a}', '-', '{b}'],
      ],
    ],
    ['/{id}:close', [['{id}', ':close']]],
    ['/{id: [0-9]+}:close', [['{id}[0-9]+', ':close']]],
    ['/a%3Aclose', [['a:close']]],
    ['/12:30', [['12:30']]],
    ['/gr%C3%B6sse', [['grösse']]],
    ['/grösse', [['grösse']]],
    ['/a%2Fb', [['a/b']]],
    ['/Cases({id})', [['Cases(', '{id}', ')']]],
    ['/a.b/..c', [['a.b'], ['..c']]],
    ['/__proto__/{constructor}', [['__proto__'], ['{constructor}']]],
  ])('%s is read', (text, segments) => {
    const shown = parseTemplate(text).segments.map((parts) =>
      parts.map((part) => (part.kind === 'literal' ? part.text : `{${part.name}}${part.pattern ?? ''}`)),
    );
    expect(shown).toEqual(segments);
  });

  it.each<[text: string, reason: RegExp]>([
    ['/{}', /no variable name/],
    ['/{1a}', /no variable name/],
    ['/{a b}', /no variable name/],
    ['/{a', /not closed/],
    ['/{a: [0-9}', /invalid/],
    ['/{a: }', /empty/],
    ['/:a()', /empty/],
    ['/:a(x', /not closed/],
    ['/{a}/{a}', /twice/],
    ['/:a/{a}', /twice/],
    ['/a}', /character/],
    ['/a?b', /character/],
    ['/a#b', /character/],
    ['/a;b=1', /matrix/],
    ['/a%zz', /percent/],
    ['/a%ff', /percent/],
    ['/a/../b', /dot segment/],
    ['/a/.', /dot segment/],
    ['/a/%2e%2E', /dot segment/],
    ['/a%2F..', /dot segment/],
    ['/\ud800', /percent|character/],
    ['/:id?', /not supported/],
    ['/:id*', /not supported/],
    ['/files/*', /not supported/],
    ['/files/**', /not supported/],
    ['/files/(.*)', /not supported/],
    ['/{a: (?<x>b)}', /named group/],
    ['/{a: (b)\\1}', /invalid/],
    ['/{a: (}', /invalid/],
    ['/{a: x)|(y}', /invalid/],
  ])('%s is refused, with the reason', (text, reason) => {
    expect(() => parseTemplate(text)).toThrow(TemplateError);
    expect(() => parseTemplate(text)).toThrow(reason);
  });

  it('has one shape for all names of its variables, and another one for every other path', () => {
    const shape = (text: string): string => parseTemplate(text).shape;
    expect(shape('/a/{x}')).toBe(shape('/a/:y'));
    expect(shape('/{x: [0-9]+}')).toBe(shape('/:y([0-9]+)'));
    expect(shape('')).toBe(shape('/'));
    const all = [
      '/',
      '/a/b',
      '/a%2Fb',
      '/{x}',
      '/{x}{y}',
      '/{x}/{y}',
      '/{x: .}',
      '/{x: ..}',
      '/%7B%7D',
      '/a%5C/b',
      '/a%5C%2Fb',
    ];
    expect(new Set(all.map(shape)).size).toBe(all.length);
  });

  it('makes groups of a regular expression its own no captures, which would shift the variables', () => {
    const template = parseTemplate('/{a: (x|(y))(?:z)(?=.)(?<=.)[(]\\(}');
    expect(template.segments).toEqual([
      [{ kind: 'variable', name: 'a', pattern: '(?:x|(?:y))(?:z)(?=.)(?<=.)[(]\\(' }],
    ]);
  });

  it('is frozen, and is read or refused whatever it is', () => {
    const unit = fc.constantFrom(
      '/',
      '{',
      '}',
      ':',
      'a',
      '(',
      ')',
      '[',
      ']',
      '\\',
      '*',
      '+',
      '?',
      '%',
      '2',
      'F',
      ';',
      '.',
      ' ',
      '-',
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        try {
          expect(Object.isFrozen(parseTemplate(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('whether a variable spans segments', () => {
  it.each<[pattern: string, spans: boolean]>([
    ['.*', true],
    ['.', true],
    ['/', true],
    ['a/b', true],
    ['\\/', true],
    ['[a/]', true],
    ['[^a]', true],
    ['[+-9]', true],
    ['\\S+', true],
    ['\\D', true],
    ['\\W', true],
    ['\\x2f', true],
    ['\\u002f', true],
    ['\\u{2F}', true],
    ['\\p{P}', true],
    ['(?:a|/)', true],
    ['[0-9]+', false],
    ['[0-9]{2,3}', false],
    ['\\d+', false],
    ['\\w+', false],
    ['[^/]+', false],
    ['[a-z](?:-[a-z])*', false],
    ['(?=a)a', false],
    ['\\p{L}+', false],
    ['\\bа\\b', false],
    ['a|b', false],
    ['\\.', false],
  ])('%s: %s', (pattern, spans) => {
    expect(spansSegments(pattern)).toBe(spans);
  });

  it('is never denied of one that matches a slash', () => {
    const atom = fc.constantFrom(
      'a',
      '/',
      '.',
      '\\/',
      '[a/]',
      '[^a]',
      '[^/]',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '\\S',
      '\\.',
      '[+-9]',
      '(?:a|/)',
      '(?:a|b)',
      '(?=.)',
      '(?!a)',
      '\\u{2f}',
      '\\u002f',
      '\\x2f',
      '\\b',
      '[\\]/]',
      '[\\]a]',
      '\\p{P}',
      '\\P{P}',
    );
    const quantified = fc
      .tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}'))
      .map(([text, times]) => (/^\(\?[=!]|^\\b/.test(text) ? text : text + times));
    const pattern = fc.array(quantified, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join(''));
    const subject = fc.string({ unit: fc.constantFrom('a', 'b', '/', '1', '.', ']', '-'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, fc.array(subject, { minLength: 20, maxLength: 20 }), (source, subjects) => {
        const regexp = new RegExp(`^(?:${source})$`, 'su');
        const matched = [...subjects, '/'].some((text) => text.includes('/') && regexp.test(text));
        if (matched) expect(spansSegments(source)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
