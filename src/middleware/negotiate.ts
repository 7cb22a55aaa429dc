import type { Context } from 'koa';
import { type Candidates, candidatesOf, type Offer, type Readers } from '../framework/compile/candidates.js';
import type { CompiledApplication, CompiledOperation } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { parseAccept, quality } from '../framework/http/accept.js';
import { chooseCoding } from '../framework/http/content-coding.js';
import { isRepeated } from '../framework/http/host.js';
import { chooseLanguage } from '../framework/http/language.js';
import {
  formatMediaType,
  includes,
  isConcrete,
  type MediaType,
  parseMediaType,
  specificity,
} from '../framework/http/media-type.js';
import { hasBody } from '../framework/http/read-body.js';
import { isPatchType } from '../framework/patch/media-types.js';
import { refusesIdentity } from '../framework/respond/coding.js';

/**
 * Chooses the operation among the candidates, and the response's media type: first by what the request's
 * content is (415), then by what the client accepts (406). Jakarta REST 4.0 §3.7.2 and §3.8. Then the language, and
 * whether there is a content coding that the client takes.
 */
export function negotiate(application: CompiledApplication, exchange: Exchange): void {
  const { ctx } = exchange;
  const { operation, representation } = byAccept(ctx, byContent(exchange));
  exchange.operation = operation;
  exchange.representation = representation;
  ctx._matchedRouteName = operation.name;
  if (operation.languages.length > 0) {
    if (operation.languages.length > 1) ctx.vary('Accept-Language');
    exchange.language = chooseLanguage(operation.languages, ctx.req.headers['accept-language']);
  }
  const codings = ctx.req.headers['accept-encoding'];
  if (codings !== undefined) refuseNoCoding(application, codings);
}

/** RFC 9110 §12.5.3: content as it is may be refused too, and then something else must be left. */
function refuseNoCoding({ compression }: CompiledApplication, header: string): void {
  if (!refusesIdentity(header)) return;
  const available = compression?.codings ?? [];
  if (chooseCoding(header, available) !== null) return;
  throw new FrameworkError('not-acceptable', 'There is no content coding that the client accepts', {
    details: { available: [...available, 'identity'] },
    headers: { Vary: 'Accept-Encoding' },
  });
}

/** The candidates that can read the content, those that name its type most precisely alone. */
function byContent(exchange: Exchange): Candidates {
  const { candidates, ctx } = exchange;
  const { req } = ctx;
  const header = req.headers['content-type'];
  if (header === undefined && !hasBody(req)) return candidates;
  if (isRepeated(req, 'content-type')) {
    throw new FrameworkError('bad-request', 'The request has more than one Content-Type');
  }
  if (ctx.method === 'PUT' && req.headers['content-range'] !== undefined) {
    // RFC 9110 §14.5: a part must not be taken for the whole.
    throw new FrameworkError('bad-request', 'A PUT may not have a part of the content: Content-Range');
  }
  const readers =
    candidates.byContentType.get(header) ??
    candidates.byContentType.keep(header, readersOf(candidates, header));
  exchange.contentType = readers.contentType;
  if (readers.candidates.operations.length > 0) return readers.candidates;
  // Chunks may turn out to be none, and no content needs no type.
  if (header === undefined && req.headers['content-length'] === undefined) {
    const optional = candidates.operations.filter(({ body }) => body?.required === false);
    if (optional.length > 0) return candidatesOf(optional);
  }
  throw unsupported(exchange, header);
}

function readersOf(candidates: Candidates, header: string | undefined): Readers {
  const type = header === undefined ? null : parseMediaType(header);
  let best: CompiledOperation[] = [];
  let precision = -1;
  for (const operation of candidates.operations) {
    const p = operation.body === null ? 0 : readPrecision(operation.body.consumes, type);
    if (p > precision) best = [];
    if (p >= precision && p >= 0) best.push(operation);
    precision = Math.max(p, precision);
  }
  const isAll = best.length === candidates.operations.length;
  return { contentType: type, candidates: isAll ? candidates : candidatesOf(best) };
}

function unsupported({ candidates, ctx }: Exchange, header: string | undefined): FrameworkError {
  const readable = candidates.operations.flatMap(
    (operation) => operation.body?.consumes.map(formatMediaType) ?? [],
  );
  const types = [...new Set(readable)];
  const list = types.join(', ');
  const patches = types.filter((type) => ctx.method === 'PATCH' || isPatch(type));
  return new FrameworkError(
    'unsupported-media-type',
    header === undefined
      ? `The body has no Content-Type; ${list} can be read`
      : `Only ${list} can be read here`,
    {
      // RFC 9110 §12.5.1; for POST and PATCH the fields that were made for it (LDP §7.1, RFC 5789 §3.1).
      headers: {
        Accept: list,
        ...(ctx.method === 'POST' ? { 'Accept-Post': list } : null),
        ...(patches.length === 0 ? null : { 'Accept-Patch': patches.join(', ') }),
      },
    },
  );
}

function isPatch(text: string): boolean {
  const type = parseMediaType(text);
  return type !== null && isPatchType(type);
}

/** How precisely the content's type is among those that can be read; -1 where it isn't. */
function readPrecision(consumes: readonly MediaType[], type: MediaType | null): number {
  if (type === null) return -1;
  let best = -1;
  for (const range of consumes) if (includes(range, type)) best = Math.max(best, specificity(range));
  return best;
}

function byAccept(ctx: Context, candidates: Candidates): Offer {
  if (candidates.bare !== null) return candidates.bare;
  const header = ctx.req.headers.accept;
  if (candidates.varies) ctx.vary('Accept');
  return candidates.byAccept.get(header) ?? candidates.byAccept.keep(header, bestOf(candidates, header));
}

function bestOf({ offers }: Candidates, header: string | undefined): Offer {
  const accept = parseAccept(header);
  let best: Offer | null = null;
  let bestQuality = 0;
  for (const offer of offers) {
    const { mediaType } = offer.representation;
    const q = welcome(accept, mediaType);
    const weightier = q === bestQuality && mediaType.weight > (best?.representation.mediaType.weight ?? 0);
    if (q > bestQuality || (q > 0 && weightier)) {
      best = offer;
      bestQuality = q;
    }
  }
  if (best === null) throw notAcceptable(offers);
  return best;
}

/**
 * A type's quality; of one with a wildcard that of the best range within it or around it (Jakarta REST 4.0 §3.8, step
 * 5). What the client names doesn't become the type of the answer, though: bytes of which nobody said that they are a
 * page must not be one because somebody asks for it.
 */
function welcome(accept: readonly MediaType[], type: MediaType): number {
  if (isConcrete(type)) return quality(accept, type);
  const near = accept.filter((range) => includes(range, type) || includes(type, range));
  return Math.max(0, ...near.map(({ weight }) => weight));
}

function notAcceptable(offers: readonly Offer[]): FrameworkError {
  const available = [...new Set(offers.map((offer) => formatMediaType(offer.representation.mediaType)))];
  return new FrameworkError('not-acceptable', `There is ${available.join(', ')}`, {
    details: { available },
    headers: { Vary: 'Accept' },
  });
}
