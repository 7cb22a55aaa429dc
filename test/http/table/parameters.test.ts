import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Max, Min } from 'class-validator';
import {
  BeanParam,
  CookieParam,
  createApp,
  DefaultValue,
  GET,
  HeaderParam,
  MatrixParam,
  Path,
  PathParam,
  QueryParam,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Page {
  @QueryParam('limit', { integer: true }) @Min(1) @Max(100) limit: number = 20;
  @QueryParam('tag') tag?: string;
  @HeaderParam('X-Trace') trace?: string;
}

@Path('/p')
class ParameterController {
  @GET('/s') s(@QueryParam('v') v?: string) {
    return [v ?? null];
  }
  @GET('/n') n(@QueryParam('v') v?: number) {
    return [v ?? null];
  }
  @GET('/list') list(@QueryParam('v', { type: Number }) v: number[]) {
    return v;
  }
  @GET('/split') split(@QueryParam('v', { type: Number, separator: ',' }) v: number[]) {
    return v;
  }
  @GET('/default') default(
    @QueryParam('v') @DefaultValue('7') v: number,
    @QueryParam('w') @DefaultValue('x') w: string,
  ) {
    return [v, w];
  }
  @GET('/required') required(@QueryParam('v', { required: true }) v: string) {
    return [v];
  }
  @GET('/names') names(
    @QueryParam('__proto__') a?: string,
    @QueryParam('constructor') b?: string,
    @QueryParam('toString') c?: string,
    @QueryParam('a b&c=d') d?: string,
    @QueryParam('a[]') e?: string,
  ) {
    return [a ?? null, b ?? null, c ?? null, d ?? null, e ?? null];
  }
  @GET('/header') header(
    @HeaderParam('X-V') v?: number,
    @HeaderParam('X-L') l: string[] = [],
    @HeaderParam('constructor') c?: string,
  ) {
    return [v ?? null, l, c ?? null];
  }
  @GET('/cookie') cookie(
    @CookieParam('a') a?: string,
    @CookieParam('n') n?: number,
    @CookieParam('__proto__') p?: string,
    @CookieParam('constructor') c?: string,
  ) {
    return [a ?? null, n ?? null, p ?? null, c ?? null];
  }
  @GET('/bean') bean(@BeanParam() page: Page) {
    return [page.limit, page.tag ?? null, page.trace ?? null];
  }
  @GET('/path/{v}/{w}') path(
    @PathParam('v') v: number,
    @PathParam('w') w: Date,
    @MatrixParam('b') b?: boolean,
  ) {
    return [v, w, b ?? null];
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let server: Server;

/** One request as it is written here, on a connection of its own. */
function ask(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  content?: string | Buffer,
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    req.on('error', reject);
    req.end(content);
  });
}

beforeAll(async () => {
  const app = await createApp({ controllers: ParameterController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Expected = readonly unknown[] | number;

async function expectOf(path: string, headers: OutgoingHttpHeaders, expected: Expected) {
  const answer = await ask('GET', path, headers);
  if (typeof expected === 'number') expect(answer.status).toBe(expected);
  else expect([answer.status, JSON.parse(answer.text)]).toEqual([200, expected]);
}

describe('absence, repetition and names, Jakarta REST 4.0 §3.2 and RFC 3986 §3.4', () => {
  it.each<[string, Expected]>([
    ['/p/s?', [null]],
    ['/p/s?v', ['']],
    ['/p/s?&&v=1&', ['1']],
    ['/p/s?%76=1', ['1']],
    ['/p/s?V=1', [null]],
    ['/p/s?v=1&v=1', 400],
    ['/p/s?v=1&%76=2', 400],
    ['/p/s?v=a?b', ['a?b']],
    ['/p/s?v[]=1', [null]],
    ['/p/s?v[0]=1&v.x=2', [null]],
    ['/p/n?v', 400],
    ['/p/list', []],
    ['/p/list?v=1', [1]],
    ['/p/list?v=1&v=2.5&v=1', [1, 2.5, 1]],
    ['/p/list?v=', 400],
    ['/p/list?v=1&v=', 400],
    ['/p/list?v=1,2', 400],
    ['/p/split?v=1,2', [1, 2]],
    ['/p/split?v=1&v=2,3', [1, 2, 3]],
    ['/p/split?v=1,,2', 400],
    ['/p/split?v=1,', 400],
    ['/p/split', []],
    ['/p/default', [7, 'x']],
    ['/p/default?v=0&w=', [0, '']],
    ['/p/default?v=', 400],
    ['/p/default?v=x', 400],
    ['/p/required', 400],
    ['/p/required?v', ['']],
    ['/p/required?v=', ['']],
    ['/p/names', [null, null, null, null, null]],
    ['/p/names?__proto__=1&constructor=2&toString=3', ['1', '2', '3', null, null]],
    ['/p/names?a+b%26c%3Dd=1', [null, null, null, '1', null]],
    ['/p/names?a[]=1', [null, null, null, null, '1']],
    ['/p/names?a%5B%5D=1', [null, null, null, null, '1']],
    ['/p/bean', [20, null, null]],
    ['/p/bean?limit=100&tag=', [100, '', null]],
    ['/p/bean?limit=101', 400],
    ['/p/bean?limit=0', 400],
    ['/p/bean?limit=', 400],
    ['/p/bean?limit=5.0', 400],
    ['/p/bean?limit=5&limit=6', 400],
    ['/p/path/1/2024-01-01', [1, '2024-01-01T00:00:00.000Z', null]],
    ['/p/path/1/2024-01-01;b=true', [1, '2024-01-01T00:00:00.000Z', true]],
    ['/p/path/1/2024-01-01;b', 400],
    ['/p/path/1x/2024-01-01', 400],
    ['/p/path/%20/2024-01-01', 400],
    ['/p/path/1/2024-02-30', 400],
    ['/p/path/%31/2024%2D01-01', [1, '2024-01-01T00:00:00.000Z', null]],
  ])('%s: %j', (path, expected) => expectOf(path, {}, expected));
});

describe('headers and cookies, RFC 9110 §5.2-§5.6 and RFC 6265 §4.2, §5.4', () => {
  it.each<[string, OutgoingHttpHeaders, Expected]>([
    ['/p/header', {}, [null, [], null]],
    ['/p/header', { 'x-v': '5' }, [5, [], null]],
    ['/p/header', { 'X-V': ' 5\t' }, [5, [], null]],
    ['/p/header', { 'X-V': '' }, 400],
    ['/p/header', { 'X-V': '5 6' }, 400],
    ['/p/header', { 'X-V': ['5', '6'] }, 400],
    ['/p/header', { 'X-V': ['5', '5'] }, 400],
    ['/p/header', { 'X-V': '5, 6' }, 400],
    ['/p/header', { 'X-L': 'a, b,c' }, [null, ['a', 'b', 'c'], null]],
    ['/p/header', { 'X-L': ['a', 'b, c'] }, [null, ['a', 'b', 'c'], null]],
    ['/p/header', { 'X-L': '"a,b", c' }, [null, ['"a,b"', 'c'], null]],
    ['/p/header', { 'X-L': '"a\\",b", c' }, [null, ['"a\\",b"', 'c'], null]],
    ['/p/header', { 'X-L': '' }, [null, [], null]],
    ['/p/header', { constructor: 'x' }, [null, [], 'x']],
    ['/p/bean', { 'X-Trace': 't' }, [20, null, 't']],
    ['/p/cookie', {}, [null, null, null, null]],
    ['/p/cookie', { Cookie: 'a=1' }, ['1', null, null, null]],
    ['/p/cookie', { Cookie: 'a=1; n=2' }, ['1', 2, null, null]],
    ['/p/cookie', { Cookie: 'a=1;n=2' }, ['1', 2, null, null]],
    ['/p/cookie', { Cookie: ' ; a = 1 ;; n=2;' }, ['1', 2, null, null]],
    ['/p/cookie', { Cookie: 'a=1; a=2' }, ['1', null, null, null]],
    ['/p/cookie', { Cookie: 'a=' }, ['', null, null, null]],
    ['/p/cookie', { Cookie: 'a=b=c' }, ['b=c', null, null, null]],
    ['/p/cookie', { Cookie: 'a="x"' }, ['x', null, null, null]],
    ['/p/cookie', { Cookie: 'A=1' }, [null, null, null, null]],
    ['/p/cookie', { Cookie: 'xa=1' }, [null, null, null, null]],
    ['/p/cookie', { Cookie: 'n=' }, 400],
    ['/p/cookie', { Cookie: 'n=1x' }, 400],
    ['/p/cookie', { Cookie: 'n=+1' }, 400],
    ['/p/cookie', { Cookie: '__proto__=1; constructor=2' }, [null, null, '1', '2']],
    ['/p/cookie', { Cookie: 'a' }, [null, null, null, null]],
    ['/p/cookie', { Cookie: '=a' }, [null, null, null, null]],
    ['/p/cookie', { Cookie: ['a=1', 'n=2'] }, ['1', 2, null, null]],
    ['/p/cookie', { Cookie: 'a=1, n=2' }, ['1, n=2', null, null, null]],
  ])('%s %j: %j', (path, headers, expected) => expectOf(path, headers, expected));
});
