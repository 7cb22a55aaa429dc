import type { Context } from 'koa';
import { setStatus } from '../koa-status.js';
import { type FieldLines, NO_LINES } from '../respond/lasting.js';
import { type Failure, NO_HEADERS } from './failure.js';
import { problemFormat } from './problem-formats.js';

/** Fields that say how long the content is, which nobody but the writer knows (RFC 9112 §6). */
const FRAMING: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'trailer',
  'content-encoding',
]);

/**
 * Headers of refusals that stand beside everything else that is sent, so that their lines only have to be added. What a
 * server refuses when it is at its limit must cost it little.
 */
const SIMPLE: ReadonlySet<string> = new Set(['Retry-After', 'Allow']);

const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

/** A failure's own headers as lines; null where one of them has to fit in with others, or could not be sent. */
function simpleLines(headers: Failure['headers']): FieldLines | null {
  if (headers === NO_HEADERS) return NO_LINES;
  const lines: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!SIMPLE.has(name) || typeof value !== 'string' || !FIELD_VALUE.test(value)) return null;
    lines.push(name, value);
  }
  return lines;
}

/**
 * Sends a failure in one call, where there is nothing that it would have to fit in with: true where it did. What it sends
 * is what {@link writeProblem} and Koa would.
 *
 * @param lines what the answer has besides
 */
export function sentDirectly(
  ctx: Context,
  { status, headers, document }: Failure,
  lines: FieldLines,
): boolean {
  const { req, res } = ctx;
  const own = simpleLines(headers);
  if (own === null || res.getHeaderNames().length > 0) return false;
  const { contentType, write } = problemFormat(req.headers.accept);
  if (contentType !== 'application/problem+json') return false;
  const text = write(document);
  res.writeHead(status, [
    ...own,
    ...['Cache-Control', 'no-store', 'Vary', 'Accept', 'Content-Type', contentType],
    ...['Content-Length', String(Buffer.byteLength(text))],
    ...lines,
  ]);
  res.end(req.method === 'HEAD' ? undefined : text);
  ctx.respond = false;
  return true;
}

/** Writes a failure to Koa's context, to be sent by Koa, in the format that the client likes best. */
export function writeProblem(ctx: Context, { status, headers, document }: Failure): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!FRAMING.has(name.toLowerCase())) setHeader(ctx, name, value);
  }
  // RFC 9111 §4.2.2 lets caches keep some errors, such as 404, for as long as they like.
  if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  ctx.vary('Accept');
  const { contentType, write } = problemFormat(ctx.req.headers.accept);
  ctx.set('Content-Type', contentType);
  if (contentType.startsWith('text/html')) {
    // The text is escaped; this is for the case that it isn't.
    ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    ctx.set('X-Content-Type-Options', 'nosniff');
  }
  setStatus(ctx, status);
  ctx.body = write(document);
}

/** A header that can't be sent is left out: an error's headers must not make another error. */
function setHeader(ctx: Context, name: string, value: string | readonly string[]): void {
  try {
    if (name.toLowerCase() === 'vary') ctx.vary(typeof value === 'string' ? value : [...value]);
    else ctx.set(name, typeof value === 'string' ? value : [...value]);
  } catch {
    // Node refuses names and values that would split the header section.
  }
}
