import fc from 'fast-check';

export const STATUSES = ['new', 'assigned', 'in-progress', 'resolved', 'closed'];

const NASTY = [
  '',
  '0',
  '-1',
  '00',
  '1e3',
  '0x10',
  '1.5',
  '2147483647',
  '2147483648',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775808',
  '9'.repeat(400),
  'NaN',
  'null',
  'true',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  "' or 1=1 --",
  '\0',
  '\ud800',
  '\udc00a',
  '\u202e',
  '🏳️‍🌈',
  '١٢',
  'a\r\nb',
  '..',
  '%',
  '{{7*7}}',
];

const nasty = fc.constantFrom(...NASTY);
const id = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 60 }).map(String), weight: 4 },
  { arbitrary: fc.maxSafeNat().map(String), weight: 1 },
  { arbitrary: nasty, weight: 2 },
);

/** Bytes that a path or a query may have on the wire; the client that sends them refuses blanks and controls. */
const visible = fc.oneof(
  fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code)),
);
const escaped = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`);
const oddEscape = fc.constantFrom(
  '%',
  '%0',
  '%zz',
  '%u0041',
  '%c0%80',
  '%ed%a0%80',
  '%2f',
  '%2e%2e',
  '%00',
  '%ff',
  '%25',
);
export const bytes = fc
  .array(fc.oneof(visible, escaped, oddEscape), { maxLength: 12 })
  .map((parts) => parts.join(''));

const encoded = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.map((value) => encodeURIComponent(Buffer.from(value).toString()));

export const path = fc.oneof(
  { arbitrary: fc.constantFrom('/cases', '/test/ping', '/cases/'), weight: 4 },
  { arbitrary: encoded(id).map((value) => `/cases/${value}`), weight: 3 },
  { arbitrary: encoded(id).map((value) => `/cases/${value}/status`), weight: 3 },
  { arbitrary: bytes.map((value) => `/cases/${value}`), weight: 2 },
  { arbitrary: fc.tuple(bytes, bytes).map(([a, b]) => `/${a}/${b}`), weight: 1 },
  {
    arbitrary: fc.constantFrom('/cases/../cases', '/./test/ping', '//cases', '/cases//1', '/cases;a=1/1;b'),
    weight: 1,
  },
  {
    arbitrary: fc.constantFrom(
      '*',
      'http://[::1/',
      'http://evil.example/cases',
      '/'.repeat(500),
      `/${'a'.repeat(5000)}`,
    ),
    weight: 1,
  },
);

const pair = fc
  .tuple(
    fc.oneof(fc.constantFrom('limit', 'after', 'status', 'limit[]', '__proto__', 'constructor'), bytes),
    fc.oneof(
      encoded(nasty),
      fc.constantFrom(...STATUSES),
      fc.integer({ min: 1, max: 100 }).map(String),
      bytes,
    ),
  )
  .map(([name, value]) => `${name}=${value}`);
export const query = fc.oneof(
  { arbitrary: fc.constant(''), weight: 3 },
  {
    arbitrary: fc.array(pair, { minLength: 1, maxLength: 4 }).map((pairs) => `?${pairs.join('&')}`),
    weight: 3,
  },
  { arbitrary: bytes.map((value) => `?${value}`), weight: 1 },
);

const words = fc.string({ maxLength: 10 });
/** Texts for the fields of a body: nasty ones alone and inside of others. */
export const text = fc.oneof(
  nasty,
  fc.tuple(words, nasty, words).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const draft = fc.record(
  { title: text, description: fc.oneof(text, fc.constant(null)) },
  { requiredKeys: [] },
);
const value = fc.oneof(
  { arbitrary: fc.record({ title: fc.string({ minLength: 1, maxLength: 40 }) }), weight: 4 },
  { arbitrary: fc.record({ status: fc.constantFrom(...STATUSES) }), weight: 4 },
  { arbitrary: draft, weight: 3 },
  { arbitrary: fc.record({ status: text }), weight: 1 },
  { arbitrary: fc.array(draft, { maxLength: 3 }), weight: 1 },
  { arbitrary: fc.jsonValue({ maxDepth: 4 }), weight: 2 },
  {
    arbitrary: fc.record({ title: fc.jsonValue(), description: fc.jsonValue(), status: fc.jsonValue() }),
    weight: 1,
  },
);
const ready = [
  '{"__proto__":{"title":"x"},"title":"y"}',
  '{"title":"x","constructor":{"prototype":{"polluted":true}}}',
  '{"title":"a","title":"b"}',
  '{"title":"\\ud800"}',
  '{"title":"\\u0000"}',
  '{"title":1e999}',
  `{"title":${'9'.repeat(500)}}`,
  '{"title":"x",}',
  '{"title":"x"} ',
  '\ufeff{"title":"x"}',
  '{"title":{"toString":1,"valueOf":2,"length":-1}}',
  `${'['.repeat(50_000)}`,
  `${'['.repeat(99)}${']'.repeat(99)}`,
  `${'{"title":'.repeat(3000)}1${'}'.repeat(3000)}`,
  `{"title":"${'\ufe0f'.repeat(1000)}"}`,
  '""',
  'null',
];
const content = fc.oneof(
  { arbitrary: value.map((json) => Buffer.from(JSON.stringify(json))), weight: 12 },
  { arbitrary: fc.constantFrom(...ready).map((json) => Buffer.from(json)), weight: 4 },
  { arbitrary: fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)), weight: 2 },
  { arbitrary: fc.constant(Buffer.from('{"title":"\xff\xfe"}', 'latin1')), weight: 1 },
);
/** More than may be sent; seldom, as it takes long. */
const tooMuch = fc.constant(Buffer.from(`{"title":"${'x'.repeat(1_100_000)}"}`));
export const body = fc.oneof(
  { arbitrary: content, weight: 60 },
  { arbitrary: fc.constant(null), weight: 20 },
  { arbitrary: tooMuch, weight: 3 },
);

export const mediaType = fc.oneof(
  { arbitrary: fc.constant('application/json'), weight: 12 },
  {
    arbitrary: fc.constantFrom(
      'application/json; charset=utf-8',
      'application/json; charset="utf-16"',
      'application/json; charset=nonsense',
      'APPLICATION/JSON;;',
      'application/merge-patch+json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=',
      'text/plain',
      'json',
      '*/*',
      '',
      ', ,;',
    ),
    weight: 3,
  },
);
export const headerText = fc
  .array(fc.oneof(visible, fc.constantFrom(' ', '\t', ',', ';', '"')), { maxLength: 30 })
  .map((parts) => parts.join('').trim());
export const others = fc.record(
  {
    Accept: fc.oneof(
      fc.constantFrom('*/*', 'application/json', 'text/html', 'application/*;q=0', 'a/b;q=2', '', ';;,', '*'),
      headerText,
    ),
    'Accept-Encoding': fc.constantFrom('gzip', 'identity;q=0', '*;q=0', ''),
    'Content-Encoding': fc.constantFrom('gzip', 'identity', 'br, gzip', 'x'),
    Authorization: fc.oneof(fc.constantFrom('Basic', 'Basic !!!', 'Bearer a.b.c', ' '), headerText),
    Cookie: headerText,
    'If-None-Match': fc.oneof(fc.constantFrom('*', 'W/"x"', '"'), headerText),
    'If-Modified-Since': fc.constantFrom('yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT'),
    Range: fc.constantFrom('bytes=0-', 'bytes=9-1', 'lines=1-2'),
    'X-HTTP-Method-Override': fc.constantFrom('DELETE', '__proto__'),
    'X-Request-Id': headerText,
    'X-Forwarded-Host': headerText,
    Host: fc.constantFrom('localhost', 'evil.example', ''),
    __proto__x: headerText,
  },
  { requiredKeys: [] },
);
