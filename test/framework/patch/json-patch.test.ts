import { deepStrictEqual } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { applyJsonPatch } from '../../../src/framework/patch/json-patch.js';
import { frozen } from './any-json.js';

/** What it throws, which is always ours. */
function refusal(target: unknown, operations: unknown): FrameworkError {
  try {
    applyJsonPatch(target, operations);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameworkError);
    return error as FrameworkError;
  }
  throw new Error(`${String(JSON.stringify(operations)).slice(0, 200)} was applied`);
}

describe('the examples of RFC 6902', () => {
  it.each<[section: string, target: unknown, operations: unknown, result: unknown]>([
    [
      'A.1 adding an object member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { baz: 'qux', foo: 'bar' },
    ],
    [
      'A.2 adding an array element',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    [
      'A.3 removing an object member',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'remove', path: '/baz' }],
      { foo: 'bar' },
    ],
    [
      'A.4 removing an array element',
      { foo: ['bar', 'qux', 'baz'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['bar', 'baz'] },
    ],
    [
      'A.5 replacing a value',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.6 moving a value',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7 moving an array element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.8 testing a value: success',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [
      'A.10 adding a nested member object',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    [
      'A.11 ignoring unrecognised elements',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
      { foo: 'bar', baz: 'qux' },
    ],
    [
      'A.14 ~ escape ordering',
      { '/': 9, '~1': 10 },
      [{ op: 'test', path: '/~01', value: 10 }],
      { '/': 9, '~1': 10 },
    ],
    [
      'A.16 adding an array value',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
    [
      '§3 a document',
      { a: { b: { c: 'foo' } } },
      [
        { op: 'test', path: '/a/b/c', value: 'foo' },
        { op: 'remove', path: '/a/b/c' },
        { op: 'add', path: '/a/b/c', value: ['foo', 'bar'] },
        { op: 'replace', path: '/a/b/c', value: 42 },
        { op: 'move', from: '/a/b/c', path: '/a/b/d' },
        { op: 'copy', from: '/a/b/d', path: '/a/b/e' },
      ],
      { a: { b: { d: 42, e: 42 } } },
    ],
    [
      '§4.1 adding to what exists',
      { a: { foo: 1 } },
      [{ op: 'add', path: '/a/b', value: 2 }],
      { a: { foo: 1, b: 2 } },
    ],
  ])('%s', (_section, target, operations, result) => {
    deepStrictEqual(applyJsonPatch(frozen(target), frozen(operations)), result);
  });

  it.each<[section: string, target: unknown, operations: unknown, at: number]>([
    ['A.9 testing a value: error', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 0],
    [
      'A.12 adding to a target that does not exist',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz/bat', value: 'qux' }],
      0,
    ],
    [
      'A.13 a second "op", which is the one that counts',
      { foo: 'bar' },
      JSON.parse('[{"op":"add","path":"/baz","value":"qux","op":"remove"}]'),
      0,
    ],
    [
      'A.15 comparing strings and numbers',
      { '/': 9, '~1': 10 },
      [{ op: 'test', path: '/~01', value: '10' }],
      0,
    ],
    ['§4.1 adding to what does not exist', { q: { bar: 2 } }, [{ op: 'add', path: '/a/b', value: 1 }], 0],
    [
      '§5 a test after a change',
      { a: { b: { c: 'C' } } },
      [
        { op: 'replace', path: '/a/b/c', value: 42 },
        { op: 'test', path: '/a/b/c', value: 'C' },
      ],
      1,
    ],
  ])('%s: a conflict', (_section, target, operations, at) => {
    expect(refusal(frozen(target), frozen(operations))).toMatchObject({
      code: 'patch-conflict',
      status: 409,
      details: { operation: at },
    });
  });

  it('RFC 6901 §5: every pointer leads to its value', () => {
    const document = {
      foo: ['bar', 'baz'],
      '': 0,
      'a/b': 1,
      'c%d': 2,
      'e^f': 3,
      'g|h': 4,
      'i\\j': 5,
      'k"l': 6,
      ' ': 7,
      'm~n': 8,
    };
    const test = (path: string, value: unknown) => ({ op: 'test', path, value });
    const operations = [
      test('', document),
      test('/foo', ['bar', 'baz']),
      test('/foo/0', 'bar'),
      test('/', 0),
      test('/a~1b', 1),
      test('/c%d', 2),
      test('/e^f', 3),
      test('/g|h', 4),
      test('/i\\j', 5),
      test('/k"l', 6),
      test('/ ', 7),
      test('/m~0n', 8),
    ];
    expect(applyJsonPatch(document, operations)).toEqual(document);
  });
});

describe('what the sections of RFC 6902 say', () => {
  it.each<[section: string, target: unknown, operations: unknown, result: unknown]>([
    ['§3 no operation', [1], [], [1]],
    ['§4.1 the root', [1], [{ op: 'add', path: '', value: { a: null } }], { a: null }],
    [
      '§4.1 a member that exists',
      { a: 1, b: 2 },
      [{ op: 'add', path: '/a', value: null }],
      { a: null, b: 2 },
    ],
    ['§4.1 the first item', [1, 2], [{ op: 'add', path: '/0', value: 0 }], [0, 1, 2]],
    ['§4.1 an item at the length', [1, 2], [{ op: 'add', path: '/2', value: 3 }], [1, 2, 3]],
    ['§4.1 an item of an empty array', [], [{ op: 'add', path: '/-', value: [] }], [[]]],
    ['§4.1 an array as one item', [1], [{ op: 'add', path: '/0', value: [2, 3] }], [[2, 3], 1]],
    ['§4.1 the member with the empty name', {}, [{ op: 'add', path: '/', value: 1 }], { '': 1 }],
    ['§4.1 members that look like indexes', {}, [{ op: 'add', path: '/01', value: 1 }], { '01': 1 }],
    ['§4.1 a member called -', {}, [{ op: 'add', path: '/-', value: 1 }], { '-': 1 }],
    ['§4.2 a member that is null', { a: null }, [{ op: 'remove', path: '/a' }], {}],
    ['§4.2 a member called -', { '-': 1 }, [{ op: 'remove', path: '/-' }], {}],
    ['§4.3 the root', { a: 1 }, [{ op: 'replace', path: '', value: null }], null],
    ['§4.3 an item', [1, 2, 3], [{ op: 'replace', path: '/1', value: [] }], [1, [], 3]],
    ['§4.4 to the same place', [1, 2], [{ op: 'move', from: '/1', path: '/1' }], [1, 2]],
    ['§4.4 the root to the root', { a: 1 }, [{ op: 'move', from: '', path: '' }], { a: 1 }],
    ['§4.4 to the root', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '' }], { b: 1 }],
    ['§4.4 to a name it begins', { a: 1 }, [{ op: 'move', from: '/a', path: '/ab' }], { ab: 1 }],
    [
      '§4.4 to its parent',
      { a: { b: { c: 1 } } },
      [{ op: 'move', from: '/a/b', path: '/a' }],
      { a: { c: 1 } },
    ],
    ['§4.4 the first to the end', [1, 2, 3], [{ op: 'move', from: '/0', path: '/-' }], [2, 3, 1]],
    ['§4.4 after the removal', [0, [1], [2]], [{ op: 'move', from: '/0', path: '/1/0' }], [[1], [0, 2]]],
    ['§4.5 into itself', { a: {} }, [{ op: 'copy', from: '', path: '/a/b' }], { a: { b: { a: {} } } }],
    ['§4.5 the root to the root', [1], [{ op: 'copy', from: '', path: '' }], [1]],
    ['§4.5 an item before itself', [1, 2], [{ op: 'copy', from: '/1', path: '/1' }], [1, 2, 2]],
    [
      '§4.5 a copy is another value',
      { a: [1] },
      [
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'add', path: '/b/-', value: 2 },
      ],
      { a: [1], b: [1, 2] },
    ],
    [
      '§4.1 a value is as it came, whatever was done to it before',
      [],
      (() => {
        const value: unknown[] = [];
        return [
          { op: 'add', path: '/0', value },
          { op: 'add', path: '/0/0', value: 1 },
          { op: 'add', path: '/1', value },
        ];
      })(),
      [[1], []],
    ],
  ])('%s', (_section, target, operations, result) => {
    deepStrictEqual(applyJsonPatch(frozen(target), frozen(operations)), result);
  });

  it.each<[name: string, left: unknown, right: unknown, equal: boolean]>([
    ['numbers by their value', JSON.parse('1.0'), JSON.parse('1e0'), true],
    ['zeros', JSON.parse('0'), JSON.parse('-0'), true],
    ['numbers', 1, 2, false],
    ['a number and a string', 1, '1', false],
    ['a number and a boolean', 1, true, false],
    ['null and false', null, false, false],
    ['null and nothing in it', null, {}, false],
    ['null and 0', null, 0, false],
    ['strings with code points that look alike', '\u00f6', 'o\u0308', false],
    ['strings in another case', 'a', 'A', false],
    ['objects in another order', { a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }, true],
    ['an object with one member more', { a: 1 }, { a: 1, b: 1 }, false],
    ['an object with one member less', { a: 1, b: 1 }, { a: 1 }, false],
    ['objects with other names', { a: null }, { b: null }, false],
    ['an object with an inherited name', { a: 1 }, JSON.parse('{"toString":1}'), false],
    ['an object with what looks like a prototype', JSON.parse('{"__proto__":{}}'), { a: {} }, false],
    ['arrays in another order', [1, 2], [2, 1], false],
    ['an array with one item more', [1], [1, 1], false],
    ['an array and an object', [], {}, false],
    ['an array and an object with its indexes', ['a'], { 0: 'a' }, false],
    ['deeper differences', { a: [{ b: [1] }] }, { a: [{ b: [2] }] }, false],
  ])('§4.6 %s', (_name, left, right, equal) => {
    const test = (target: unknown, value: unknown): boolean => {
      const operations = [{ op: 'test', path: '/a', value }];
      if (equal) applyJsonPatch({ a: target }, operations);
      else expect(refusal({ a: target }, operations).code).toBe('patch-conflict');
      return equal;
    };
    expect([test(left, right), test(right, left)]).toEqual([equal, equal]);
  });
});
