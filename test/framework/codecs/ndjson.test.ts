import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '../../../src/framework/codecs/codec.js';
import { ndjsonCodec } from '../../../src/framework/codecs/ndjson.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';

const CONTEXT: ReadContext = { charset: null, parameters: new Map(), maxDepth: 100 };

function read(content: string | Uint8Array, context: Partial<ReadContext> = {}): unknown {
  return ndjsonCodec.read?.(Buffer.from(content), { ...CONTEXT, ...context });
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
  return String(ndjsonCodec.write?.(value));
}

async function writeItems(values: readonly unknown[]): Promise<string[]> {
  async function* source(): AsyncGenerator<unknown> {
    yield* values;
  }
  const texts: string[] = [];
  for await (const text of ndjsonCodec.writeItems?.(source()) ?? []) texts.push(String(text));
  return texts;
}

/** Any value whose numbers JSON keeps. */
const value = fc
  .jsonValue()
  .map((given): unknown =>
    JSON.parse(JSON.stringify(given).replaceAll(/"(?:__proto__|constructor)":/g, '"a":'), (_key, part) =>
      typeof part === 'number' && Math.abs(part) > Number.MAX_SAFE_INTEGER ? 0.5 : part,
    ),
  );

describe('NDJSON', () => {
  it('comes back as it was written, a line for each item', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value), async (items) => {
        const text = write(items);
        expect(text.split('\n')).toHaveLength(items.length + 1);
        expect(read(text)).toEqual(items);
        expect(await writeItems(items)).toEqual(text.split(/(?<=\n)/).filter((line) => line !== ''));
      }),
    );
  });

  it.each<[text: string, items: readonly unknown[]]>([
    ['', []],
    ['\n', []],
    ['1', [1]],
    ['1\n', [1]],
    ['1\n2', [1, 2]],
    ['1\r\n2\r\n', [1, 2]],
    ['\n \t\r\n1\n\n\n{"a":[]}\n \n', [1, { a: [] }]],
    ['\ufeff1\n', [1]],
    ['"a\u2028b"\n', ['a\u2028b']],
    ['null\n[]\n[[1]]', [null, [], [[1]]]],
  ])('%j is read', (text, items) => {
    expect(read(text)).toEqual(items);
  });

  it.each<[text: string, line: number]>([
    ['x', 1],
    ['1\n\n{\n2', 3],
    ['1\n2 3', 2],
    ['{"a":\n1}', 1],
    ['1\r2', 1],
    ['1\n\u00a0', 2],
    ['1\n\ufeff2', 2],
    ['1\u20282', 1],
    ['1\n\0', 2],
    ['1,\n2', 1],
    ['[1,\n2]', 1],
    ['1\n"cut', 2],
  ])('%j is malformed, and the line is named', (text, line) => {
    const { code, status, message } = refusal(text);
    expect({ code, status }).toEqual({ code: 'malformed-body', status: 400 });
    expect(message).toMatch(
      new RegExp(`^Line ${line} of the body is not valid JSON(?: \\(at position \\d+\\))?$`),
    );
  });

  it.each<[line: string, message: string]>([
    ['{"a":1,"a":2}', 'an object with the same key twice'],
    ['{"__proto__":1}', 'a key that is not allowed'],
    ['{"constructor":{"prototype":1}}', 'a key that is not allowed'],
    ['9007199254740993', 'an integer that would be rounded'],
    ['1e400', 'a number that is too large'],
    ['"\\ud800"', 'half of a surrogate pair'],
    ['['.repeat(101), 'is nested deeper than 100 levels'],
  ])('has the guards of JSON in each line: %s', (line, message) => {
    expect(refusal(`1\n${line}\n2`).message).toContain(message);
    expect(refusal(`1\n${line}\n2`).message).toMatch(/^Line 2 of the body /);
  });

  it('has the whole depth for each line', () => {
    expect(read('[[1]]\n[[2]]\n', { maxDepth: 2 })).toEqual([[[1]], [[2]]]);
    expect(refusal('[[1]]', { maxDepth: 1 }).status).toBe(400);
  });

  it('counts members by line: no line makes up for another', () => {
    expect(refusal('{"a":1,"a":2}\n{"b":1}').message).toContain('Line 1 ');
  });

  it('is UTF-8', () => {
    expect(refusal('1', { charset: 'utf-16' })).toMatchObject({
      code: 'unsupported-media-type',
      status: 415,
    });
    expect(refusal(Buffer.from([0x22, 0xff, 0x22])).code).toBe('malformed-body');
    expect(refusal(Buffer.from('1\n2', 'utf16le')).code).toBe('malformed-body');
    expect(read('"ö"', { charset: 'utf-8' })).toEqual(['ö']);
  });

  it.each([
    '\n',
    ' ',
    '1\n',
    '{}\n',
    '[',
    '"\\\\',
    '\r',
    ' \n',
  ])('is bounded for a long run of %j', (part) => {
    const run = part.repeat(Math.ceil(1_000_000 / part.length));
    for (const text of [run, `1${run}x`]) {
      try {
        expect(read(text)).toBeInstanceOf(Array);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameworkError);
      }
    }
  });
});

describe('writing NDJSON', () => {
  it.each<[name: string, value: unknown, text: string]>([
    ['no items', [], ''],
    ['items', [1, 'a', null], '1\n"a"\nnull\n'],
    ['an array in it', [[1, 2]], '[1,2]\n'],
    ['undefined', [undefined], 'null\n'],
    ['a hole', new Array(2), 'null\nnull\n'],
    ['a value by itself', { a: 1 }, '{"a":1}\n'],
    ['a text by itself', 'a', '"a"\n'],
    ['line breaks', ['a\nb\r\nc'], '"a\\nb\\r\\nc"\n'],
    ['a bigint', [2n ** 64n], '"18446744073709551616"\n'],
  ])('of %s', (_name, given, text) => {
    expect(write(given)).toBe(text);
  });

  it('of what has no JSON form fails', async () => {
    expect(() => write([() => 1])).toThrow(TypeError);
    await expect(writeItems([1, Symbol('a')])).rejects.toThrow(TypeError);
  });

  it('of undefined among items is null', async () => {
    expect(await writeItems([undefined, 1])).toEqual(['null\n', '1\n']);
  });
});
