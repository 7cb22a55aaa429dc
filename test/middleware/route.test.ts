import type { Context as KoaContext } from 'koa';
import {
  Context,
  DELETE,
  GET,
  HEAD,
  HttpMethod,
  OPTIONS,
  PATCH,
  Path,
  PathParam,
  POST,
  Produces,
  PUT,
  QueryParam,
  Reply,
} from 'koanatomy';
import { All, Delete, Get, JsonController, Param } from 'routing-controllers';
import type request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

const PURGE = HttpMethod('PURGE');

@Path('items')
class ItemController {
  @GET list() {
    return 'list';
  }
  @GET() @Path('{id}') byId(@PathParam('id') id: string) {
    return { byId: id };
  }
  @GET('/mine') mine() {
    return 'mine';
  }
  @GET @Path('/{id: [0-9]+}') byNumber(@PathParam('id') id: number) {
    return { byNumber: id };
  }
  @GET('/{rest: .+}') rest(@PathParam('rest') rest: string) {
    return { rest };
  }
  @GET('/{name}.{ext}') file(@PathParam('name') name: string, @PathParam('ext') ext: string) {
    return { name, ext };
  }
  @DELETE('/:id/parts/:part') part(@PathParam('id') id: string, @PathParam('part') part: number) {
    return { id, part };
  }
  @PATCH('/mine') patch() {}
  @PUT('/mine') put() {}
  @PURGE('/mine') purge() {
    return 'purged';
  }
  @GET('/grösse') size() {
    return 'size';
  }
}

@Path('/heads')
class HeadController {
  @HEAD('/own') ownHead() {
    return Reply.noContent().header('X-Own', 'yes');
  }
  @GET('/own') own() {
    return 'own';
  }
  @OPTIONS('/own') options() {
    return { options: true };
  }
}

@Path('/{a}/list')
class VariableFirst {
  @GET get(@PathParam('a') a: string) {
    return { first: a };
  }
}

@Path('/x/{b}')
class LiteralFirst {
  @GET get(@PathParam('b') b: string) {
    return { second: b };
  }
}

class Base {
  @GET('/inherited') inherited() {
    return this.word();
  }
  @POST('/overridden') overridden() {
    return 'base';
  }
  protected word() {
    return 'base';
  }
}

@Path('/derived')
class Derived extends Base {
  protected override word() {
    return 'derived';
  }
  override overridden() {
    return 'derived';
  }
}

@Path('/')
class RootController {
  @GET root() {
    return 'root';
  }
}

@JsonController('/rc')
class ForeignController {
  @Get('/:id') get(@Param('id') id: number, @QueryParam('q') q: string) {
    return { id, q };
  }
  @Delete('/:id') remove(@Param('id') id: number, @Context() ctx: KoaContext) {
    return { id, path: ctx.path };
  }
}

let http: ReturnType<typeof request>;
beforeAll(async () => {
  http = await serve([
    ItemController,
    HeadController,
    VariableFirst,
    LiteralFirst,
    Derived,
    RootController,
    ForeignController,
  ]);
});

describe('a path leads to', () => {
  it.each([
    ['/items', 'list'],
    ['/items/', 'list'],
    ['/items/mine', 'mine'],
    ['/items/%6dine', 'mine'],
    ['/items/mine/', 'mine'],
    ['/items/7', { byNumber: 7 }],
    ['/items/abc', { byId: 'abc' }],
    ['/items/a%2Fb', { byId: 'a/b' }],
    ['/items/a%252Fb', { byId: 'a%2Fb' }],
    ['/items/a+b%20c', { byId: 'a+b c' }],
    ['/items/mine;v=1', 'mine'],
    ['/items/read.me', { name: 'read', ext: 'me' }],
    ['/items/a/b/c', { rest: 'a/b/c' }],
    ['/items/gr%C3%B6sse', 'size'],
    ['/x/list', { first: 'x' }],
    ['/x/other', { second: 'other' }],
    ['/derived/inherited', 'derived'],
    ['/', 'root'],
    ['/rc/7?q=x', { id: 7, q: 'x' }],
  ])('%s', async (path, body) => {
    const answer = await http.get(path);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body });
  });

  it.each([
    '/item',
    '/items//',
    '/Items',
    '/heads',
    '/items/mine/x%',
  ])('%s: nothing, or an error of the client', async (path) => {
    const { status } = await http.get(path);
    expect(status === 404 || status === 400).toBe(true);
  });

  it('an inherited verb reaches the overriding method', async () => {
    expect((await http.post('/derived/overridden')).body).toBe('derived');
  });

  it('several variables, in any notation', async () => {
    expect((await http.delete('/items/a/parts/2')).body).toEqual({ id: 'a', part: 2 });
    expect((await http.delete('/rc/3')).body).toEqual({ id: 3, path: '/rc/3' });
  });

  it('an answer 204 where the method returns nothing', async () => {
    const answer = await http.patch('/items/mine');
    expect([answer.status, answer.text]).toEqual([204, '']);
  });
});

describe('dot segments', () => {
  it.each([
    '/items/..',
    '/items/%2e%2e',
    '/items/a/../b',
    '/items/.%2E/b',
    '/items/./a',
  ])('%s never reach a parameter', async (path) => {
    const { status, text } = await rawGet(path);
    expect({ status, text: text.includes('"rest"') }).toEqual({ status: 400, text: false });
  });
});

/** Without the normalisation that clients do. */
async function rawGet(path: string) {
  const answer = http.get('/');
  answer.url = answer.url.replace(/\/$/, path);
  const { createServer, request: send } = await import('node:http');
  const { createApp } = await import('koanatomy');
  const app = await createApp({ controllers: ItemController, logger: false });
  const server = createServer(app.callback()).listen(0);
  const { port } = server.address() as { port: number };
  return new Promise<{ status: number; text: string }>((resolve) => {
    send({ port, path }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        server.close();
        resolve({ status: response.statusCode ?? 0, text });
      });
    }).end();
  });
}

describe('a method', () => {
  it('that the resource lacks is 405, with every method that it has in Allow', async () => {
    const answer = await http.delete('/items/mine');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, PUT, PATCH, OPTIONS, PURGE');
  });

  it('is looked for on the best path alone: the resource is chosen before its methods', async () => {
    expect((await http.post('/items/mine')).status).toBe(405);
    expect((await http.get('/items/7/parts/1')).headers.allow).toBe('DELETE, OPTIONS');
  });

  it('of any name can be declared', async () => {
    expect((await http.purge('/items/mine')).body).toBe('purged');
    expect((await http.purge('/items')).status).toBe(405);
  });

  it('that nothing here has and no standard knows is 501', async () => {
    expect((await http.lock('/items')).status).toBe(501);
    expect((await http.trace('/items')).status).toBe(405);
  });

  it('HEAD gives what GET gives, Content-Length included, and no body', async () => {
    const [get, head] = [await http.get('/items/abc'), await http.head('/items/abc')];
    expect(head.status).toBe(200);
    expect(head.text).toBeUndefined();
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  });

  it('HEAD of an error has its headers and no body', async () => {
    const head = await http.head('/nowhere');
    expect([head.status, head.headers['content-type'], head.text]).toEqual([
      404,
      'application/problem+json',
      undefined,
    ]);
  });

  it('HEAD and OPTIONS that are declared replace the automatic ones', async () => {
    expect((await http.head('/heads/own')).headers['x-own']).toBe('yes');
    expect((await http.options('/heads/own')).body).toEqual({ options: true });
  });

  it('OPTIONS says what the resource can do, and OPTIONS * what the server can', async () => {
    const answer = await http.options('/items');
    expect([answer.status, answer.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });
});

it('`@All` is not served in silence', async () => {
  @JsonController('/all')
  class AllController {
    @All('/') all() {
      return 1;
    }
  }
  await expect(serve(AllController)).rejects.toThrow('@All is not supported');
});

it('a trailing slash is another path where the application wants it so', async () => {
  const strict = await serve(HeadController, { strictSlash: true });
  expect((await strict.get('/heads/own')).status).toBe(200);
  expect((await strict.get('/heads/own/')).status).toBe(404);
});

it('where it does, a variable that spans segments still reaches it', async () => {
  @Path('/f')
  class FileController {
    @GET('/{path: .*}') get(@PathParam('path') path: string) {
      return { path };
    }
  }
  const strict = await serve(FileController, { strictSlash: true });
  expect((await strict.get('/f/a/')).body).toEqual({ path: 'a/' });
  expect((await strict.get('/f/a')).body).toEqual({ path: 'a' });
  expect((await strict.get('/f/')).body).toEqual({ path: '' });
  expect((await strict.get('/f')).status).toBe(404);
});

it('a HEAD of its own answers in what it produces, whatever GET does', async () => {
  @Path('/heads')
  class OwnHeadController {
    @GET @Produces('application/json') get() {
      return { a: 1 };
    }
    @HEAD @Produces('text/plain') head() {
      return 'twelve chars';
    }
  }
  const own = await serve(OwnHeadController);
  const head = await own.head('/heads');
  expect([head.status, head.headers['content-type'], head.headers['content-length'], head.text]).toEqual([
    200,
    'text/plain; charset=utf-8',
    '12',
    undefined,
  ]);
  expect((await own.head('/heads').set('Accept', 'application/json')).status).toBe(406);
  expect((await own.head('/heads').set('Accept', 'text/*')).status).toBe(200);
  expect((await own.get('/heads').set('Accept', 'application/json')).body).toEqual({ a: 1 });
});

it('the names that metrics go by are those of the templates, also through locators', async () => {
  class Below {
    @GET('/{x}') get(@Context() ctx: KoaContext, @PathParam('x') x: string) {
      return { route: ctx._matchedRoute, name: ctx._matchedRouteName, x };
    }
  }
  @Path('/names')
  class NameController {
    @Path('/known') known(): Below {
      return new Below();
    }
    @Path('/late') late(): object {
      return new Below();
    }
  }
  const named = await serve(NameController);
  const name = 'Below.get';
  expect((await named.get('/names/known/1')).body).toEqual({ route: '/names/known/{x}', name, x: '1' });
  expect((await named.get('/names/late/1')).body).toEqual({ route: '/names/late/{x}', name, x: '1' });
});

it('a prefix stands before every path', async () => {
  const prefixed = await serve(ItemController, { prefix: 'api/v1/' });
  expect((await prefixed.get('/api/v1/items/mine')).body).toBe('mine');
  expect((await prefixed.get('/items/mine')).status).toBe(404);
});
