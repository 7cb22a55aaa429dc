import { GET, Path, Reply, createApp } from 'koanatomy';
import { it } from 'vitest';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
@Path('/v') class C {
  @GET('/s') s() { return Reply.ok({a:1}).header('X-A', 'é'); }
  @GET('/b') b() { return Reply.ok(Buffer.from('x')).header('X-A', 'é'); }
  @GET('/n') n() { return Reply.ok({a:1}).header('X A', '1'); }
  @GET('/e') e() { return Reply.ok(''); }
  @GET('/e2') e2() { return Reply.ok(Buffer.alloc(0)); }
}
it('x', async () => {
  const app = await createApp({ controllers: C, logger: false });
  const server = app.listen(0, '127.0.0.1'); await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const l of ['GET /v/s HTTP/1.1', 'HEAD /v/s HTTP/1.1', 'GET /v/b HTTP/1.1', 'GET /v/n HTTP/1.1', 'HEAD /v/e HTTP/1.1', 'HEAD /v/e2 HTTP/1.1', 'GET /v/e2 HTTP/1.1']) {
    const s = connect(port, '127.0.0.1').setEncoding('latin1'); let t = '';
    s.on('data', (c) => { t += c; }); s.write(`${l}\r\nHost: a\r\nConnection: close\r\n\r\n`); await once(s, 'close');
    console.log(l, JSON.stringify(t));
  }
  server.close();
});
