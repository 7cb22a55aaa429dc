import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, createApp, GET, Path, Produces, Reply } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Path('/a')
class Accepting {
  @GET('/jxt') @Produces('application/json', 'application/xml', 'text/plain') jxt() {
    return 'a';
  }
  @GET('/qs') @Produces('application/json; qs=0.5', 'application/xml; qs=0.9', 'text/csv; qs=0.1') qs() {
    return [{ a: 1 }];
  }
  @GET('/vendor') @Produces('application/vnd.a.v1+json', 'application/vnd.a.v2+json') vendor() {
    return { a: 1 };
  }
  @GET('/param') @Produces('application/json; v=1', 'application/json; v=2') param() {
    return { a: 1 };
  }
  @GET('/charset') @Produces('text/plain; charset=utf-8') charset() {
    return 'é';
  }
  @GET('/plain') plain() {
    return { a: 1 };
  }
  @GET('/vary') @Produces('application/json', 'application/xml') vary() {
    return Reply.ok({ a: 1 }).vary('Origin', 'accept');
  }
  @GET('/varyStar') @Produces('application/json', 'application/xml') varyStar() {
    return Reply.ok({ a: 1 }).header('Vary', '*');
  }
  @GET('/varyHeader') @Produces('application/json', 'application/xml') varyHeader() {
    return Reply.ok({ a: 1 }).header('Vary', 'X-One, ACCEPT');
  }
  @GET('/fail') @Produces('application/json', 'application/xml') fail() {
    throw new ApiError(409, 'no', { headers: { Vary: 'X-Fail' } });
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
  const app = await createApp({ controllers: Accepting, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const type = (answer: Answer) => (answer.headers['content-type'] ?? '').split(';')[0];
const J = 'application/json';
const X = 'application/xml';
const T = 'text/plain';

describe('quality and precedence, RFC 9110 §12.4.2, §12.5.1', () => {
  it.each<[string | string[] | undefined, string | 406]>([
    [undefined, J],
    ['', J],
    ['*/*', J],
    ['application/*', J],
    ['application/xml', X],
    ['APPLICATION/XML', X],
    ['Application/Xml;Q=0.5', X],
    ['text/*', T],
    ['text/plain, application/xml', X],
    ['application/json;q=0.5, application/xml;q=0.6', X],
    ['application/json;q=0.5, application/xml;q=0.50', J],
    ['application/json;q=0.5, application/xml;q=0.501', X],
    ['application/json;q=0.999, text/plain;q=1', T],
    ['application/json;q=0.999, text/plain;q=1.000', T],
    ['application/json;q=0.1, */*', X],
    ['application/json;q=0.1, application/*;q=0.2, */*;q=0.3', T],
    ['*/*;q=0.3, application/*;q=0.2, application/json;q=0.1', T],
    ['application/*;q=0.9, application/json;q=0, */*;q=0.1', X],
    ['application/*;q=0, */*', T],
    ['*/*;q=0, text/plain;q=0.001', T],
    ['*/*;q=0', 406],
    ['*/*;q=0.000', 406],
    ['application/json;q=0', 406],
    ['application/json;q=0, application/xml;q=0, text/plain;q=0, */*', 406],
    ['application/json;q=0, application/*;q=0, text/*;q=0, */*;q=1', 406],
    ['image/png', 406],
    ['image/*, audio/*', 406],
    ['application/json;q=0.', 406],
    ['text/plain;q=0., application/xml;q=0.1', X],
    ['text/plain;q=1., application/xml;q=0.9', T],
    ['application/xml ; q=0.9 , text/plain;q=1', T],
    ['application/xml\t;\tq=0.9\t,\ttext/plain', T],
    [',application/xml', X],
    ['application/xml,', X],
    [', ,\t, application/xml ,,', X],
    [['image/png', 'application/xml'], X],
    [['application/json;q=0.1', 'application/xml;q=0.2'], X],
    ['application/xml;', X],
    ['application/xml;;q=0.5, text/plain;q=0.1', X],
    // A parameter is the type's wherever it stands: there are no others any more.
    ['text/plain;q=0.2;ext=1, application/xml;q=0.1', X],
    ['text/plain;ext=1;q=0.2, application/xml;q=0.1', X],
    ['text/plain;q=0.2;ext="a,b;q=1", application/xml;q=0.3', X],
    ['text/plain;x="q=0,", application/xml;q=0.5', X],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', X],
    ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', J],
    ['application/xml;q=-1', J],
    ['application/xml;q=abc', J],
    ['application/xml;q=', J],
    ['application/xml;q', J],
    ['application/xml;q=1e0', J],
    ['application/', J],
    ['/xml', J],
    ['*/xml', J],
    ['xml', J],
    ['application / xml', J],
    ['application/xml;q = 0.5', J],
    ['application/xml text/plain', J],
    ['"application/xml"', J],
    ['application/xml; x="', J],
    ['\u00ff', J],
    ['application/x*', 406],
    ['application/json+xml', 406],
    ['application/problem+json', 406],
  ])('Accept: %j gives %s', async (accept, expected) => {
    const answer = await ask('GET', '/a/jxt', accept === undefined ? {} : { Accept: accept });
    expect(answer.status === 200 ? type(answer) : answer.status).toBe(expected);
    expect(answer.headers.vary).toMatch(/\bAccept\b(?!-)/);
  });
});

describe('qs of the server, Jakarta REST 4.0 §3.8', () => {
  it.each<[string | undefined, string | 406]>([
    [undefined, X],
    ['*/*', X],
    ['application/*', X],
    ['application/json, application/xml', X],
    ['application/json, application/xml;q=0.9', J],
    ['application/json;q=0.2, application/xml;q=0.1', J],
    ['text/csv, */*;q=0.9', 'text/csv'],
    ['text/csv, application/json', J],
    ['text/*;q=0.1', 'text/csv'],
  ])('Accept: %s gives %s', async (accept, expected) => {
    const answer = await ask('GET', '/a/qs', accept === undefined ? {} : { Accept: accept });
    expect(answer.status === 200 ? type(answer) : answer.status).toBe(expected);
    expect(answer.headers['content-type']).not.toContain('qs');
  });
});

describe('vendor types and parameters, RFC 9110 §8.3.1, §12.5.1', () => {
  it.each<[string, string, string | 406]>([
    ['/a/vendor', '*/*', 'application/vnd.a.v1+json'],
    ['/a/vendor', 'application/vnd.a.v2+json', 'application/vnd.a.v2+json'],
    [
      '/a/vendor',
      'application/vnd.a.v1+json;q=0.1, application/vnd.a.v2+json;q=0.2',
      'application/vnd.a.v2+json',
    ],
    ['/a/vendor', 'Application/VND.A.V2+JSON', 'application/vnd.a.v2+json'],
    ['/a/vendor', 'application/json', 406],
    ['/a/vendor', 'application/*+json', 406],
    ['/a/vendor', 'application/vnd.a.v3+json', 406],
    ['/a/param', 'application/json;v=2', 'application/json;v=2'],
    ['/a/param', 'application/json;V="2"', 'application/json;v=2'],
    ['/a/param', 'application/json; v=1;q=0.5, application/json;v=2;q=0.6', 'application/json;v=2'],
    ['/a/param', 'application/json;v=1;q=0, application/json', 'application/json;v=2'],
    ['/a/param', 'application/json;v=2;q=0.1, application/json;q=0.2', 'application/json;v=1'],
    ['/a/param', 'application/json', 'application/json;v=1'],
    ['/a/param', 'application/*;v=2', 'application/json;v=2'],
    ['/a/param', 'application/json;v=3', 406],
    ['/a/param', 'application/json;v=3, application/json;q=0.1', 'application/json;v=1'],
    ['/a/charset', 'text/plain', 'text/plain;charset=utf-8'],
    ['/a/charset', 'text/plain;charset=UTF-8', 'text/plain;charset=utf-8'],
    ['/a/charset', 'text/plain;charset="utf-8"', 'text/plain;charset=utf-8'],
    ['/a/charset', 'text/*', 'text/plain;charset=utf-8'],
    ['/a/plain', 'application/json', 'application/json'],
    ['/a/plain', 'application/json;charset=utf-8', 'application/json'],
    ['/a/plain', 'application/json;charset="UTF-8"', 'application/json'],
    ['/a/plain', 'text/html, */*;q=0.1', 'application/json'],
    ['/a/plain', 'text/html', 406],
  ])('%s with Accept: %s gives %s', async (path, accept, expected) => {
    const answer = await ask('GET', path, { Accept: accept });
    const whole = (answer.headers['content-type'] ?? '')
      .replaceAll(' ', '')
      .replace('json;charset=utf-8', 'json');
    expect(answer.status === 200 ? whole.replace(/(json;v=\d);charset=utf-8/, '$1') : answer.status).toBe(
      expected,
    );
  });
});

describe('Vary and 406, RFC 9110 §12.5.5, §15.5.7', () => {
  const fields = (answer: Answer) =>
    (answer.headers.vary ?? '')
      .toLowerCase()
      .split(/\s*,\s*/)
      .filter((name) => name !== 'accept-encoding')
      .sort();
  it.each<[string, string, number, readonly string[]]>([
    ['/a/vary', '*/*', 200, ['accept', 'origin']],
    ['/a/varyHeader', '*/*', 200, ['accept', 'x-one']],
    ['/a/varyStar', '*/*', 200, ['*']],
    ['/a/vary', 'image/png', 406, ['accept']],
    ['/a/fail', '*/*', 409, ['accept', 'x-fail']],
    ['/a/jxt', 'text/plain', 200, ['accept']],
  ])('%s with Accept: %s is %i with %j', async (path, accept, status, names) => {
    const answer = await ask('GET', path, { Accept: accept });
    expect([answer.status, fields(answer)]).toEqual([status, names]);
  });

  it.each<[string, readonly string[]]>([
    ['/a/jxt', [J, X, T]],
    ['/a/qs', ['application/xml', 'application/json', 'text/csv']],
    ['/a/vendor', ['application/vnd.a.v1+json', 'application/vnd.a.v2+json']],
    ['/a/plain', [J]],
  ])('%s lists what there is', async (path, available) => {
    const answer = await ask('GET', path, { Accept: 'image/png' });
    expect(answer.status).toBe(406);
    const types: string[] = JSON.parse(answer.text).details.available;
    expect(types.map((one) => one.split(';')[0]).sort()).toEqual([...available].sort());
  });
});
