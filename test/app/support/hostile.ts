import fc from 'fast-check';
import { body, bytes, headerText, mediaType, others, path, query, STATUSES, text } from './hostile-parts.js';

/** A request as it goes onto the wire; texts are Latin-1, a character a byte. */
export interface HostileRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE'];

/** Hostile in every part. */
const hostile: fc.Arbitrary<HostileRequest> = fc
  .tuple(fc.constantFrom(...METHODS), path, query, fc.option(mediaType, { freq: 8 }), others, body)
  .map(([method, at, search, type, headers, sent]) => ({
    method: sent === null ? method : bodied(method, at),
    target: at + search,
    headers: { ...headers, ...(type === null || sent === null ? null : { 'Content-Type': type }) },
    body: sent,
  }));

/** A body mostly goes where one is read; the other methods keep theirs where nothing is. */
function bodied(method: string, at: string): string {
  if (method !== 'GET' && method !== 'OPTIONS') return method;
  return at.endsWith('/status') ? 'PUT' : 'POST';
}

const json = (method: string, target: string, sent: fc.Arbitrary<unknown>): fc.Arbitrary<HostileRequest> =>
  sent.map((content) => ({
    method,
    target,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify(content)),
  }));
const get = (target: string): HostileRequest => ({ method: 'GET', target, headers: {}, body: null });

/** What a client sends that means well. */
const title = fc.string({ minLength: 1, maxLength: 40 });
const wellMeant: fc.Arbitrary<HostileRequest> = fc.oneof(
  json('POST', '/cases', fc.record({ title })),
  fc
    .tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(...STATUSES))
    .chain(([at, status]) => json('PUT', `/cases/${at}/status`, fc.constant({ status }))),
  fc.integer({ min: 1, max: 300 }).map((at) => get(`/cases/${at}`)),
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), fc.nat({ max: 300 }), fc.constantFrom(...STATUSES))
    .map(([limit, after, status]) => get(`/cases?limit=${limit}&after=${after}&status=${status}`)),
  fc.constant(get('/test/ping')),
);

/** And with one part that is hostile: what is behind the checks that a wholly hostile one fails first. */
const almostWellMeant = fc.oneof(
  { arbitrary: json('POST', '/cases', fc.record({ title, description: text })), weight: 1 },
  { arbitrary: json('POST', '/cases', fc.record({ title: text })), weight: 1 },
  { arbitrary: oneHostilePart(), weight: 6 },
);

function oneHostilePart(): fc.Arbitrary<HostileRequest> {
  return fc
    .tuple(wellMeant, hostile, fc.constantFrom('method', 'target', 'headers', 'body', 'none'))
    .map(([good, bad, part]): HostileRequest => {
      if (part === 'none') return good;
      if (part === 'headers') return { ...good, headers: { ...bad.headers, ...good.headers } };
      return { ...good, [part]: bad[part] };
    });
}

/** Requests of all kinds, from well meant to hostile throughout. */
export const anyRequest: fc.Arbitrary<HostileRequest> = fc.oneof(hostile, almostWellMeant);

/** Bytes for a connection that no HTTP client would send. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.oneof(
      {
        arbitrary: fc.constantFrom('GET /cases', 'POST /cases', 'PUT /cases/1/status', 'GET /test/ping'),
        weight: 4,
      },
      {
        arbitrary: fc.constantFrom(
          'get /cases',
          'GET',
          ' GET /',
          'FROB /cases',
          'GET /a b',
          'GET /cases\0',
          'GET cases',
        ),
        weight: 2,
      },
      { arbitrary: bytes.map((value) => `GET /${value}`), weight: 2 },
    ),
    fc.constantFrom(' HTTP/1.1', ' HTTP/1.1', ' HTTP/1.1', ' HTTP/1.0', ' HTTP/9.9', '', ' HTCPCP/1.0'),
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r'),
    fc.array(
      fc.oneof(
        fc.constantFrom(
          'Content-Type: application/json',
          'Content-Length: 13',
          'Content-Length: 12',
          'Content-Length: 14',
          'Content-Length: 0',
          'Content-Length: -1',
          'Content-Length: 1e9',
          'Content-Length: 99999999999999999999',
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: gzip, chunked',
          'Transfer-Encoding: nonsense',
          'Connection: close',
          'Upgrade: websocket',
          'Expect: 100-continue',
          'No colon',
          ': no name',
          'Space : before',
          'X: \0',
          'X: a\rb',
          ' folded: yes',
          `X: ${'x'.repeat(20_000)}`,
        ),
        headerText.map((field) => `X-Field: ${field}`),
      ),
      { maxLength: 5 },
    ),
    fc.oneof(
      fc.constantFrom(
        '',
        '{"title":"x"}',
        '{"title":"x"}GET /cases HTTP/1.1\r\nHost: x\r\n\r\n',
        'd\r\n{"title":"x"}\r\n0\r\n\r\n',
        'zz\r\n',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
  )
  .map(([line, version, end, fields, rest]) => {
    const head = [line + version, 'Host: localhost', ...fields].join(end);
    return Buffer.from(`${head}${end}${end}${rest}`, 'latin1');
  });
