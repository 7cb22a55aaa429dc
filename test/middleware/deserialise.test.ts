import { once } from 'node:events';
import { request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IsString } from 'class-validator';
import type { Context as KoaContext } from 'koa';
import { type Application, Body, Consumes, Context, createApp, MaxBody, Path, POST } from 'koanatomy';
import request from 'supertest';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

class Note {
  @IsString() text!: string;
}

@Path('/d')
class BodyController {
  @POST('/note') note(note: Note) {
    return { length: note.text.length };
  }
  @POST('/small') @MaxBody('1kb') small(note: Note) {
    return { length: note.text.length };
  }
  @POST('/text') text(@Body() text: string) {
    return { text };
  }
  @POST('/plain') @Consumes('text/plain') plain(@Body() text: string) {
    return { text };
  }
  @POST('/bytes') bytes(@Body() bytes: Buffer) {
    return { bytes: [...bytes] };
  }
  @POST('/maybe') maybe(@Body({ required: false }) note?: Note) {
    return { is: note instanceof Note };
  }
  @POST('/number') number(@Body() n: number) {
    return { n };
  }
  @POST('/any') any(@Body() any: unknown) {
    return { any };
  }
  @POST('/nothing') nothing(@Context() ctx: KoaContext) {
    return { path: ctx.path };
  }
}

let app: Application;
let http: ReturnType<typeof request>;
beforeAll(async () => {
  app = await createApp({ controllers: BodyController, logger: false });
  http = request(app.callback());
});

const servers: { close(): unknown; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const json = (path: string, text: string | Buffer) =>
  http
    .post(path)
    .set('Content-Type', 'application/json')
    .serialize((sent) => sent)
    .send(text as string);

describe('a body', () => {
  it.each([
    ['/d/text', 'text/plain', 'grüß', { text: 'grüß' }],
    ['/d/text', 'application/json', '"grüß"', { text: 'grüß' }],
    ['/d/text', 'text/plain; charset=UTF-8', '', { text: '' }],
    ['/d/note', 'application/json', '', undefined],
    ['/d/bytes', 'application/octet-stream', 'ab', { bytes: [97, 98] }],
    ['/d/number', 'application/json', '-1.5', { n: -1.5 }],
    ['/d/any', 'application/json', '{"a":[null]}', { any: { a: [null] } }],
    ['/d/note', 'application/json; charset=utf-8', '\ufeff{"text":"x"}', { length: 1 }],
  ])('%s as %s: %s', async (path, type, text, body) => {
    const answer = await http.post(path).set('Content-Type', type).send(text);
    if (body === undefined) expect(answer.body.type).toBe('urn:koanatomy:missing-body');
    else expect(answer.body).toEqual(body);
  });

  it('that is absent is an error, unless it is optional', async () => {
    expect((await http.post('/d/note')).body.type).toBe('urn:koanatomy:missing-body');
    expect((await json('/d/note', '')).body.type).toBe('urn:koanatomy:missing-body');
    expect((await http.post('/d/maybe')).body).toEqual({ is: false });
    expect((await http.post('/d/maybe').send({ text: 'x' })).body).toEqual({ is: true });
  });

  it('that nobody asked for is not read', async () => {
    expect((await json('/d/nothing', '{"broken')).body).toEqual({ path: '/d/nothing' });
  });

  it.each([
    ['truncated', '{"text":"x'],
    ['no JSON', 'text'],
    ['two values', '{} {}'],
    ['single quotes', "{'text':'x'}"],
    ['nested 100,000 deep', `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['nested 100,000 deep and open', '{"a":'.repeat(100_000)],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s is 400, and is not quoted', async (_, text) => {
    const answer = await json('/d/note', text);
    expect({ status: answer.status, type: answer.body.type }).toEqual({
      status: 400,
      type: 'urn:koanatomy:malformed-body',
    });
    expect(answer.text).not.toContain('"x');
  });

  it('in another charset is 415', async () => {
    const answer = await http
      .post('/d/note')
      .set('Content-Type', 'application/json; charset=latin1')
      .send('{"text":"x"}');
    expect(answer.status).toBe(415);
  });

  it('of a primitive type is checked for that type', async () => {
    expect((await json('/d/number', '"1"')).body.errors).toEqual([
      { in: 'body', path: '', code: 'isNumber', message: 'the body must be a number' },
    ]);
  });

  it('that middleware in front has parsed is taken from ctx.request.body', async () => {
    const parsed = await createApp({ controllers: BodyController, logger: false });
    parsed.use(async (ctx, next) => {
      ctx.req.resume();
      await once(ctx.req, 'end');
      (ctx.request as { body?: unknown }).body = { text: 'four' };
      await next();
    });
    expect((await request(parsed.callback()).post('/d/note').send({ text: 'x' })).body).toEqual({
      length: 4,
    });
  });
});

describe('the limit', () => {
  const text = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - 11) });

  it('is 1 MiB where nothing is said, for a method its @MaxBody, and the application’s option', async () => {
    expect((await json('/d/note', text(1_048_576))).status).toBe(200);
    expect((await json('/d/note', text(1_048_577))).status).toBe(413);
    expect((await json('/d/small', text(1024))).status).toBe(200);
    expect((await json('/d/small', text(1025))).status).toBe(413);
    const tight = await createApp({ controllers: BodyController, logger: false, limits: { body: 20 } });
    expect(
      (
        await request(tight.callback())
          .post('/d/note')
          .send({ text: 'x'.repeat(20) })
      ).status,
    ).toBe(413);
  });

  it('counts chunks that declare no length', async () => {
    const answer = await upload('/d/small', (write, end) => {
      for (let i = 0; i < 4; i++) write('x'.repeat(300));
      end();
    });
    expect(answer).toEqual({ status: 413, type: 'urn:koanatomy:content-too-large' });
  });

  it('is answered without waiting for the end of the upload', async () => {
    const answer = await upload('/d/small', (write) => {
      for (let i = 0; i < 4; i++) write('x'.repeat(300));
    });
    expect(answer.status).toBe(413);
  });

  it('and so is any refusal: a client that still sends gets the answer, and not a reset', async () => {
    for (const path of ['/d/small', '/nowhere']) {
      const answer = await upload(path, (write, end) => {
        for (let i = 0; i < 40; i++) write('x'.repeat(100_000));
        end();
      });
      expect(answer.status).toBe(path === '/nowhere' ? 404 : 413);
    }
  });
});

function upload(
  path: string,
  feed: (write: (text: string) => void, end: () => void) => void,
): Promise<{ status: number | undefined; type: string }> {
  const server = app.listen(0);
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = send(
      { port, path, method: 'POST', headers: { 'Content-Type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, type: JSON.parse(text).type }));
      },
    );
    sent.on('error', reject);
    feed(
      (chunk) => sent.write(chunk),
      () => sent.end(),
    );
  });
}
