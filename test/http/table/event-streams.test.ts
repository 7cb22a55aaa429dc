import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import { Context, createApp, eventStream, GET, HeaderParam, Path, Produces } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let make: (last: string | undefined, signal: AbortSignal) => unknown = () => [];

@Path('/events')
class EventController {
  @GET @Produces('text/event-stream') get(
    @HeaderParam('Last-Event-ID') last: string | undefined,
    @Context() signal: AbortSignal,
  ) {
    return make(last, signal);
  }
}

let server: Server;
let port: number;
beforeAll(async () => {
  const app = await createApp({ controllers: EventController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function open(headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
  const sent = request({ port, host: '127.0.0.1', path: '/events', method, headers, agent: false });
  sent.on('error', () => {});
  sent.end();
  const [res] = (await once(sent, 'response')) as [IncomingMessage];
  res.on('error', () => {});
  return res;
}

async function whole(headers: Record<string, string> = {}): Promise<string> {
  let text = '';
  for await (const chunk of (await open(headers)).setEncoding('utf8')) text += chunk;
  return text;
}

interface Dispatched {
  readonly data: string;
  readonly type: string;
  readonly id: string;
}

/** What a user agent makes of it, WHATWG HTML §9.2.6. */
function interpret(text: string): { events: Dispatched[]; retry: number | undefined } {
  const events: Dispatched[] = [];
  let [data, type, id] = ['', '', ''];
  let retry: number | undefined;
  const all = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  for (const line of all.slice(0, -1)) {
    if (line === '') {
      if (data !== '') events.push({ data: data.replace(/\n$/, ''), type: type || 'message', id });
      [data, type] = ['', ''];
      continue;
    }
    if (line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    const [field, raw] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (field === 'data') data += `${value}\n`;
    if (field === 'event') type = value;
    if (field === 'id' && !value.includes('\0')) id = value;
    if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }
  return { events, retry };
}

async function* each(...items: readonly unknown[]) {
  yield* items;
}

const message = (data: string, id = '', type = 'message') => ({ data, type, id });

describe('events, WHATWG HTML §9.2.6', () => {
  it.each<[name: string, items: readonly unknown[], events: readonly Dispatched[]]>([
    ['a text', [{ data: 'a' }], [message('a')]],
    ['two lines', [{ data: 'a\nb' }], [message('a\nb')]],
    ['lines of all kinds', [{ data: 'a\r\nb\rc\nd' }], [message('a\nb\nc\nd')]],
    ['an empty line between', [{ data: 'a\n\nb' }], [message('a\n\nb')]],
    ['a line break last', [{ data: 'a\n' }], [message('a\n')]],
    ['a blank first', [{ data: ' a' }], [message(' a')]],
    ['a colon first', [{ data: ':a' }], [message(':a')]],
    ['what looks like a field', [{ data: 'id: 7\nevent: x' }], [message('id: 7\nevent: x')]],
    ['a byte order mark', [{ data: '\ufeffa' }], [message('\ufeffa')]],
    ['other separators', [{ data: 'a\u2028b\u0085c\vd' }], [message('a\u2028b\u0085c\vd')]],
    ['beyond the first plane', [{ data: '\u{1f600}' }], [message('\u{1f600}')]],
    ['an object', [{ data: { a: [1, null] } }], [message('{"a":[1,null]}')]],
    ['a number', [{ data: 0 }], [message('0')]],
    ['null', [{ data: null }], [message('null')]],
    ['false', [{ data: false }], [message('false')]],
    ['a date', [{ data: new Date(0) }], [message('"1970-01-01T00:00:00.000Z"')]],
    ['a text with quotes stays', [{ data: '"a"' }], [message('"a"')]],
    ['a type', [{ event: 'tick', data: 'a' }], [message('a', '', 'tick')]],
    ['an id', [{ id: '7', data: 'a' }], [message('a', '7')]],
    ['an id that is zero', [{ id: 0, data: 'a' }], [message('a', '0')]],
    ['an id is kept', [{ id: '7', data: 'a' }, { data: 'b' }], [message('a', '7'), message('b', '7')]],
    [
      'an id is reset',
      [
        { id: '7', data: 'a' },
        { id: '', data: 'b' },
      ],
      [message('a', '7'), message('b')],
    ],
    ['an id with a blank first', [{ id: ' 7', data: 'a' }], [message('a', ' 7')]],
    ['an id in letters', [{ id: 'größe', data: 'a' }], [message('a', 'größe')]],
    ['a plain text', ['a\nb'], [message('a\nb')]],
    ['a plain number', [5], [message('5')]],
    ['a plain object', [{ title: 'x' }], [message('{"title":"x"}')]],
    ['a plain object with data', [{ data: 'x', title: 'y' }], [message('{"data":"x","title":"y"}')]],
    ['a plain list', [[1, 2]], [message('[1,2]')]],
    ['a comment', [{ comment: 'a\ndata: b' }, { data: 'c' }], [message('c')]],
    ['a comment with an event', [{ comment: 'a', data: 'c' }], [message('c')]],
    ['several', [1, 2, 3], [message('1'), message('2'), message('3')]],
    ['none', [], []],
  ])('%s', async (_name, items, events) => {
    make = () => each(...items);
    expect(interpret(await whole()).events).toEqual(events);
  });

  it('retry', async () => {
    make = () => each({ retry: 0 }, { retry: 5000, data: 'a' });
    expect(interpret(await whole())).toEqual({ events: [message('a')], retry: 5000 });
  });

  it.each([
    { id: 'a\nb', data: 'x' },
    { id: 'a\0b', data: 'x' },
    { id: 'a\rb', data: 'x' },
    { event: 'a\ndata: b', data: 'x' },
    { event: 'a\rb', data: 'x' },
    { retry: -1, data: 'x' },
    { retry: 1.5, data: 'x' },
    { retry: Number.NaN, data: 'x' },
  ])('%j is no event: the connection is broken off and nothing of it is sent', async (item) => {
    make = () => each(item);
    const res = await open();
    let text = '';
    res.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await new Promise((resolve) => res.once('close', resolve));
    expect([res.complete, text]).toEqual([false, '']);
  });
});

describe('the exchange', () => {
  it('§9.2.1 has the media type, and no length', async () => {
    make = () => each(1);
    const res = await open();
    expect(res.headers['content-type']).toMatch(/^text\/event-stream(; ?charset=utf-8)?$/i);
    expect(res.headers['content-length']).toBeUndefined();
    res.resume();
  });

  it('§9.2.4 gives Last-Event-ID', async () => {
    make = (last) => each({ last });
    expect(interpret(await whole({ 'Last-Event-ID': '41' })).events).toEqual([message('{"last":"41"}')]);
  });

  it('RFC 9110 §15.5.7 is 406 for whoever accepts something else', async () => {
    const res = await open({ Accept: 'application/json' });
    expect(res.statusCode).toBe(406);
    res.resume();
  });

  it.each(['identity', 'gzip'])('sends the headers and each event at once with %s', async (coding) => {
    let next: () => void = () => {};
    make = async function* () {
      for (let n = 0; n < 3; n++) {
        const asked = new Promise<void>((resolve) => {
          next = resolve;
        });
        yield { n };
        await asked;
      }
    };
    const res = await open({ 'Accept-Encoding': coding });
    const body = res.headers['content-encoding'] === 'gzip' ? res.pipe(createGunzip()) : res;
    for (let n = 0; n < 3; n++) {
      const [chunk] = (await once(body, 'data')) as [Buffer];
      expect(String(chunk)).toContain(`{"n":${n}}`);
      next();
    }
    res.destroy();
  });

  it('sends the headers before there is an event', async () => {
    make = async function* (_last, signal) {
      await once(signal, 'abort');
      yield 1;
    };
    const res = await open();
    expect(res.statusCode).toBe(200);
    res.destroy();
  });

  it('§9.2.7 sends comments in the silence', async () => {
    make = (_last, signal) =>
      eventStream(
        (async function* () {
          await once(signal, 'abort');
          yield 1;
        })(),
        { heartbeat: 5 },
      );
    const res = await open();
    let text = '';
    for await (const chunk of res.setEncoding('utf8')) {
      text += chunk;
      if (text.split('\n\n').length > 4 || text.split('\n').length > 6) break;
    }
    expect(text).toMatch(/^(:[^\n]*\n+)+$/);
    expect(interpret(text).events).toEqual([]);
  });

  it('ends when the client leaves, in the silence too, and closes the source', async () => {
    let closed: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    make = async function* (_last, signal) {
      try {
        yield 1;
        await once(signal, 'abort');
      } finally {
        closed();
      }
    };
    const res = await open();
    await once(res, 'data');
    res.destroy();
    await ended;
  });

  it('RFC 9110 §9.3.2 HEAD has its headers, and ends', async () => {
    make = async function* (_last, signal) {
      yield 1;
      await once(signal, 'abort');
    };
    const res = await open({}, 'HEAD');
    expect([res.statusCode, res.headers['content-type']]).toEqual([
      200,
      expect.stringMatching(/event-stream/),
    ]);
    res.resume();
    await once(res, 'end');
  });

  it('an array, and a single value, are events too', async () => {
    make = () => [{ data: 'a' }, { data: 'b' }];
    expect(interpret(await whole()).events).toEqual([message('a'), message('b')]);
  });
});
