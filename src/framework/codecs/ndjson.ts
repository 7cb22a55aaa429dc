import type { Codec } from './codec.js';
import { decodeText } from './decode-text.js';
import { parseJson, writeJson } from './json.js';

/** The whitespace of JSON (RFC 8259 §2) that is no line feed. */
const BLANK = /^[ \t\r]*$/;

/**
 * NDJSON, one JSON text a line, read as an array and written from one or from an async iterable, item by item.
 *
 * Each line is read as strictly as a JSON body, with the whole of the depth limit for itself; a message says
 * which line it was. Lines end in LF; a CR before it is whitespace to JSON. Blank lines are ignored. Any value
 * but an array is written as the one line, and an item that is undefined as null.
 */
export const ndjsonCodec: Codec = {
  mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
  readsEmpty: true,
  read(bytes, { charset, maxDepth }) {
    const text = decodeText(bytes, charset);
    const items: unknown[] = [];
    let number = 0;
    // Not split('\n'): a body of line feeds would become an array of as many texts.
    for (let start = 0; start < text.length; ) {
      const feed = text.indexOf('\n', start);
      const end = feed === -1 ? text.length : feed;
      const line = text.slice(start, end);
      number++;
      if (!BLANK.test(line)) items.push(parseJson(line, maxDepth, `Line ${number} of the body`));
      start = end + 1;
    }
    return items;
  },
  write: (value) => Array.from(Array.isArray(value) ? value : [value], writeLine).join(''),
  async *writeItems(items) {
    for await (const item of items) yield writeLine(item);
  },
};

function writeLine(item: unknown): string {
  return `${writeJson(item ?? null)}\n`;
}
