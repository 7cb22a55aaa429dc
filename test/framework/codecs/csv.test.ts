import { Exclude } from 'class-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '../../../src/framework/codecs/codec.js';
import { csvCodec } from '../../../src/framework/codecs/csv.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';

const CONTEXT: ReadContext = { charset: null, parameters: new Map(), maxDepth: 20 };
const ABSENT: Partial<ReadContext> = { parameters: new Map([['header', 'absent']]) };

function read(content: string | Uint8Array, context: Partial<ReadContext> = {}): unknown {
  return csvCodec.read?.(Buffer.from(content), { ...CONTEXT, ...context });
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
  return String(csvCodec.write?.(value));
}

async function streamed(items: readonly unknown[]): Promise<string> {
  async function* source() {
    yield* items;
  }
  let text = '';
  for await (const chunk of csvCodec.writeItems?.(source()) ?? []) text += String(chunk);
  return text;
}

describe('CSV that is read', () => {
  it.each<[name: string, text: string, value: unknown]>([
    [
      'records by the header, RFC 4180 §2.3',
      'a,b\r\n1,2\r\n3,4\r\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['no line end at the end, §2.2', 'a\r\n1', [{ a: '1' }]],
    ['line feeds alone', 'a,b\n1,2\n', [{ a: '1', b: '2' }]],
    ['both line ends', 'a\n1\r\n2\n', [{ a: '1' }, { a: '2' }]],
    ['spaces, §2.4', ' a , b\n 1 , \n', [{ ' a ': ' 1 ', ' b': ' ' }]],
    ['quotes, §2.5', '"a","b"\n"1",2', [{ a: '1', b: '2' }]],
    ['line ends and commas in quotes, §2.6', 'a,b\n"1\r\n2\n3\r4",","\n', [{ a: '1\r\n2\n3\r4', b: ',' }]],
    ['quotes in quotes, §2.7', 'a,b\n"""","x""y"\n', [{ a: '"', b: 'x"y' }]],
    [
      'empty cells',
      'a,b\n,\n"",\n',
      [
        { a: '', b: '' },
        { a: '', b: '' },
      ],
    ],
    ['empty lines of one column', 'a\n\n1\n', [{ a: '' }, { a: '1' }]],
    ['a header alone', 'a,b\n', []],
    ['nothing', '', []],
    ['a byte order mark', '\ufeffa\n1', [{ a: '1' }]],
    [
      'names that are methods of objects',
      'toString,hasOwnProperty\n1,2',
      [{ toString: '1', hasOwnProperty: '2' }],
    ],
    ['other characters', 'größe\n🐨\n', [{ größe: '🐨' }]],
    ['formulas as they are', 'a\n"=1+1"\n', [{ a: '=1+1' }]],
    ['semicolons as they are', 'a;b\n1;2\n', [{ 'a;b': '1;2' }]],
  ])('has %s', (_name, text, value) => {
    expect(read(text)).toEqual(value);
  });

  it('is arrays where the media type says header=absent, RFC 4180 §3', () => {
    expect(read('a,b\n1,\n', ABSENT)).toEqual([
      ['a', 'b'],
      ['1', ''],
    ]);
    expect(read('a,a\n__proto__,constructor\n', ABSENT)).toEqual([
      ['a', 'a'],
      ['__proto__', 'constructor'],
    ]);
    expect(read('a\n1\n', { parameters: new Map([['header', 'Absent']]) })).toEqual([['a'], ['1']]);
    expect(read('a\n1\n', { parameters: new Map([['header', 'present']]) })).toEqual([{ a: '1' }]);
  });

  it.each<[name: string, text: string]>([
    ['a record with too few cells, §2.4', 'a,b\n1\n'],
    ['a record with too many cells, §2.4', 'a,b\n1,2,3\n'],
    ['an empty line between records of two cells', 'a,b\n1,2\n\n3,4\n'],
    ['quotes that are not closed', 'a\n"1\n'],
    ['text behind quotes', 'a\n"1"2\n'],
    ['space behind quotes', 'a,b\n"1" ,2\n'],
    ['quotes within a cell, §2.5', 'a\n1"2\n'],
    ['quotes behind space', 'a,b\n1, "2"\n'],
    ['a carriage return alone', 'a\r1\r'],
    ['a carriage return alone within a cell', 'a\n1\r2\n'],
    ['a carriage return behind quotes', 'a\n"\r"\n"1"\r\r\n'],
    ['a NUL', 'a\n1\x00\n'],
    ['a NUL behind quotes', 'a\n"1"\x00x\n'],
    ['a name twice', 'a,b,a\n1,2,3\n'],
    ['a name twice without records', 'a,a'],
    ['a name that reaches prototypes', 'a,__proto__\n1,2\n'],
    ['a constructor', 'constructor\n1\n'],
    ['a prototype', '"prototype"\n1\n'],
  ])('is refused: %s', (_name, text) => {
    expect(refusal(text)).toMatchObject({ code: 'malformed-body', status: 400 });
    expect(Reflect.get({}, 'a')).toBeUndefined();
  });

  it('is refused by its line, and is not quoted', () => {
    expect(refusal('a\nhunter2,hunter2\n').message).toBe('The body is not valid CSV (at line 2)');
    for (const text of ['hunter2"', '"hunter2"x', 'hunter2,hunter2\n1,2', 'a\n"hunter2']) {
      expect(refusal(text).message).not.toContain('hunter2');
    }
  });

  it('is refused in another charset, and in bytes that are no UTF-8', () => {
    expect(refusal('a\n1', { charset: 'iso-8859-1' }).status).toBe(415);
    expect(refusal(Buffer.from('größe\n1', 'latin1'))).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('has a cell of any size', () => {
    const big = 'x,\n'.repeat(200_000);
    expect(read(`a\n"${big}"\n`)).toEqual([{ a: big }]);
  });

  it.each([
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '\r',
    '"a",',
    'a\n',
    '"\n"\n',
    'a',
    '"a',
  ])('takes time that grows with its length and no faster, for a long run of %j', (part) => {
    const run = part.repeat(Math.ceil(60_000 / part.length));
    for (const text of [run, `"${run}`, `a\n${run}`]) {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameworkError);
      }
    }
  });

  it('is a value or refused with an error of ours, whatever it is', () => {
    const piece = fc.constantFrom('a', ',', '"', '\n', '\r\n', '\r', ' ', '\x00', '""', '__proto__');
    const content = fc.oneof(
      fc.uint8Array(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''))),
    );
    fc.assert(
      fc.property(content, (bytes) => {
        try {
          for (const row of read(bytes) as object[])
            expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameworkError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

class Row {
  id = 1;
  @Exclude() secret = 'hunter2';
}

describe('CSV that is written', () => {
  it.each<[name: string, value: unknown, text: string]>([
    [
      'objects',
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
      'a,b\r\n1,x\r\n2,y\r\n',
    ],
    ['the properties of all', [{ a: 1 }, { b: 2, a: 3 }], 'a,b\r\n1,\r\n3,2\r\n'],
    ['one object', { a: 1 }, 'a\r\n1\r\n'],
    ['a set of instances', new Set([new Row()]), 'id\r\n1\r\n'],
    [
      'arrays',
      [
        [1, 'x'],
        [null, 'y'],
      ],
      '1,x\r\n,y\r\n',
    ],
    ['nothing', [], ''],
    ['objects of nothing', [{}], ''],
    ['null and undefined', [{ a: null, b: undefined, c: 1 }], 'a,c\r\n,1\r\n'],
    ['an empty cell of one column', [{ a: '' }, { a: null }], 'a\r\n""\r\n""\r\n'],
    [
      'dates, bigints, booleans and numbers',
      [{ a: new Date(0), b: 2n ** 64n, c: true, d: -0.5 }],
      'a,b,c,d\r\n1970-01-01T00:00:00.000Z,18446744073709551616,true,-0.5\r\n',
    ],
    [
      'objects and arrays within',
      [{ a: { b: [1, null] }, c: ['"'] }],
      'a,c\r\n"{""b"":[1,null]}","[""\\""""]"\r\n',
    ],
    ['what needs quotes', [{ 'a,': '"', b: 'x\ny', c: '\r' }], '"a,",b,c\r\n"""","x\ny","\r"\r\n'],
    ['what a spreadsheet takes for a formula', [{ a: '=1+1', b: '@x' }], 'a,b\r\n=1+1,@x\r\n'],
    ['properties with dots and brackets', [{ 'a.b': 1, 'a[0]': 2 }], 'a.b,a[0]\r\n1,2\r\n'],
    ['properties that others inherit', [{ toString: 1 }, {}], 'toString\r\n1\r\n""\r\n'],
  ])('has %s', (_name, value, text) => {
    expect(write(value)).toBe(text);
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;

  it.each<[name: string, value: unknown]>([
    ['a text', 'x'],
    ['texts', ['x']],
    ['null among objects', [{ a: 1 }, null]],
    ['an array among objects', [{ a: 1 }, [1]]],
    ['an object among arrays', [[1], { a: 1 }]],
    ['arrays of other lengths', [[1], [1, 2]]],
    ['a NUL', [{ a: '\x00' }]],
    ['a NUL in a name', [{ '\x00': 1 }]],
    ['undefined', undefined],
    ['a cycle', cycle],
  ])('is a TypeError, the server’s fault: %s', (_name, value) => {
    expect(() => write(value)).toThrow(TypeError);
  });

  it('comes back as it was', () => {
    const text = anyText.filter((each) => !each.includes('\x00'));
    const names = fc.uniqueArray(
      text.filter((each) => !['__proto__', 'constructor', 'prototype'].includes(each)),
      { minLength: 1, maxLength: 5 },
    );
    const rows = names.chain((keys) =>
      fc.array(
        fc
          .tuple(...keys.map((key) => fc.tuple(fc.constant(key), text)))
          .map((cells) => Object.fromEntries(cells)),
        { minLength: 1, maxLength: 5 },
      ),
    );
    fc.assert(
      fc.property(rows, (given) => {
        expect(read(write(given))).toEqual(given);
        expect(read(write(given.map(Object.values)), ABSENT)).toEqual(given.map(Object.values));
      }),
      { numRuns: 500 },
    );
  });
});

describe('CSV that is written item by item', () => {
  it.each<[name: string, items: readonly unknown[]]>([
    [
      'objects',
      [
        { a: 1, b: 'x' },
        { a: '', b: 'y' },
      ],
    ],
    ['instances', [new Row(), new Row()]],
    [
      'arrays',
      [
        [1, 2],
        ['', '"'],
      ],
    ],
    ['one column', [{ a: '' }, { a: 'x' }]],
    ['nothing', []],
  ])('is what is written at once: %s', async (_name, items) => {
    expect(await streamed(items)).toBe(write(items));
  });

  it('leaves cells empty for what later items lack', async () => {
    expect(await streamed([{ a: 1, b: 2 }, { b: 3 }])).toBe('a,b\r\n1,2\r\n,3\r\n');
  });

  it.each<[name: string, items: readonly unknown[]]>([
    ['a property that the first one lacks', [{ a: 1 }, { a: 1, b: 2 }]],
    ['an array among objects', [{ a: 1 }, [1]]],
    ['a text', ['x']],
    ['undefined', [undefined]],
  ])('fails with a TypeError: %s', async (_name, items) => {
    await expect(streamed(items)).rejects.toThrow(TypeError);
  });
});
