import 'reflect-metadata';
import { Exclude, plainToInstance, Type } from 'class-transformer';
import { IsDate, validate } from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { ReadContext } from '../../../src/framework/codecs/codec.js';
import { yamlCodec } from '../../../src/framework/codecs/yaml.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';
import { anyValue } from './any-value.js';

const CONTEXT: ReadContext = { charset: null, parameters: new Map(), maxDepth: 100 };

const SHARED = [0];

function read(content: string | Uint8Array, context: Partial<ReadContext> = {}): unknown {
  return yamlCodec.read?.(Buffer.from(content), { ...CONTEXT, ...context });
}

/** What `read` throws, which is always ours. */
function refusal(content: string | Uint8Array, context: Partial<ReadContext> = {}): FrameworkError {
  try {
    read(content, context);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameworkError);
    return error as FrameworkError;
  }
  throw new Error(`${String(content).slice(0, 80)} was read`);
}

function write(value: unknown): string {
  return String(yamlCodec.write?.(value));
}

describe('YAML 1.2.2, core schema', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(anyValue(), (given) => {
        expect(read(write(given))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('is read where it is JSON, §1.2', () => {
    fc.assert(
      fc.property(anyValue(), fc.nat(3), (given, space) => {
        expect(read(JSON.stringify(given, null, space))).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[text: string, value: unknown]>([
    ['null', null],
    ['~', null],
    ['--- \n', null],
    ['---\n# nothing\n...\n', null],
    ['[null, Null, NULL, nULL]', [null, null, null, 'nULL']],
    ['[true, True, TRUE, false, False, FALSE, tRUE]', [true, true, true, false, false, false, 'tRUE']],
    ['[yes, no, on, off, y, n]', ['yes', 'no', 'on', 'off', 'y', 'n']],
    ['[0, 007, +1, -19, 0o17, 0x3A, 0X3A, 1_000]', [0, 7, 1, -19, 15, 58, '0X3A', '1_000']],
    ['[0., -0.0, .5, +12e03, -2E+05, 1.e1]', [0, -0, 0.5, 12000, -200000, 10]],
    [
      '[.inf, -.Inf, +.INF, .nan, .NaN, -.nan]',
      [...[1, -1, 1].map((sign) => sign * Number.POSITIVE_INFINITY), Number.NaN, Number.NaN, '-.nan'],
    ],
    ['[2024-02-29, 2024-02-29T12:00:00Z, 12:30:45]', ['2024-02-29', '2024-02-29T12:00:00Z', '12:30:45']],
    ['[9007199254740991, -9007199254740991]', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    [
      '[9007199254740992, 100000000000000000000, 0x8000000000000000, -1152921504606847000]',
      [2 ** 53, 1e20, 2 ** 63, -(2 ** 60)],
    ],
    ['1.00000000000000000000001', 1],
    ['"\\x41\\u00f6\\U0001F428\\e\\N\\_\\/\\t"', 'Aö🐨\x1b\x85\xa0/\t'],
    ["'it''s'", "it's"],
    ['|\n a\n  b\n', 'a\n b\n'],
    ['>-\n a\n b\n\n c\n', 'a b\nc'],
    ['a: b\nc: [d, e: f]\n', { a: 'b', c: ['d', { e: 'f' }] }],
    ['- - 1\n  - 2\n- {a: 1}\n-\n', [[1, 2], { a: 1 }, null]],
    ['? a\n: b\n', { a: 'b' }],
    ['{a, b: , "c":1}', { a: null, b: null, c: 1 }],
    ['a: 1\r\nb: 2\rc: "x\r\n  y"\n', { a: 1, b: 2, c: 'x y' }],
    ['200: OK\ntrue: 1\n~: 2\n0x10: 3\n1.0: 4\n', { '200': 'OK', true: 1, '~': 2, '0x10': 3, '1.0': 4 }],
    ['<<: {a: 1}\nb: 2\n', { '<<': { a: 1 }, b: 2 }],
    ['!!str 5', '5'],
    ['! 5', '5'],
    ['[!!int "5", !!float 0.5, !!bool true, !!null ~, !!map {}, !!seq []]', [5, 0.5, true, null, {}, []]],
    ['!<tag:yaml.org,2002:str> 5', '5'],
    ['%YAML 1.2\n---\na', 'a'],
    ['%YAML 1.1\n---\n[yes, 0o7, 017, 2024-02-29, !!str 1]', ['yes', 7, 17, '2024-02-29', '1']],
    ['\ufeffa: 1', { a: 1 }],
    ['a\n...\n# the end\n', 'a'],
    ['&a a', 'a'],
    ['[&a 1, *a, &a 2, *a]', [1, 1, 2, 2]],
    ['- &a {b: &c [1]}\n- *a\n- *c\n', [{ b: [1] }, { b: [1] }, [1]]],
    ['- &x 1\n- &y [*x]\n- &x 2\n- *y\n', [1, [1], 2, [1]]],
    ['- &a [&a 1]\n- *a\n', [[1], 1]],
    ['&a k: *a', { k: 'k' }],
    ['[&a , *a]', [null, null]],
  ])('%j is read', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each<[what: string, text: string]>([
    ['nothing', ''],
    ['only a comment', '# a\n'],
    ['only line breaks', '\n\n'],
    ['two documents', 'a\n---\nb\n'],
    ['two documents, the second empty', '--- a\n---\n'],
    ['two documents with an end mark', 'a\n...\nb\n'],
    ['an open array', '[1, 2'],
    ['an open object', '{a: 1'],
    ['a closing bracket', ']'],
    ['an open quote', '"a'],
    ['an open single quote', "'a"],
    ['a wrong escape', '"\\z"'],
    ['a wrong code point', '"\\U00110000"'],
    ['half of a surrogate pair', '"\\ud800"'],
    ['half of a surrogate pair in a key', '"\\udc00": 1'],
    ['a tab as indentation', 'a:\n\t- b'],
    ['wrong indentation', 'a:\n  b: 1\n c: 2\n'],
    ['a mapping in a plain scalar', 'a: b: c'],
    ['two values', '"a" "b"'],
    ['a reserved character', '@a'],
    ['a directive in the middle', 'a: 1\n%YAML 1.2\n'],
    ['a newer major version', '%YAML 2.0\n---\na'],
    ['a version that is none', '%YAML 1.x\n---\na'],
    ['two version directives', '%YAML 1.2\n%YAML 1.2\n---\na'],
    ['a directive without a document', '%YAML 1.2\n'],
    ['a tag directive', '%TAG !e! tag:example.com,2000:\n---\n!e!x a'],
    ['a directive that nobody knows', '%FOO bar\n---\na'],
    ['a local tag', '!foo a'],
    ['a tag of YAML 1.1', '!!timestamp 2024-02-29'],
    ['binary', '!!binary aGk='],
    ['a set', '!!set {a}'],
    ['an ordered map', '!!omap [a: 1]'],
    ['a tag of a language', '!!python/object/apply:os.system [ls]'],
    ['a function', '!!js/function "function(){}"'],
    ['a tag that is a name of JavaScript', '!<toString> a'],
    ['a tag that is another one', '!<__proto__> [a]'],
    ['a tag that is a third one', '!<constructor> {a: 1}'],
    ['a tag on the wrong value', '!!int a'],
    ['a tag on the wrong collection', '!!map [1]'],
    ['an alias without an anchor', '*a'],
    ['an alias before its anchor', '[*a, &a 1]'],
    ['an alias of what it stands in', '&a [*a]'],
    ['an alias of what it stands in, deeper', '&a {b: [{c: *a}]}'],
    ['an alias of the inner one of equal names', '[&a 1, &a [*a]]'],
    ['an anchor without a name', '[& 1]'],
    ['two anchors', '&a &b c'],
    ['an alias as a key', '- &a b\n- *a : c\n'],
    ['an array as a key', '[1]: 2'],
    ['an object as a key', '? {a: 1}\n: 2'],
    ['a key with the tag of a number', '!!int 1: 2'],
    ['equal keys', 'a: 1\na: 2'],
    ['equal keys in different styles', '{a: 1, "\\x61": 2}'],
    ['keys that are equal as texts', '1: a\n"1": b'],
    ['equal merge keys', '<<: {}\n<<: {}'],
    ['the key __proto__', '__proto__: {a: 1}'],
    ['the key __proto__ in quotes', '{"__proto\\x5f_": {a: 1}}'],
    ['the key __proto__, explicit', '? __proto__\n: 1'],
    ['constructor.prototype', 'constructor: {prototype: {a: 1}}'],
    ['constructor.prototype by an alias', '- &a {prototype: 1}\n- constructor: *a'],
    ['an integer that a double rounds', '9007199254740993'],
    ['a negative integer that a double rounds', '-9007199254740993'],
    ['a hexadecimal integer that a double rounds', '0x20000000000001'],
    ['an octal integer that a double rounds', '0o400000000000000001'],
    ['an integer that a double can not hold', '1'.repeat(400)],
    ['a float that a double can not hold', '1e999'],
    ['a float that a double can not hold, without exponent', `${'9'.repeat(400)}.0`],
    ['NUL', 'a: "\0"'],
    ['a control character that the parser uses', 'a\x1fb'],
    ['another control character that the parser uses', '[\x18]'],
    ['a third one', '\x02'],
  ])('%s is malformed', (_what, text) => {
    expect(refusal(text)).toMatchObject({ code: 'malformed-body', status: 400 });
    expect(Reflect.get({}, 'a')).toBeUndefined();
  });

  it('has keys that mean something to JavaScript as ordinary ones', () => {
    const given = read(
      '{constructor: {a: 1}, toString: 2, hasOwnProperty: , prototype: {}, __proto: 3}',
    ) as object;
    expect(Object.keys(given)).toEqual(['constructor', 'toString', 'hasOwnProperty', 'prototype', '__proto']);
    expect(Object.getPrototypeOf(given)).toBe(Object.prototype);
    expect(read('__proto__')).toBe('__proto__');
  });

  it('shares nothing between what an anchor names and its aliases', () => {
    const [first, second] = read('[&a {b: []}, *a]') as [{ b: unknown[] }, { b: unknown[] }];
    first.b.push(1);
    expect(second).toEqual({ b: [] });
  });

  it('is UTF-8', () => {
    expect(read('ö: 🐨', { charset: 'utf-8' })).toEqual({ ö: '🐨' });
    expect(refusal('a: 1', { charset: 'utf-16' })).toMatchObject({ status: 415 });
    expect(refusal(Buffer.from('a: ö', 'latin1')).message).toBe('The body is not valid UTF-8');
    expect(refusal(Buffer.from('\ufeffa: 1', 'utf16le')).status).toBe(400);
    expect(refusal(Buffer.from('a: 1', 'utf16le')).status).toBe(400);
  });
});

describe('an error', () => {
  it.each<[text: string, message: string]>([
    ['a: 1\nb: [\n', 'The body is not valid YAML (line 3)'],
    ['a: 1\r\nb:\r\n  - 2\r\n c: hunter2\r\n', 'The body is not valid YAML (line 4)'],
    [
      'a: hunter2\nb: !hunter2 1\n',
      'The body has a tag that is not of the YAML core schema, or on the wrong value (line 2)',
    ],
    ['hunter2: "\n\n \\q"\n', 'The body is not valid YAML (line 3)'],
    ['a: b\n\n\x1fhunter2', 'The body is not valid YAML (line 3)'],
    ['a: 1\n--- hunter2\n', 'The body has more than one YAML document'],
    ['hunter2: 1\nhunter2: 1\n', 'The body has an object with the same key twice'],
    ['*hunter2', 'The body has an alias without an anchor before it'],
  ])('says where, and nothing of what was sent: %j', (text, message) => {
    const error = refusal(text);
    expect(error.message).toBe(message);
    expect(JSON.stringify([error.details, error.issues])).not.toContain('hunter2');
  });

  it('is the only thing thrown, whatever was sent', () => {
    const piece = fc.constantFrom(
      ...[
        '\n',
        '\n  ',
        '\n    ',
        ' ',
        '\t',
        '- ',
        '? ',
        ': ',
        ':',
        '[',
        ']',
        '{',
        '}',
        ',',
        '&a ',
        '*a',
        '!!str ',
        '!x ',
      ],
      ...[
        '"',
        "'",
        '\\',
        '|',
        '>',
        '|2-',
        '#',
        ' #c',
        '---',
        '...',
        '%YAML 1.2',
        '<<',
        'a',
        'b: ',
        '1',
        '.nan',
        '0x',
        '\r',
      ],
      ...['__proto__: ', 'constructor: ', 'prototype: ', '\0', '\x1f', '\ufeff', '\u2028', '🐨', '@', '`'],
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join(''))),
      anyText.map((given) => Buffer.from(given)),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(text, (content) => {
        try {
          read(content);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameworkError);
          expect(error).toMatchObject({ status: 400 });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is there where the library has one, and no other value than its own', () => {
    const piece = fc.constantFrom(
      ...[
        '\n',
        '\n  ',
        '\n- ',
        '\n  - ',
        ' ',
        '- ',
        '? ',
        ': ',
        '[',
        ']',
        '{',
        '}',
        ', ',
        '&a ',
        '*a',
        '"b"',
        "'c'",
      ],
      ...['|\n  d\n', '#c\n', 'a', 'b: ', 'c:\n', '1', '.5', 'true', '~', '!!str ', 'e'],
    );
    let both = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const ours = attempt(() => read(text));
        const theirs = attempt(() =>
          parseYaml(text, { schema: 'core', stringKeys: true, logLevel: 'error' }),
        );
        if (ours instanceof Error) return;
        expect(ours).toEqual(theirs);
        both++;
      }),
      { numRuns: 1000 },
    );
    expect(both).toBeGreaterThan(100);
  });
});

describe('a hostile YAML', () => {
  const stairs = (depth: number, step: (i: number) => string): string =>
    Array.from({ length: depth }, (_, i) => step(i)).join('');

  it.each<[name: string, text: (depth: number) => string]>([
    ['flow sequences', (depth) => '['.repeat(depth) + ']'.repeat(depth)],
    ['flow mappings', (depth) => `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`],
    ['flow mappings as JSON has them', (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ['both', (depth) => `${'[{a: '.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`],
    ['pairs in flow sequences', (depth) => `${'[a: '.repeat(depth / 2)}1${']'.repeat(depth / 2)}`],
    ['sequences on one line', (depth) => `${'- '.repeat(depth)}a`],
    ['sequences on many lines', (depth) => stairs(Math.min(depth, 1_000), (i) => `${' '.repeat(i)}-\n`)],
    ['mappings on many lines', (depth) => stairs(Math.min(depth, 1_000), (i) => `${' '.repeat(i)}a:\n`)],
    [
      'sequences of mappings',
      (depth) => `${stairs(Math.min(depth, 1_000) / 2, (i) => `${' '.repeat(i * 2)}- a:\n`)}`,
    ],
    ['block in flow', (depth) => `${'- '.repeat(depth / 2)}${'['.repeat(depth / 2)}${']'.repeat(depth / 2)}`],
    ['siblings after deep ones', (depth) => `- ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}\n`.repeat(2)],
  ])('that nests %s is read up to the limit, and refused beyond it', (_name, text) => {
    expect(read(text(100))).toBeDefined();
    for (const depth of [102, 1_000, 100_000]) {
      expect(refusal(text(depth)).message).toBe('The body is nested deeper than 100 levels');
    }
    expect(read(text(2), { maxDepth: 2 })).toBeDefined();
    expect(refusal(text(2), { maxDepth: 1 }).message).toContain('nested deeper');
  });

  it.each<[name: string, text: string]>([
    ['explicit keys', '? '.repeat(100_000)],
    ['explicit keys on many lines', stairs(1_000, (i) => `${' '.repeat(i)}?\n`)],
    ['empty keys', ': '.repeat(100_000)],
    ['keys on one line', 'a: '.repeat(100_000)],
    ['open sequences', '['.repeat(100_000)],
    ['open mappings', '{'.repeat(100_000)],
    ['explicit keys in flow', '[? '.repeat(100_000)],
    ['keys that are sequences', `${'['.repeat(90)}${']: a'.repeat(90)}`],
    ['keys that are mappings', `${'{'.repeat(90)}${'}: a'.repeat(90)}`],
  ])('that nests %s is refused', (_name, text) => {
    expect(refusal(text)).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('with depth that aliases add is refused', () => {
    const nested = `- &a ${'['.repeat(60)}${']'.repeat(60)}\n`;
    expect(read(`${nested}- *a\n`)).toBeDefined();
    expect(refusal(`${nested}- ${'['.repeat(50)}*a${']'.repeat(50)}\n`).message).toContain('nested deeper');
  });

  it.each<[name: string, text: string]>([
    [
      'a billion laughs',
      `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]\n`).join('')}`,
    ],
    ['many aliases of many values', `- &a [${'1,'.repeat(1_000)}]\n${'- *a\n'.repeat(1_000)}`],
    ['many aliases of a long text', `- &a ${'x'.repeat(50_000)}\n${'- *a\n'.repeat(1_000)}`],
    ['many aliases of a long key', `- &a {${'k'.repeat(1_000)}: 1}\n${'- *a\n'.repeat(1_000)}`],
    ['many aliases', `- &a [1, 1, 1, 1]\n${'- *a\n'.repeat(25_000)}`],
  ])('of %s is refused before it has cost anything', (_name, text) => {
    const before = process.memoryUsage().heapTotal;
    expect(refusal(text)).toMatchObject({
      message: 'The body has aliases that stand for too much',
      status: 400,
    });
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(200 << 20);
  });

  it('with as many aliases as people write is read', () => {
    expect(read(`base: &b {a: 1, c: [x, y]}\nall:\n${'  - *b\n'.repeat(1_000)}`)).toMatchObject({
      all: Array.from({ length: 1_000 }, () => ({ a: 1, c: ['x', 'y'] })),
    });
  });

  it.each([
    ['quotes', '"'],
    ['pairs of quotes', '"a" '],
    ['wrong escapes', '\\z'],
    ['tags', '!x '],
    ['anchors', '&a '],
    ['items with anchors', '- &a\n'],
    ['aliases', '*a '],
    ['items with tags', '- !x 1\n'],
    ['comments', '#\n'],
    ['comments after values', 'a: 1 #\n'],
    ['indented comments', '  #\n'],
    ['line breaks', '\n'],
    ['carriage returns', '\r'],
    ['spaces', ' '],
    ['commas', ','],
    ['items', 'a,'],
    ['faulty items', 'a b: c d, '],
    ['colons', ':,'],
    ['reserved characters', '- @\n'],
    ['block scalars', '- |\n'],
    ['lines', 'a\n'],
    ['words', 'a '],
    ['single quotes', "''"],
    ['documents', '---\n'],
    ['document ends', '...\n'],
    ['directives', '%A\n'],
    ['digits', '1'],
    ['exclamation marks', '!'],
    ['questions', '?\n'],
    ['empty items', '-\n'],
  ])('of a long run of %s costs no more than its size', (_name, part) => {
    // As they are, and in each place where the parser is in another state.
    for (const before of ['', '[', '{', '"', 'a:\n', '- &a 1\n', 'a: |\n  b\n']) {
      const start = performance.now();
      const text = before + part.repeat(Math.ceil((before === '' ? 30_000 : 6_000) / part.length));
      try {
        expect(read(text)).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(FrameworkError);
      }
      // About 0.1 s; with a cost that grows with the square it would be many.
      expect(performance.now() - start).toBeLessThan(3_000);
    }
  });

  it('with a fault in every other byte ends at the first one', () => {
    const text = `"${'\\z'.repeat(500_000)}"`;
    const start = performance.now();
    expect(refusal(text).message).toBe('The body is not valid YAML (line 1)');
    // 20 ms; an error for each of them takes 3 s.
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('of more tokens than anybody writes is refused with 413', () => {
    for (const text of ['\n'.repeat(1_000_000), `[${'1,'.repeat(500_000)}]`]) {
      expect(refusal(text)).toMatchObject({ code: 'content-too-large', status: 413 });
    }
    expect(read('- some words\n'.repeat(20_000))).toHaveLength(20_000);
  });

  it('of a MB of one text, or of many keys, is read', () => {
    expect(read('x'.repeat(1_000_000))).toHaveLength(1_000_000);
    expect(read(`|\n${' x\n'.repeat(300_000)}`)).toHaveLength(600_000);
    expect(Object.keys(read(stairs(15_000, (i) => `key${i}: 1\n`)) as object)).toHaveLength(15_000);
  });
});

describe('what YAML is written', () => {
  it.each<[value: unknown, text: string]>([
    [null, 'null\n'],
    [{}, '{}\n'],
    [[], '[]\n'],
    [{ a: 1, b: [true, 'x'], c: { d: null } }, 'a: 1\nb:\n  - true\n  - x\nc:\n  d: null\n'],
    [{ a: undefined, b: () => 1 }, '{}\n'],
    [[undefined], '- null\n'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"\n'],
    [2n ** 64n, '"18446744073709551616"\n'],
    [Number.NaN, 'null\n'],
    [new Map([['a', new Set([1])]]), 'a:\n  - 1\n'],
    [
      ['no', 'on', 'y', '012', '1:30', '~', '<<', '0x1f', '1e3', '2024-02-29'],
      ['no', 'on', 'y', '012', '1:30', '~', '<<', '0x1f', '1e3', '2024-02-29']
        .map((text) => `- "${text}"\n`)
        .join(''),
    ],
    ['a\nb\n', '|\na\nb\n'],
    ['\ufeff', '"\\ufeff"\n'],
    ['a\u2028\x7f\x85', '"a\\u2028\\u007f\\u0085"\n'],
    ['\ud800', '"\ufffd"\n'],
    [{ '\udc00': 1 }, '"\ufffd": 1\n'],
    [JSON.parse('{"__proto__":1}'), '__proto__: 1\n'],
    ['x'.repeat(200).concat(' y'), `${'x'.repeat(200)} y\n`],
    [[SHARED, SHARED], '- - 0\n- - 0\n'],
  ])('of %o is %j', (given, text) => {
    expect(write(given)).toBe(text);
  });

  it('of a cycle, or of nothing, is nothing', () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    expect(() => write(cycle)).toThrow(TypeError);
    expect(() => write(undefined)).toThrow(new TypeError('the returned value has no YAML form'));
    expect(() => write(() => 1)).toThrow(TypeError);
  });

  it('leaves out what class-transformer leaves out, wherever it stands', () => {
    class User {
      readonly name = 'Ada';
      @Exclude() readonly password = 'hunter2';
    }
    expect(write({ users: [new User()] })).toBe('users:\n  - name: Ada\n');
  });

  it('has neither anchors nor tags nor several documents, whatever is in it', () => {
    fc.assert(
      fc.property(anyText, anyText, (key, text) => {
        const given = { [`-${key}`]: text, list: [text, [text], { [`-${key}`]: `${text}\n${text}` }] };
        expect(read(write(given))).toEqual(given);
        expect(parseYaml(write(given), { version: '1.1', schema: 'core' })).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it('has keys of any length', () => {
    const key = 'a "b" '.repeat(500);
    expect(read(write({ [key]: 1, b: { [key]: [2] } }))).toEqual({ [key]: 1, b: { [key]: [2] } });
  });

  it('as an array of items is a sequence', async () => {
    async function* items(values: readonly unknown[]): AsyncGenerator<unknown> {
      yield* values;
    }
    const written = async (values: readonly unknown[]): Promise<string> => {
      let text = '';
      for await (const chunk of yamlCodec.writeItems?.(items(values)) ?? []) text += String(chunk);
      return text;
    };
    expect(read(await written([1, undefined, { a: [] }, [], 'x\n']))).toEqual([
      1,
      null,
      { a: [] },
      [],
      'x\n',
    ]);
    expect(read(await written([]))).toEqual([]);
  });

  it('becomes the date of a class, and passes its rules', async () => {
    class Event {
      @Type(() => Date) @IsDate() readonly at!: Date;
    }
    const at = new Date('2024-02-29T12:30:00.123Z');
    for (const sent of [write({ at }), 'at: 2024-02-29T12:30:00.123Z']) {
      const event = plainToInstance(Event, read(sent));
      expect(event).toEqual({ at });
      expect(await validate(event)).toEqual([]);
    }
  });
});

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
