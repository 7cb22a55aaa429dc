import type { CompiledOperation, Representation } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { parseAccept, quality } from '../framework/http/accept.js';
import {
  formatMediaType,
  includes,
  type MediaType,
  parseMediaType,
  specificity,
} from '../framework/http/media-type.js';
import { hasBody } from '../framework/http/read-body.js';

/**
 * Chooses the operation among the candidates, and the response's media type: first by what the request's
 * content is (415), then by what the client accepts (406). Jakarta REST 4.0 §3.7.2 and §3.8.
 */
export function negotiate(exchange: Exchange): void {
  const readers = byContent(exchange);
  const accepted = byAccept(exchange, readers);
  exchange.operation = accepted.operation;
  exchange.representation = accepted.representation;
  exchange.ctx._matchedRouteName = accepted.operation.name;
}

const NOTHING: Representation = {
  mediaType: { type: 'text', subtype: 'plain', parameters: new Map(), weight: 1 },
  contentType: 'text/plain; charset=utf-8',
  codec: null,
};

/** The candidates that can read the content, those that name its type most precisely alone. */
function byContent(exchange: Exchange): readonly CompiledOperation[] {
  const { candidates, ctx } = exchange;
  const { req } = ctx;
  const header = req.headers['content-type'];
  if (header === undefined && !hasBody(req)) return candidates;
  exchange.contentType = header === undefined ? null : parseMediaType(header);
  const type = exchange.contentType;
  let best: CompiledOperation[] = [];
  let precision = -1;
  for (const operation of candidates) {
    const p = operation.body === null ? 0 : readPrecision(operation.body.consumes, type);
    if (p > precision) best = [];
    if (p >= precision && p >= 0) best.push(operation);
    precision = Math.max(p, precision);
  }
  if (best.length > 0) return best;
  const readable = candidates.flatMap((operation) => operation.body?.consumes.map(formatMediaType) ?? []);
  const list = [...new Set(readable)].join(', ');
  // RFC 9110 §12.5.1; for POST and PATCH the fields that were made for it (LDP §7.1, RFC 5789 §3.1).
  const named = { POST: 'Accept-Post', PATCH: 'Accept-Patch' }[ctx.method];
  throw new FrameworkError(
    'unsupported-media-type',
    header === undefined
      ? `The body has no Content-Type; ${list} can be read`
      : `Only ${list} can be read here`,
    { headers: { Accept: list, ...(named === undefined ? null : { [named]: list }) } },
  );
}

/** How precisely the content's type is among those that can be read; -1 where it isn't. */
function readPrecision(consumes: readonly MediaType[], type: MediaType | null): number {
  if (type === null) return -1;
  return Math.max(-1, ...consumes.filter((range) => includes(range, type)).map(specificity));
}

function byAccept(exchange: Exchange, operations: readonly CompiledOperation[]) {
  const { ctx } = exchange;
  const [only] = operations;
  if (only?.produces.length === 0) return { operation: only, representation: NOTHING };
  const header = ctx.req.headers.accept;
  const offers = operations.flatMap((operation) =>
    operation.produces.map((representation) => ({ operation, representation })),
  );
  const [first] = offers;
  if (offers.length > 1) ctx.vary('Accept');
  else if (first !== undefined && (header === undefined || header === '*/*')) return first;
  const accept = parseAccept(header);
  let best: (typeof offers)[number] | null = null;
  let bestQuality = 0;
  for (const offer of offers) {
    const { mediaType } = offer.representation;
    const q = quality(accept, mediaType);
    const weightier = q === bestQuality && mediaType.weight > (best?.representation.mediaType.weight ?? 0);
    if (q > bestQuality || (q > 0 && weightier)) {
      best = offer;
      bestQuality = q;
    }
  }
  if (best !== null) return best;
  const available = [...new Set(offers.map((offer) => formatMediaType(offer.representation.mediaType)))];
  throw new FrameworkError('not-acceptable', `There is ${available.join(', ')}`, {
    details: { available },
    headers: { Vary: 'Accept' },
  });
}
