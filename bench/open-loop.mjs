// Clients that ask whether or not others are answered: plain sockets, one request at a time on each, open beforehand.
import { once } from 'node:events';
import { connect } from 'node:net';

export class Clients {
  #idle = [];
  #waiting = [];
  #all = [];

  /** @param {number} patience the milliseconds after which an answer is worth nothing any more */
  constructor(port, path, patience) {
    this.port = port;
    this.patience = patience;
    this.bytes = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }

  async open(count) {
    while (this.#all.length < count) {
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      const client = { socket, settle: null };
      this.#all.push(client);
      this.#idle.push(client);
      this.#read(client);
    }
    return this;
  }

  /** @returns {Promise<{ status: number, ms: number }>} status 0 where the answer came too late */
  ask() {
    const begin = performance.now();
    return new Promise((resolve) => {
      const settle = (status) => {
        const ms = performance.now() - begin;
        resolve({ status: ms > this.patience ? 0 : status, ms });
      };
      // In turn, so that none is idle for so long that the server closes it.
      const client = this.#idle.shift();
      if (client === undefined) this.#waiting.push({ settle, begin });
      else this.#send(client, settle);
    });
  }

  close() {
    for (const { socket } of this.#all) socket.destroy();
  }

  #send(client, settle) {
    client.settle = settle;
    client.socket.write(this.bytes);
  }

  /** A client that waited too long for a connection sends nothing any more. */
  #next(client) {
    const now = performance.now();
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) return void this.#idle.push(client);
      if (now - next.begin < this.patience) return this.#send(client, next.settle);
      next.settle(0);
    }
  }

  #read(client) {
    let text = '';
    client.socket.on('data', (chunk) => {
      text += chunk.latin1Slice();
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(text);
      if (length === null) throw new Error(`no Content-Length in\n${text}`);
      if (text.length < end + 4 + Number(length[1])) return;
      const status = Number(text.slice(9, 12));
      text = '';
      client.settle(status);
      this.#next(client);
    });
  }
}
