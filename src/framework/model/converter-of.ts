import type { Class } from '../class.js';
import { ApiError } from '../errors/api-error.js';
import {
  type Converter,
  enumConverter,
  Mismatch,
  toBigInt,
  toBoolean,
  toDate,
  toInteger,
  toNumber,
  toText,
} from '../http/convert.js';
import type { ScalarModel } from './model.js';

const NAMED = {
  string: toText,
  number: toNumber,
  integer: toInteger,
  boolean: toBoolean,
  date: toDate,
  bigint: toBigInt,
} as const;

/** The function from one text to a parameter's value. */
export function converterOf({
  scalar,
  values,
  type,
}: Pick<ScalarModel, 'scalar' | 'values' | 'type'>): Converter {
  if (scalar === 'enum') return enumConverter(values ?? []);
  if (scalar !== 'class') return NAMED[scalar];
  return type === null ? toText : fromString(type);
}

/** Jakarta REST §3.2: a class with a static `fromString`; what it throws says that the text doesn't fit. */
function fromString(type: Class): Converter {
  const mismatch = new Mismatch('type', `must be a valid ${type.name}`);
  const make = (Reflect.get(type, 'fromString') as Converter).bind(type);
  return (text) => {
    try {
      return make(text);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      return mismatch;
    }
  };
}
