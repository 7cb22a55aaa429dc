import { once } from 'node:events';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, FormParam, MaxBody, Path, POST, UploadedFile } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Path('/m')
class FormController {
  @POST @MaxBody(5000) async post(
    @FormParam('t') t?: string,
    @FormParam('n') n?: number,
    @FormParam('l') l: string[] = [],
    @FormParam('f') f?: UploadedFile,
    @FormParam('g', { type: UploadedFile }) g: UploadedFile[] = [],
  ) {
    const file = f && [f.fileName, f.type, f.size, await f.text()];
    return [t ?? null, n ?? null, l, file ?? null, g.map((one) => one.fileName)];
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  content: Buffer;
}

let server: Server;

function post(
  path: string,
  type: string,
  content: string | Buffer,
  accept = 'application/json',
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const headers = { 'Content-Type': type, Accept: accept, 'Content-Length': Buffer.byteLength(content) };
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, content: Buffer.concat(chunks) }),
      );
    });
    req.on('error', reject);
    req.end(content);
  });
}

beforeAll(async () => {
  const app = await createApp({ controllers: FormController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const TYPE = 'multipart/form-data; boundary=b';
const part = (head: string, content: string, boundary = 'b') =>
  `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
const end = '--b--\r\n';
const t = (content: string) => part('name="t"', content) + end;
const file = (head: string, content = 'x') => part(`name="f"; ${head}`, content) + end;
const nothing = [null, null, [], null, []];
const T = (text: string) => [text, null, [], null, []];
const F = (...of: unknown[]) => [null, null, [], of, []];

describe('the framing of parts, RFC 2046 §5.1.1', () => {
  it.each<[string, string, unknown]>([
    [TYPE, t('a'), T('a')],
    [TYPE, `preamble\r\n${t('a')}epilogue`, T('a')],
    [TYPE, `\r\n${t('a')}`, T('a')],
    [TYPE, t('a').slice(0, -2), T('a')],
    [TYPE, t(''), T('')],
    [TYPE, t('a\r\nb'), T('a\r\nb')],
    [TYPE, t('\r\n'), T('\r\n')],
    [TYPE, t('a\r\n--c\r\n-'), T('a\r\n--c\r\n-')],
    [TYPE, t('x--b--'), T('x--b--')],
    [TYPE, t('é😀'), T('é😀')],
    [TYPE, t('a').replaceAll('--b\r', '--b \t \r'), T('a')],
    [TYPE, t('a').replace('--b--', '--b-- \t'), T('a')],
    [TYPE, end, nothing],
    [TYPE, `--b\r\n\r\n${end}`, 400],
    [TYPE, t('a').replace('--b--', ''), 400],
    [TYPE, t('a').replace('--b--\r\n', '--b\r\n'), 400],
    [TYPE, t('a').replace('--b--\r\n', '--b-'), 400],
    [TYPE, 'nothing of it', 400],
    [TYPE, t('a').replaceAll('--b', '--c'), 400],
    [TYPE, t('a').replaceAll('\r\n', '\n'), 400],
    ['multipart/form-data; boundary="b"', t('a'), T('a')],
    ['Multipart/Form-Data; Boundary=b', t('a'), T('a')],
    ['multipart/form-data; charset=utf-8; boundary=b', t('a'), T('a')],
    ['multipart/form-data; boundary="a b:c"', `${part('name="t"', 'a', 'a b:c')}--a b:c--`, T('a')],
    ['multipart/form-data; boundary=B', t('a'), 400],
    [
      `multipart/form-data; boundary=${'x'.repeat(70)}`,
      `${part('name="t"', 'a', 'x'.repeat(70))}--${'x'.repeat(70)}--`,
      T('a'),
    ],
    [
      `multipart/form-data; boundary=${'x'.repeat(71)}`,
      `${part('name="t"', 'a', 'x'.repeat(71))}--${'x'.repeat(71)}--`,
      400,
    ],
    ['multipart/form-data', t('a'), 400],
    ['multipart/form-data; boundary=', t('a'), 415],
    ['multipart/form-data; boundary=""', t('a'), 400],
    ['multipart/form-data; boundary="b "', t('a'), 400],
    ['multipart/form-data; boundary=b; boundary=c', t('a'), 415],
    ['multipart/mixed; boundary=b', t('a'), 415],
  ])('%s %j: %j', async (type, content, expected) => {
    const answer = await post('/m', type, content);
    if (typeof expected === 'number')
      expect([400, 415].includes(expected) ? answer.status : 0).toBe(expected);
    else expect([answer.status, JSON.parse(answer.content.toString())]).toEqual([200, expected]);
  });
});

describe('the head of parts, RFC 7578 §4 and RFC 2183 §2', () => {
  const head = (text: string, content = 'a') => `--b\r\n${text}\r\n\r\n${content}\r\n${end}`;
  it.each<[string, unknown]>([
    [head('content-disposition:form-data;name="t"'), T('a')],
    [head('CONTENT-DISPOSITION: FORM-DATA; NAME="t"'), T('a')],
    [head('Content-Disposition: form-data ; name=t'), T('a')],
    [head('Content-Disposition: form-data; x=y; name="t"'), T('a')],
    [head('Content-Type: text/plain\r\nContent-Disposition: form-data; name="t"'), T('a')],
    [head('Content-Disposition: form-data; name="t"\r\nContent-Type: text/plain; charset=utf-8'), T('a')],
    [head('Content-Disposition: form-data; name="t"\r\nX-Other: b'), T('a')],
    [head('Content-Disposition: form-data; name="%74"'), nothing],
    [head('Content-Disposition: form-data; name="T"'), nothing],
    [head('Content-Disposition: form-data; name="__proto__"'), nothing],
    [head('Content-Disposition: form-data; name="constructor"'), nothing],
    [head('Content-Disposition: form-data'), 400],
    [head('Content-Disposition: form-data; name="t"; name="n"'), 400],
    [head('Content-Disposition: form-data; name="t"\r\nContent-Disposition: form-data; name="n"'), 400],
    [head('Content-Disposition: attachment; name="t"'), 400],
    [head('Content-Disposition: form-data; name="t'), 400],
    [head('X-Other: form-data; name="t"'), 400],
    [head('no header'), 400],
    [head('Content-Disposition: form-data; name="t"\r\nContent-Type: a/b\r\nContent-Type: c/d'), 400],
    [head('Content-Disposition: form-data; name="t"\r\nContent-Transfer-Encoding: base64', 'YQ=='), 415],
    [head('Content-Disposition: form-data; name="t"\r\nContent-Type: multipart/mixed; boundary=c'), 415],
    [head('Content-Disposition: form-data; name="t"\r\nContent-Type: text/plain; charset=nonsense'), 415],
    [part('name="t"', 'a') + part('name="t"', 'b') + end, 400],
    [
      part('name="l"', 'a') + part('name="t"', 't') + part('name="l"', '') + end,
      ['t', null, ['a', ''], null, []],
    ],
    [part('name="n"', '-1.5') + end, [null, -1.5, [], null, []]],
    [part('name="n"', '') + end, 400],
    [part('name="n"', '1x') + end, 400],
    [part('name="n"', '1\r\n') + end, 400],
    [file('filename="a.txt"'), F('a.txt', 'text/plain', 1, 'x')],
    [file('filename=a.txt'), F('a.txt', 'text/plain', 1, 'x')],
    [file('filename="a;b=\\"c\\".txt"'), F('a;b="c".txt', 'text/plain', 1, 'x')],
    [file('filename="a%22b%0D%0A%41.txt"'), F('a"b%41.txt', 'text/plain', 1, 'x')],
    [file('filename="é😀.txt"'), F('é😀.txt', 'text/plain', 1, 'x')],
    [file('filename="../../etc/passwd"'), F('passwd', 'text/plain', 1, 'x')],
    [file('filename="C:\\\\x\\\\y.txt"'), F('y.txt', 'text/plain', 1, 'x')],
    [file('filename="/etc/"'), null],
    [file('filename=".."'), null],
    [file('filename="a.txt"', ''), F('a.txt', 'text/plain', 0, '')],
    [file('filename=""', ''), nothing],
    [file('filename="a"\r\nContent-Type: image/PNG; x=y'), null],
    [file("filename*=utf-8''a"), 400],
    [file('filename="a"; filename="b"'), 400],
    [part('name="f"', 'x') + end, 400],
    [part('name="t"; filename="a"', 'x') + end, 400],
    [part('name="f"; filename="a"', 'x') + part('name="f"; filename="b"', 'y') + end, 400],
    [
      part('name="g"; filename="a"', 'x') + part('name="g"; filename="b"', 'y') + end,
      [null, null, [], null, ['a', 'b']],
    ],
    [file('filename="a"', 'x'.repeat(6000)), 413],
    [part('name="other"; filename="a"', 'x'.repeat(6000)) + end, 413],
    [part('name="other"; filename="a"', 'x') + t('a'), T('a')],
  ])('%j: %j', async (content, expected) => {
    const answer = await post('/m', TYPE, content);
    if (typeof expected === 'number') expect(answer.status).toBe(expected);
    else if (expected === null) expect(answer.status).toBeLessThan(500);
    else expect([answer.status, JSON.parse(answer.content.toString())]).toEqual([200, expected]);
  });
});
