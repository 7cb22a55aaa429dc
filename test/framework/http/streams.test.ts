import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonCodec } from '../../../src/framework/codecs/json.js';
import { isAsyncIterable, untilReadable } from '../../../src/framework/http/streams.js';
import { anyText } from './any-text.js';

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

async function* items(...values: readonly unknown[]): AsyncGenerator<unknown> {
  yield* values;
}

describe('a stream that is waited for', () => {
  it.each<[name: string, make: () => Readable, text: string]>([
    ['has chunks', () => Readable.from(['a', 'b']), 'ab'],
    ['has none', () => Readable.from([]), ''],
    ['comes later', () => later((stream) => stream.end('late')), 'late'],
    ['ends later', () => later((stream) => stream.end()), ''],
    ['has objects', () => Readable.from([1, 2]), '12'],
    ['has chunks already', () => new PassThrough().end('now'), 'now'],
  ])('%s, and is whole afterwards', async (_name, make, text) => {
    const stream = make();
    await untilReadable(stream);
    for (const event of ['readable', 'end', 'close', 'error']) {
      // Node keeps listeners of its own on some streams; none of ours.
      const own = make().listenerCount(event);
      expect(stream.listenerCount(event), event).toBe(own);
    }
    expect(await textOf(stream)).toBe(text);
  });

  it('is piped whole afterwards', async () => {
    const stream = Readable.from(['a', 'b', 'c']);
    await untilReadable(stream);
    expect(await textOf(stream.pipe(new PassThrough()))).toBe('abc');
  });

  it.each<[name: string, make: () => Readable]>([
    ['at once', () => failing(() => Promise.reject(new Error('broken')))],
    ['later', () => later((stream) => stream.destroy(new Error('broken')))],
    ['before it was waited for', () => new PassThrough().on('error', () => {}).destroy(new Error('broken'))],
  ])('and fails %s throws its error', async (_name, make) => {
    await expect(untilReadable(make())).rejects.toThrow('broken');
  });

  it.each<[name: string, make: () => Readable]>([
    ['before it was waited for', () => new PassThrough().destroy()],
    ['later', () => later((stream) => stream.destroy())],
  ])('and closes without an end %s is an error: nobody would hear of it again', async (_name, make) => {
    await expect(untilReadable(make())).rejects.toThrow('before its end');
  });

  it('and was closed long before it was waited for is an error too', async () => {
    const stream = new PassThrough().destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    await expect(untilReadable(stream)).rejects.toThrow('before its end');
  });

  it('and was read to its end already is at its end', async () => {
    const stream = Readable.from(['a']);
    await textOf(stream);
    await expect(untilReadable(stream)).resolves.toBeUndefined();
  });

  function later(act: (stream: PassThrough) => void): Readable {
    const stream = new PassThrough();
    setImmediate(() => act(stream));
    return stream;
  }

  function failing(act: () => Promise<never>): Readable {
    return Readable.from(
      (async function* () {
        yield await act();
      })(),
    );
  }
});

const jsonArray = (values: AsyncIterable<unknown>) => jsonCodec.writeItems?.(values) as AsyncIterable<string>;

describe('an async iterable as one JSON array', () => {
  it('is what the array would be', async () => {
    const value = fc.oneof(
      fc.integer(),
      anyText,
      fc.boolean(),
      fc.constant(null),
      fc.dictionary(anyText, fc.integer()),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value), async (values) => {
        const text = await textOf(jsonArray(items(...values)));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });

  it.each<[values: readonly unknown[], text: string]>([
    [[], '[]'],
    [[undefined], '[null]'],
    [[undefined, 1], '[null,1]'],
    [[[]], '[[]]'],
  ])('%j', async (values, text) => {
    expect(await textOf(jsonArray(items(...values)))).toBe(text);
  });

  it('lets its source finish where the reader leaves', async () => {
    let finished = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        finished = true;
      }
    }
    for await (const text of jsonArray(source())) if (text === ',3') break;
    expect(finished).toBe(true);
  });
});

it.each<[value: unknown, is: boolean]>([
  [items(), true],
  [Readable.from([]), true],
  [{ [Symbol.asyncIterator]: null }, false],
  [[], false],
  ['', false],
  [null, false],
  [undefined, false],
  [{}, false],
])('whether %s is iterated with for await: %s', (value, is) => {
  expect(isAsyncIterable(value)).toBe(is);
});
