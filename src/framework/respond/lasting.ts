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

/** What an answer to this request has, whatever becomes of it; `common` where nothing was added. */
export function lastingLines(ctx: Context & Marked, common: FieldLines): FieldLines {
  return ctx[LINES_OF] ?? common;
}

/**
 * Adds a field that each answer to this request has, also one that says that it failed. One that is there already is a
 * list, and grows (RFC 9110 §5.3).
 */
export function addLasting(
  ctx: Context & Marked,
  common: FieldLines,
  name: string,
  value: string,
): FieldLines {
  const lines = [...lastingLines(ctx, common)];
  let at = 0;
  while (at < lines.length && lines[at] !== name) at += 2;
  if (at === lines.length) lines.push(name, value);
  else lines[at + 1] = `${lines[at + 1]}, ${value}`;
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
