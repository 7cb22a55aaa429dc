import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Context, createApp, GET, Path } from 'koanatomy';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';

let started = 0;
let aborted = 0;
let server: Server | null = null;

@Path('/g')
class GoneController {
  @GET('/wait') async wait(@Context() signal: AbortSignal) {
    started += 1;
    await once(signal, 'abort');
    aborted += 1;
  }
  @GET('/ping') ping() {
    return {};
  }
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('a connection that closes', () => {
  it('ends each of its pipelined requests, also those whose turn never came', async () => {
    const app = await createApp({ controllers: GoneController, logger: false, limits: { inFlight: 30 } });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (let round = 1; round <= 3; round++) {
      const sockets = [0, 1, 2].map(() => connect(port, '127.0.0.1'));
      for (const socket of sockets) socket.write('GET /g/wait HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10));
      await expect.poll(() => started).toBe(30 * round);
      expect((await request(`http://127.0.0.1:${port}`).get('/g/ping')).status).toBe(503);
      for (const socket of sockets) socket.destroy();
      await expect.poll(() => aborted).toBe(30 * round);
      expect((await request(`http://127.0.0.1:${port}`).get('/g/ping')).status).toBe(200);
    }
  });
});
