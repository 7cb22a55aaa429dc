import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Exclude, Expose, Transform } from 'class-transformer';
import { createApp, GET, Path, POST, Produces, Reply, Status } from 'koanatomy';
import type request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

class User {
  name = 'ann';
  @Exclude() password = 'secret';
  @Expose({ name: 'since' }) created = '2020';
  @Transform(({ value }) => `${String(value)}!`) mood = 'happy';
}

class Money {
  constructor(private readonly cents: bigint) {}
  toJSON() {
    return `${this.cents / 100n}.${String(this.cents % 100n).padStart(2, '0')}`;
  }
}

let finished: () => void;
const producerStopped = new Promise<void>((resolve) => {
  finished = resolve;
});

@Path('/s')
class SerialiseController {
  @GET('/nothing') nothing() {}
  @GET('/null') none() {
    return null;
  }
  @POST('/created') @Status(201) created() {
    return { id: 1 };
  }
  @POST('/empty') @Status(202) empty() {}
  @GET('/false') no() {
    return false;
  }
  @GET('/zero') zero() {
    return 0;
  }
  @GET('/text') text(): string {
    return 'grüß';
  }
  @GET('/html') @Produces('text/html') html() {
    return '<p>hi</p>';
  }
  @GET('/json-text') @Produces('application/json') jsonText() {
    return 'quoted';
  }
  @GET('/vendor') @Produces('application/vnd.case+json') vendor() {
    return { a: 1 };
  }
  @GET('/bytes') bytes() {
    return Buffer.from([0, 1, 255]);
  }
  @GET('/png') @Produces('image/png') png() {
    return new Uint8Array([137, 80]);
  }
  @GET('/stream') @Produces('text/csv') stream() {
    return Readable.from(['a,b\n', '1,2\n']);
  }
  @GET('/web-stream') webStream() {
    return new Response('x').body;
  }
  @GET('/items') async *items() {
    yield { n: 1 };
    yield { n: 2 };
  }
  @GET('/no-items') async *noItems(): AsyncGenerator<number> {}
  @GET('/web') web() {
    const headers = new Headers({ 'Content-Type': 'text/plain', 'X-Web': 'yes' });
    headers.append('Set-Cookie', 'a=1');
    headers.append('Set-Cookie', 'b=2');
    return new Response('web', { status: 203, headers });
  }
  @GET('/web-empty') webEmpty() {
    return new Response(null, { status: 204 });
  }
  @GET('/users') users() {
    return { list: [new User()], one: new User() };
  }
  @GET('/values') values() {
    return {
      money: new Money(1205n),
      big: 2n ** 64n,
      at: new Date(0),
      set: new Set([1]),
      map: new Map([['k', 'v']]),
    };
  }
  @GET('/reply') reply() {
    return Reply.status(207, { a: 1 }).header('X-A', '1').header('X-A', '2').type('application/x+json');
  }
  @GET('/reply-empty') replyEmpty() {
    return Reply.accepted();
  }
  @GET('/teapot') teapot() {
    return Reply.status(499, 'odd');
  }
  @GET('/symbol') symbol() {
    return Symbol('x');
  }
  @GET('/circle') circle() {
    const a: Record<string, unknown> = {};
    a.a = a;
    return a;
  }
  @GET('/object-as-text') @Produces('text/plain') objectAsText() {
    return { a: 1 };
  }
  @GET('/fails-at-once') failsAtOnce() {
    return Readable.from(failing(0));
  }
  @GET('/fails-midway') failsMidway() {
    return Readable.from(failing(3));
  }
  @GET('/items-fail') async *itemsFail() {
    yield* failing(2);
  }
  @GET('/endless') endless() {
    return Readable.from(endless());
  }
}

async function* failing(after: number) {
  for (let i = 0; i < after; i++) yield 'x'.repeat(100_000);
  throw new Error('the source failed');
}

async function* endless() {
  try {
    for (;;) yield 'x'.repeat(65_536);
  } finally {
    finished();
  }
}

let http: ReturnType<typeof request>;
beforeAll(async () => {
  http = await serve(SerialiseController);
});

const JSON_TYPE = 'application/json; charset=utf-8';

describe('what a method returns is answered as', () => {
  it.each([
    ['nothing', 204, undefined, ''],
    ['null', 204, undefined, ''],
    ['false', 200, JSON_TYPE, 'false'],
    ['zero', 200, JSON_TYPE, '0'],
    ['text', 200, 'text/plain; charset=utf-8', 'grüß'],
    ['html', 200, 'text/html; charset=utf-8', '<p>hi</p>'],
    ['json-text', 200, JSON_TYPE, '"quoted"'],
    ['stream', 200, 'text/csv; charset=utf-8', 'a,b\n1,2\n'],
    ['items', 200, JSON_TYPE, '[{"n":1},{"n":2}]'],
    ['no-items', 200, JSON_TYPE, '[]'],
    ['web-empty', 204, undefined, ''],
    ['reply-empty', 202, undefined, ''],
  ])('%s: %i %s %s', async (path, status, type, text) => {
    const answer = await http.get(`/s/${path}`);
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([status, type, text]);
  });

  it.each([
    ['vendor', 'application/vnd.case+json', '{"a":1}'],
    ['bytes', 'application/octet-stream', '\u0000\u0001\u00ff'],
    ['png', 'image/png', '\u0089P'],
    ['web-stream', 'application/octet-stream', 'x'],
  ])('bytes: %s %s', async (path, type, latin1) => {
    const answer = await http.get(`/s/${path}`).buffer(true).parse(collect);
    expect([answer.headers['content-type'], answer.body]).toEqual([type, latin1]);
  });

  it('with the status that is declared', async () => {
    expect((await http.post('/s/created')).status).toBe(201);
    expect([(await http.post('/s/empty')).status, (await http.post('/s/empty')).text]).toEqual([202, '']);
  });

  it('a web Response, with all its headers', async () => {
    const answer = await http.get('/s/web');
    expect([answer.status, answer.text, answer.headers['x-web']]).toEqual([203, 'web', 'yes']);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('a Reply, with its status, headers and type', async () => {
    const answer = await http.get('/s/reply');
    expect([answer.status, answer.headers['x-a'], answer.headers['content-type']]).toEqual([
      207,
      '1, 2',
      'application/x+json',
    ]);
    expect((await http.get('/s/teapot')).status).toBe(499);
  });
});

function collect(answer: unknown, done: (error: Error | null, body: string) => void): void {
  const response = answer as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks).toString('latin1')));
}

describe('JSON', () => {
  it('honours class-transformer’s decorators wherever the object stands', async () => {
    const user = { name: 'ann', since: '2020', mood: 'happy!' };
    const answer = await http.get('/s/users');
    expect(answer.body).toEqual({ list: [user], one: user });
    expect(answer.text).not.toContain('secret');
  });

  it('honours toJSON, and writes what JSON.stringify loses or refuses', async () => {
    expect((await http.get('/s/values')).body).toEqual({
      money: '12.05',
      big: '18446744073709551616',
      at: '1970-01-01T00:00:00.000Z',
      set: [1],
      map: { k: 'v' },
    });
  });

  it.each([
    'symbol',
    'circle',
    'object-as-text',
    'fails-at-once',
  ])('%s has no form: 500, and no half of a success', async (path) => {
    const answer = await http.get(`/s/${path}`);
    expect([answer.status, answer.body.type]).toEqual([500, 'urn:koanatomy:internal-error']);
  });
});

describe('a stream', () => {
  it.each(['fails-midway', 'items-fail'])('that fails midway looks incomplete: %s', async (path) => {
    const app = await createApp({ controllers: SerialiseController, logger: false });
    const server = app.listen(0);
    try {
      const { port } = server.address() as AddressInfo;
      const sent = get({ port, path: `/s/${path}` });
      const [response] = await once(sent, 'response');
      response.resume();
      const error = await once(response, 'end').then(
        () => null,
        (thrown: Error) => thrown,
      );
      expect({ status: response.statusCode, error: error?.message }).toEqual({
        status: 200,
        error: 'aborted',
      });
    } finally {
      server.close();
    }
  });

  it('stops producing when the client leaves', async () => {
    const app = await createApp({ controllers: SerialiseController, logger: false });
    const server = app.listen(0);
    try {
      const { port } = server.address() as AddressInfo;
      const sent = get({ port, path: '/s/endless' });
      const [response] = await once(sent, 'response');
      await once(response, 'data');
      sent.destroy();
      await producerStopped;
    } finally {
      server.close();
    }
  });
});

describe('Accept', () => {
  it.each([
    ['application/json', 200],
    ['application/*', 200],
    ['*/*;q=0.1', 200],
    ['application/json; charset=utf-8', 200],
    ['text/html, application/json;q=0.5', 200],
    ['malformed', 200],
    ['', 200],
    ['text/html', 406],
    ['application/json;q=0', 406],
    ['application/json;q=0, */*', 406],
  ])('%s for JSON: %i', async (accept, status) => {
    const answer = await http.get('/s/users').set('Accept', accept);
    expect(answer.status).toBe(status);
    if (status === 406 && accept !== 'text/html')
      expect(answer.body.details).toEqual({ available: ['application/json; charset=utf-8'] });
  });

  it('chooses between text and JSON for a method that returns a string', async () => {
    const type = async (accept: string) =>
      (await http.get('/s/text').set('Accept', accept)).headers['content-type'];
    expect(await type('text/plain')).toBe('text/plain; charset=utf-8');
    expect(await type('application/json')).toBe(JSON_TYPE);
    expect(await type('text/plain;q=0.5, application/json')).toBe(JSON_TYPE);
    expect((await http.get('/s/text')).headers.vary).toBe('Accept');
  });
});
