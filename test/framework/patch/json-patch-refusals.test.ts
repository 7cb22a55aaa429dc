import { describe, expect, it } from 'vitest';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { applyJsonPatch } from '../../../src/framework/patch/json-patch.js';
import { frozen, levelsOf, nested } from './any-json.js';

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

describe('a document that is no JSON Patch', () => {
  it.each<[document: unknown]>([
    [{}],
    [null],
    [undefined],
    ['[]'],
    [1],
    [{ op: 'add', path: '/a', value: 1 }],
    [{ 0: { op: 'add', path: '/a', value: 1 }, length: 1 }],
  ])('RFC 6902 §3: %j is no array', (document) => {
    expect(refusal({}, document)).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it.each<[section: string, operation: unknown]>([
    ['§3 null', null],
    ['§3 a string', 'add'],
    ['§3 an array', ['add', '/a', 1]],
    ['§3 undefined', undefined],
    ['§4 no op', { path: '/a', value: 1 }],
    ['§4 another op', { op: 'spam', path: '/a', value: 1 }],
    ['§4 op in another case', { op: 'Add', path: '/a', value: 1 }],
    ['§4 op of another type', { op: ['add'], path: '/a', value: 1 }],
    ['§4 an inherited name as op', { op: 'toString', path: '/a', value: 1 }],
    ['§4 no path', { op: 'add', value: 1 }],
    ['§4 null as path', { op: 'remove', path: null }],
    ['§4 a number as path', { op: 'remove', path: 0 }],
    ['§4 an array as path', { op: 'remove', path: ['a'] }],
    ['§4.1 no value', { op: 'add', path: '/a' }],
    ['§4.3 no value', { op: 'replace', path: '/a' }],
    ['§4.6 no value', { op: 'test', path: '/a' }],
    ['§4.4 no from', { op: 'move', path: '/a' }],
    ['§4.5 no from', { op: 'copy', path: '/a' }],
    ['§4.5 null as from', { op: 'copy', path: '/a', from: null }],
    ['§4.4 into its child', { op: 'move', from: '/a', path: '/a/b' }],
    ['§4.4 into a child further down', { op: 'move', from: '/a', path: '/a/b/c' }],
    ['§4.4 the root into its child', { op: 'move', from: '', path: '/b' }],
    ['§4.4 into its child, written otherwise', { op: 'move', from: '/~01', path: '/~01/b' }],
    ['§4.2 the whole document', { op: 'remove', path: '' }],
    ['RFC 6901 §3 no slash', { op: 'add', path: 'a', value: 1 }],
    ['RFC 6901 §3 a fragment', { op: 'add', path: '#/a', value: 1 }],
    ['RFC 6901 §3 an escape that is none', { op: 'add', path: '/~2', value: 1 }],
    ['RFC 6901 §3 a tilde at the end', { op: 'copy', path: '/b', from: '/a~' }],
  ])('%s is refused before anything is applied', (_section, operation) => {
    // The first operation could not be applied, and nobody looks: what the resource is says nothing of it.
    const before = { op: 'test', path: '/absent', value: 1 };
    const error = refusal(frozen({ a: { b: {} } }), [before, operation]);
    expect(error).toMatchObject({ code: 'malformed-body', status: 400, details: { operation: 1 } });
    expect(error.message).toMatch(/^Operation 1 of the patch /);
  });

  it('has no holes', () => {
    expect(refusal({}, new Array(1)).code).toBe('malformed-body');
  });

  it('has members of its own, and none of Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'op', { value: 'add', configurable: true });
    try {
      expect(refusal({}, [{ path: '/a', value: 1 }]).code).toBe('malformed-body');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'op');
    }
  });
});

describe('a token where the resource has an array, RFC 6901 §4', () => {
  it.each([
    '01',
    '00',
    '-1',
    '+1',
    '1.0',
    '1e0',
    ' 1',
    '',
    'a',
    'length',
    'constructor',
    '٠',
  ])('%j is no index', (token) => {
    for (const operation of [
      { op: 'add', path: `/a/${token}`, value: 1 },
      { op: 'remove', path: `/a/${token}` },
      { op: 'replace', path: `/a/${token}`, value: 1 },
      { op: 'test', path: `/a/${token}`, value: 1 },
      { op: 'move', from: `/a/${token}`, path: '/b' },
      { op: 'copy', from: '/a/0', path: `/a/${token}/b` },
    ]) {
      const error = refusal({ a: [1, 2] }, [operation]);
      expect(error).toMatchObject({ code: 'patch-conflict', details: { operation: 0 } });
    }
  });

  it('is - only for what is added', () => {
    for (const operation of [
      { op: 'remove', path: '/a/-' },
      { op: 'replace', path: '/a/-', value: 1 },
      { op: 'test', path: '/a/-', value: 1 },
      { op: 'move', from: '/a/-', path: '/b' },
      { op: 'copy', from: '/a/-', path: '/b' },
      { op: 'add', path: '/a/-/b', value: 1 },
    ]) {
      expect(refusal({ a: [{}] }, [operation]).code).toBe('patch-conflict');
    }
  });
});

describe('a patch that does not fit', () => {
  it.each<[section: string, operation: object]>([
    ['§4.1 an item beyond the length', { op: 'add', path: '/list/3', value: 1 }],
    ['§4.1 an item far beyond', { op: 'add', path: `/list/${'9'.repeat(400)}`, value: 1 }],
    ['§4.1 a member of a string', { op: 'add', path: '/text/length', value: 1 }],
    ['§4.1 a member of null', { op: 'add', path: '/nothing/a', value: 1 }],
    ['§4.1 below nothing', { op: 'add', path: '/absent/a', value: 1 }],
    ['§4.2 no such member', { op: 'remove', path: '/absent' }],
    ['§4.2 an item at the length', { op: 'remove', path: '/list/2' }],
    ['§4.2 a character of a string', { op: 'remove', path: '/text/0' }],
    ['§4.3 no such member', { op: 'replace', path: '/absent', value: 1 }],
    ['§4.3 an item at the length', { op: 'replace', path: '/list/2', value: 1 }],
    ['§4.4 from nowhere', { op: 'move', from: '/absent', path: '/a' }],
    ['§4.4 beyond the length after the removal', { op: 'move', from: '/list/0', path: '/list/2' }],
    ['§4.4 to below nothing', { op: 'move', from: '/text', path: '/absent/a' }],
    ['§4.5 from nowhere', { op: 'copy', from: '/list/2', path: '/a' }],
    ['§4.5 to below nothing', { op: 'copy', from: '/text', path: '/absent/a' }],
    ['§4.6 nothing, which is not null', { op: 'test', path: '/absent', value: null }],
    ['§4.6 an item at the length', { op: 'test', path: '/list/2', value: null }],
    ['an inherited member', { op: 'test', path: '/toString', value: null }],
    ['below an inherited member', { op: 'add', path: '/toString/a', value: 1 }],
    ['below an inherited constructor', { op: 'add', path: '/constructor/a', value: 1 }],
    ['the removal of an inherited member', { op: 'remove', path: '/hasOwnProperty' }],
    ['a copy of an inherited member', { op: 'copy', from: '/valueOf', path: '/a' }],
  ])('%s: a conflict, and nothing is changed', (_section, operation) => {
    const target = { list: [1, 2], text: 'text', nothing: null };
    const error = refusal(frozen(target), [{ op: 'add', path: '/new', value: 0 }, operation]);
    expect(error).toMatchObject({ code: 'patch-conflict', status: 409, details: { operation: 1 } });
    expect(error.message).toMatch(/^Operation 1 of the patch /);
    expect(target).toEqual({ list: [1, 2], text: 'text', nothing: null });
  });
});

describe('a message', () => {
  it('says nothing of what was sent or stored', () => {
    for (const operation of [
      'hunter2',
      { op: 'hunter2', path: '/a', value: 1 },
      { op: 'add', path: 'hunter2', value: 1 },
      { op: 'add', path: '/~hunter2', value: 1 },
      { op: 'add', path: '/__proto__/hunter2', value: 1 },
      { op: 'remove', path: '/list/hunter2' },
      { op: 'remove', path: '/hunter2' },
      { op: 'test', path: '/a', value: 'hunter2' },
      { op: 'test', path: '/secret', value: 1 },
      { op: 'move', from: '/hunter2', path: '/hunter2/a' },
    ]) {
      const { message, details } = refusal({ secret: 'hunter2', list: [], a: 1 }, [operation]);
      expect(JSON.stringify([message, details])).not.toContain('hunter2');
    }
  });
});

describe('names that reach prototypes', () => {
  it.each([
    '/__proto__',
    '/__proto__/a',
    '/a/__proto__',
    '/constructor/prototype',
    '/a/constructor/prototype/b',
  ])('%s is refused in every operation', (path) => {
    for (const operation of [
      { op: 'add', path, value: 1 },
      { op: 'remove', path },
      { op: 'replace', path, value: 1 },
      { op: 'test', path, value: 1 },
      { op: 'move', from: path, path: '/b' },
      { op: 'move', from: '/b', path },
      { op: 'copy', from: path, path: '/b' },
      { op: 'copy', from: '/b', path },
    ]) {
      const target = JSON.parse('{"a":{"constructor":{}},"b":1,"__proto__":{"a":1},"constructor":{}}');
      expect(refusal(target, [operation]).code).toBe('malformed-body');
    }
    expect(Reflect.get({}, 'a')).toBeUndefined();
  });

  it('are not put together of parts', () => {
    const prototype = { prototype: { a: 1 } };
    for (const last of [
      { op: 'add', path: '/constructor', value: prototype },
      { op: 'move', from: '/x', path: '/constructor' },
      { op: 'copy', from: '/x', path: '/y/constructor' },
      { op: 'replace', path: '/y/constructor', value: prototype },
    ]) {
      const error = refusal({ x: prototype, y: { constructor: 1 } }, [last]);
      expect(error).toMatchObject({ code: 'malformed-body', details: { operation: 0 } });
    }
  });

  it('are ordinary where they are members of values', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"toString":2}');
    const result = applyJsonPatch({}, [
      { op: 'add', path: '/a', value },
      { op: 'copy', from: '/a', path: '/toString' },
      { op: 'add', path: '/constructor', value: 'Lotus' },
    ]);
    const text = '{"__proto__":{"polluted":1},"toString":2}';
    expect(JSON.stringify(result)).toBe(`{"a":${text},"toString":${text},"constructor":"Lotus"}`);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('the size of what a patch does', () => {
  it('has a limit of operations', () => {
    const operations = Array.from({ length: 1001 }, () => ({ op: 'add', path: '/-', value: 1 }));
    expect(refusal([], operations)).toMatchObject({ code: 'content-too-large', status: 413 });
    expect(applyJsonPatch([], operations.slice(1))).toHaveLength(1000);
  });

  it('has a limit of values that are copied', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '', path: `/${i}` }));
    expect(refusal({}, doubling)).toMatchObject({ code: 'content-too-large', status: 413 });
    // What is taken away again has been work too.
    const target = { list: Array.from({ length: 60_000 }, () => 0) };
    const again = [
      { op: 'copy', from: '/list', path: '/copy' },
      { op: 'remove', path: '/copy' },
    ];
    expect(refusal(target, [...again, ...again])).toMatchObject({
      code: 'content-too-large',
      details: { operation: 2 },
    });
    expect(applyJsonPatch(target, again)).toEqual(target);
  });

  it('has a limit of characters that are copied, of strings and of names', () => {
    const copies = Array.from({ length: 30 }, () => ({ op: 'copy', from: '/x', path: '/list/-' }));
    const text = 'x'.repeat(500_000);
    expect(refusal({ x: text, list: [] }, copies).code).toBe('content-too-large');
    expect(refusal({ x: { [text]: 1 }, list: [] }, copies).code).toBe('content-too-large');
    expect(applyJsonPatch({ x: text, list: [] }, copies.slice(11))).toMatchObject({ x: text });
  });

  it('is none of the target, which may be larger', () => {
    const list = Array.from({ length: 150_000 }, (_, i) => i);
    const result = applyJsonPatch(list, [{ op: 'move', from: '/0', path: '/-' }]);
    expect(result).toEqual([...list.slice(1), 0]);
  });
});

describe('depth', () => {
  it('is limited to 100 levels for what a patch makes', () => {
    const into = { op: 'add', path: '/0'.repeat(50), value: nested(50) };
    expect(levelsOf(applyJsonPatch(nested(50), [into]))).toBe(100);
    const deeper = { op: 'add', path: '/0'.repeat(51), value: nested(50) };
    expect(refusal(nested(51), [deeper])).toMatchObject({ code: 'content-too-large', status: 413 });
    const [up, down] = [{ op: 'move', from: '/1', path: `/0${'/0'.repeat(99)}` }, nested(99)];
    expect(refusal([down, [1]], [up]).code).toBe('content-too-large');
  });

  it('may be that of the target, or of a patch that came with a higher limit', () => {
    expect(levelsOf(applyJsonPatch(nested(200), [{ op: 'add', path: '/-', value: 1 }]))).toBe(200);
    expect(levelsOf(applyJsonPatch(1, [{ op: 'add', path: '', value: nested(200) }]))).toBe(200);
    const twice = { op: 'copy', from: '/0', path: '/0'.repeat(200) };
    expect(refusal(nested(200), [twice]).code).toBe('content-too-large');
  });

  it('is no matter of the stack', () => {
    const deep = nested(100_000);
    const place = '/0'.repeat(90_000);
    const result = applyJsonPatch(deep, [
      { op: 'test', path: '', value: deep },
      { op: 'test', path: place, value: nested(10_000) },
      { op: 'copy', from: place, path: '/1' },
      { op: 'replace', path: '/1', value: nested(50_000) },
      { op: 'remove', path: place },
    ]);
    expect(levelsOf(result)).toBe(90_000);
    expect(refusal(deep, [{ op: 'test', path: '', value: nested(100_001) }]).code).toBe('patch-conflict');
  });
});
