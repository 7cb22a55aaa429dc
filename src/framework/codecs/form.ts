import { FrameworkError } from '../errors/api-error.js';
import { decodeComponent, parsePairs } from '../http/pairs.js';
import type { Codec } from './codec.js';
import { decodeText } from './decode-text.js';

/**
 * `application/x-www-form-urlencoded` (WHATWG URL §5.1), for requests. The value is a map from each name to
 * its values in order, so that names such as `__proto__` are ordinary names.
 */
export const formCodec: Codec = {
  mediaTypes: ['application/x-www-form-urlencoded'],
  read(bytes, { charset }) {
    const form = new Map<string, string[]>();
    for (const [name, raws] of parsePairs(decodeText(bytes, charset), refuse)) {
      form.set(name, raws.map(decoded));
    }
    return form;
  },
};

function decoded(raw: string): string {
  return decodeComponent(raw) ?? refuse();
}

function refuse(): never {
  throw new FrameworkError('malformed-body', 'The form has a name or value that is not valid UTF-8');
}
