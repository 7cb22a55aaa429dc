import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  eventStream,
  eventStreamCodec,
  type ServerSentEvent,
} from '../../../src/framework/codecs/event-stream.js';
import { anyText } from '../http/any-text.js';

function write(value: unknown): string {
  return String(eventStreamCodec.write?.(value));
}

async function* source(...items: readonly unknown[]): AsyncGenerator<unknown> {
  yield* items;
}

async function textOf(chunks: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += String(chunk);
  return text;
}

interface Dispatched {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** What a client makes of a stream, WHATWG HTML §9.2.6. */
function received(stream: string): { readonly events: readonly Dispatched[]; readonly retry: string | null } {
  const events: Dispatched[] = [];
  let [data, type, lastEventId] = ['', '', ''];
  let retry: string | null = null;
  const all = Buffer.from(stream)
    .toString()
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/);
  // What follows the last line break is no line, and an event that isn't ended by a blank one is dropped.
  for (const line of all.slice(0, -1)) {
    if (line === '') {
      if (data !== '') events.push({ type: type || 'message', data: data.replace(/\n$/, ''), lastEventId });
      [data, type] = ['', ''];
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') type = value;
    else if (name === 'data') data += `${value}\n`;
    else if (name === 'id' && !value.includes('\0')) lastEventId = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) retry = value;
  }
  return { events, retry };
}

describe('an event, WHATWG HTML §9.2.5', () => {
  it.each<[name: string, item: unknown, text: string]>([
    ['a text', 'hello', 'data: hello\n\n'],
    ['an empty text', '', 'data: \n\n'],
    ['a text with lines of each kind', 'a\nb\rc\r\nd\n', 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    ['a text like a field', 'x\nevent: y\n\nid: 1', 'data: x\ndata: event: y\ndata: \ndata: id: 1\n\n'],
    ['a text with spaces before it', '  a', 'data:   a\n\n'],
    ['a number', 1, 'data: 1\n\n'],
    ['null', null, 'data: null\n\n'],
    ['undefined', undefined, 'data: null\n\n'],
    ['a bigint', 2n ** 64n, 'data: "18446744073709551616"\n\n'],
    ['an object', { a: 'x\ny' }, 'data: {"a":"x\\ny"}\n\n'],
    ['an object with one key more', { data: 1, event: 'x', a: 1 }, 'data: {"data":1,"event":"x","a":1}\n\n'],
    ['an object with an id only', { id: 7 }, 'data: {"id":7}\n\n'],
    ['an empty object', {}, 'data: {}\n\n'],
    [
      'an instance of a class',
      new (class {
        data = 1;
      })(),
      'data: {"data":1}\n\n',
    ],
    ['an object with inherited fields', Object.create({ data: 1 }), 'data: {}\n\n'],
    ['a map', new Map([['data', 1]]), 'data: {"data":1}\n\n'],
    ['a date', new Date(0), 'data: "1970-01-01T00:00:00.000Z"\n\n'],
    ['data', { data: 'a\nb' }, 'data: a\ndata: b\n\n'],
    ['data that is a value', { data: { data: [1] } }, 'data: {"data":[1]}\n\n'],
    ['data that is null', { data: null }, 'data: null\n\n'],
    ['data that is undefined', { data: undefined }, 'data: \n\n'],
    ['data with an id', { id: 7, data: 'x' }, 'id: 7\ndata: x\n\n'],
    ['an empty id', { id: '', data: 'x' }, 'id: \ndata: x\n\n'],
    ['a type', { event: 'tick', data: 1 }, 'event: tick\ndata: 1\n\n'],
    ['a type alone, which clients would drop', { event: 'tick' }, 'event: tick\ndata: \n\n'],
    ['a time to connect again', { retry: 3000 }, 'retry: 3000\n\n'],
    ['a time of nothing', { retry: 0 }, 'retry: 0\n\n'],
    ['a comment', { comment: 'a\r\nb\rc\nd' }, ': a\n: b\n: c\n: d\n\n'],
    [
      'all of them',
      { data: 'd', event: 'e', id: 'i', retry: 1, comment: 'c' },
      ': c\nevent: e\nid: i\nretry: 1\ndata: d\n\n',
    ],
    [
      'an object without a prototype',
      Object.assign(Object.create(null), { event: 'e', data: 1 }),
      'event: e\ndata: 1\n\n',
    ],
  ])('%s', async (_name, item, text) => {
    // An array is a list of events.
    expect(write([item])).toBe(text);
    expect(await textOf(eventStreamCodec.writeItems?.(source(item)) ?? source())).toBe(text);
    if (!Array.isArray(item)) expect(write(item)).toBe(text);
  });

  it.each<[name: string, item: unknown]>([
    ['an id with LF', { id: 'a\nb', data: 1 }],
    ['an id with CR', { id: 'a\rdata: x', data: 1 }],
    ['an id with NUL', { id: 'a\0', data: 1 }],
    ['an id that is no text', { id: {}, data: 1 }],
    ['an id that is null', { id: null, data: 1 }],
    ['a type with LF', { event: 'a\n\ndata: x' }],
    ['a type with CR', { event: 'a\r' }],
    ['a type that is no text', { event: 1 }],
    ['a comment that is no text', { comment: { text: 'x' } }],
    ['a negative retry', { retry: -1 }],
    ['a broken retry', { retry: 1.5 }],
    ['a retry that is written with an exponent', { retry: 1e21 }],
    ['a retry that is a text', { retry: '1\ndata: x' }],
    ['an infinite retry', { retry: Number.POSITIVE_INFINITY }],
    ['data without a JSON form', { data: () => 1 }],
    ['a function', () => 1],
  ])('%s is the server’s mistake', async (_name, item) => {
    expect(() => write(item)).toThrow(TypeError);
    await expect(textOf(eventStream(source(item), { heartbeat: 0 }))).rejects.toThrow(TypeError);
  });

  it('arrives as it was sent', async () => {
    const line = anyText.map((text) => text.replaceAll(/[\r\n\0]/g, ''));
    const data = fc.oneof(
      anyText,
      fc.string({ unit: fc.constantFrom('\r', '\n', ':', ' ', 'a', 'data', '\0', '\ufeff') }),
    );
    const event = fc.record(
      { data, event: line, id: line, retry: fc.nat(), comment: data },
      { requiredKeys: ['data', 'id'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event), async (events: readonly ServerSentEvent[]) => {
        const stream = await textOf(eventStream(source(...events), { heartbeat: 0 }));
        expect(write(events)).toBe(stream);
        const expected = events.map(({ data, event, id }) => ({
          type: event || 'message',
          data: String(data).replaceAll(/\r\n|\r/g, '\n'),
          lastEventId: id,
        }));
        const retry = events.findLast((each) => each.retry !== undefined)?.retry;
        expect(received(stream)).toEqual({ events: expected, retry: retry?.toString() ?? null });
      }),
    );
  });

  it('arrives whatever its data are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const items = values.map((data) => ({ data: [data] }));
        const { events } = received(await textOf(eventStream(source(...items), { heartbeat: 0 })));
        expect(events.map(({ data }) => data)).toEqual(values.map((data) => JSON.stringify([data])));
      }),
    );
  });

  it('of a list comes after the one before it', () => {
    expect(write([])).toBe('');
    expect(received(write(['a', 'b', [1, 2]])).events.map(({ data }) => data)).toEqual(['a', 'b', '[1,2]']);
  });

  it.each(['\r', '\n', '\r\n', ' ', 'a'])('is written in linear time: a long run of %j', (part) => {
    const text = part.repeat(Math.ceil(300_000 / part.length));
    expect(received(write(text)).events).toEqual([
      { type: 'message', data: text.replaceAll(/\r\n?/g, '\n'), lastEventId: '' },
    ]);
  });

  it('is for responses only', () => {
    expect(eventStreamCodec.read).toBeUndefined();
    expect(eventStreamCodec.readStream).toBeUndefined();
  });
});

/** A source whose items come when they are told to, with what was asked of it. */
class Controlled implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  asked = 0;
  returned = 0;
  onReturn: () => Promise<IteratorResult<unknown>> = async () => ({ done: true, value: undefined });
  #answer: { resolve: (result: IteratorResult<unknown>) => void; reject: (error: unknown) => void } | null =
    null;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<unknown>> {
    this.returned++;
    return this.onReturn();
  }

  give(value: unknown): void {
    this.#answer?.resolve({ done: false, value });
  }

  end(): void {
    this.#answer?.resolve({ done: true, value: undefined });
  }

  fail(error: unknown): void {
    this.#answer?.reject(error);
  }
}

describe('a stream of events', () => {
  const unhandled = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    process.on('unhandledRejection', unhandled);
  });

  afterEach(async () => {
    const timers = vi.getTimerCount();
    vi.useRealTimers();
    // Node reports a rejection that nobody handled once the microtasks are through.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    unhandled.mockClear();
    expect(timers).toBe(0);
  });

  /** Reads on its own and notes what comes. */
  function reading(stream: AsyncIterable<string>) {
    const iterator = stream[Symbol.asyncIterator]();
    const texts: string[] = [];
    const done = (async () => {
      for (let result = await iterator.next(); result.done !== true; result = await iterator.next()) {
        texts.push(result.value);
      }
    })();
    return { iterator, texts, done };
  }

  it('has a heartbeat for each silence of that length', async () => {
    const items = new Controlled();
    const { texts, done } = reading(eventStream(items, { heartbeat: 1000 }));
    await vi.advanceTimersByTimeAsync(999);
    expect(texts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(texts).toEqual([':\n\n']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(texts).toEqual([':\n\n', ':\n\n', ':\n\n']);
    expect(items.asked).toBe(1);
    items.give('a');
    await vi.advanceTimersByTimeAsync(999);
    expect(texts.slice(3)).toEqual(['data: a\n\n']);
    await vi.advanceTimersByTimeAsync(1);
    expect(texts.slice(4)).toEqual([':\n\n']);
    items.end();
    await done;
    expect(received(texts.join('')).events).toHaveLength(1);
    expect(items.returned).toBe(0);
  });

  it('has none where the items come soon enough', async () => {
    const items = new Controlled();
    const { texts, done } = reading(eventStream(items, { heartbeat: 1000 }));
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(900);
      items.give(i);
      await vi.advanceTimersByTimeAsync(0);
    }
    items.end();
    await done;
    expect(texts).toEqual([0, 1, 2, 3, 4].map((i) => `data: ${i}\n\n`));
  });

  it('has none where it is 0', async () => {
    const items = new Controlled();
    const { texts, done } = reading(eventStream(items, { heartbeat: 0 }));
    await vi.advanceTimersByTimeAsync(100_000_000);
    expect(vi.getTimerCount()).toBe(0);
    items.end();
    await done;
    expect(texts).toEqual([]);
  });

  it('has one each 15 seconds as the codec makes it, §9.2.7', async () => {
    const items = new Controlled();
    const { texts, done } = reading(eventStreamCodec.writeItems?.(items) as AsyncIterable<string>);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(texts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(texts).toEqual([':\n\n']);
    items.end();
    await done;
  });

  it('is not written twice where it has a heartbeat of its own', async () => {
    const items = new Controlled();
    const stream = eventStream(items, { heartbeat: 1000 });
    const { texts, done } = reading(eventStreamCodec.writeItems?.(stream) as AsyncIterable<string>);
    await vi.advanceTimersByTimeAsync(1000);
    items.give('a');
    await vi.advanceTimersByTimeAsync(0);
    items.end();
    await done;
    expect(texts).toEqual([':\n\n', 'data: a\n\n']);
  });

  it('asks for an item only when its reader does, and has no timer while nobody waits', async () => {
    const items = new Controlled();
    const iterator = eventStream(items, { heartbeat: 1000 })[Symbol.asyncIterator]();
    expect(items.asked).toBe(0);
    const first = iterator.next();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await first).toEqual({ done: false, value: ':\n\n' });
    expect(vi.getTimerCount()).toBe(0);
    items.give('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await iterator.next()).toEqual({ done: false, value: 'data: a\n\n' });
    expect(items.asked).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    await iterator.return?.();
  });

  it('keeps no process alive with its heartbeat', async () => {
    const items = new Controlled();
    const unref = vi.spyOn(globalThis, 'setTimeout');
    const { iterator, done } = reading(eventStream(items, { heartbeat: 1000 }));
    await vi.advanceTimersByTimeAsync(0);
    expect(unref.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
    unref.mockRestore();
    await iterator.return?.();
    await done;
  });

  it.each([
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 31,
  ])('takes no heartbeat of %s', (heartbeat) => {
    expect(() => eventStream(source(), { heartbeat })).toThrow(RangeError);
  });

  it.each<[name: string, onReturn: Controlled['onReturn']]>([
    ['at once', async () => ({ done: true, value: undefined })],
    ['never', () => new Promise(() => {})],
    ['with an error', () => Promise.reject(new Error('late'))],
    [
      'with a throw',
      () => {
        throw new Error('at once');
      },
    ],
  ])('tells its source at once when the reader leaves while it waits, and the source finishes %s', async (_name, onReturn) => {
    const items = new Controlled();
    items.onReturn = onReturn;
    const { iterator, texts, done } = reading(eventStream(items, { heartbeat: 1000 }));
    await vi.advanceTimersByTimeAsync(500);
    const left = iterator.return?.();
    expect(items.returned).toBe(1);
    expect(await left).toEqual({ done: true, value: undefined });
    await done;
    expect(vi.getTimerCount()).toBe(0);
    // What its source says now, nobody waits for.
    items.fail(new Error('gone'));
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(items).toMatchObject({ asked: 1, returned: 1 });
    expect(texts).toEqual([]);
  });

  it('tells its source after a heartbeat that nobody read on from', async () => {
    const items = new Controlled();
    items.onReturn = () => new Promise(() => {});
    const iterator = eventStream(items, { heartbeat: 1000 })[Symbol.asyncIterator]();
    const first = iterator.next();
    await vi.advanceTimersByTimeAsync(1000);
    expect((await first).value).toBe(':\n\n');
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(items.returned).toBe(1);
    items.fail(new Error('gone'));
  });

  it('leaves no more behind where its source is a generator that waits', async () => {
    let release = (): void => {};
    let finished = false;
    async function* waitingSource(): AsyncGenerator<unknown> {
      try {
        yield 1;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield 2;
      } finally {
        finished = true;
      }
    }
    const { iterator, texts, done } = reading(eventStream(waitingSource(), { heartbeat: 1000 }));
    await vi.advanceTimersByTimeAsync(10);
    await iterator.return?.();
    await done;
    expect(finished).toBe(false);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(finished).toBe(true);
    expect(texts).toEqual(['data: 1\n\n']);
  });

  it('waits for its source to finish between two items, as for await does', async () => {
    const items = new Controlled();
    let finished = false;
    items.onReturn = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      finished = true;
      throw new Error('not closed');
    };
    const iterator = eventStream(items, { heartbeat: 1000 })[Symbol.asyncIterator]();
    const first = iterator.next();
    items.give(1);
    await first;
    const left = expect(iterator.return?.()).rejects.toThrow('not closed');
    await vi.advanceTimersByTimeAsync(10);
    await left;
    expect(finished).toBe(true);
  });

  it('tells its source where nothing was read yet', async () => {
    const items = new Controlled();
    const iterator = eventStream(items, { heartbeat: 1000 })[Symbol.asyncIterator]();
    await iterator.return?.();
    expect(items).toMatchObject({ asked: 0, returned: 1 });
    expect((await iterator.next()).done).toBe(true);
    expect(items.asked).toBe(0);
  });

  it('fails with its source, which needs no telling', async () => {
    const items = new Controlled();
    const { texts, done, iterator } = reading(eventStream(items, { heartbeat: 1000 }));
    const failed = expect(done).rejects.toThrow('broken');
    items.give(1);
    await vi.advanceTimersByTimeAsync(1500);
    items.fail(new Error('broken'));
    await failed;
    expect(texts).toEqual(['data: 1\n\n', ':\n\n']);
    expect((await iterator.next()).done).toBe(true);
    expect(items.returned).toBe(0);
  });

  it.each<[name: string, iterator: object]>([
    [
      'throws',
      {
        next() {
          throw new Error('broken');
        },
      },
    ],
    ['answers nothing', { next: async () => undefined }],
  ])('fails with a source that %s', async (_name, iterator) => {
    const items = { [Symbol.asyncIterator]: () => iterator } as AsyncIterable<unknown>;
    await expect(textOf(eventStream(items, { heartbeat: 1000 }))).rejects.toThrow(Error);
  });

  it('tells its source of an item that is no event', async () => {
    const items = new Controlled();
    items.onReturn = () => Promise.reject(new Error('not closed'));
    const { done } = reading(eventStream(items, { heartbeat: 1000 }));
    const failed = expect(done).rejects.toThrow('may not contain line breaks');
    items.give({ event: 'a\nb' });
    await failed;
    expect(items.returned).toBe(1);
  });

  it('needs no return of its source', async () => {
    const { next } = source(1);
    const inner = source(1);
    const items = { [Symbol.asyncIterator]: () => ({ next: next.bind(inner) }) };
    const iterator = eventStream(items, { heartbeat: 0 })[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe('data: 1\n\n');
    expect((await iterator.return?.())?.done).toBe(true);
  });

  it('gives its answers in order to a reader that asks ahead', async () => {
    const iterator = eventStream(source(1, 2), { heartbeat: 0 })[Symbol.asyncIterator]();
    const all = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(all.map(({ value }) => value)).toEqual(['data: 1\n\n', 'data: 2\n\n', undefined]);
  });

  it('ends its source with the stream that it is sent as', async () => {
    const items = new Controlled();
    const stream = Readable.from(eventStream(items, { heartbeat: 1000 }), { objectMode: false });
    const chunks: string[] = [];
    stream.on('data', (chunk) => chunks.push(String(chunk)));
    await vi.advanceTimersByTimeAsync(1000);
    items.give({ id: 1, data: 'a' });
    await vi.advanceTimersByTimeAsync(10);
    expect(chunks).toEqual([':\n\n', 'id: 1\ndata: a\n\n']);
    stream.destroy();
    await vi.advanceTimersByTimeAsync(0);
    expect(items.returned).toBe(1);
    expect(stream.closed).toBe(true);
  });
});
