import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

const BODY = JSON.stringify({ title: 'sent in two halves' });

/** A request that a server has begun to read, and can't answer before its other half is sent. */
export class HalfRequest {
  readonly #answer: Promise<string>;

  private constructor(readonly socket: Socket) {
    this.#answer = text(socket);
    // Cut is cut, whether by a reset or not; whoever asks for the answer sees it.
    this.#answer.catch(() => {});
  }

  /** Resolves when the server has read the first half: it asks for the rest then (RFC 9110 §10.1.1). */
  static async send(url: string): Promise<HalfRequest> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /cases HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${BODY.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await once(socket, 'readable');
    socket.read();
    socket.write(BODY.slice(0, 10));
    return new HalfRequest(socket);
  }

  /** Sends the other half, and gives the answer with its head, once the server has closed the connection. */
  finish(): Promise<string> {
    this.socket.write(BODY.slice(10));
    return this.#answer;
  }

  /** Waits until the server has closed the connection. */
  async closed(): Promise<void> {
    await this.#answer.catch(() => {});
  }
}
