import 'reflect-metadata';
import { Exclude, Type } from 'class-transformer';
import { describe, expect, it } from 'vitest';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { applyPatch, Patch } from '../../../src/framework/patch/patch.js';
import { frozen } from './any-json.js';

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

class Draft {
  title = '';
  @Type(() => Date) due = new Date(0);
  tags = new Set<string>();
  @Exclude() secret = 'hunter2';
}

function draft(title: string): Draft {
  return Object.assign(new Draft(), { title });
}

describe('a patch of either kind', () => {
  it.each<[mediaType: string]>([
    [MERGE],
    ['application/merge-patch+json; charset=utf-8'],
    ['Application/Merge-Patch+JSON;v="1"'],
  ])('%s is RFC 7396', (mediaType) => {
    expect(applyPatch(mediaType, { a: null }, { a: 1, b: 2 })).toEqual({ b: 2 });
  });

  it.each<[mediaType: string]>([
    [JSON_PATCH],
    ['application/json-patch+json; charset=utf-8'],
    ['APPLICATION/JSON-PATCH+JSON'],
  ])('%s is RFC 6902', (mediaType) => {
    expect(applyPatch(mediaType, [{ op: 'remove', path: '/a' }], { a: 1, b: 2 })).toEqual({ b: 2 });
  });

  it.each([
    '',
    'application/json',
    'application/patch+json',
    'text/merge-patch+json',
    'application/json-patch+json, application/merge-patch+json',
    'application/*',
    '*/*',
    'undefined/undefined',
  ])('%j is neither', (mediaType) => {
    expect(() => applyPatch(mediaType, {}, {})).toThrow(
      expect.objectContaining({ code: 'unsupported-media-type', status: 415 }),
    );
  });
});

describe('Patch', () => {
  it('has the document as it came', () => {
    const document = { title: 'b' };
    const patch = new Patch(MERGE, document, null);
    expect([patch.mediaType, patch.document]).toEqual([MERGE, document]);
    expect(Object.keys(patch)).toEqual(['mediaType', 'document']);
  });

  it('is applied to the JSON form of the current state, which stays as it is', async () => {
    const current = frozen(draft('a'));
    const form = { due: '1970-01-01T00:00:00.000Z', tags: [] };
    const merge = new Patch<unknown>(MERGE, { title: 'b' }, null);
    expect(await merge.apply(current)).toEqual({ ...form, title: 'b' });
    const operations = [
      { op: 'test', path: '/due', value: form.due },
      { op: 'add', path: '/tags/-', value: 'x' },
    ];
    const patch = new Patch<unknown>(JSON_PATCH, operations, null);
    expect(await patch.apply(current)).toEqual({ ...form, title: 'a', tags: ['x'] });
    expect(current).toEqual(draft('a'));
  });

  it('neither shows nor tests what is excluded', async () => {
    const operations = [{ op: 'test', path: '/secret', value: 'hunter2' }];
    const patch = new Patch<unknown>(JSON_PATCH, operations, null);
    await expect(patch.apply(draft('a'))).rejects.toMatchObject({ code: 'patch-conflict' });
  });

  it('gives what the check makes of the result, and its error', async () => {
    const seen: unknown[] = [];
    const check = async (value: unknown): Promise<unknown> => {
      seen.push(value);
      if ((value as Draft).title === '') throw new FrameworkError('validation-failed', 'not valid');
      return draft('checked');
    };
    const patched = new Patch<Draft>(MERGE, { title: 'b', due: null, tags: null }, check);
    expect(await patched.apply(draft('a'))).toEqual(draft('checked'));
    expect(seen).toEqual([{ title: 'b' }]);
    const wrong = new Patch<Draft>(MERGE, { title: '' }, check);
    await expect(wrong.apply(draft('a'))).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('is not checked where it does not fit', async () => {
    const check = async (): Promise<unknown> => {
      throw new Error('checked');
    };
    const conflict = new Patch(JSON_PATCH, [{ op: 'remove', path: '/absent' }], check);
    await expect(conflict.apply({})).rejects.toMatchObject({ code: 'patch-conflict' });
    const malformed = new Patch(JSON_PATCH, {}, check);
    await expect(malformed.apply({})).rejects.toMatchObject({ code: 'malformed-body' });
  });

  it('may be applied again, whatever was done to its first result', async () => {
    const patch = new Patch<{ tags: string[] }>(MERGE, { tags: ['a'] }, null);
    const first = await patch.apply({ tags: [] });
    first.tags.push('b');
    expect(await patch.apply({ tags: [] })).toEqual({ tags: ['a'] });
  });

  it.each([undefined, () => 1, Symbol('a')])('refuses what has no JSON form: %o', async (current) => {
    const patch = new Patch<unknown>(MERGE, {}, null);
    await expect(patch.apply(current)).rejects.toThrow(TypeError);
  });
});
