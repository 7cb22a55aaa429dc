import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../src/framework/codecs/codec.js';
import { CodecRegistry } from '../../../src/framework/codecs/registry.js';
import { type MediaType, parseMediaType } from '../../../src/framework/http/media-type.js';

function type(text: string): MediaType {
  const found = parseMediaType(text);
  if (found === null) throw new Error(`${text} is no media type`);
  return found;
}

const read = (): unknown => 'read';
const write = (): string => 'written';

describe('the codec of a media type', () => {
  it.each<[text: string, reader: string | null, writer: string | null]>([
    ['application/json', 'application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json', 'application/json'],
    ['application/problem+json', 'application/json', 'application/json'],
    ['text/vnd.a.b+json', 'application/json', 'application/json'],
    ['text/plain', 'text/plain', 'text/plain'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded', null],
    ['application/octet-stream', 'application/octet-stream', null],
    ['application/a+b+json', 'application/json', 'application/json'],
    ['application/xml', null, null],
    ['application/jsonp', null, null],
    ['application/json+xml', null, null],
    ['text/html', null, null],
    ['text/json', null, null],
    ['*/*', null, null],
    ['application/*', null, null],
    ['application/constructor', null, null],
  ])('%s', (text, reader, writer) => {
    const registry = new CodecRegistry();
    expect(registry.reader(type(text))?.mediaTypes[0] ?? null).toBe(reader);
    expect(registry.writer(type(text))?.mediaTypes[0] ?? null).toBe(writer);
  });

  it('is one that was added where there are two, and the exact one before that of a suffix, RFC 6839 §3', () => {
    const json: Codec = { mediaTypes: ['application/json'], read, write };
    const vendor: Codec = { mediaTypes: ['application/vnd.a+json'], read };
    const xml: Codec = { mediaTypes: ['application/xml', 'text/xml'], suffix: '+xml', write };
    const registry = new CodecRegistry([json, vendor, xml]);
    expect(registry.reader(type('application/json'))).toBe(json);
    expect(registry.reader(type('application/vnd.a+json'))).toBe(vendor);
    expect(registry.writer(type('application/vnd.a+json'))).toBe(
      new CodecRegistry().writer(type('application/json')),
    );
    expect(registry.writer(type('text/xml'))).toBe(xml);
    expect(registry.writer(type('image/svg+xml'))).toBe(xml);
    expect(registry.reader(type('image/svg+xml'))).toBeNull();
  });

  it('is found for a name in capitals too', () => {
    const added: Codec = { mediaTypes: ['Application/CBOR'], suffix: '+CBOR', read };
    const registry = new CodecRegistry([added]);
    expect(registry.reader(type('application/cbor'))).toBe(added);
    expect(registry.reader(type('application/senml+cbor'))).toBe(added);
  });

  it('is called on the codec itself, which may be an instance', () => {
    class Counting implements Codec {
      readonly mediaTypes = ['text/csv'];
      count = 0;
      read(): number {
        return ++this.count;
      }
    }
    const codec = new Counting();
    const found = new CodecRegistry([codec]).reader(type('text/csv'));
    expect(found?.read?.(Buffer.alloc(0), { charset: null, parameters: new Map(), maxDepth: 1 })).toBe(1);
    expect(codec.count).toBe(1);
  });
});
