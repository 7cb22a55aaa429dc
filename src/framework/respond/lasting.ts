import type { Context } from 'koa';

/** Header fields, flat as Node's `writeHead` takes them: name, value, name, value, … */
export type FieldLines = readonly string[];

/** Of an application whose answers have no fields in common. */
export const NO_LINES: FieldLines = Object.freeze([]);

// On the context itself: Koa's way of answering errors knows the context alone.
const LINES_OF = Symbol('koanatomy: the fields that each answer to this request has');

interface Marked {
  [LINES_OF]?: FieldLines;
}

/** The fields that every answer of an application has. */
export interface CommonLines {
  readonly headers: FieldLines;
  /** The same over TLS; null where that makes no difference. */
  readonly secureHeaders: FieldLines | null;
}

/** Those of an answer to this request. */
export function commonLines({ headers, secureHeaders }: CommonLines, ctx: Context): FieldLines {
  return secureHeaders !== null && ctx.secure ? secureHeaders : headers;
}

/** What an answer to this request has, whatever becomes of it; `common` where nothing was added. */
export function lastingLines<T>(ctx: Context & Marked, common: T): FieldLines | T {
  return ctx[LINES_OF] ?? common;
}

/**
 * Adds fields that each answer to this request has, also one that says that it failed. One that is there already is a
 * list, and grows (RFC 9110 §5.3).
 */
export function addLasting(ctx: Context & Marked, common: FieldLines, added: FieldLines): FieldLines {
  const lines = [...lastingLines(ctx, common)];
  for (let i = 0; i < added.length; i += 2) {
    const [name = '', value = ''] = added.slice(i, i + 2);
    let at = 0;
    while (at < lines.length && lines[at] !== name) at += 2;
    if (at === lines.length) lines.push(name, value);
    else lines[at + 1] = `${lines[at + 1]}, ${value}`;
  }
  ctx[LINES_OF] = lines;
  return lines;
}

/** Puts fields on the response. One that is there already is the word of whoever set it, but `Vary`, which grows. */
export function setLines(ctx: Context, lines: FieldLines): void {
  const { res } = ctx;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] ?? '';
    const value = lines[i + 1] ?? '';
    if (name === 'Vary') ctx.vary(value);
    else if (!res.hasHeader(name)) res.setHeader(name, value);
  }
}
