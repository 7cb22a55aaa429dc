import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formCodec } from '../../../src/framework/codecs/form.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';

function read(content: string | Uint8Array, charset: string | null = null): Map<string, readonly string[]> {
  return formCodec.read?.(Buffer.from(content), { charset, parameters: new Map(), maxDepth: 1 }) as Map<
    string,
    readonly string[]
  >;
}

describe('a form, WHATWG URL §5.1', () => {
  it('comes back from what URLSearchParams writes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), (pairs) => {
        const params = new URLSearchParams(pairs);
        const names = [...new Set(params.keys())];
        expect([...read(params.toString())]).toEqual(names.map((name) => [name, params.getAll(name)]));
      }),
    );
  });

  it.each<[text: string, fields: readonly (readonly [name: string, values: readonly string[]])[]]>([
    ['', []],
    [
      'a=1&a=2&b',
      [
        ['a', ['1', '2']],
        ['b', ['']],
      ],
    ],
    ['\ufeffa=1', [['a', ['1']]]],
    ['größe=%F0%9F%90%A8+x', [['größe', ['🐨 x']]]],
    ['a[b]=1', [['a[b]', ['1']]]],
    [
      '__proto__=1&constructor.prototype.x=2',
      [
        ['__proto__', ['1']],
        ['constructor.prototype.x', ['2']],
      ],
    ],
  ])('%s', (text, fields) => {
    expect([...read(text)]).toEqual(fields);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  it.each([
    'a=%ff',
    '%ff=1',
    'ok=1&%C3=2',
    'a=%',
    '%zz',
    'a=1&b=%ED%A0%80',
  ])('%s is malformed, and is not quoted', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed-body', status: 400 }));
    expect(() => read(`${text}&secret=hunter2`)).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/hunter2|%/) }),
    );
  });

  it('is refused in another charset, and in bytes that are no UTF-8', () => {
    expect(() => read('a=1', 'iso-8859-1')).toThrow(expect.objectContaining({ status: 415 }));
    expect(() => read(Buffer.from('a=ö', 'latin1'))).toThrow(expect.objectContaining({ status: 400 }));
  });

  it.each([
    '&',
    '=',
    '%ff&',
    'a=%ff&',
    '%41',
    '+',
    'a&',
    '%',
    'a=1&',
  ])('is read or refused as a long run of %s', (part) => {
    const text = part.repeat(Math.ceil(1_000_000 / part.length));
    try {
      expect(read(text)).toBeInstanceOf(Map);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameworkError);
    }
  });

  it('is for requests only', () => {
    expect(formCodec.write).toBeUndefined();
  });
});
