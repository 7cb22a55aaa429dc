import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { Body, Consumes, createApp, GET, Path, POST } from 'koanatomy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let calls: string[] = [];

@Path('/p')
class SmuggledController {
  @GET get() {
    calls.push('get');
    return { ok: true };
  }
  @POST @Consumes('text/plain') post(@Body() body: string) {
    calls.push(`post ${body}`);
    return { ok: true };
  }
  @GET('/smuggled') smuggled() {
    calls.push('smuggled');
    return { smuggled: true };
  }
}

let server: Server;
let port: number;

beforeAll(async () => {
  const app = await createApp({ controllers: SmuggledController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  calls = [];
});

/** The request that nobody but the attacker has sent. */
const SMUGGLED = 'GET /p/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
/** The one that ends a conversation, where the server has not done so. */
const LAST = 'GET /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** All that comes back until the server closes: what never ends never passes. */
async function raw(text: string, to = port): Promise<string> {
  const socket = connect(to, '127.0.0.1').setEncoding('latin1');
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  // It may be gone before all was sent.
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}

function statuses(answer: string): readonly number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}

function post(fields: string, content: string): string {
  return `POST /p HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n${fields}\r\n\r\n${content}`;
}

function get(line: string, fields = 'Host: a'): string {
  return `${line}\r\n${fields}\r\n\r\n`;
}

const chunks = (content: string): string => post('Transfer-Encoding: chunked', content);
const END = '0\r\n\r\n';

it('what follows a request that is sound is answered', async () => {
  const sound = [
    post('Content-Length: 3', 'abc'),
    post('Content-Length: 003', 'abc'),
    chunks(`3\r\nabc\r\n${END}`),
    post('Transfer-Encoding:\tCHUNKED', `3;x=y\r\nabc\r\n${END}`),
    // Another name, whatever a careless proxy takes it for.
    post('Transfer_Encoding: chunked\r\nContent-Length: 3', 'abc'),
  ];
  for (const each of sound) {
    calls = [];
    expect(statuses(await raw(each + SMUGGLED + LAST))).toEqual([200, 200, 200]);
    expect([...calls].sort()).toEqual(['get', 'post abc', 'smuggled']);
  }
});

describe('content that looks like a request is content', () => {
  it.each([
    ['of GET', `GET /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
    ['of POST', post(`Content-Length: ${SMUGGLED.length}`, SMUGGLED)],
    ['in a chunk', chunks(`${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n${END}`)],
    [
      'that a handler never reads',
      post(`Content-Length: ${SMUGGLED.length}`, SMUGGLED).replace('text/plain', 'a/b'),
    ],
    ['of a path that nobody has', post(`Content-Length: ${SMUGGLED.length}`, SMUGGLED).replace('/p', '/q')],
  ])('%s', async (_, text) => {
    const answered = statuses(await raw(text + LAST));
    expect(answered.at(-1)).toBe(200);
    expect(answered).toHaveLength(2);
    expect(calls).not.toContain('smuggled');
  });
});

describe('a request of which two readers may disagree is refused, and nothing after it is read', () => {
  it.each<[string, string]>([
    ['the same length twice', post('Content-Length: 3\r\nContent-Length: 3', 'abc')],
    ['two lengths', post('Content-Length: 3\r\nContent-Length: 40', 'abc')],
    ['a list of lengths', post('Content-Length: 3, 3', 'abc')],
    ['an empty length', post('Content-Length:', 'abc')],
    ['a negative length', post('Content-Length: -1', '')],
    ['a length with a sign', post('Content-Length: +3', 'abc')],
    ['a hexadecimal length', post('Content-Length: 0x3', 'abc')],
    ['a length with letters', post('Content-Length: 3a', 'abc')],
    ['a length with a blank in it', post('Content-Length: 3 4', 'abc')],
    ['a length in another notation', post('Content-Length: 3e0', 'abc')],
    ['a length behind a vertical tab', post('Content-Length: \x0b3', 'abc')],
    ['a length beyond 2^64', post('Content-Length: 18446744073709551619', 'abc')],
    ['a length and chunks', post('Content-Length: 3\r\nTransfer-Encoding: chunked', END)],
    ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 3', END)],
    ['a length and no coding by name', post('Transfer-Encoding:\r\nContent-Length: 3', 'abc')],
    ['a length and identity', post('Transfer-Encoding: identity\r\nContent-Length: 3', 'abc')],
    ['chunked twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', END)],
    ['chunked twice in a list', post('Transfer-Encoding: chunked, chunked', END)],
    ['chunked, then identity', post('Transfer-Encoding: chunked, identity', END)],
    ['identity, then chunked', post('Transfer-Encoding: identity, chunked', END)],
    ['identity', post('Transfer-Encoding: identity', END)],
    ['gzip, then chunked', post('Transfer-Encoding: gzip, chunked', END)],
    ['xchunked', post('Transfer-Encoding: xchunked', END)],
    ['chunkedx', post('Transfer-Encoding: chunkedx', END)],
    ['"chunked"', post('Transfer-Encoding: "chunked"', END)],
    ['chunked with a parameter', post('Transfer-Encoding: chunked;a=b', END)],
    ['chunked behind a comma', post('Transfer-Encoding: ,chunked', END)],
    ['chunked before a comma', post('Transfer-Encoding: chunked,', END)],
    ['chunked before a tab', post('Transfer-Encoding: chunked\t', END)],
    ['chunked behind a vertical tab', post('Transfer-Encoding: \x0bchunked', END)],
    ['chunked behind a blank of Latin-1', post('Transfer-Encoding: \xa0chunked', END)],
    ['a blank before the colon', post('Transfer-Encoding : chunked', END)],
    ['a blank before the name', post(' Transfer-Encoding: chunked', END)],
    ['a folded value', post('Transfer-Encoding:\r\n chunked', END)],
    ['a field in a folded line', post('X: y\r\n Transfer-Encoding: chunked', END)],
    ['chunks in HTTP/1.0', chunks(END).replace('HTTP/1.1', 'HTTP/1.0')],
    ['chunks in GET of HTTP/1.0', get('GET /p HTTP/1.0', 'Host: a\r\nTransfer-Encoding: chunked') + END],
    ['a chunk size with letters', chunks(`3g\r\nabc\r\n${END}`)],
    ['a chunk size with a prefix', chunks(`0x3\r\nabc\r\n${END}`)],
    ['a chunk size with a sign', chunks(`+3\r\nabc\r\n${END}`)],
    ['a negative chunk size', chunks(`-3\r\nabc\r\n${END}`)],
    ['a blank before the chunk size', chunks(` 3\r\nabc\r\n${END}`)],
    ['a blank behind the chunk size', chunks(`3 \r\nabc\r\n${END}`)],
    ['no chunk size', chunks(`\r\nabc\r\n${END}`)],
    ['a chunk size beyond 2^64', chunks(`10000000000000003\r\nabc\r\n${END}`)],
    ['a chunk size before LF alone', chunks(`3\nabc\r\n${END}`)],
    ['an extension before LF alone', chunks(`3;a\nabc\r\n${END}`)],
    ['an extension with CR', chunks(`3;a\rb\r\nabc\r\n${END}`)],
    ['an extension with NUL', chunks(`3;a\0\r\nabc\r\n${END}`)],
    ['an extension with a line in quotes', chunks(`3;a="\n"\r\nabc\r\n${END}`)],
    ['a chunk before LF alone', chunks(`3\r\nabc\n${END}`)],
    ['a chunk that is longer than it says', chunks(`3\r\nabcX\r\n${END}`)],
    ['a last chunk before LF alone', chunks('3\r\nabc\r\n0\n\n')],
    ['an end of LF alone', chunks('3\r\nabc\r\n0\r\n\n')],
    ['a length in the trailer', chunks('0\r\nContent-Length: 30\r\n\r\n')],
    ['a coding in the trailer', chunks('0\r\nTransfer-Encoding: chunked\r\n\r\n')],
    ['lines that end in LF alone', 'GET /p HTTP/1.1\nHost: a\n\n'],
    ['a field that ends in LF alone', post('X: y\nContent-Length: 3', 'abc')],
    ['a header section that ends in LF alone', 'GET /p HTTP/1.1\r\nHost: a\r\n\n'],
    ['a header section that ends in CR alone', 'GET /p HTTP/1.1\r\nHost: a\r\n\r'],
    ['CR in a value', post('X: y\rContent-Length: 3', 'abc')],
    ['NUL in a value', post('X: a\0b\r\nContent-Length: 3', 'abc')],
    ['NUL in a name', post('X\0: b\r\nContent-Length: 3', 'abc')],
    ['a blank in a name', post('X Y: b\r\nContent-Length: 3', 'abc')],
    ['no Host', get('GET /p HTTP/1.1', 'X: y')],
    ['two hosts', get('GET /p HTTP/1.1', 'Host: a\r\nHost: b')],
    ['the same Host twice', get('GET /p HTTP/1.1', 'Host: a\r\nhost: a')],
    ['a folded Host', get('GET /p HTTP/1.1', 'Host: a\r\n b')],
    ['a Host that is none', get('GET /p HTTP/1.1', 'Host: a/p')],
    ['a target of another host', get('GET http://b/p HTTP/1.1')],
    ['a target of another port', get('GET http://a:81/p HTTP/1.1')],
    ['a target with user information', get('GET http://a@b/p HTTP/1.1', 'Host: b')],
    ['a target of another scheme', get('GET ftp://a/p HTTP/1.1')],
    [
      'a second Host behind a thousand fields',
      get('GET /p HTTP/1.1', `Host: a\r\n${'a:\r\n'.repeat(1000)}Host: b`),
    ],
    ['a tab in the request line', get('GET\t/p HTTP/1.1')],
    ['a blank behind the version', get('GET /p HTTP/1.1 ')],
    ['no version', 'GET /p\r\n\r\n'],
    ['HTTP/1.2', get('GET /p HTTP/1.2')],
    ['HTTP/01.1', get('GET /p HTTP/01.1')],
    ['HTTP/2.0 in text', get('GET /p HTTP/2.0')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s', async (_, text) => {
    const answer = await raw(text + SMUGGLED + LAST);
    expect(statuses(answer)).toHaveLength(1);
    expect([400, 413, 431, 501]).toContain(statuses(answer)[0]);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(answer).toContain('application/problem+json');
    expect(calls).toEqual([]);
  });
});

describe('however the coding is disguised', () => {
  const odd = fc.constantFrom(...' \t\x0b\x0c\0\r\n,;:"\'_-.xX\x7f\x80\xa0\xff');

  it('what stands beside a length never begins a request of its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 26 }),
        fc.array(odd, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (at, made, isFirst) => {
          calls = [];
          const line = 'Transfer-Encoding: chunked';
          const field = line.slice(0, at) + made.join('') + line.slice(at);
          const content = `${END}${SMUGGLED}`;
          const length = `Content-Length: ${content.length}`;
          const fields = isFirst ? `${field}\r\n${length}` : `${length}\r\n${field}`;
          const answer = await raw(post(fields, content) + LAST);
          expect(calls).not.toContain('smuggled');
          expect(answer).not.toContain('"smuggled"');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("Node's lenient parser", () => {
  it('is off, whatever the command line says', () => {
    // What `node --insecure-http-parser` sets where nothing is said.
    const { insecureHTTPParser } = server as Server & { insecureHTTPParser?: boolean };
    expect(insecureHTTPParser).toBe(false);
  });

  it.each([
    ['a length and chunks', post('Content-Length: 3\r\nTransfer-Encoding: chunked', END)],
    ['chunked, then identity', post('Transfer-Encoding: chunked, identity', END)],
  ])("on a server of one's own does not take %s either", async (_, text) => {
    const app = await createApp({ controllers: SmuggledController, logger: false });
    const lenient = createServer({ insecureHTTPParser: true }, app.callback());
    lenient.listen(0, '127.0.0.1');
    await once(lenient, 'listening');
    try {
      const answer = await raw(text + SMUGGLED + LAST, (lenient.address() as AddressInfo).port);
      expect(statuses(answer)).toHaveLength(1);
      expect([400, 501]).toContain(statuses(answer)[0]);
      expect(calls).toEqual([]);
    } finally {
      lenient.closeAllConnections();
      lenient.close();
    }
  });
});
