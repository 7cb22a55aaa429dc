import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '../../../src/framework/codecs/codec.js';
import { jsonCodec } from '../../../src/framework/codecs/json.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';

const CONTEXT: ReadContext = { charset: null, parameters: new Map(), maxDepth: 100 };

function read(content: string | Uint8Array, context: Partial<ReadContext> = {}): unknown {
  return jsonCodec.read?.(Buffer.from(content), { ...CONTEXT, ...context });
}

/** What `read` throws, which is always ours. */
function refusal(content: string | Uint8Array, context: Partial<ReadContext> = {}): FrameworkError {
  try {
    read(content, context);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameworkError);
    return error as FrameworkError;
  }
  throw new Error(`${String(content).slice(0, 80)} was read`);
}

function write(value: unknown): string {
  return String(jsonCodec.write?.(value));
}

describe('JSON, RFC 8259', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!/"(?:__proto__|constructor)":/.test(JSON.stringify(value)));
        expect(read(write(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    'null',
    'true',
    '0',
    '-1.5e3',
    '""',
    '[]',
    '{}',
    ' \t\r\n[ 1 , 2 ] ',
    '"\\u00f6\\ud83d\\udc28"',
  ])('%s is read', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '',
    ' ',
    '{',
    '}',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '[1 2]',
    '01',
    '+1',
    '.5',
    '1.',
    'NaN',
    'Infinity',
    'undefined',
    '"\n"',
    '"\\x41"',
    '"\\u12"',
    '"a',
    '// c\n1',
    '/**/1',
    '1;',
    '{}{}',
    '\u00a01',
    '\0',
    '[1]\u00a0',
    '\ufeff\ufeff1',
    '{"a":1}\ufeff',
  ])('%j is malformed', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('writes what has a JSON form', () => {
    expect(write({ a: undefined, b: null, c: Number.NaN })).toBe('{"b":null,"c":null}');
    expect(write(null)).toBe('null');
    expect(() => write(undefined)).toThrow(TypeError);
    expect(() => write(() => 1)).toThrow(TypeError);
  });
});

describe('encoding, RFC 8259 §8.1', () => {
  it('is UTF-8, with or without a byte order mark', () => {
    expect(read('{"ö":"🐨"}')).toEqual({ ö: '🐨' });
    expect(read('\ufeff{"ö":1}')).toEqual({ ö: 1 });
  });

  it.each(['utf-8', 'utf8', 'us-ascii', null])('may be called %s', (charset) => {
    expect(read('[1]', { charset })).toEqual([1]);
  });

  it.each([
    'utf-16',
    'utf-16le',
    'iso-8859-1',
    'latin1',
    'utf-7',
    'utf-32',
    '',
    'constructor',
    'utf-8 ',
  ])('is refused as %s', (charset) => {
    expect(refusal('[1]', { charset })).toMatchObject({ code: 'unsupported-media-type', status: 415 });
  });

  it.each<[name: string, bytes: readonly number[]]>([
    ['a lone continuation', [0x80]],
    ['a cut sequence', [0xc3]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that UTF-8 never has', [0xff]],
  ])('%s is refused and not replaced', (_name, bytes) => {
    expect(refusal(Buffer.from([0x22, ...bytes, 0x22]))).toMatchObject({
      code: 'malformed-body',
      status: 400,
    });
    expect(read('"next"')).toBe('next');
  });

  it('is refused in UTF-16 and UTF-32', () => {
    expect(refusal(Buffer.from('\ufeff{"a":1}', 'utf16le')).status).toBe(400);
    expect(refusal(Buffer.from('{"a":1}', 'utf16le')).status).toBe(400);
  });
});

describe('depth', () => {
  const nested = (depth: number, open: string, close: string): string =>
    open.repeat(depth) + close.repeat(depth);

  it.each<[name: string, text: (depth: number) => string]>([
    ['arrays', (depth) => nested(depth, '[', ']')],
    ['objects', (depth) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`],
    ['both', (depth) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`],
    [
      'siblings after deep ones',
      (depth) => `[${nested(depth - 1, '[', ']')},${nested(depth - 1, '[', ']')}]`,
    ],
    [
      'brackets after a string that ends in backslashes',
      (depth) => `["\\\\",${nested(depth - 1, '[', ']')}]`,
    ],
  ])('of %s is read up to the limit, and refused beyond it', (_name, text) => {
    expect(read(text(100))).toBeDefined();
    expect(refusal(text(102))).toMatchObject({
      code: 'malformed-body',
      message: 'The body is nested deeper than 100 levels',
    });
    expect(refusal(text(2), { parameters: new Map(), maxDepth: 1 }).status).toBe(400);
    expect(read('1', { parameters: new Map(), maxDepth: 0 })).toBe(1);
  });

  it.each<[value: string]>([
    ['['.repeat(200)],
    ['{['.repeat(200)],
    ['"'.repeat(200)],
    ['\\'.repeat(201)],
    [`\\"${'['.repeat(200)}`],
    ['\\\\"['.repeat(100)],
    [`"${']'.repeat(200)}`],
  ])('counts no brackets of strings: %j', (value) => {
    expect(read(write([value]))).toEqual([value]);
    expect(read(write({ [value]: 1 }))).toEqual({ [value]: 1 });
  });

  it('is what JSON.parse made, for any value', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'large' },
        fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', '}') }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', '[', '"', '\\'), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (given) => {
        const text = JSON.stringify(given);
        const depth = depthOf(given);
        expect(read(text, { parameters: new Map(), maxDepth: depth })).toEqual(JSON.parse(text));
        if (depth > 0)
          expect(refusal(text, { parameters: new Map(), maxDepth: depth - 1 }).message).toContain(
            'nested deeper',
          );
      }),
    );
  });

  it.each([
    '[',
    '{"a":',
    '[{"a":',
    ']',
    '}',
    '"',
    '\\',
    '\\"',
    '"[',
    '"\\\\",',
    '[]',
    '{}',
  ])('is bounded for a long run of %s', (part) => {
    expect(refusal(part.repeat(Math.ceil(1_000_000 / part.length))).status).toBe(400);
    expect(refusal(`"${part.repeat(Math.ceil(1_000_000 / part.length))}`).status).toBe(400);
  });

  function depthOf(value: unknown): number {
    if (typeof value !== 'object' || value === null) return 0;
    return 1 + Math.max(0, ...Object.values(value).map(depthOf));
  }
});

describe('keys that reach prototypes', () => {
  const escaped = (char: string, upper: boolean): string => {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${upper ? code.toUpperCase() : code}`;
  };
  /** Every way to write a name in JSON, by one choice for each of its characters. */
  const spelt = (name: string) =>
    fc
      .array(fc.constantFrom('plain', 'lower', 'upper'), { minLength: name.length, maxLength: name.length })
      .map((how) =>
        [...name].map((char, i) => (how[i] === 'plain' ? char : escaped(char, how[i] === 'upper'))).join(''),
      );

  it('are refused in every spelling and at every depth', () => {
    const space = fc.constantFrom('', ' ', '\n\t', ' '.repeat(100));
    fc.assert(
      fc.property(spelt('__proto__'), space, fc.nat(5), (key, spaces, depth) => {
        const text = `${'[{"a":'.repeat(depth)}{"b":1,"${key}"${spaces}:{"polluted":1}}${'}]'.repeat(depth)}`;
        const { message, code } = refusal(text);
        expect(code).toBe('malformed-body');
        expect(message).toContain('key that is not allowed');
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
    );
  });

  it('are refused where one of them comes after a plain one of the same name', () => {
    expect(refusal('{"__proto__":1,"\\u005f_proto__":2}').status).toBe(400);
    expect(refusal('{"a":{"constructor":{"\\u0070rototype":{"x":1}}}}').status).toBe(400);
    expect(refusal('{"constructor":1,"constructor":{"prototype":1}}').status).toBe(400);
  });

  it('are ordinary words elsewhere', () => {
    for (const text of [
      '"__proto__"',
      '["__proto__","constructor"]',
      '{"a":"\\"__proto__\\":"}',
      '{"constructor":"x"}',
      '{"prototype":{}}',
      '{"toString":1,"hasOwnProperty":2}',
      '{"__proto":1,"_proto__":2}',
      '{"constructor":{"a":1}}',
      '{"constructor":null}',
    ]) {
      expect(read(text)).toEqual(JSON.parse(text));
    }
  });
});

describe('an error', () => {
  const SECRET = 'hunter2';

  it.each([
    `"${SECRET}`,
    `{"a":${SECRET}}`,
    `{"a":"x"} ${SECRET}`,
    SECRET,
    `{"${SECRET}":}`,
    `[1,\n${SECRET}`,
    `{"${SECRET}":{"__proto__":1}}`,
    `{"a":"\\${SECRET}"}`,
  ])('says nothing of what was sent: %s', (text) => {
    const error = refusal(text);
    expect(JSON.stringify([error.message, error.details, error.issues])).not.toContain(SECRET);
  });

  it.each([
    'x at position 4242',
    'x forbidden prototype property',
    '"x at position 4242',
    '{"at position 4242": x}',
    '[1] at position 4242',
    'at position 4242 (line 1 column 1)',
  ])('takes no word of it for its own: %s', (text) => {
    const { message } = refusal(text);
    expect(message).not.toContain('4242');
    expect(message).toContain('not valid JSON');
  });

  it('never repeats a word, whatever was sent', () => {
    const word = fc.stringMatching(/^[a-z]{3}\d{4}$/);
    const piece = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', ' at position ', '\\', '\n');
    const text = fc.tuple(word, fc.array(piece, { maxLength: 4 }), fc.array(piece, { maxLength: 4 }));
    fc.assert(
      fc.property(text, ([secret, before, after]) => {
        const content = `${before.join('')}${secret}${after.join('')}`;
        let message = '';
        try {
          read(content);
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message).not.toContain(secret);
        expect(message).not.toContain(secret.slice(3));
      }),
      { numRuns: 500 },
    );
  });

  it('is the only thing thrown, whatever was sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          anyText.map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(FrameworkError);
          }
        },
      ),
    );
  });
});
