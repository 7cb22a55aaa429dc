import { type ScalarTag, stringify, type Tags } from 'yaml';
import { toWritable } from '../validation/to-writable.js';
import type { Codec } from './codec.js';
import { decodeText } from './decode-text.js';
import { parseDocument } from './yaml-document.js';
import { toValue } from './yaml-value.js';

/**
 * YAML 1.2.2 with the core schema, one document (RFC 9512). Dates are texts, `<<` is a key like others, and a key
 * is the text that it is written as: `200:` is `'200'`. Aliases are resolved, as copies and not many of them.
 *
 * It writes what JSON's writer would write, without anchors, aliases and tags. Texts that YAML 1.1 takes for
 * something else, such as `no`, are quoted.
 */
export const yamlCodec: Codec = {
  mediaTypes: ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'],
  suffix: '+yaml',
  read(bytes, { charset, maxDepth }) {
    return toValue(parseDocument(decodeText(bytes, charset), maxDepth), maxDepth);
  },
  write,
  async *writeItems(items) {
    let isEmpty = true;
    for await (const item of items) {
      yield write([item ?? null]);
      isEmpty = false;
    }
    if (isEmpty) yield write([]);
  },
};

function write(value: unknown): string {
  const json = JSON.stringify(value, toWritable);
  if (json === undefined) throw new TypeError('the returned value has no YAML form');
  // What JSON.parse makes shares nothing, so the library finds nothing to write an alias for.
  return stringify(JSON.parse(json), {
    compat: 'yaml-1.1',
    customTags: (tags: Tags) => [UNUSUAL_TEXT, ...tags],
    lineWidth: 0,
    version: '1.2',
  });
}

/** Characters that the library writes as they are, and that a reader may drop or take for a line break. */
const UNUSUAL = /[\x7f-\x9f\u2028\u2029\ufeff\p{Surrogate}]/u;

/** JSON's strings are YAML's, YAML 1.2.2 §5.7. Half of a surrogate pair has no UTF-8, and isn't one of them. */
const UNUSUAL_TEXT: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && UNUSUAL.test(value),
  resolve: (text) => text,
  stringify: ({ value }) =>
    JSON.stringify(String(value).replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
      /[\x7f-\x9f\u2028\u2029\ufeff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
};
