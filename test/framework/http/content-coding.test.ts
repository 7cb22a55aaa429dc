import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AVAILABLE_CODINGS,
  type Coding,
  chooseCoding,
  isCompressible,
} from '../../../src/framework/http/content-coding.js';
import { anyText } from './any-text.js';

const BOTH: readonly Coding[] = ['br', 'gzip'];
const ALL: readonly Coding[] = ['br', 'zstd', 'gzip'];

describe('the coding of a response, RFC 9110 §12.5.3', () => {
  it.each<[header: string | undefined, coding: Coding | 'identity' | null]>([
    [undefined, 'identity'],
    ['', 'identity'],
    [' ', 'identity'],
    [',,', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['deflate', 'identity'],
    ['compress, deflate', 'identity'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['gzip;q=0.5, br;q=0.5', 'br'],
    ['br ; q=0.8,\tgzip ;\tQ=0.9', 'gzip'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=.5', 'gzip'],
    ['gzip;q=1.000', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['gzip;q=0.000', 'identity'],
    ['identity', 'identity'],
    ['identity, gzip', 'gzip'],
    ['identity;q=1, gzip;q=0.5', 'identity'],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity;q=0.2, gzip;q=0.5', 'gzip'],
    ['gzip;q=0.2, *;q=0.5', 'br'],
    ['br;q=0, gzip;q=0.2, *;q=0.5', 'identity'],
    ['identity;q=0', null],
    ['*;q=0', null],
    ['deflate, identity;q=0', null],
    ['deflate, *;q=0', null],
    ['gzip, *;q=0', 'gzip'],
    ['gzip;q=0, identity;q=0', null],
    ['gzip, identity;q=0', 'gzip'],
    ['*;q=0, identity', 'identity'],
    ['*;q=0, identity;q=0.1', 'identity'],
    ['identity;q=0, *', 'br'],
    ['gzip;q=0.1, x-gzip;q=0.9, br;q=0.5', 'gzip'],
    ['gzip;q=0.9, gzip;q=0.1, br;q=0.5', 'gzip'],
    ['gzip;q=0.1, gzip;q=0.9, br;q=0.5', 'gzip'],
    ['gzip;q=high, br;q=', 'identity'],
    ['gzip;q=2', 'identity'],
    ['gzip;q=-1', 'identity'],
    ['gzip;level=9', 'identity'],
    ['gzip;q=1;q=1', 'identity'],
    ['gzip q=1', 'identity'],
    ['"gzip"', 'identity'],
    ['\xa0gzip', 'identity'],
    ['x y, gzip', 'gzip'],
    ['constructor, __proto__;q=0', 'identity'],
  ])('%j is %s', (header, coding) => {
    expect(chooseCoding(header, BOTH)).toBe(coding);
    expect(chooseCoding(header, BOTH), 'remembered').toBe(coding);
  });

  it('is one of those that there are', () => {
    expect(chooseCoding('br, gzip', ['gzip'])).toBe('gzip');
    expect(chooseCoding('br, gzip', ['gzip', 'br'])).toBe('gzip');
    expect(chooseCoding('br, gzip', ['br', 'gzip'])).toBe('br');
    expect(chooseCoding('br, gzip', [])).toBe('identity');
    expect(chooseCoding('*;q=0', [])).toBe(null);
    expect(chooseCoding('zstd', ALL)).toBe('zstd');
    expect(chooseCoding('zstd', BOTH)).toBe('identity');
  });

  const member = fc
    .tuple(
      fc.constantFrom('br', 'gzip', 'x-gzip', 'zstd', 'identity', '*', 'deflate', 'BR', '', '=', 'a b'),
      fc.constantFrom('', ';q=0', ';q=0.3', '; Q=0.7', ';q=1', ';q=x', ';a=b'),
    )
    .map((parts) => parts.join(''));

  /** What the section says, word for word: the weight of everything that there is, and who has the greatest. */
  function naive(header: string, available: readonly Coding[]): Coding | 'identity' | null {
    const listed = header.split(',').flatMap((text) => {
      const match = /^(br|x-gzip|gzip|zstd|identity|\*|deflate)(?:; ?q=(0|0\.3|0\.7|1))?$/i.exec(text.trim());
      return match === null
        ? []
        : [{ name: match[1]!.toLowerCase().replace('x-', ''), weight: Number(match[2] ?? 1) }];
    });
    const weight = (name: string): number | undefined => {
      const named = listed.filter((each) => each.name === name);
      const found = named.length > 0 ? named : listed.filter((each) => each.name === '*');
      return found.length === 0 ? undefined : Math.max(...found.map((each) => each.weight));
    };
    const offers = [
      ...available.map((name) => ({ name, weight: weight(name) ?? 0 })),
      // Acceptable although nobody asked for it.
      { name: 'identity' as const, weight: weight('identity') ?? 0.0001 },
    ].filter((each) => each.weight > 0);
    const most = Math.max(...offers.map((each) => each.weight));
    return offers.find((each) => each.weight === most)?.name ?? null;
  }

  it('is what a plain reading of the section says', () => {
    fc.assert(
      fc.property(fc.array(member), fc.shuffledSubarray([...ALL]), (members, available) => {
        const header = members.join(', ');
        expect(chooseCoding(header, available)).toBe(naive(header, available));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(fc.array(member), (members) => {
        expect(chooseCoding(members.toReversed().join(' ,'), ALL)).toBe(chooseCoding(members.join(','), ALL));
      }),
    );
  });

  it('is chosen whatever is sent, and as often as it is sent', () => {
    const piece = fc.oneof(fc.constantFrom('gzip', 'br', '*', ',', ';', 'q=', '0', 'identity'), anyText);
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const header = pieces.join('');
        const choice = chooseCoding(header, BOTH);
        expect(['br', 'gzip', 'identity', null]).toContain(choice);
        expect(chooseCoding(header, BOTH)).toBe(choice);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['gzip,', ',', ';', ' ', 'q=', 'a;q=0,', '0'])('may be a long run of %j', (part) => {
    expect(chooseCoding(`gzip;q=0.${part.repeat(200_000)}`, BOTH)).toBeDefined();
    expect(chooseCoding(`${part.repeat(200_000)}, br`, BOTH)).toBeDefined();
  });
});

it('the codings that there are, are those of Node’s zlib', () => {
  const zstd = 'createZstdCompress' in zlib;
  expect(AVAILABLE_CODINGS).toEqual(zstd ? ALL : BOTH);
  expect(Object.isFrozen(AVAILABLE_CODINGS)).toBe(true);
});

describe('content that is worth compressing', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    ' application/json ;a=b',
    'application/problem+json',
    'application/vnd.a.b+xml',
    'application/xml',
    'application/yaml',
    'application/x-ndjson',
    'application/jsonl',
    'application/cbor',
    'application/vnd.msgpack',
    'application/javascript',
    'application/wasm',
    'text/plain',
    'text/html;charset=utf-8',
    'text/csv',
    'text/javascript',
    'text/x-anything',
    'image/svg+xml',
    'image/bmp',
    'font/ttf',
  ])('%s is', (type) => {
    expect(isCompressible(type)).toBe(true);
  });

  it.each([
    'text/event-stream',
    'Text/Event-Stream; charset=utf-8',
    'image/png',
    'image/jpeg',
    'image/webp',
    'video/mp4',
    'audio/mpeg',
    'font/woff2',
    'application/zip',
    'application/gzip',
    'application/pdf',
    'application/octet-stream',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/a+zip',
    'application/jsonx',
    'multipart/form-data; boundary=a',
    'constructor',
    '__proto__',
    '',
    ';',
    'json',
    'application/zip;a=+json',
  ])('%j isn’t', (type) => {
    expect(isCompressible(type)).toBe(false);
  });
});
