import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { FrameworkError } from '../errors/api-error.js';
import { asJson } from './as-json.js';
import type { Codec } from './codec.js';
import { decodeText } from './decode-text.js';
import { PROTOTYPE_KEYS } from './prototype-keys.js';

/**
 * CSV, RFC 4180. Reads a header row and records as objects of texts, or records as arrays of texts where the
 * media type says `header=absent`. Lines end in CRLF, or in LF alone.
 *
 * Writes a list of objects, or one object as a row, with the properties of all as the header; a list of arrays
 * has no header. Null and undefined are empty cells, objects and arrays within a row JSON. A text that a
 * spreadsheet would take for a formula is written as it is: a mark before it would be part of the data for
 * every other reader.
 */
export const csvCodec: Codec = {
  mediaTypes: ['text/csv'],
  readsEmpty: true,
  isText: true,
  read(bytes, { charset, parameters }) {
    const records = parsed(decodeText(bytes, charset));
    if (parameters.get('header')?.toLowerCase() === 'absent') return records;
    const [names = [], ...rows] = records;
    refuseNames(names);
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  },
  write(value) {
    const plain = asJson(value);
    const items: readonly unknown[] = Array.isArray(plain) ? plain : [plain];
    const columns = new Set<string>();
    if (!Array.isArray(items[0])) for (const item of items) for (const key of keysOf(item)) columns.add(key);
    const table = tableOf(items[0], [...columns]);
    return lines([...table.head, ...items.map(table.row)]);
  },
  async *writeItems(items) {
    let table: Table | null = null;
    for await (const item of items) {
      const plain = asJson(item ?? null);
      if (table === null) {
        table = tableOf(plain, Array.isArray(plain) ? [] : keysOf(plain));
        if (table.head.length > 0) yield lines(table.head);
      }
      yield lines([table.row(plain)]);
    }
  },
};

function parsed(text: string): string[][] {
  refuseControls(text);
  try {
    return parse(text, { record_delimiter: ['\r\n', '\n'] });
  } catch (error) {
    // The parser's message quotes the text.
    throw malformed(error instanceof CsvError ? Reflect.get(error, 'lines') : null);
  }
}

/**
 * A carriage return stands in quotes or before a line feed (§2): some readers would begin a row at another. NUL
 * stands nowhere, and the parser takes it for the end of the content behind a quote.
 */
function refuseControls(text: string): void {
  if (text.includes('\0')) throw malformed();
  let at = 0;
  let isQuoted = false;
  for (let cr = text.indexOf('\r'); cr !== -1; cr = text.indexOf('\r', cr + 1)) {
    // In CSV that is well formed, a character is in quotes where their number before it is odd.
    for (; at < cr; at++) if (text[at] === '"') isQuoted = !isQuoted;
    if (!isQuoted && text[cr + 1] !== '\n') throw malformed();
  }
}

function malformed(line: unknown = null): FrameworkError {
  const where = typeof line === 'number' ? ` (at line ${line})` : '';
  return new FrameworkError('malformed-body', `The body is not valid CSV${where}`);
}

function refuseNames(names: readonly string[]): void {
  if (new Set(names).size < names.length) {
    throw new FrameworkError('malformed-body', 'The body has a header with the same name twice');
  }
  if (!names.some((name) => PROTOTYPE_KEYS.has(name))) return;
  const message = 'The body has a header that is not allowed: __proto__, constructor or prototype';
  throw new FrameworkError('malformed-body', message);
}

/** How items become rows. */
interface Table {
  /** The header row, or nothing. */
  readonly head: string[][];
  /** @throws TypeError for an item of another shape than the table. */
  row(item: unknown): string[];
}

function tableOf(first: unknown, columns: readonly string[]): Table {
  if (Array.isArray(first)) {
    return {
      head: [],
      row(item) {
        if (Array.isArray(item) && item.length === first.length) return item.map(cellOf);
        throw new TypeError('the rows of a CSV without header must be arrays of one length');
      },
    };
  }
  const known = new Set(columns);
  return {
    head: first === undefined ? [] : [columns.map(cellOf)],
    row(item) {
      if (keysOf(item).some((key) => !known.has(key))) {
        throw new TypeError(
          'an item has a property that the first one did not have, and the header is written',
        );
      }
      return columns.map((key) =>
        cellOf(Object.hasOwn(item as object, key) ? Reflect.get(item as object, key) : null),
      );
    },
  };
}

function keysOf(item: unknown): readonly string[] {
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) return Object.keys(item);
  throw new TypeError('CSV has rows: return objects, or arrays alone');
}

function cellOf(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  if (text.includes('\0')) throw new TypeError('a text has a NUL, which CSV can not have');
  return text;
}

/**
 * In quotes stands also what other readers would lose: a row of one empty cell, whose line would be empty, and
 * U+FEFF where it begins a cell, which would be dropped as a byte order mark in the first one.
 */
function lines(rows: string[][]): string {
  const width = rows[0]?.length ?? 0;
  if (width === 0) return '';
  return stringify(rows, {
    record_delimiter: '\r\n',
    quote_record_delimiter: true,
    quoted_empty: width === 1,
    quoted_match: /^\uFEFF/,
  });
}
