import { Exclude, Expose } from 'class-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '../../../src/framework/codecs/codec.js';
import { xmlCodec } from '../../../src/framework/codecs/xml.js';
import { decodeName, encodeName, isName } from '../../../src/framework/codecs/xml-name.js';
import { FrameworkError } from '../../../src/framework/errors/api-error.js';
import { anyText } from '../http/any-text.js';

const CONTEXT: ReadContext = { charset: null, parameters: new Map(), maxDepth: 20 };
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

function read(content: string | Uint8Array, context: Partial<ReadContext> = {}): unknown {
  return xmlCodec.read?.(Buffer.from(content), { ...CONTEXT, ...context });
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

/** The document behind its declaration. */
function write(value: unknown): string {
  const text = String(xmlCodec.write?.(value));
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  expect(text.startsWith(declaration)).toBe(true);
  return text.slice(declaration.length);
}

describe('an element', () => {
  it.each<[name: string, text: string, value: unknown]>([
    ['with text', '<a>x y</a>', 'x y'],
    ['with white space alone', '<a> \n </a>', ' \n '],
    ['that is empty', '<a></a>', ''],
    ['that is an empty-element tag (XML 1.0 §3.1)', '<a />', ''],
    ['with children', '<a><b>1</b><c/></a>', { b: '1', c: '' }],
    ['with children on lines of their own', '<a>\r\n  <b>1</b>\n</a>\n', { b: '1' }],
    ['with repeated children', '<a><b>1</b><c>2</c><b>3</b></a>', { b: ['1', '3'], c: '2' }],
    ['with attributes', '<a b="1" c=\'"\'/>', { b: '1', c: '"' }],
    ['with attributes and children', '<a b="1"><c>2</c></a>', { b: '1', c: '2' }],
    ['with attributes and text', '<a b="1">2</a>', { b: '1', '#text': '2' }],
    ['with attributes and white space', '<a b="1"> </a>', { b: '1' }],
    [
      'with names that are methods of objects',
      '<a><toString/><hasOwnProperty>1</hasOwnProperty></a>',
      { toString: '', hasOwnProperty: '1' },
    ],
    ['with a name of Greek letters', '<α><βγ>1</βγ></α>', { βγ: '1' }],
    [
      'with an escaped name',
      '<a><_x0031_st>1</_x0031_st><a_x0020_b _x0001F428_="2"/></a>',
      { '1st': '1', 'a b': { '🐨': '2' } },
    ],
    [
      'with an escape that is no character',
      '<a><_xD800_/><_x00110000_/></a>',
      { _xD800_: '', _x00110000_: '' },
    ],
    ['whose root has any name', '<constructor><b/></constructor>', { b: '' }],
  ])('%s is its value', (_name, text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each<[name: string, text: string, value: unknown]>([
    ['predefined entities, XML 1.0 §4.6', '<a>&lt;&gt;&amp;&apos;&quot;</a>', '<>&\'"'],
    ['character references, XML 1.0 §4.1', '<a>&#65;&#x1F428;&#xD;</a>', 'A🐨\r'],
    ['references are replaced once', '<a>&amp;lt;&#38;amp;</a>', '&lt;&amp;'],
    ['references in attributes', '<a b="&lt;&#10;x"/>', { b: '<\nx' }],
    ['CDATA sections, XML 1.0 §2.7', '<a><![CDATA[<b>&amp;</b>]]></a>', '<b>&amp;</b>'],
    ['CDATA sections within text', '<a>x<![CDATA[]]]]><![CDATA[>]]>y</a>', 'x]]>y'],
    [
      'CDATA sections with what looks like a document type',
      '<a><![CDATA[<!DOCTYPE a>]]></a>',
      '<!DOCTYPE a>',
    ],
    ['comments, XML 1.0 §2.5', '<!--<!DOCTYPE a>--><a>x<!-- <b> -->y</a><!---->', 'xy'],
    ['processing instructions, XML 1.0 §2.6', '<?p <!DOCTYPE a> ?><a>x<?p <b>?>y</a><?p?>', 'xy'],
    ['line ends, XML 1.0 §2.11', '<a>1\r\n2\r3\n\r4</a>', '1\n2\n3\n\n4'],
    ['white space in attributes, XML 1.0 §3.3.3', '<a b="1\n2\t3\r\n4"/>', { b: '1 2 3 4' }],
    ['`>` in attributes', '<a b="/>"><c d=\'>"/>\'/></a>', { b: '/>', c: { d: '>"/>' } }],
    ['a declaration, XML 1.0 §2.8', "<?xml version='1.0'\n standalone='yes' ?><a>1</a>", '1'],
    ['a byte order mark', '\ufeff<a>1</a>', '1'],
  ])('has %s', (_name, text, value) => {
    expect(read(text)).toEqual(value);
  });
});

describe('namespaces', () => {
  it.each<[name: string, text: string, value: unknown]>([
    [
      'are not part of names',
      '<p:a xmlns:p="u" xmlns="v"><p:b p:c="1"/><d/></p:a>',
      { b: { c: '1' }, d: '' },
    ],
    [
      'may have several prefixes',
      '<a xmlns:p="u" xmlns:q="u"><p:b>1</p:b><q:b>2</q:b></a>',
      { b: ['1', '2'] },
    ],
    ['may be declared by the element that uses them', '<a><p:b xmlns:p="u">1</p:b></a>', { b: '1' }],
    ['may be undeclared as default', '<a xmlns="u"><b xmlns="">1</b></a>', { b: '1' }],
    [
      'of xml and xsi say nothing about the value',
      `<a ${XSI} xml:lang="en" xml:space="preserve" xsi:type="t"> 1</a>`,
      ' 1',
    ],
  ])('%s', (_name, text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each<[name: string, text: string]>([
    ['an undeclared prefix, §5', '<p:a/>'],
    ['an undeclared prefix of a child', '<a><p:b/></a>'],
    ['an undeclared prefix of an attribute', '<a p:b="1"/>'],
    ['a prefix that was declared elsewhere', '<a><b xmlns:p="u"/><p:c/></a>'],
    ['two colons, §4', '<a xmlns:p="u"><p:b:c/></a>'],
    ['an empty prefix', '<a><:b/></a>'],
    ['an empty local name', '<a xmlns:p="u"><p:/></a>'],
    ['a local name that is none', '<a xmlns:p="u"><p:1/></a>'],
    ['a prefix that is unbound, §5', '<a xmlns:p=""/>'],
    ['a prefix without a name', '<a xmlns:="u"/>'],
    ['xmlns as a prefix, §3', '<a xmlns:xmlns="u"/>'],
    ['xml as another prefix, §3', '<a xmlns:xml="u"/>'],
    ['another prefix as xml, §3', '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>'],
    ['an element of xmlns', '<xmlns:a/>'],
    ['two namespaces with one name', '<a xmlns:p="u"><b/><p:b/></a>'],
    ['one attribute twice, §6.3', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>'],
    ['an attribute and an element with one name', '<a b="1"><b/></a>'],
  ])('%s is refused', (_name, text) => {
    expect(refusal(text).code).toBe('malformed-body');
  });

  it('that are declared by many elements take no more time than their length', () => {
    const prefixes = Array.from({ length: 20_000 }, (_, i) => `xmlns:p${i}="u"`).join(' ');
    const children = '<q:b xmlns:q="u"/>'.repeat(20_000);
    const { b } = read(`<a ${prefixes}>${children}</a>`) as { b: unknown[] };
    expect(b).toHaveLength(20_000);
  });
});

describe('xsi:nil', () => {
  it.each<[text: string, value: unknown]>([
    [`<a ${XSI} xsi:nil="true"/>`, null],
    [
      `<a ${XSI}><b xsi:nil=" 1 "></b><c xsi:nil="false">x</c><d xsi:nil="0"/></a>`,
      { b: null, c: 'x', d: '' },
    ],
    [`<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><b i:nil="true"/></a>`, { b: null }],
    ['<a nil="true"/>', { nil: 'true' }],
    ['<a xmlns:xsi="urn:another" xsi:nil="true"/>', { nil: 'true' }],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    `<a ${XSI} xsi:nil="true">x</a>`,
    `<a ${XSI} xsi:nil="true"><b/></a>`,
    `<a ${XSI} xsi:nil="true" b="1"/>`,
    `<a ${XSI} xsi:nil="yes"/>`,
    `<a ${XSI} xsi:nil=""/>`,
  ])('%s is refused', (text) => {
    expect(refusal(text).code).toBe('malformed-body');
  });
});

describe('what is not well formed', () => {
  it.each<[name: string, text: string]>([
    ['nothing', ''],
    ['text alone', 'x'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>x'],
    ['a missing end tag', '<a><b></a>'],
    ['a truncated document', '<a><b>1</b'],
    ['a truncated attribute', '<a b="1'],
    ['a truncated CDATA section', '<a><![CDATA[x]]'],
    ['a truncated comment', '<a><!-- x --'],
    ['an end tag alone', '</a>'],
    ['another end tag', '<a></A>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['an attribute without a value', '<a b/>'],
    ['`<` in an attribute', '<a b="<"/>'],
    ['no space between attributes', '<a b="1"c="2"/>'],
    ['`]]>` in text', '<a>]]></a>'],
    ['`--` in a comment', '<a><!-- -- --></a>'],
    ['a bare ampersand', '<a>x & y</a>'],
    ['an entity of HTML', '<a>&nbsp;</a>'],
    ['an entity named as a method', '<a>&toString;&__proto__;</a>'],
    ['a reference to NUL', '<a>&#0;</a>'],
    ['a reference to a control character', '<a>&#x1;</a>'],
    ['a reference to half of a surrogate pair', '<a>&#xD83D;&#xDE00;</a>'],
    ['a reference beyond Unicode', '<a>&#x110000;</a>'],
    ['a reference beyond every number', `<a>&#${'9'.repeat(400)};</a>`],
    ['a reference to a noncharacter', '<a>&#xFFFF;</a>'],
    ['a reference with a sign', '<a>&#-1;</a>'],
    ['a control character', '<a>\x01</a>'],
    ['a noncharacter in an attribute', '<a b="\ufffe"/>'],
    ['text beside elements', '<a>x<b/></a>'],
    ['CDATA beside elements', '<a b="1"><b2/><![CDATA[x]]></a>'],
    ['a declaration that is not at the start', ' <?xml version="1.0"?><a/>'],
    ['a declaration within', '<a><?xml version="1.0"?></a>'],
    ['a declaration without a version', '<?xml encoding="UTF-8"?><a/>'],
    ['a declaration without an encoding’s name', '<?xml version="1.0" encoding=""?><a/>'],
    ['a declaration of another version', '<?xml version="2.0"?><a/>'],
    ['two byte order marks', '\ufeff\ufeff<a/>'],
    ['JSON', '{"a":1}'],
  ])('is refused: %s', (_name, text) => {
    expect(refusal(text)).toMatchObject({ code: 'malformed-body', status: 400 });
  });

  it('is told by its place and never quoted', () => {
    expect(refusal('<a>\n<hunter2>hunter2</a>').message).toBe(
      'The body is not well-formed XML (at line 2, column 17)',
    );
    for (const text of [
      '<hunter2',
      '<a>&hunter2;</a>',
      '<a hunter2/>',
      '<hunter2:a/>',
      '<?xml version="hunter2"?><a/>',
      '<?xml version="1.0" encoding="hunter2"?><a/>',
      '<a hunter2=""><hunter2/></a>',
      '<a>hunter2<b/></a>',
    ]) {
      expect(refusal(text).message).not.toContain('hunter2');
    }
  });

  it('is the only thing refused, whatever was sent, and with an error of ours', () => {
    const piece = fc.constantFrom(
      ...'<a>,</a>,<a,/>,>,",=,b="1", ,x,&amp;,&,;,<![CDATA[,]]>,<!--,-->,<?p ,?>,<!,xmlns:p="u",p:,:,_x0041_'.split(
        ',',
      ),
    );
    const content = fc.oneof(
      fc.uint8Array(),
      anyText.map((text) => Buffer.from(text)),
      fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(`<a>${pieces.join('')}</a>`)),
    );
    fc.assert(
      fc.property(content, (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameworkError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a document type declaration', () => {
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    '',
  );

  it.each<[name: string, text: string]>([
    ['with entities that multiply', `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l9;</a>`],
    ['with an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['with a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://localhost/"> %x;]><a/>'],
    ['from elsewhere', '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>'],
    ['with nothing', '<?xml version="1.0"?><!-- --><!DOCTYPE a><a/>'],
    ['within an element', '<a><!DOCTYPE a></a>'],
    ['in small letters', '<!doctype a><a/>'],
    ['behind a comment that is not closed as it seems', '<!--><!DOCTYPE a>--><!DOCTYPE a><a/>'],
  ])('%s is refused', (_name, text) => {
    expect(refusal(text)).toMatchObject({
      code: 'malformed-body',
      message: 'The body may have no document type declaration',
    });
  });
});

describe('an encoding', () => {
  it.each<[name: string, content: string | Uint8Array, charset: string | null]>([
    ['another charset', '<a/>', 'iso-8859-1'],
    ['UTF-16 as charset', Buffer.from('\ufeff<a/>', 'utf16le'), 'utf-16'],
    ['UTF-16 by its byte order mark', Buffer.from('\ufeff<a/>', 'utf16le'), null],
    ['big-endian UTF-16 by its byte order mark', Buffer.from('\ufeff<a/>', 'utf16le').swap16(), null],
    ['another one declared', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', null],
    ['another one declared in single quotes', "<?xml version='1.0'\n encoding = 'windows-1252' ?><a/>", null],
    [
      'another one declared than the charset, RFC 7303 §8',
      '<?xml version="1.0" encoding="iso-8859-1"?><a/>',
      'utf-8',
    ],
  ])('that is not UTF-8 is 415: %s', (_name, content, charset) => {
    expect(refusal(content, { charset })).toMatchObject({ code: 'unsupported-media-type', status: 415 });
  });

  it.each(['UTF-8', 'utf-8', 'US-ASCII'])('declared as %s is read', (encoding) => {
    expect(read(`<?xml version="1.0" encoding="${encoding}"?><a>1</a>`)).toBe('1');
  });

  it.each<[name: string, bytes: readonly number[]]>([
    ['a byte that no UTF-8 has', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a truncated sequence', [0xe2, 0x82]],
  ])('with %s is refused and not replaced', (_name, bytes) => {
    const content = Buffer.concat([Buffer.from('<a>'), Buffer.from(bytes), Buffer.from('</a>')]);
    expect(refusal(content)).toMatchObject({ code: 'malformed-body', status: 400 });
  });
});

describe('nesting', () => {
  it.each<[name: string, text: (depth: number) => string]>([
    ['of objects', (depth) => `${'<a>'.repeat(depth + 1)}${'</a>'.repeat(depth + 1)}`],
    [
      'of an object with attributes',
      (depth) => `${'<a>'.repeat(depth - 1)}<a b=""/>${'</a>'.repeat(depth - 1)}`,
    ],
    ['of arrays in objects', (depth) => `${'<a>'.repeat(depth - 1)}<b/><b/>${'</a>'.repeat(depth - 1)}`],
    [
      'behind empty elements',
      (depth) => `<a>${'<b c=">"/>'.repeat(200)}${'<a>'.repeat(depth)}${'</a>'.repeat(depth + 1)}`,
    ],
    [
      'behind siblings',
      (depth) => `<a>${`${'<b>'.repeat(depth - 1)}${'</b>'.repeat(depth - 1)}`.repeat(2)}</a>`,
    ],
  ])('%s is read up to the limit, and refused beyond it', (_name, text) => {
    expect(read(text(6), { maxDepth: 6 })).toBeDefined();
    expect(refusal(text(7), { maxDepth: 6 })).toMatchObject({
      code: 'malformed-body',
      message: 'The body is nested deeper than 6 levels',
    });
  });

  it('counts no tags of comments, CDATA sections, instructions and attributes', () => {
    const tags = '<b>'.repeat(100);
    const quoted = '>'.repeat(100);
    expect(read(`<a><!--${tags}--><?p ${tags}?><c d="${quoted}"/></a>`)).toEqual({ c: { d: quoted } });
    expect(read(`<a><![CDATA[${tags}]]></a>`)).toBe(tags);
  });

  it.each<[name: string, text: string]>([
    ['elements', '<a>'.repeat(100_000)],
    ['elements and their ends', '<a>'.repeat(100_000) + '</a>'.repeat(100_000)],
    ['elements that seem empty', '<a b="/>">'.repeat(100_000) + '</a>'.repeat(100_000)],
  ])('of 100,000 is refused before it is parsed: %s', (_name, text) => {
    expect(refusal(text).message).toBe('The body is nested deeper than 20 levels');
    expect(refusal(text, { maxDepth: 1_000_000 }).status).toBe(400);
  });

  it.each<[name: string, text: string]>([
    ['elements behind ends', `<a>${'</a>'.repeat(100_000)}${'<a>'.repeat(200_000)}`],
    ['elements that are malformed, and seem empty', '<a b=/>'.repeat(100_000)],
    ['elements that seem quoted', `<a "${'<a>'.repeat(100_000)}`],
    ['elements in what is no CDATA section', `<![CDATA[${'<a>'.repeat(100_000)}`],
    ['elements in what is no comment', `<!- ${'<a>'.repeat(100_000)}`],
  ])('of 100,000 is 400, and no overflow of the stack: %s', (_name, text) => {
    expect(refusal(text).status).toBe(400);
    expect(refusal(text, { maxDepth: 1_000_000 }).status).toBe(400);
  });
});

describe('time', () => {
  const LENGTH = 200_000;
  it.each([
    '\r',
    '&amp;',
    '<b/>',
    '<b>ü</b>',
    '<!---->',
    '<?p?>',
    '<![CDATA[]]>',
    '<![CDATA[',
    '<!--',
    '<',
    '>',
    '&',
    ']]',
    '"',
    ' ',
    '<b ',
  ])('grows with the length and no faster, for a long run of %j', (part) => {
    const run = part.repeat(Math.ceil(LENGTH / part.length));
    for (const text of [
      `<a>${run}</a>`,
      `<a b="${run}"/>`,
      `<a ${run}/>`,
      `<?xml${run}`,
      run,
      `<a>🐨${run}</a>`,
    ]) {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameworkError);
      }
    }
  });

  it('is bounded for many attributes, and for one reference of many digits', () => {
    const attributes = Array.from({ length: 30_000 }, (_, i) => `b${i}=""`).join(' ');
    expect(Object.keys(read(`<a ${attributes}/>`) as object)).toHaveLength(30_000);
    expect(read(`<a>&#x${'0'.repeat(LENGTH)}41;</a>`)).toBe('A');
  });

  it('is bounded for white space around and within an xsi:nil', () => {
    const space = ' '.repeat(LENGTH);
    expect(read(`<a ${XSI} xsi:nil="${space}true${space}"/>`)).toBeNull();
    expect(refusal(`<a ${XSI} xsi:nil="${space}true${space}x"/>`).status).toBe(400);
    expect(refusal(`<a ${XSI} xsi:nil="x${space}x"/>`).status).toBe(400);
  });
});

describe('names that reach prototypes', () => {
  it.each([
    '<a><__proto__><polluted>1</polluted></__proto__></a>',
    '<a><constructor/></a>',
    '<a><b><prototype/></b></a>',
    '<a __proto__="1"/>',
    '<a xmlns:p="u"><p:__proto__/></a>',
    '<a><_x005F__proto__/></a>',
    '<a><con_x0073_tructor/></a>',
  ])('%s is refused', (text) => {
    expect(refusal(text).message).toContain('a name that is not allowed');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

class Part {
  constructor(readonly name: string) {}
}

class Box {
  parts = [new Part('x'), new Part('y')];
  @Exclude() secret = 'hunter2';
  @Expose({ name: 'box-label' }) label = 'l';
}

describe('what is written', () => {
  it.each<[name: string, value: unknown, text: string]>([
    ['an object', { a: 'x', b: 1.5, c: true }, '<root><a>x</a><b>1.5</b><c>true</c></root>'],
    ['an object without properties', {}, '<root/>'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '<root><a>1</a></root>'],
    ['an object whose constructor is data', { constructor: class Fake {} }, '<root/>'],
    ['an instance', new Part('x'), '<part><name>x</name></part>'],
    ['an instance of a class without a name', new (class {})(), '<root/>'],
    [
      'an instance of class-transformer’s',
      new Box(),
      '<box><parts><name>x</name></parts><parts><name>y</name></parts><box-label>l</box-label></box>',
    ],
    [
      'an instance within',
      { box: [new Box()] },
      '<root><box><parts><name>x</name></parts><parts><name>y</name></parts><box-label>l</box-label></box></root>',
    ],
    [
      'an array',
      [1, new Part('x'), { a: 2 }],
      '<items><item>1</item><part><name>x</name></part><item><a>2</a></item></items>',
    ],
    ['an empty array', [], '<items/>'],
    ['a set', new Set([new Part('x')]), '<items><part><name>x</name></part></items>'],
    ['a map', new Map([['a', [1, 2]]]), '<root><a>1</a><a>2</a></root>'],
    [
      'arrays of properties',
      { a: [1, ''], b: [], c: [[1, 2], [3]] },
      '<root><a>1</a><a/><b/><c><item>1</item><item>2</item></c><c><item>3</item></c></root>',
    ],
    ['null', { a: null, b: [null] }, `<root ${XSI}><a xsi:nil="true"/><b xsi:nil="true"/></root>`],
    ['null alone', null, `<root ${XSI} xsi:nil="true"/>`],
    ['undefined and functions', { a: undefined, b: () => 1, c: Symbol('x') }, '<root/>'],
    ['dates', { a: new Date(0) }, '<root><a>1970-01-01T00:00:00.000Z</a></root>'],
    ['a date alone', new Date(0), '<root>1970-01-01T00:00:00.000Z</root>'],
    ['bigints', { a: 12345678901234567890n }, '<root><a>12345678901234567890</a></root>'],
    ['numbers that JSON lacks', { a: Number.NaN }, `<root ${XSI}><a xsi:nil="true"/></root>`],
    ['markup', '<a b="c">&]]>', '<root>&lt;a b="c"&gt;&amp;]]&gt;</root>'],
    ['line ends', 'a\r\nb\n', '<root>a&#xD;\nb\n</root>'],
    [
      'names that are no names',
      { 'a b': 1, '1': 2, 'p:q': 3, '': undefined },
      '<root><_x0031_>2</_x0031_><a_x0020_b>1</a_x0020_b><p_x003A_q>3</p_x003A_q></root>',
    ],
    ['names with markup', { 'a><b': 1 }, '<root><a_x003E__x003C_b>1</a_x003E__x003C_b></root>'],
  ])('%s', (_name, value, text) => {
    expect(write(value)).toBe(text);
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const decoratedCycle = Object.assign(new Box(), { self: null as unknown });
  decoratedCycle.self = decoratedCycle;
  const deep = '['.repeat(5000) + ']'.repeat(5000);

  it.each<[name: string, value: unknown]>([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a control character', { a: 'x\x00' }],
    ['a noncharacter', { a: '\uffff' }],
    ['half of a surrogate pair', { a: '\ud83d' }],
    ['an empty name', { '': 1 }],
    ['a cycle', cycle],
    ['a cycle of instances of class-transformer’s', decoratedCycle],
    ['100,000 levels', JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))],
  ])('is a TypeError, the server’s fault: %s', (_name, value) => {
    expect(() => write(value)).toThrow(TypeError);
  });

  it('may be some levels deep', () => {
    try {
      expect(write(JSON.parse(deep))).toContain('<item>');
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  });
});

describe('what was written', () => {
  const legal = anyText.filter(
    (text) => !/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(text),
  );
  const name = fc.oneof(
    fc.constantFrom(
      'a',
      '_',
      '_x',
      '_x0041_',
      '_x0041',
      '_x_',
      '__x0041_',
      'x0041_',
      'a_x0020_x0041_',
      '#text',
      'xmlns',
      'ü',
    ),
    fc
      .array(fc.constantFrom('_', 'x', '0041', '0', 'A', ' ', '🐨'), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join('')),
    anyText,
  );
  const fit = name.filter((text) => text !== '' && !['__proto__', 'constructor', 'prototype'].includes(text));

  it('is read as the same value', () => {
    const { value } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, legal, fc.constant(null), tie('object')),
      object: fc.dictionary(
        fit,
        fc.oneof(tie('value'), fc.array(tie('value'), { minLength: 2, maxLength: 4 })),
        {
          minKeys: 1,
          maxKeys: 4,
        },
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const plain: unknown = JSON.parse(JSON.stringify(given));
        expect(read(String(xmlCodec.write?.(given)), { maxDepth: 100 })).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });

  it('has names that come back, whatever they are', () => {
    fc.assert(
      fc.property(
        name.filter((text) => text !== ''),
        (given) => {
          const encoded = encodeName(given);
          expect(isName(encoded)).toBe(true);
          expect(decodeName(encoded)).toBe(given);
        },
      ),
      { numRuns: 1000 },
    );
    expect(['pos_x', 'delta_x_max', 'a-b.c', '_id', 'größe'].map(encodeName)).toEqual([
      'pos_x',
      'delta_x_max',
      'a-b.c',
      '_id',
      'größe',
    ]);
  });
});
