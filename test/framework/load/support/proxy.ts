import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be made to fail: `hang` passes nothing on, `reset` breaks off and lets nobody in. */
export class FailingProxy {
  #mode: 'forward' | 'hang' | 'reset' = 'forward';
  readonly #pairs = new Map<Socket, Socket>();

  private constructor(
    readonly server: Server,
    target: URL,
  ) {
    server.on('connection', (client: Socket) => {
      client.on('error', () => {});
      if (this.#mode === 'reset') return void client.resetAndDestroy();
      const upstream = connect(Number(target.port), target.hostname);
      upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.on('close', () => {
        upstream.destroy();
        this.#pairs.delete(client);
      });
      this.#pairs.set(client, upstream);
      client.pipe(upstream).pipe(client);
      if (this.#mode === 'hang') this.hang();
    });
  }

  static async to(target: string): Promise<FailingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FailingProxy(server, new URL(target));
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  hang(): void {
    this.#mode = 'hang';
    for (const [client, upstream] of this.#pairs) {
      client.unpipe(upstream).pause();
      upstream.unpipe(client).pause();
    }
  }

  reset(): void {
    this.#mode = 'reset';
    for (const client of this.#pairs.keys()) client.resetAndDestroy();
  }

  forward(): void {
    this.#mode = 'forward';
    for (const [client, upstream] of this.#pairs) client.pipe(upstream).pipe(client);
  }

  async close(): Promise<void> {
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }
}
