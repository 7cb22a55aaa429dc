import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import etag from '@koa/etag';
import Koa, { type Context, type Middleware } from 'koa';
import compress from 'koa-compress';
import helmet from 'koa-helmet';
import { createSession } from 'koa-session';
import { createApp, GET, Path, POST, Produces, Status } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Neither of the two comes with types.
const { default: cors } = (await import('@koa/cors' as string)) as {
  default: (options?: object) => Middleware;
};
const { default: conditional } = (await import('koa-conditional-get' as string)) as {
  default: () => Middleware;
};

const BIG = 'some words, again and again. '.repeat(200);
const ITEMS = Array.from({ length: 50 }, (_, id) => ({ id, name: `Näme ${id}` }));

@Path('/')
class SameController {
  @GET
  @Path('/json')
  json() {
    return { ping: 'pong', n: [1, null, 2.5] };
  }
  @GET
  @Path('/wide')
  wide() {
    return { text: 'Grüße 🐨 "x"' };
  }
  @GET
  @Path('/items')
  items() {
    return ITEMS;
  }
  @GET
  @Path('/text')
  @Produces('text/plain')
  text() {
    return 'plain';
  }
  @GET
  @Path('/big')
  @Produces('text/plain')
  big() {
    return BIG;
  }
  @GET
  @Path('/bytes')
  bytes() {
    return Buffer.from([0, 1, 255]);
  }
  @GET
  @Path('/stream')
  stream() {
    return Readable.from([Buffer.from('one '), Buffer.from('two')]);
  }
  @GET
  @Path('/empty')
  empty() {
    return null;
  }
  @POST
  @Path('/made')
  @Status(201)
  made() {
    return { made: true };
  }
}

/** What the same controllers would be in Koa alone. */
function stock(ctx: Context): void {
  respond(ctx);
  const { body } = ctx;
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body) || body instanceof Readable) return;
  // Behind the controllers a value is text already, which is what middleware sees of it.
  ctx.body = JSON.stringify(body);
}

function respond(ctx: Context): void {
  switch (`${ctx.method === 'HEAD' ? 'GET' : ctx.method} ${ctx.path}`) {
    case 'GET /json':
      ctx.body = { ping: 'pong', n: [1, null, 2.5] };
      break;
    case 'GET /wide':
      ctx.body = { text: 'Grüße 🐨 "x"' };
      break;
    case 'GET /items':
      ctx.body = ITEMS;
      break;
    case 'GET /text':
      ctx.body = 'plain';
      break;
    case 'GET /big':
      ctx.body = BIG;
      break;
    case 'GET /bytes':
      ctx.body = Buffer.from([0, 1, 255]);
      break;
    case 'GET /stream':
      ctx.body = Readable.from([Buffer.from('one '), Buffer.from('two')]);
      break;
    case 'GET /empty':
      ctx.body = null;
      break;
    case 'POST /made':
      ctx.status = 201;
      ctx.body = { made: true };
  }
}

const PATHS = ['/json', '/wide', '/items', '/text', '/big', '/bytes', '/stream', '/empty'];

type Collection = readonly [name: string, middleware: (app: Koa) => readonly Middleware[]];

const KEYS = ['a key'];

const COLLECTIONS: readonly Collection[] = [
  ['nothing but next', () => [(_ctx, next) => next()]],
  ['an async function', () => [async (_ctx, next) => void (await next())]],
  ['@koa/cors', () => [cors({ credentials: true, exposeHeaders: 'X-One' })]],
  ['koa-helmet', () => [helmet() as Middleware]],
  ['koa-compress', () => [compress({ threshold: 100, br: false, zstd: false } as object) as Middleware]],
  ['@koa/etag and koa-conditional-get', () => [conditional(), etag() as Middleware]],
  [
    'koa-session',
    (app) => [
      createSession(
        { key: 's', signed: true, expires: new Date(4e12), maxAge: 'session' } as object,
        app,
      ) as Middleware,
      async (ctx, next) => {
        const { session } = ctx as unknown as { session: { seen?: number } };
        session.seen = (session.seen ?? 0) + 1;
        await next();
      },
    ],
  ],
  [
    'all of them',
    () => [
      helmet() as Middleware,
      cors(),
      compress({ threshold: 100, br: false, zstd: false } as object) as Middleware,
      conditional(),
      etag() as Middleware,
    ],
  ],
  [
    'headers before and after',
    () => [
      async (ctx, next) => {
        ctx.set('X-Before', 'ä'.normalize('NFD').replace(/[^\x20-\x7e]/g, ''));
        ctx.append('Vary', 'X-One');
        await next();
        ctx.set('X-After', `${typeof ctx.body} ${ctx.status} ${ctx.type} ${String(ctx.length)}`);
        ctx.remove('X-Before');
      },
    ],
  ],
  [
    'a body in place of another',
    () => [
      async (ctx, next) => {
        await next();
        if (typeof ctx.body === 'string') ctx.body = `<${ctx.body}>`;
        else if (ctx.body instanceof Readable) ctx.body = ctx.body.pipe(new PassThrough());
        else ctx.body = { replaced: ctx.status };
      },
    ],
  ],
  [
    'a body of its own, before the controllers',
    () => [
      async (ctx, next) => {
        if (ctx.query.own === undefined) return next();
        ctx.body = { own: ctx.query.own };
      },
    ],
  ],
  [
    'a status and a message',
    () => [
      async (ctx, next) => {
        await next();
        ctx.status = 203;
        ctx.message = 'As It Were';
      },
    ],
  ],
  [
    'a redirect, cookies and state',
    () => [
      async (ctx, next) => {
        ctx.state.seen = true;
        ctx.cookies.set('plain', 'v', { httpOnly: false });
        ctx.cookies.set('signed', String(ctx.state.seen), { signed: true });
        await next();
        if (ctx.query.own !== undefined) ctx.redirect('/elsewhere');
      },
    ],
  ],
  [
    'an answer of its own',
    () => [
      async (ctx, next) => {
        if (ctx.query.own === undefined) return next();
        ctx.respond = false;
        ctx.res.writeHead(299, 'Own', { 'X-Own': '1', 'Content-Length': '3' });
        ctx.res.end('own');
      },
    ],
  ],
  [
    'an error that it handles itself',
    () => [
      async (ctx, next) => {
        try {
          await next();
          if (ctx.query.own !== undefined) ctx.throw(418, 'own');
        } catch (error) {
          ctx.status = (error as { status: number }).status;
          ctx.body = (error as Error).message;
        }
      },
    ],
  ],
];

/** The bytes of an answer, but for the date and the time that Node keeps connections. */
function ask(server: Server, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      const answer = Buffer.concat(chunks).toString('latin1');
      // The controllers serve ranges of bytes, which Koa alone doesn't.
      resolve(answer.replace(/\r\nDate: [^\r]+/, '').replace('\r\nAccept-Ranges: bytes', ''));
    });
    socket.write(`${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
}

/** Two that differ in the order of their fields say the same (RFC 9110 §5.3). */
function sorted(answer: string): string {
  const end = answer.indexOf('\r\n\r\n');
  const [status = '', ...fields] = answer.slice(0, end).split('\r\n');
  return [status, ...fields.sort()].join('\r\n') + answer.slice(end);
}

function listening(app: Koa): Promise<Server> {
  const server = createServer(app.callback());
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe.each(COLLECTIONS)('with %s, in front', (_, collection) => {
  let theirs: Server;
  let ours: Server;

  beforeAll(async () => {
    const koa = new Koa({ keys: KEYS });
    for (const each of collection(koa)) koa.use(each);
    koa.use(stock);
    const app = await createApp({
      controllers: SameController,
      logger: false,
      keys: KEYS,
      compression: false,
      // Koa alone says nothing of the kind.
      securityHeaders: false,
    });
    for (const each of collection(app)) app.use(each);
    [theirs, ours] = await Promise.all([listening(koa), listening(app)]);
  });
  afterAll(() => {
    theirs.close();
    ours.close();
  });

  const requests = [
    ...PATHS.flatMap((path) => [
      `GET ${path} HTTP/1.1`,
      `HEAD ${path} HTTP/1.1`,
      `GET ${path} HTTP/1.1\r\nAccept-Encoding: gzip\r\nOrigin: https://example.com`,
    ]),
    'GET /json?own=1 HTTP/1.1',
    'POST /made HTTP/1.1\r\nContent-Length: 0',
    'OPTIONS /json HTTP/1.1\r\nOrigin: https://example.com\r\nAccess-Control-Request-Method: GET\r\nX-Preflight: 1',
  ];

  it.each(requests)('%s is answered with the same bytes as by Koa alone', async (head) => {
    // What OPTIONS is without a preflight, the controllers answer, and Koa alone doesn't.
    if (head.startsWith('OPTIONS') && !_.includes('cors') && !_.startsWith('all')) return;
    const [expected, actual] = await Promise.all([ask(theirs, head), ask(ours, head)]);
    expect(sorted(actual)).toBe(sorted(expected));
    const tagged = /\r\netag: ([^\r]+)/i.exec(expected)?.[1];
    if (tagged === undefined) return;
    const again = `${head}\r\nIf-None-Match: ${tagged}`;
    expect(sorted(await ask(ours, again))).toBe(sorted(await ask(theirs, again)));
  });
});

describe('what middleware throws', () => {
  it.each([
    [418, 418],
    [500, 500],
    [undefined, 500],
  ])('has the same status, and is heard of as often: %s', async (status, expected) => {
    const heard: string[] = [];
    const fail: Middleware = async (ctx, next) => {
      await next();
      if (status === undefined) throw new Error('broken');
      ctx.throw(status, 'thrown');
    };
    const koa = new Koa();
    koa.use(fail).use(stock);
    const app = await createApp({ controllers: SameController, logger: false });
    app.use(fail);
    koa.silent = true;
    koa.on('error', (error: Error) => heard.push(`koa ${error.message}`));
    app.on('error', (error: Error) => heard.push(`koanatomy ${error.message}`));
    const servers = await Promise.all([listening(koa as unknown as Koa), listening(app)]);
    const answers = await Promise.all(servers.map((server) => ask(server, 'GET /json HTTP/1.1')));
    for (const server of servers) server.close();
    expect(answers.map((answer) => Number(answer.slice(9, 12)))).toEqual([expected, expected]);
    expect(heard.filter((each) => each.startsWith('koanatomy'))).toHaveLength(expected === 418 ? 0 : 1);
  });
});
