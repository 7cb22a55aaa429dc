import sjson from 'secure-json-parse';
import { FrameworkError } from '../errors/api-error.js';
import { toWritable } from '../validation/to-writable.js';
import type { Codec, ReadContext } from './codec.js';
import { decodeText } from './decode-text.js';

/** JSON, RFC 8259. Refuses keys that reach prototypes, and nesting beyond the limit. */
export const jsonCodec: Codec = {
  mediaTypes: ['application/json'],
  suffix: '+json',
  read(bytes, context) {
    const text = decodeText(bytes, context.charset);
    refuseDepth(text, context);
    // decodeText has dropped one byte order mark; secure-json-parse would drop another.
    if (text.startsWith('\uFEFF')) throw malformed(null);
    try {
      return sjson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
    } catch (error) {
      throw malformed(error);
    }
  },
  write(value) {
    const text = JSON.stringify(value, toWritable);
    if (text === undefined) throw new TypeError('the returned value has no JSON form');
    return text;
  },
};

function malformed(error: unknown): FrameworkError {
  const message = error instanceof Error ? error.message : '';
  if (message === 'Object contains forbidden prototype property') {
    return new FrameworkError(
      'malformed-body',
      'The body has a key that is not allowed: __proto__ or constructor',
    );
  }
  // V8's message may quote the text, which may say anything, but then it does not end in the place.
  const place = / at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message);
  const where = place ? ` (at position ${place[1]})` : '';
  return new FrameworkError('malformed-body', `The body is not valid JSON${where}`);
}

/**
 * Refuses nesting beyond the limit before anything recursive sees it: class-transformer and class-validator
 * walk recursively, so 100,000 brackets would overflow their stack.
 */
function refuseDepth(text: string, { maxDepth }: ReadContext): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > maxDepth) {
          throw new FrameworkError('malformed-body', `The body is nested deeper than ${maxDepth} levels`);
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
}

function endOfString(text: string, start: number): number {
  let i = start;
  for (;;) {
    i = text.indexOf('"', i + 1);
    if (i === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return i;
  }
}
