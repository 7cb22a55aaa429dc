import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Exclude, Transform, Type } from 'class-transformer';
import { Allow, IsArray, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import type { Context as KoaContext } from 'koa';
import {
  ApiError,
  type Application,
  Authenticated,
  BeanParam,
  Body,
  basic,
  bearer,
  Consumes,
  Context,
  createApp,
  FormParam,
  GET,
  HeaderParam,
  OPTIONS,
  Path,
  POST,
  Principal,
  Produces,
  QueryParam,
  Reply,
  RolesAllowed,
  StartupError,
  Status,
} from 'koanatomy';
import { Authorized, Get } from 'routing-controllers';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { serve } from './support/serve.js';

const open: { close(): unknown; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function listen(app: Application): number {
  const server = app.listen(0);
  open.push(server);
  return (server.address() as AddressInfo).port;
}

/** What the server sends for these bytes until it closes, or until `enough` of it came. */
async function raw(port: number, bytes: string, enough = (_: string) => false): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (enough(text)) resolve();
    });
    socket.on('close', () => resolve());
  });
  socket.write(bytes);
  await ended;
  socket.destroy();
  return text;
}

class Item {
  @IsInt() n!: number;
}

class Big {
  @IsOptional() @Allow() free?: unknown;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Item) lines?: Item[];
}

class Later {
  @Transform(async ({ value }) => (value as string).trim()) @IsString() a!: string;
}

class Setter {
  @QueryParam('v')
  set v(value: string) {
    if (value === 'bad') throw new Error('no');
  }
}

class FormBody {
  @IsInt() pin!: number;
}

class Pet {
  @IsString() kind!: string;
}

class Owner {
  @IsOptional() @ValidateNested() @Type(() => Pet) pet?: Pet | Item;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Pet) pets?: Set<Pet>;
}

class Account {
  name = 'ann';
  @Exclude() password = 'hunter2';
}

const streams: PassThrough[] = [];

@Path('/h')
class HostileController {
  @POST('/big') big(big: Big) {
    return Object.keys(big);
  }
  @POST('/items') items(@Body({ type: Item }) items: Item[]) {
    return items.length;
  }
  @GET('/ids') ids(@QueryParam('id', { type: Number }) ids: number[]) {
    return ids;
  }
  @POST('/later') later(later: Later) {
    return { a: later.a };
  }
  @GET('/setter') setter(@BeanParam() bean: Setter) {
    return typeof bean;
  }
  @POST('/form') @Consumes('application/json', 'application/x-www-form-urlencoded') form(body: FormBody) {
    return body.pin;
  }
  @POST('/field') field(@FormParam('a') a: string) {
    return { a };
  }
  @POST('/owner') owner(owner: Owner) {
    return { is: Array.isArray(owner.pet) };
  }
  @POST('/png') @Consumes('image/png') png(@Body() bytes: Buffer) {
    return bytes.length;
  }
  @GET('/rows') rows() {
    return Readable.from([{ id: 1 }, { id: 2 }]);
  }
  @GET('/mixed') mixed() {
    return Readable.from(['text', { id: 2 }]);
  }
  @GET('/destroyed') destroyed() {
    const stream = new PassThrough();
    stream.destroy();
    return new Promise((resolve) => stream.once('close', () => resolve(stream)));
  }
  @GET('/silent') silent() {
    const stream = new PassThrough();
    streams.push(stream);
    return stream;
  }
  @GET('/cookie') cookie() {
    return Reply.ok({}).header('Set-Cookie', 'mine=1');
  }
  @GET('/vary') vary() {
    return new Response('x', { headers: { Vary: 'Accept-Language' } });
  }
  @GET('/denied') denied(@Context() ctx: KoaContext) {
    ctx.append('Set-Cookie', 'session=SECRET');
    ctx.set('Cache-Control', 'public, max-age=3600');
    throw new ApiError(403, 'no');
  }
  @GET('/details') details() {
    throw new ApiError(409, 'exists', { details: { account: new Account(), big: 1n } });
  }
  @GET('/blob') blob() {
    return new Blob(['blob'], { type: 'text/x-blob' });
  }
  @GET('/buffer') buffer() {
    return new Uint8Array([104, 105]).buffer;
  }
  @GET('/header') header(@HeaderParam('X-User') user: string) {
    return { user };
  }
  @GET('/nothing') nothing() {}
  @GET('/json') json() {
    return { a: 1 };
  }
  @GET('/chunks') @Produces('text/plain') async *chunks() {
    yield 'first';
    await new Promise(() => {});
  }
  @OPTIONS('/json') options() {
    return Reply.noContent();
  }
}

describe('a body that is small in bytes and large in work', () => {
  it.each([
    [
      '90,000 keys',
      '/h/big',
      Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [`k${i}`, 1])),
      'tooManyValues',
    ],
    [
      '2,000 keys',
      '/h/big',
      Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, 1])),
      'tooManyProperties',
    ],
    [
      '2,000 keys below',
      '/h/big',
      { free: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, 1])) },
      'tooManyProperties',
    ],
    [
      '340,000 empty items',
      '/h/big',
      { lines: Array.from({ length: 340_000 }, () => ({})) },
      'tooManyValues',
    ],
    ['500,000 numbers for objects', '/h/items', Array.from({ length: 500_000 }, () => 1), 'tooManyValues'],
  ])('is refused: %s', async (_, path, body, code) => {
    const http = await serve(HostileController);
    const answer = await http.post(path).send(body);
    expect(answer.body.errors).toEqual([expect.objectContaining({ code })]);
  });

  it('is answered with the first 100 issues', async () => {
    const http = await serve(HostileController);
    const answer = await http.post('/h/items').send(Array.from({ length: 5000 }, () => 1));
    expect(answer.body.errors).toHaveLength(100);
    expect(answer.body.detail).toMatch(/^5000 values are not valid/);
    const many = await http.get(`/h/ids?${'id=x&'.repeat(1000)}`);
    expect(many.body.errors).toHaveLength(100);
  });

  it('may be as large as the application says', async () => {
    const http = await serve(HostileController, { limits: { values: 10, members: 2 } });
    expect(
      (await http.post('/h/items').send(Array.from({ length: 6 }, (_, n) => ({ n })))).body.errors[0].code,
    ).toBe('tooManyValues');
    expect((await http.post('/h/items').send(Array.from({ length: 5 }, (_, n) => ({ n })))).body).toBe(5);
    expect((await http.post('/h/big').send({ a: 1, b: 2, c: 3 })).body.errors[0].code).toBe(
      'tooManyProperties',
    );
  });
});

describe('overriding a method', () => {
  class Base {
    @GET @Path('/secret') @RolesAllowed('admin') secret() {
      return 'secret';
    }
    @Get('/rc') @Authorized('admin') rc() {
      return 'rc';
    }
  }
  const options = { authenticators: [bearer(() => null)] };

  it('without decorators keeps those of the overridden one', async () => {
    @Path('/d')
    class Derived extends Base {
      override secret() {
        return 'overridden';
      }
    }
    const http = await serve(Derived, options);
    expect((await http.get('/d/secret')).status).toBe(401);
    expect((await http.get('/d/rc')).status).toBe(401);
  });

  it('with some decorators and no verb does not start: nothing could be served without its access', async () => {
    @Path('/d')
    class Derived extends Base {
      @Produces('text/plain') override secret() {
        return 'open?';
      }
      @Status(201) override rc() {
        return 'open?';
      }
    }
    const error = await createApp({ controllers: Derived, logger: false, ...options }).catch(
      (thrown) => thrown,
    );
    expect((error as StartupError).findings.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'half-overridden Derived.secret',
      'half-overridden Derived.rc',
    ]);
  });

  it('with a verb of its own replaces all of it', async () => {
    @Path('/d')
    class Derived extends Base {
      @GET('/elsewhere') override secret() {
        return 'open';
      }
    }
    const http = await serve(Derived, options);
    expect((await http.get('/d/elsewhere')).status).toBe(200);
    expect((await http.get('/d/secret')).status).toBe(404);
  });
});

describe('an authenticator', () => {
  @Path('/who')
  class WhoController {
    @GET @Authenticated who(@Context() who: Principal) {
      return { name: who.name, roles: [...who.roles] };
    }
  }

  it.each([
    [false],
    [0],
    [''],
    [true],
    ['ann'],
    [{}],
    [undefined],
  ])('that answers %j lets nobody in', async (answer) => {
    const odd = { scheme: 'Odd', challenge: 'Odd', authenticate: () => answer as unknown as Principal };
    const http = await serve(WhoController, { authenticators: [odd] });
    expect((await http.get('/who').set('Authorization', 'Odd x')).status).toBe(401);
  });

  it('has a second one of its scheme beside it, and one role is no list of letters', async () => {
    const second = bearer((token) => token === 'b' && { name: 'bob', roles: 'admin' });
    const http = await serve(WhoController, { authenticators: [bearer(() => null), second] });
    const answer = await http.get('/who').set('Authorization', 'Bearer b');
    expect(answer.body).toEqual({ name: 'bob', roles: ['admin'] });
    expect((await http.get('/who')).headers['www-authenticate']).toBe('Bearer realm="api"');
  });
});

describe('a place among the requests in flight', () => {
  it('is given back by pipelined requests whose connection closes before their turn', async () => {
    let hanging = (): void => {};
    const hangs = new Promise<void>((resolve) => {
      hanging = resolve;
    });
    @Path('/p')
    class PipelineController {
      @GET('/hang') hang() {
        hanging();
        return new Promise(() => {});
      }
      @GET('/ok') ok() {
        return 'ok';
      }
    }
    const app = await createApp({ controllers: PipelineController, logger: false, limits: { inFlight: 6 } });
    const port = listen(app);
    const socket = connect(port, '127.0.0.1');
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    socket.write(get('/p/hang') + get('/p/ok').repeat(4));
    await hangs;
    socket.destroy();
    await once(socket, 'close');
    const statuses = async () => {
      const answers = Array.from({ length: 5 }, () => request(`http://127.0.0.1:${port}`).get('/p/ok'));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    // The server hears of the end a moment after the client.
    await expect.poll(statuses, { timeout: 5000 }).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('a returned stream', () => {
  it('of objects is a JSON array, and one of mixed chunks breaks off', async () => {
    const http = await serve(HostileController);
    expect((await http.get('/h/rows')).body).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(http.get('/h/mixed')).rejects.toThrow('aborted');
  });

  it('that is destroyed already is a 500', async () => {
    const http = await serve(HostileController);
    expect((await http.get('/h/destroyed')).status).toBe(500);
  });

  it('is destroyed when the client leaves before its first chunk', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /h/silent HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => streams.length).toBe(1);
    socket.destroy();
    await expect.poll(() => streams[0]?.destroyed).toBe(true);
  });
});

describe('nothing that is thrown', () => {
  it.each([
    ['undefined', () => undefined],
    ['null', () => null],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
        revoke();
        return proxy;
      },
    ],
    [
      'an error whose code throws',
      () =>
        Object.defineProperty(new Error('x'), 'code', {
          get: () => {
            throw new Error('y');
          },
        }),
    ],
  ])('hangs or ends the process: middleware throws %s', async (_, thrown) => {
    const app = await createApp({ controllers: HostileController, logger: false });
    app.use(() => {
      throw thrown();
    });
    const answer = await request(app.callback()).get('/h/json');
    expect([answer.status, answer.body.type]).toEqual([500, 'urn:koanatomy:internal-error']);
  });

  it('in an asynchronous transformer is left unhandled', async () => {
    const http = await serve(HostileController);
    expect((await http.post('/h/later').send({ a: 5 })).body.errors).toEqual([
      expect.objectContaining({ code: 'transform' }),
    ]);
    expect((await http.post('/h/later').send({ a: ' x ' })).body).toEqual({ a: 'x' });
  });

  it('in a setter of a bean is the server’s fault', async () => {
    const http = await serve(HostileController);
    expect((await http.get('/h/setter?v=bad')).body.errors).toEqual([
      expect.objectContaining({ code: 'transform' }),
    ]);
  });
});

describe('headers', () => {
  it('of an error are those that middleware in front had set, with their values', async () => {
    const app = await createApp({ controllers: HostileController, logger: false });
    app.use(async (ctx, next) => {
      ctx.append('Set-Cookie', 'front=1');
      ctx.set('Cache-Control', 'no-store');
      await next();
    });
    const { headers } = await request(app.callback()).get('/h/denied');
    expect([headers['set-cookie'], headers['cache-control']]).toEqual([['front=1'], 'no-store']);
  });

  it('of a success stand beside those of middleware in front', async () => {
    const app = await createApp({ controllers: HostileController, logger: false });
    app.use(async (ctx, next) => {
      ctx.append('Set-Cookie', 'front=1');
      ctx.vary('Origin');
      await next();
    });
    const http = request(app.callback());
    expect((await http.get('/h/cookie')).headers['set-cookie']).toEqual(['front=1', 'mine=1']);
    expect((await http.get('/h/vary')).headers.vary?.toLowerCase()).toBe(
      'origin, accept-language, accept-encoding',
    );
  });

  it('of a fetched Response that are about other bytes or another connection are left out', async () => {
    const upstream = createServer((_, res) => {
      const bytes = gzipSync('x'.repeat(4000));
      res
        .writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': bytes.length, 'X-Up': '1' })
        .end(bytes);
    }).listen(0);
    open.push(upstream);
    const { port } = upstream.address() as AddressInfo;
    @Path('/proxy')
    class ProxyController {
      @GET proxy() {
        return fetch(`http://127.0.0.1:${port}/`);
      }
    }
    const answer = await (await serve(ProxyController)).get('/proxy').buffer(true);
    expect([
      answer.headers['content-encoding'],
      answer.headers['content-length'],
      answer.headers['x-up'],
    ]).toEqual([undefined, undefined, '1']);
    expect(String(answer.text ?? answer.body)).toHaveLength(4000);
  });

  it('that are sent twice are not one value', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const answer = await raw(
      port,
      'GET /h/header HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-User: ann\r\nX-User: bob\r\n\r\n',
    );
    expect(answer).toContain('"code":"repeated"');
  });

  it('a Content-Type that middleware in front set is not the method’s', async () => {
    const app = await createApp({ controllers: HostileController, logger: false });
    app.use(async (ctx, next) => {
      ctx.type = 'html';
      ctx.body = 'fallback';
      await next();
    });
    const http = request(app.callback());
    expect((await http.get('/h/json')).body).toEqual({ a: 1 });
    expect((await http.get('/h/nothing')).status).toBe(204);
  });
});

describe('request targets', () => {
  it.each([
    'javascript://x/h/json',
    'http://[x/h/json',
    'x:y',
  ])('%s is 400 before anything looks at it', async (target) => {
    const app = await createApp({ controllers: HostileController, logger: false });
    app.use(async (ctx, next) => {
      void ctx.path;
      await next();
    });
    const answer = await raw(listen(app), `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
  });

  it('an absolute http URL leads where its path does', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const answer = await raw(
      port,
      'GET http://elsewhere.example/h/json HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('{"a":1}');
  });

  it('OPTIONS * says what the server can, also where a controller has OPTIONS', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const answer = await raw(port, 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toContain('Allow: GET, HEAD, POST, OPTIONS');
  });
});

describe('what Node’s parser refuses', () => {
  it('in the middle of an answer ends the connection, and adds nothing to the answer', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.write('GET /h/chunks HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.write('NONSENSE\r\n\r\n');
    await once(socket, 'close');
    expect(text).toContain('first');
    expect(text).not.toContain('400');
  });

  it('a transfer coding that nobody undoes is 501, RFC 9112 §6.1', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const head =
      'POST /h/field HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded';
    const answer = await raw(
      port,
      `${head}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 501 /);
  });

  it('an expectation that nobody knows is a problem document', async () => {
    const port = listen(await createApp({ controllers: HostileController, logger: false }));
    const answer = await raw(port, 'GET /h/json HTTP/1.1\r\nHost: a\r\nExpect: foo\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 417 [\s\S]*expectation-failed/);
  });
});

describe('values', () => {
  it('in details are written as those of a success are', async () => {
    const http = await serve(HostileController);
    expect((await http.get('/h/details')).body.details).toEqual({ account: { name: 'ann' }, big: '1' });
  });

  it('that are bytes of another kind are bytes', async () => {
    const http = await serve(HostileController);
    const blob = await http.get('/h/blob');
    expect([blob.headers['content-type'], blob.text]).toEqual(['text/x-blob', 'blob']);
    expect((await http.get('/h/buffer')).body.toString()).toBe('hi');
    expect((await http.post('/h/png').set('Content-Type', 'image/png').send('abc')).body).toBe(3);
  });

  it('in a union or a set are objects, and no arrays', async () => {
    const http = await serve(HostileController);
    expect((await http.post('/h/owner').send({ pet: [] })).body.errors?.[0]?.path).toBe('/pet');
    expect((await http.post('/h/owner').send({ pet: { kind: 'cat' } })).body).toEqual({ is: false });
    expect((await http.post('/h/owner').send({ pets: [[]] })).status).toBe(400);
  });

  it('of a form that its class does not declare are refused where the application asks for it', async () => {
    const http = await serve(HostileController, { unknownProperties: 'refuse' });
    const answer = await http.post('/h/form').type('form').send('pin=1&evil=2');
    expect(answer.body.errors).toEqual([
      { in: 'form', path: '/evil', code: 'whitelistValidation', message: 'property evil should not exist' },
    ]);
  });

  it('of a form that middleware in front parsed are bound', async () => {
    const app = await createApp({ controllers: HostileController, logger: false });
    app.use(async (ctx, next) => {
      ctx.req.resume();
      await once(ctx.req, 'end');
      (ctx.request as { body?: unknown }).body = { a: 'parsed' };
      await next();
    });
    expect((await request(app.callback()).post('/h/field').type('form').send('a=x')).body).toEqual({
      a: 'parsed',
    });
  });
});

describe('refusals are no faults', () => {
  it('neither 503 nor 501 is logged as an error', async () => {
    const errors: object[] = [];
    const logger = { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
    const app = await createApp({ controllers: HostileController, logger, limits: { inFlight: 1 } });
    const port = listen(app);
    const socket = connect(port, '127.0.0.1');
    const before = streams.length;
    socket.write('GET /h/silent HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => streams.length).toBe(before + 1);
    expect((await request(`http://127.0.0.1:${port}`).get('/h/json')).status).toBe(503);
    socket.destroy();
    const probe = async () => (await request(`http://127.0.0.1:${port}`).propfind('/h/json')).status;
    await expect.poll(probe).toBe(501);
    expect(errors).toEqual([]);
  });
});

describe('startup', () => {
  const codes = async (make: () => Promise<unknown>) => {
    const error = await make().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StartupError);
    return (error as StartupError).findings.map(({ code, where }) => `${code} ${where}`);
  };

  it('finds a container that answers nothing or a promise, and limits that are none', async () => {
    const nothing = { get: () => undefined as never };
    const promise = { get: (async () => ({})) as never };
    for (const container of [nothing, promise]) {
      expect(
        await codes(() => createApp({ controllers: HostileController, logger: false, container })),
      ).toContain('not-constructible HostileController');
    }
    const limits = { body: 'huge', inFlight: Number.NaN, depth: 0 };
    expect(await codes(() => createApp({ controllers: HostileController, logger: false, limits }))).toEqual([
      'bad-option limits.inFlight',
      'bad-option limits.body',
      'bad-option limits.depth',
    ]);
  });

  it('finds a body class that can not be made without arguments', async () => {
    class Needy {
      @IsString() text: string;
      constructor(given: { text: string }) {
        this.text = given.text;
      }
    }
    @Path('/n')
    class NeedyController {
      @POST post(needy: Needy) {
        return needy;
      }
    }
    expect(await codes(() => createApp({ controllers: NeedyController, logger: false }))).toEqual([
      'type-not-convertible NeedyController.post(parameter 1)',
    ]);
  });

  it('refuses a verb on a static method where it is declared', () => {
    expect(() => {
      class Static {
        static get() {}
      }
      GET(Static, 'get', {});
    }).toThrow('@GET on Static.get');
  });
});

it('basic authentication of a wrong kind is 401 and not a crash', async () => {
  @Path('/b')
  class BasicController {
    @GET @Authenticated() get() {
      return 1;
    }
  }
  const http = await serve(BasicController, { authenticators: [basic(() => ({ name: 5 }) as never)] });
  expect((await http.get('/b').auth('a', 'b')).status).toBe(401);
});
