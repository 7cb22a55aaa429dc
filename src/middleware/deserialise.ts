import type { IncomingMessage } from 'node:http';
import type { CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { formatMediaType } from '../framework/http/media-type.js';
import { readBody } from '../framework/http/read-body.js';

/** The body's bytes → a value, through the codec of its media type and under the operation's limit. */
export async function deserialise(application: CompiledApplication, exchange: Exchange): Promise<void> {
  const { ctx, operation, contentType } = exchange;
  const { body } = operation;
  if (body === null) return;
  const { req } = ctx;
  if (req.readableDidRead) {
    exchange.body = readAlready(ctx.request, contentType?.subtype === 'x-www-form-urlencoded');
    if (exchange.body === undefined && body.required) throw missing();
    return;
  }
  refuseCoding(req);
  const bytes = await readBody(req, body.limit);
  if (bytes.length === 0) {
    if (body.required) throw missing();
    return;
  }
  if (body.isBytes) {
    exchange.body = bytes;
    return;
  }
  const codec = contentType === null ? null : application.codecs.reader(contentType);
  if (contentType === null || codec?.read === undefined) {
    const name = contentType === null ? 'A body without a type' : formatMediaType(contentType);
    throw new FrameworkError('unsupported-media-type', `${name} can't be read here`);
  }
  const charset = contentType.parameters.get('charset')?.toLowerCase() ?? null;
  const { parameters } = contentType;
  exchange.body = codec.read(bytes, { charset, parameters, maxDepth: application.maxDepth });
}

/** RFC 9110 §8.4: content in a coding that isn't undone must not be taken for what is inside. */
function refuseCoding(req: IncomingMessage): void {
  const transfer = req.headers['transfer-encoding']?.trim().toLowerCase();
  if (transfer !== undefined && transfer !== 'chunked') {
    throw new FrameworkError('not-implemented', 'The only transfer coding that can be read is chunked');
  }
  const coding = req.headers['content-encoding'];
  if (coding === undefined || coding.trim().toLowerCase() === 'identity') return;
  throw new FrameworkError('unsupported-media-type', 'The body may have no content coding', {
    headers: { 'Accept-Encoding': 'identity' },
  });
}

/** What a body parser in front of us left; its bytes are gone. A form's fields become what our codec makes. */
function readAlready(request: object, isForm: boolean): unknown {
  if (!('body' in request)) {
    throw new Error(
      'something in front of the controllers read the request body and left no ctx.request.body',
    );
  }
  const { body } = request;
  if (!isForm || typeof body !== 'object' || body === null || body instanceof Map) return body;
  return new Map(Object.entries(body).map(([name, value]) => [name, [value].flat().map(String)]));
}

function missing(): FrameworkError {
  return new FrameworkError('missing-body', 'The request has no body, and one is required');
}
