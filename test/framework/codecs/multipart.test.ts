import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { multipartCodec } from '../../../src/framework/codecs/multipart.js';
import type { MultipartForm } from '../../../src/framework/codecs/multipart-form.js';
import { MULTIPART_DEFAULTS, type MultipartContext } from '../../../src/framework/codecs/multipart-limits.js';
import { type MultipartPart, MultipartStream } from '../../../src/framework/codecs/multipart-stream.js';
import { UploadedFile } from '../../../src/framework/codecs/upload.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'koanatomy-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

type Limits = Partial<MultipartContext>;

async function readStream(source: Readable, limits: Limits = {}, boundary: string | null = 'b') {
  const parameters = new Map(boundary === null ? [] : [['boundary', boundary]]);
  const multipart = { ...MULTIPART_DEFAULTS, directory, ...limits };
  return multipartCodec.readStream?.(source, { charset: null, parameters, maxDepth: 1, multipart });
}

async function read(
  content: string | Buffer,
  limits?: Limits,
  boundary?: string | null,
): Promise<MultipartForm> {
  return (await readStream(
    Readable.from([Buffer.from(content)], { objectMode: false }),
    limits,
    boundary,
  )) as MultipartForm;
}

async function stream(source: Readable, limits: Limits = {}, boundary?: string): Promise<MultipartStream> {
  return (await readStream(source, { ...limits, isStreamed: true }, boundary)) as MultipartStream;
}

/** What reading throws, which is always ours. */
async function refusal(
  content: string | Buffer,
  limits?: Limits,
  boundary?: string | null,
): Promise<FrameworkError> {
  const thrown: unknown = await read(content, limits, boundary).then(
    () => new Error(`${String(content).slice(0, 200)} was read`),
    (error) => error,
  );
  if (!(thrown instanceof FrameworkError)) throw thrown;
  return thrown;
}

const NAMED = 'Content-Disposition: form-data; name="a"';

/** A body of one part. */
function one(headers: string, content = 'x'): string {
  return `--b\r\n${headers}\r\n\r\n${content}\r\n--b--\r\n`;
}

function disposition(parameters: string): string {
  return one(`Content-Disposition: form-data${parameters}`);
}

/** A form's names and texts, files as what they are called. */
function plain(form: MultipartForm): unknown[] {
  return [...form].map(([name, values]) => [
    name,
    values.map((value) => (typeof value === 'string' ? value : { [value.type]: value.fileName })),
  ]);
}

async function fileNameOf(parameter: string): Promise<string> {
  const [file] = (await read(disposition(`; name="a"; ${parameter}`))).get('a') ?? [];
  return (file as UploadedFile).fileName;
}

/** The same bytes, cut into chunks of these sizes, over and over. */
function chunked(bytes: Buffer, sizes: readonly number[]): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return Readable.from(chunks, { objectMode: false });
}

const anySizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('a multipart form, RFC 7578', () => {
  it('comes back from what FormData is written as, however it is cut', async () => {
    const file = fc.record({
      content: fc.uint8Array({ maxLength: 200 }),
      name: fc.stringMatching(/^\w[\w %"é🐨.]{0,9}$/u),
    });
    // Control characters are refused in headers, and backslashes escape there.
    const name = anyText.map((each) => each.replace(/[^\n\r\x20-\x5b\x5d-\x7e\u0080-\u{10ffff}]/gu, ''));
    const entries = fc.array(fc.tuple(name, fc.oneof(anyText, file)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(entries, anySizes, async (given, sizes) => {
        const data = new FormData();
        for (const [name, value] of given) {
          if (typeof value === 'string') data.append(name, value);
          else data.append(name, new Blob([value.content], { type: 'image/png' }), value.name);
        }
        const response = new Response(data);
        const boundary = /boundary=(.*)/.exec(response.headers.get('content-type') ?? '')?.[1] ?? '';
        const bytes = Buffer.from(await response.arrayBuffer());
        const form = (await readStream(chunked(bytes, sizes), {}, boundary)) as MultipartForm;
        const lines = (each: string): string => each.replace(/\r\n|\r|\n/g, '\r\n');
        const expected = new Map<string, unknown[]>();
        for (const [name, value] of given) {
          const values = expected.get(lines(name)) ?? [];
          expected.set(lines(name), [
            ...values,
            typeof value === 'string' ? lines(value) : [value.name, ...value.content],
          ]);
        }
        const found = new Map<string, unknown[]>();
        for (const [name, values] of form) {
          const plainly = values.map(async (value) =>
            typeof value === 'string' ? value : [value.fileName, ...(await value.bytes())],
          );
          found.set(name, await Promise.all(plainly));
        }
        expect(found).toEqual(expected);
        await form.dispose();
      }),
    );
  });

  it('has ordinary names, repeated ones in their order', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'a[b]', '', 'ö🐨', '__proto__'];
    const parts = names.map(
      (name, i) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${i}\r\n`,
    );
    expect(plain(await read(`${parts.join('')}--b--`))).toEqual([
      ['__proto__', ['0', '6']],
      ['constructor', ['1']],
      ['toString', ['2']],
      ['a[b]', ['3']],
      ['', ['4']],
      ['ö🐨', ['5']],
    ]);
    expect(Reflect.get({}, '0')).toBeUndefined();
  });

  it.each<[title: string, content: string, fields: readonly unknown[]]>([
    [
      'RFC 2046 §5.1.1: a preamble and an epilogue are ignored',
      `one\r\ntwo\r\n${one(NAMED)}\r\nthree\r\n--b`,
      [['a', ['x']]],
    ],
    ['RFC 2046 §5.1.1: an epilogue may look like a part', `${one(NAMED)}${one(NAMED, 'y')}`, [['a', ['x']]]],
    [
      'RFC 2046 §5.1.1: a preamble may have the boundary within a line',
      `--a --b\r\n${one(NAMED)}`,
      [['a', ['x']]],
    ],
    [
      'RFC 2046 §5.1.1: white space may follow a boundary',
      `--b \t\r\n${NAMED}\r\n\r\nx\r\n--b-- \t`,
      [['a', ['x']]],
    ],
    ['RFC 2046 §5.1.1: the last line break may be missing', one(NAMED).trimEnd(), [['a', ['x']]]],
    ['RFC 2046 §5.1.1: content may be empty', one(NAMED, ''), [['a', ['']]]],
    [
      'RFC 2046 §5.1.1: empty content may leave out its line break',
      `--b\r\n${NAMED}\r\n\r\n--b--`,
      [['a', ['']]],
    ],
    ['RFC 2046 §5.1.1: content keeps its own line breaks', one(NAMED, '\r\nx\r\n'), [['a', ['\r\nx\r\n']]]],
    [
      'RFC 2046 §5.1.1: two hyphens are no boundary',
      one(NAMED, '--\r\n--\r\n--c\n--b\r--b'),
      [['a', ['--\r\n--\r\n--c\n--b\r--b']]],
    ],
    ['HTML: a form without entries is a closing boundary', '--b--\r\n', []],
    [
      'RFC 5322 §2.2: names of headers are in any case, values have white space around',
      one('CONTENT-disposition:\tform-DATA ;NAME="a" ; '),
      [['a', ['x']]],
    ],
    [
      'RFC 5322 §2.2.3: headers are unfolded',
      one('Content-Disposition: form-data;\r\n\tname="a"'),
      [['a', ['x']]],
    ],
    ['RFC 7578 §4.8: other headers are ignored', one(`X-a: 1\r\n${NAMED}\r\nX-a: 2`), [['a', ['x']]]],
    ['RFC 7578 §4.2: a name may be a token', disposition('; name=a'), [['a', ['x']]]],
    [
      'RFC 2616 §2.2: a backslash escapes a quote and itself',
      disposition('; name="\\"\\\\\\a"'),
      [['"\\\\a', ['x']]],
    ],
    [
      'HTML: three characters come escaped',
      disposition('; name="%22%0D%0A%41%0a"'),
      [['"\r\n%41%0a', ['x']]],
    ],
    [
      'RFC 2183 §2: other parameters are ignored',
      disposition('; x=1; name="a"; y="2; name=c"'),
      [['a', ['x']]],
    ],
    [
      'RFC 7578 §4.4: a field may have a type',
      one(`${NAMED}\r\nContent-Type: application/json`, '{}'),
      [['a', ['{}']]],
    ],
    [
      'RFC 7578 §4.6: _charset_ is a field like others',
      disposition('; name="_charset_"'),
      [['_charset_', ['x']]],
    ],
    [
      'RFC 7578 §4.7: content that is as it is may say so',
      one(`${NAMED}\r\nContent-Transfer-Encoding: 8BIT`),
      [['a', ['x']]],
    ],
    ['a byte order mark is part of the text', one(NAMED, '\ufeffx'), [['a', ['\ufeffx']]]],
    [
      'RFC 7578 §4.4: a file without a type is text/plain',
      disposition('; name="a"; filename="f"'),
      [['a', [{ 'text/plain': 'f' }]]],
    ],
    [
      'RFC 7578 §4.2: a file needs no name',
      one(`${NAMED}\r\nContent-Type: application/octet-stream`),
      [['a', [{ 'application/octet-stream': '' }]]],
    ],
    [
      'HTML: an empty file without a name is none',
      one(`${NAMED}; filename=""\r\nContent-Type: application/octet-stream`, ''),
      [],
    ],
  ])('%s', async (_title, content, fields) => {
    expect(plain(await read(content))).toEqual(fields);
  });

  it.each([
    "'()+_,-./:=?",
    "a b'c",
    'x'.repeat(70),
  ])('may have the boundary %s (RFC 2046 §5.1.1)', async (boundary) => {
    const content = `--${boundary}\r\n${NAMED}\r\n\r\nx\r\n--${boundary}--`;
    expect(plain(await read(content, {}, boundary))).toEqual([['a', ['x']]]);
  });

  it('comes back whatever its parts have, however it is cut', async () => {
    const near = fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '-',
      '--',
      '\r\n--',
      '\r\n--boundar',
      '--boundary',
      '\r\n--boundarx',
      'x',
    );
    const content = fc.oneof(
      fc.array(near, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    );
    const contents = fc.array(
      content.filter((bytes) => !Buffer.from(`\r\n${bytes.toString('latin1')}`).includes('\r\n--boundary')),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(contents, anySizes, async (given, sizes) => {
        const parts = given.flatMap((bytes) => [
          Buffer.from(`--boundary\r\n${NAMED}; filename=f\r\n\r\n`),
          bytes,
          Buffer.from('\r\n'),
        ]);
        const bytes = Buffer.concat([...parts, Buffer.from('--boundary--')]);
        const found: Buffer[] = [];
        for await (const part of await stream(chunked(bytes, sizes), {}, 'boundary'))
          found.push(await buffer(part.stream));
        expect(found).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });
});

describe('malformed', () => {
  it.each<[title: string, content: string]>([
    ['nothing', ''],
    ['RFC 2046 §5.1.1: no boundary', 'a=1'],
    ['RFC 2046 §5.1.1: another boundary', one(NAMED).replaceAll('--b', '--c')],
    ['RFC 2046 §5.1.1: no closing boundary', `--b\r\n${NAMED}\r\n\r\nx\r\n`],
    ['RFC 2046 §5.1.1: a boundary that isn’t closed', `--b\r\n${NAMED}\r\n\r\nx\r\n--b`],
    ['RFC 2046 §5.1.1: a boundary closed by half', `--b\r\n${NAMED}\r\n\r\nx\r\n--b-`],
    ['RFC 2046 §5.1.1: a boundary line without a part', `--b\r\n${NAMED}\r\n\r\nx\r\n--b\r\n`],
    ['RFC 2046 §5.1.1: text behind a boundary', `--bx\r\n${NAMED}\r\n\r\nx\r\n--b--`],
    ['RFC 2046 §5.1.1: a hyphen behind a boundary', `--b-\r\n${NAMED}\r\n\r\nx\r\n--b--`],
    ['RFC 2046 §5.1.1: text behind the closing boundary', `${one(NAMED).trimEnd()}x`],
    ['RFC 2046 §5.1.1: a bare line feed behind the closing boundary', `${one(NAMED).trimEnd()}\n`],
    ['RFC 2046 §5.1.1: bare line feeds', one(NAMED).replaceAll('\r\n', '\n')],
    ['headers that break off', `--b\r\n${NAMED}`],
    ['headers cut by a boundary', `--b\r\n${NAMED}\r\n--b\r\n${NAMED}; filename="c"\r\n\r\nx\r\n--b--`],
    ['headers cut by the closing boundary', `--b\r\n${NAMED}\r\n--b--\r\n\r\n`],
    ['a part without a line', '--b\r\n--b--'],
    ['no headers', '--b\r\n\r\nx\r\n--b--'],
    ['RFC 7578 §4.2: no Content-Disposition', one('Content-Type: text/plain')],
    ['RFC 7578 §4.2: another disposition', one('Content-Disposition: attachment; name="a"')],
    ['RFC 7578 §4.2: no name', disposition('')],
    ['RFC 7578 §4.2: a file without a field name', disposition('; filename="f"')],
    ['RFC 7578 §4.2: filename*', disposition('; name="a"; filename*=utf-8\'\'f')],
    [
      'RFC 7578 §4.2: filename* beside filename',
      disposition('; name="a"; filename="f"; FileName*=utf-8\'\'g'),
    ],
    ['RFC 2231 §3: a name in pieces', disposition('; name*0="a"; name*1="b"')],
    ['a name twice', disposition('; name="a"; name="b"')],
    ['a name twice in another case', disposition('; name="a"; NAME="b"')],
    ['a quote that isn’t closed', disposition('; name="a')],
    ['text behind a quote', disposition('; name="a"b')],
    ['a name with spaces and no quotes', disposition('; name=a b')],
    ['a parameter without a value', disposition('; name="a"; x')],
    ['a parameter without a name', disposition('; name="a"; =x')],
    ['Content-Disposition twice', one(`${NAMED}\r\n${NAMED}`)],
    ['Content-Disposition twice, in one quote', one(`${NAMED}; x="1\r\nContent-Disposition: 2"`)],
    ['Content-Type twice', one(`${NAMED}\r\nContent-Type: text/plain\r\nContent-Type: text/html`)],
    ['a header without a colon', one(`${NAMED}\r\nx`)],
    ['a header without a name', one(`${NAMED}\r\n: x`)],
    ['a space before the colon', one(`${NAMED}\r\nX : x`)],
    ['a first line that is folded', one(` x\r\n${NAMED}`)],
    ['a bare carriage return', one(`${NAMED}\rX: x`)],
    ['a bare line feed', one(`${NAMED}\nX: x`)],
    ['a null', one(`${NAMED}; filename="a\0.png"`)],
    ['RFC 9110 §8.3.1: a type that is none', one(`${NAMED}\r\nContent-Type: text`)],
    ['RFC 9110 §8.3.1: a range', one(`${NAMED}\r\nContent-Type: image/*`)],
    ['RFC 9110 §8.3.1: no type', one(`${NAMED}\r\nContent-Type:`)],
  ])('%s', async (_title, content) => {
    expect(await refusal(content)).toMatchObject({ code: 'malformed-body', status: 400 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    null,
    '',
    ' ',
    'a ',
    'x'.repeat(71),
    'a"b',
    'a\r\nb',
    'ö',
    'a;b',
  ])('is the boundary %j', async (boundary) => {
    expect(await refusal(one(NAMED), {}, boundary)).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it.each<[title: string, content: Buffer]>([
    ['a field', Buffer.from(one(NAMED, 'ö'), 'latin1')],
    ['a name', Buffer.from(disposition('; name="ö"'), 'latin1')],
    ['the name of a file', Buffer.from(disposition('; name="a"; filename="ö"'), 'latin1')],
    [
      'a field that ends in a character',
      Buffer.concat([
        Buffer.from(one(NAMED, '')).subarray(0, -9),
        Buffer.from([0xc3]),
        Buffer.from('\r\n--b--'),
      ]),
    ],
  ])('is what is no UTF-8 in %s', async (_title, content) => {
    expect(await refusal(content)).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('is a boundary among headers, also where it looks like one', async () => {
    const content = `--b:c\r\n${NAMED}\r\n--b:c\r\nX: y\r\n\r\nx\r\n--b:c--`;
    expect(await refusal(content, {}, 'b:c')).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('says nothing of what was sent', async () => {
    for (const content of [
      disposition('; name="hunter2'),
      one('hunter2'),
      one(`${NAMED}\r\nContent-Type: hunter2`),
      '--bhunter2',
    ]) {
      expect((await refusal(content)).message).not.toContain('hunter2');
    }
  });

  it('is the only thing thrown, whatever was sent', async () => {
    const piece = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\r\n\r\n',
      '\r',
      '\n',
      NAMED,
      '; filename="f"',
      '"',
      ';',
      ':',
      ' ',
      'x',
      '\0',
      'Content-Type: ',
      'a/b',
    );
    const anything = fc.oneof(
      fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(`--b\r\n${NAMED}${pieces.join('')}`)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(anything, anySizes, async (bytes, sizes) => {
        try {
          await ((await readStream(chunked(bytes, sizes))) as MultipartForm).dispose();
        } catch (error) {
          expect(error).toBeInstanceOf(FrameworkError);
        }
        expect(readdirSync(directory)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '-',
    '\r',
    '\r\n',
    '\r\n--',
    '\r\n-',
    '--b',
    '--b\r\n',
    '"',
    '\\',
    ';',
    ' ',
    'a',
    'a: b\r\n',
    '%22',
    '/',
    '\r\n\r\n',
  ])('or read is a long run of %j, in no time', async (part) => {
    const run = part.repeat(Math.ceil(1_000_000 / part.length));
    for (const content of [
      run,
      `--b${run}`,
      `--b\r\n${run}`,
      `--b\r\n${NAMED}; filename="${run}`,
      one(NAMED, run),
      one(`${NAMED}\r\nX: ${run}`),
      `${one(NAMED)}${run}`,
    ]) {
      const thrown: unknown = await read(content, { fieldBytes: 2 ** 21, headerBytes: 2 ** 21 }).then(
        () => null,
        (error) => error,
      );
      if (thrown !== null) expect(thrown).toBeInstanceOf(FrameworkError);
    }
  });
});

describe('what can’t be read', () => {
  it.each<[title: string, header: string]>([
    ['RFC 7578 §4.7: base64', 'Content-Transfer-Encoding: base64'],
    ['RFC 7578 §4.7: quoted-printable', 'Content-Transfer-Encoding: Quoted-Printable'],
    ['RFC 7578 §4.3: a multipart body in a part', 'Content-Type: multipart/mixed; boundary=c'],
    ['RFC 7578 §4.5: an unknown charset', 'Content-Type: text/plain; charset=utf-7'],
    [
      'RFC 7578 §4.5: a charset that is a name of a prototype',
      'Content-Type: text/plain; charset=constructor',
    ],
  ])('%s', async (_title, header) => {
    expect(await refusal(one(`${NAMED}\r\n${header}`))).toMatchObject({
      code: 'unsupported-media-type',
      status: 415,
    });
  });

  it('is not what a part’s charset names (RFC 7578 §4.5)', async () => {
    const typed = (charset: string, content: string, encoding: BufferEncoding) =>
      Buffer.concat([
        Buffer.from(`--b\r\n${NAMED}\r\nContent-Type: text/plain; charset=${charset}\r\n\r\n`),
        Buffer.from(content, encoding),
        Buffer.from('\r\n--b--'),
      ]);
    expect(plain(await read(typed('ISO-8859-1', 'ö', 'latin1')))).toEqual([['a', ['ö']]]);
    expect(plain(await read(typed('"utf-16le"', 'ö', 'utf16le')))).toEqual([['a', ['ö']]]);
    expect(plain(await read(typed('UTF-8', 'ö', 'utf8')))).toEqual([['a', ['ö']]]);
    expect((await refusal(typed('us-ascii', 'ö', 'latin1'))).status).toBe(400);
    expect((await refusal(typed('shift_jis', '\xff', 'latin1'))).status).toBe(400);
  });
});

describe('the name of a file', () => {
  it.each<[title: string, parameter: string, name: string]>([
    ['RFC 7578 §4.2: a path', 'filename="/etc/passwd"', 'passwd'],
    ['RFC 7578 §4.2: a path upwards', 'filename="../../x.png"', 'x.png'],
    ['RFC 7578 §4.2: a path of Windows', 'filename="C:\\dir\\x.png"', 'x.png'],
    ['RFC 7578 §4.2: a path of Windows, escaped', 'filename="C:\\\\dir\\\\x.png"', 'x.png'],
    ['RFC 7578 §4.2: a directory', 'filename="dir/"', ''],
    ['the directory itself', 'filename="."', ''],
    ['the directory above', 'filename=".."', ''],
    ['the directory above in disguise', 'filename=".%0A."', ''],
    ['line breaks', 'filename="a%0D%0Ab"', 'ab'],
    ['a tabulator', 'filename="a\tb"', 'ab'],
    ['C1 controls', 'filename="a\u0085b"', 'ab'],
    ['a reversed direction', 'filename="a\u202Egnp.exe"', 'agnp.exe'],
    ['an escaped quote', 'filename="a%22b\\"c"', 'a"b"c'],
    ['other escapes as they are', 'filename="a%2Fb%00%C3%B6"', 'a%2Fb%00%C3%B6'],
    ['UTF-8 (RFC 7578 §5.1)', 'filename="größe 🐨.png"', 'größe 🐨.png'],
    ['a prototype’s', 'filename=__proto__', '__proto__'],
  ])('%s', async (_title, parameter, name) => {
    expect(await fileNameOf(parameter)).toBe(name);
  });
});

describe('the limits', () => {
  const field = (name: string, content: string): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;
  const file = (content: string): string => `--b\r\n${NAMED}; filename=f\r\n\r\n${content}\r\n`;

  it.each<[what: string, limits: Limits, within: string, beyond: string]>([
    ['parts', { parts: 2 }, field('a', '') + file('x'), field('a', '') + file('x') + field('a', '')],
    ['files', { files: 1 }, field('a', '') + file('x'), file('x') + file('')],
    [
      'bytes of a file',
      { fileBytes: 3 },
      file('xxx') + file('xxx') + field('a', 'xxxx'),
      file('xxx') + file('xxxx'),
    ],
    ['bytes of a field', { fieldBytes: 4 }, field('a', 'xxx') + file('xxxxxx'), field('a', 'xxxx')],
    [
      'bytes of all fields, with their names',
      { fieldBytes: 4 },
      field('a', 'x') + field('a', 'x'),
      field('aa', 'x') + field('aa', ''),
    ],
    ['bytes of a part’s headers', { headerBytes: NAMED.length }, field('a', ''), field('aa', '')],
  ])('hold for %s', async (_what, limits, within, beyond) => {
    expect((await read(`${within}--b--`, limits)).size).toBe(1);
    for (const sizes of [[1], [7], [1000]]) {
      const thrown = readStream(chunked(Buffer.from(`${beyond}--b--`), sizes), limits);
      await expect(thrown).rejects.toMatchObject({ code: 'content-too-large', status: 413 });
    }
    const left = readdirSync(directory).flatMap((each) => readdirSync(join(directory, each)));
    expect(left).toHaveLength((within.match(/filename/g) ?? []).length);
  });

  it('hold for headers that never end', async () => {
    expect((await refusal(`--b\r\nX: ${'x'.repeat(10_000)}`)).status).toBe(413);
    expect((await refusal(`--b\r\n${'X: x\r\n'.repeat(3000)}`)).status).toBe(413);
  });

  it('hold where nothing is said of them', async () => {
    const parameters = new Map([['boundary', 'b']]);
    const source = Readable.from([Buffer.from(`${field('a', '').repeat(1001)}--b--`)], { objectMode: false });
    const reading = multipartCodec.readStream?.(source, { charset: null, parameters, maxDepth: 1 });
    await expect(reading).rejects.toMatchObject({ status: 413 });
  });
});

describe('the source', () => {
  const start = Buffer.from(`--b\r\n${NAMED}; filename=f\r\n\r\nxxx`);

  async function failing(error: Error | undefined): Promise<unknown> {
    const source = new PassThrough();
    source.write(start);
    const reading = readStream(source).catch((thrown: unknown) => thrown);
    setImmediate(() => source.destroy(error));
    return reading;
  }

  it('fails for itself: its errors come through as they are', async () => {
    const ours = new FrameworkError('content-too-large', 'too large');
    const foreign = new Error('disk');
    expect(await failing(ours)).toBe(ours);
    expect(await failing(foreign)).toBe(foreign);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('that breaks off is malformed', async () => {
    const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    for (const error of [reset, undefined]) {
      expect(await failing(error)).toMatchObject({ code: 'malformed-body', status: 400 });
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is read to its end, also behind the closing boundary', async () => {
    const ours = new FrameworkError('content-too-large', 'too large');
    async function* content() {
      yield Buffer.from(one(NAMED));
      yield Buffer.from('epilogue');
      throw ours;
    }
    await expect(readStream(Readable.from(content(), { objectMode: false }))).rejects.toBe(ours);
  });

  it('is left alive, so that an answer can be sent and the rest be read', async () => {
    const source = new PassThrough();
    source.write('--b\r\n\r\n');
    await expect(readStream(source)).rejects.toMatchObject({ status: 400 });
    expect(source.destroyed).toBe(false);
    expect(source.listenerCount('readable')).toBe(0);
    source.end('the rest');
    expect(await text(source)).toBe('the rest');
  });
});

describe('a file', () => {
  const uploaded = async (content: Buffer | string, type = 'image/png'): Promise<UploadedFile> => {
    const head = `--b\r\n${NAMED}; filename="f.png"\r\nContent-Type: ${type}\r\n\r\n`;
    const form = await read(
      Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from('\r\n--b--')]),
    );
    const [file] = form.get('a') ?? [];
    expect(file).toBeInstanceOf(UploadedFile);
    return file as UploadedFile;
  };

  it('lies on disk under no name of its client’s, for nobody else to read', async () => {
    const file = await uploaded('content');
    expect(file).toMatchObject({ name: 'a', fileName: 'f.png', type: 'image/png', size: 7 });
    expect(file.path).toMatch(/[/\\]koanatomy-\w+[/\\]0$/);
    expect(file.path.startsWith(directory)).toBe(true);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(file.path, '..')).mode & 0o777).toBe(0o700);
  });

  it('is read as bytes, as text and as a stream', async () => {
    const file = await uploaded('größe');
    expect(await file.bytes()).toEqual(Buffer.from('größe'));
    expect(await file.text()).toBe('größe');
    expect(await text(file.stream())).toBe('größe');
    const latin = await uploaded(Buffer.from('ö', 'latin1'), 'text/plain; charset=iso-8859-1');
    expect(await latin.text()).toBe('ö');
  });

  it('that is no text in its charset is the client’s fault', async () => {
    await expect((await uploaded(Buffer.from([0xff]))).text()).rejects.toMatchObject({ status: 400 });
    await expect((await uploaded('x', 'text/plain; charset=utf-7')).text()).rejects.toMatchObject({
      status: 415,
    });
  });

  it('doesn’t tell where it lies when it is answered', async () => {
    const file = await uploaded('x');
    expect(JSON.parse(JSON.stringify(file))).toEqual({
      name: 'a',
      fileName: 'f.png',
      type: 'image/png',
      size: 1,
    });
  });

  const other = statSync('/dev/shm', { throwIfNoEntry: false });
  const isOther = other?.isDirectory() && other.dev !== statSync(tmpdir()).dev;

  it.each<[title: string, base: string]>([
    ['on its device', tmpdir()],
    ['to another device, where there is one', isOther ? '/dev/shm' : tmpdir()],
  ])('is moved %s', async (_title, base) => {
    const target = mkdtempSync(join(base, 'koanatomy-test-'));
    try {
      const file = await uploaded('content');
      const before = file.path;
      await file.moveTo(join(target, 'kept'));
      expect(readdirSync(target)).toEqual(['kept']);
      expect(statSync(before, { throwIfNoEntry: false })).toBeUndefined();
      expect(file.path).toBe(join(target, 'kept'));
      expect(await file.text()).toBe('content');
      expect(statSync(file.path).mode & 0o777).toBe(0o600);
      await expect(file.moveTo(join(target, 'none', 'there'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await file.text()).toBe('content');
    } finally {
      rmSync(target, { recursive: true });
    }
  });

  it('is gone when its form is disposed of, unless it was moved', async () => {
    const two = `--b\r\n${NAMED}; filename=f\r\n\r\nkept\r\n--b\r\n${NAMED}; filename=g\r\n\r\ngone\r\n--b--`;
    const form = await read(two);
    const [kept, gone] = form.get('a') as UploadedFile[];
    await kept?.moveTo(join(directory, 'kept'));
    await Promise.all([form.dispose(), form.dispose()]);
    expect(readdirSync(directory)).toEqual(['kept']);
    await expect(gone?.bytes()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readFileSync(join(directory, 'kept'), 'utf8')).toBe('kept');
  });

  it('is not left where a later part is malformed', async () => {
    await refusal(`--b\r\n${NAMED}; filename=f\r\n\r\nx\r\n--b\r\n\r\n\r\n--b--`);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is written as it arrives, and not held', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let most = 0;
    async function* content() {
      yield Buffer.from(`--b\r\n${NAMED}; filename=f\r\n\r\n`);
      for (let i = 0; i < 512; i++) {
        const [made] = readdirSync(directory);
        const written =
          made === undefined
            ? 0
            : (statSync(join(directory, made, '0'), { throwIfNoEntry: false })?.size ?? 0);
        most = Math.max(most, i * chunk.length - written);
        yield chunk;
      }
      yield Buffer.from('\r\n--b--');
    }
    const form = (await readStream(Readable.from(content(), { objectMode: false }))) as MultipartForm;
    expect((form.get('a')?.[0] as UploadedFile).size).toBe(512 * chunk.length);
    expect(most).toBeLessThanOrEqual(8 * chunk.length);
    await form.dispose();
  });

  it('makes a directory only where there is one', async () => {
    await read(one(NAMED));
    expect(readdirSync(directory)).toEqual([]);
    await expect(
      read(disposition('; name=a; filename=f'), { directory: join(directory, 'none') }),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a stream of parts', () => {
  const bytes = Buffer.from(
    `--b\r\n${NAMED}\r\nX-Y: z\r\n\r\none\r\n--b\r\n${NAMED}; filename="dir/f"\r\nContent-Type: image/png\r\n\r\ntwo\r\n--b\r\n${NAMED}\r\n\r\nthree\r\n--b--`,
  );
  const facts = ({ name, fileName, type }: MultipartPart) => ({ name, fileName, type });

  it('has them in their order, with what they say of themselves', async () => {
    const found: unknown[] = [];
    for await (const part of await stream(chunked(bytes, [5])))
      found.push([facts(part), await text(part.stream), part.headers.get('x-y')]);
    expect(found).toEqual([
      [{ name: 'a', fileName: null, type: 'text/plain' }, 'one', 'z'],
      [{ name: 'a', fileName: 'f', type: 'image/png' }, 'two', undefined],
      [{ name: 'a', fileName: null, type: 'text/plain' }, 'three', undefined],
    ]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('skips those that nobody reads', async () => {
    const found: string[] = [];
    for await (const part of await stream(chunked(bytes, [5])))
      if (part.fileName === null) found.push(await text(part.stream));
    expect(found).toEqual(['one', 'three']);
  });

  it('tells who is still reading when the next one is asked for', async () => {
    const large = Buffer.from(
      `--b\r\n${NAMED}\r\n\r\n${'x'.repeat(200_000)}\r\n--b\r\n${NAMED}\r\n\r\ny\r\n--b--`,
    );
    const parts = (await stream(chunked(large, [1000])))[Symbol.asyncIterator]();
    const first = (await parts.next()).value as MultipartPart;
    const reading = pipeline(first.stream, new PassThrough());
    await new Promise((resolve) => first.stream.once('data', resolve));
    const second = parts.next();
    await expect(reading).rejects.toThrow('before this one was read');
    expect(await text(((await second).value as MultipartPart).stream)).toBe('y');
  });

  it('reads no more than is asked for', async () => {
    let produced = 0;
    async function* content() {
      yield Buffer.from(`--b\r\n${NAMED}\r\n\r\n`);
      for (; produced < 1000; produced++) yield Buffer.alloc(64 * 1024);
      yield Buffer.from('\r\n--b--');
    }
    const parts = await stream(Readable.from(content(), { objectMode: false }), {
      fieldBytes: Number.POSITIVE_INFINITY,
    });
    for await (const part of parts) {
      await new Promise((resolve) => part.stream.once('readable', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      expect(produced).toBeLessThan(8);
    }
    expect(produced).toBe(1000);
  });

  it.each<[title: string, content: string, limits: Limits, status: number]>([
    ['a malformed part', `--b\r\n${NAMED}\r\n\r\none\r\n--b\r\n\r\n\r\n--b--`, {}, 400],
    ['a body that breaks off', `--b\r\n${NAMED}\r\n\r\none`, {}, 400],
    ['a part over its limit', `--b\r\n${NAMED}\r\n\r\n${'x'.repeat(100)}\r\n--b--`, { fieldBytes: 10 }, 413],
    [
      'a file over its limit',
      `--b\r\n${NAMED}; filename=f\r\n\r\n${'x'.repeat(100)}\r\n--b--`,
      { fileBytes: 10 },
      413,
    ],
    [
      'a part too many',
      `--b\r\n${NAMED}\r\n\r\none\r\n--b\r\n${NAMED}\r\n\r\none\r\n--b--`,
      { parts: 1 },
      413,
    ],
  ])('throws what is wrong, whether the parts are read or skipped: %s', async (_title, content, limits, status) => {
    for (const isRead of [true, false]) {
      const iterating = async (): Promise<void> => {
        for await (const part of await stream(chunked(Buffer.from(content), [9]), limits)) {
          if (isRead) await buffer(part.stream).catch(() => {});
        }
      };
      await expect(iterating()).rejects.toMatchObject({ status });
    }
  });

  it('throws in the stream of the part in which it is found', async () => {
    for await (const part of await stream(chunked(Buffer.from(`--b\r\n${NAMED}\r\n\r\none`), [9]))) {
      await expect(text(part.stream)).rejects.toMatchObject({ code: 'malformed-body' });
      break;
    }
  });

  it('fails for good with what its source failed with', async () => {
    const ours = new FrameworkError('content-too-large', 'too large');
    const source = new PassThrough();
    source.write(`--b\r\n${NAMED}\r\n\r\none`);
    const parts = (await stream(source))[Symbol.asyncIterator]();
    const part = (await parts.next()).value as MultipartPart;
    const reading = text(part.stream);
    setImmediate(() => source.destroy(ours));
    await expect(reading).rejects.toBe(ours);
    await expect(parts.next()).rejects.toBe(ours);
  });

  it('may have a stream that nobody hears the errors of', async () => {
    const large = `--b\r\n${NAMED}\r\n\r\n${'x'.repeat(200_000)}\r\n--b--`;
    const parts = (await stream(chunked(Buffer.from(large), [1000])))[Symbol.asyncIterator]();
    const part = (await parts.next()).value as MultipartPart;
    await new Promise((resolve) => part.stream.once('data', resolve));
    expect(await parts.next()).toEqual({ done: true, value: undefined });
    expect(part.stream.errored?.message).toContain('before this one was read');
  });

  it('is over when it is disposed of, with the source alive', async () => {
    for (const isBegun of [true, false]) {
      const source = new PassThrough();
      source.write(bytes);
      const parts = await stream(source);
      const each = parts[Symbol.asyncIterator]();
      const part = isBegun ? ((await each.next()).value as MultipartPart) : null;
      await parts.dispose();
      expect(await each.next()).toEqual({ done: true, value: undefined });
      if (part !== null) expect(part.stream.destroyed).toBe(true);
      expect(source.destroyed).toBe(false);
      expect(source.listenerCount('readable')).toBe(0);
    }
  });
});
