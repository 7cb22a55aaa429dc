import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/framework/errors/api-error.js';
import { Mismatch } from '../../../src/framework/http/convert.js';
import { converterOf } from '../../../src/framework/model/converter-of.js';

class Isbn {
  constructor(readonly digits: string) {}

  static fromString(text: string): Isbn {
    if (text === 'gone') throw new ApiError(410, 'This book is out of print');
    // `this`, which has to be the class.
    if (!/^\d{13}$/.test(text)) throw new Error(`${text} is no ISBN`);
    return new this(text);
  }
}

describe('the converter of a parameter', () => {
  it.each<
    [scalar: 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'bigint', text: string, value: unknown]
  >([
    ['string', ' 7 ', ' 7 '],
    ['number', '7.5', 7.5],
    ['integer', '7', 7],
    ['boolean', 'true', true],
    ['bigint', '7', 7n],
    ['date', '2026-01-31', new Date(Date.UTC(2026, 0, 31))],
  ])('of a %s makes %j a value', (scalar, text, value) => {
    expect(converterOf({ scalar, values: null, type: null })(text)).toEqual(value);
  });

  it('of an enum takes its values, and of none takes nothing', () => {
    expect(converterOf({ scalar: 'enum', values: { A: 'a' }, type: null })('a')).toBe('a');
    expect(converterOf({ scalar: 'enum', values: null, type: null })('a')).toBeInstanceOf(Mismatch);
  });

  it('of a class is its fromString, Jakarta REST 4.0 §3.2', () => {
    const convert = converterOf({ scalar: 'class', values: null, type: Isbn });
    expect(convert('9780131103627')).toEqual(expect.objectContaining({ digits: '9780131103627' }));
    expect(convert('9780131103627')).toBeInstanceOf(Isbn);
  });

  it('of a class says that a text does not fit, and repeats nothing of it', () => {
    const mismatch = converterOf({ scalar: 'class', values: null, type: Isbn })('hunter2');
    expect(mismatch).toEqual(new Mismatch('type', 'must be a valid Isbn'));
  });

  it('of a class lets an error through that is meant for the client', () => {
    const convert = converterOf({ scalar: 'class', values: null, type: Isbn });
    expect(() => convert('gone')).toThrow(ApiError);
  });
});
