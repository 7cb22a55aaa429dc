import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type IncomingMessage, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { IsInstance, IsString } from 'class-validator';
import {
  Body,
  Consumes,
  createApp,
  FormParam,
  MaxBody,
  MultipartStream,
  Path,
  POST,
  UploadedFile,
} from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Draft {
  @IsString() title!: string;
  @IsInstance(UploadedFile) cover!: UploadedFile;
}
let directory: string;
let seen: string[] = [];
@Path('/u')
class UploadController {
  @POST('/one') @MaxBody('64mb') one(@FormParam('a', { required: true }) a: UploadedFile) {
    seen = readdirSync(directory);
    return { size: a.size };
  }
  @POST('/fail') fail(@FormParam('a') _a: UploadedFile) {
    throw new Error('x');
  }
  @POST('/dto') @Consumes('multipart/form-data') dto(d: Draft) {
    return { t: d.title, s: d.cover.size, is: d instanceof Draft };
  }
  @POST('/parts') async parts(parts: MultipartStream) {
    const all: unknown[] = [];
    for await (const { name, fileName, stream } of parts)
      all.push([name, fileName, (await text(stream)).length]);
    return all;
  }
  @POST('/parts2') async parts2(@Body() parts: MultipartStream) {
    for await (const p of parts) return { first: p.name };
    return {};
  }
  @POST('/parts3') @MaxBody('64mb') parts3(@Body() _parts: MultipartStream) {
    return { none: true };
  }
}
let server: Server;
let port: number;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'koanatomy-test-'));
  const app = await createApp({ controllers: UploadController, uploads: directory, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});
const part = (name: string, file: string | null, c: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${file === null ? '' : `; filename="${file}"`}\r\n\r\n${c}\r\n`;
async function post(path: string, content: string | Buffer) {
  const req = send({
    port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  });
  req.end(content);
  const [response] = (await once(req, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: JSON.parse(await text(response)) };
}

/** Files go when the request is over, which the client hears a little earlier. */
const empty = async () => {
  for (let i = 0; i < 2000 && readdirSync(directory).length > 0; i++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(readdirSync(directory)).toEqual([]);
};
describe('the parts of a form, RFC 7578', () => {
  it('leaves no file behind, whatever became of the request', async () => {
    expect(await post('/u/one', `${part('a', 'f', 'xx')}--b--`)).toEqual({ status: 200, body: { size: 2 } });
    expect(seen).toHaveLength(1);
    await empty();
    expect((await post('/u/fail', `${part('a', 'f', 'xx')}--b--`)).status).toBe(500);
    await empty();
    expect((await post('/u/one', `${part('c', 'f', 'xx')}--b--`)).status).toBe(400);
    await empty();
    expect((await post('/u/fail', `${part('a', 'f', 'x'.repeat(3_000_000))}--b--`)).status).toBe(413);
    await empty();
    expect(
      (await post('/u/one', `${part('a', 'f', 'x')}--b\r\n\r\n\r\n${'x'.repeat(6_000_000)}--b--`)).status,
    ).toBe(400);
    await empty();
  });
  it('are properties of a class as fields are', async () => {
    expect(
      (await post('/u/dto', `${part('title', null, 't')}${part('cover', 'f', 'xx')}--b--`)).body,
    ).toEqual({
      t: 't',
      s: 2,
      is: true,
    });
    await empty();
  });
  it('are read part by part where the method wants that', async () => {
    expect((await post('/u/parts', `${part('a', null, 't')}${part('b', 'f', 'xx')}--b--`)).body).toEqual([
      ['a', null, 1],
      ['b', 'f', 2],
    ]);
    expect(await post('/u/parts', `${part('a', null, 't')}--b\r\n\r\n`)).toMatchObject({ status: 400 });
    expect(
      (await post('/u/parts2', `${part('a', null, 't')}${part('b', 'f', 'x'.repeat(700_000))}--b--`)).body,
    ).toEqual({ first: 'a' });
    expect(
      (await post('/u/parts3', `${part('a', null, 't')}${part('b', 'f', 'x'.repeat(7_000_000))}--b--`)).body,
    ).toEqual({ none: true });
    expect(await post('/u/parts', 'x')).toMatchObject({ status: 400 });
  });
});
