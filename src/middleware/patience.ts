import type { CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { onGone } from '../framework/http/on-gone.js';
import { abandon } from '../framework/http/streams.js';
import { Watch } from '../framework/load/watch.js';
import { release } from './acquire.js';
import { free, stepAside } from './admit.js';
import { handleError } from './handle-error.js';

/** Milliseconds after which a client that is waited for is a slow one. */
const SLOW_AFTER = 1000;

/** Deadlines below this have a timer of their own; later ones are seen when all that wait are looked at. */
const PRECISE = 5000;

/** Bytes a second that a client has to send of its body. */
const LEAST_RATE = 1024;

/**
 * How long a request may wait, and whom for: its method has a deadline, its client has to send and to read. What it
 * has of the server is given back when both are done with it.
 */
export class Patience {
  readonly #application: CompiledApplication;
  readonly #watch: Watch<Exchange>;

  constructor(application: CompiledApplication) {
    this.#application = application;
    this.#watch = new Watch((exchange, now) => this.#look(exchange, now));
  }

  /** A stage waits for something. */
  begin(exchange: Exchange): void {
    this.#watch.add(exchange);
    this.#arm(exchange);
  }

  /** The last stage has ended. */
  end(exchange: Exchange): void {
    this.#watch.delete(exchange);
    if (exchange.timer !== null) clearTimeout(exchange.timer);
    exchange.timer = null;
  }

  /** The answer is on its way. */
  depart(exchange: Exchange): void {
    // Its method still runs, and costs what it costs.
    if (exchange.isExpired && !exchange.hasEnded) return;
    const { req, res } = exchange.ctx;
    if (exchange.held !== null) {
      // What is written while it is read still draws on the resource.
      if (res.writableEnded || exchange.isExpired) release(exchange);
      else onGone(req, res, () => release(exchange));
    }
    if (exchange.standing === 'outside') return;
    // What the system took at once needs no listener.
    if (res.writableEnded && res.socket?.writableLength === 0) {
      free(this.#application, exchange);
      return;
    }
    exchange.awaits = 'client';
    exchange.waitsSince = performance.now();
    this.#watch.add(exchange);
    onGone(req, res, () => {
      this.#watch.delete(exchange);
      free(this.#application, exchange);
    });
  }

  /** A stage has ended after its request was answered: nobody wants what it made. */
  endLate(exchange: Exchange, error?: unknown): void {
    this.end(exchange);
    const { ctx, id, result } = exchange;
    if (typeof result === 'object' && result !== null) abandon(result);
    if (error !== undefined && !exchange.isAbortedBy(error) && exchange.awaits === 'server') {
      this.#application.report(error, ctx, id);
    }
    exchange.hasEnded = true;
    this.depart(exchange);
  }

  #arm(exchange: Exchange): void {
    const timeout = this.#timeoutOf(exchange);
    if (exchange.timer !== null || exchange.awaits !== 'server' || timeout >= PRECISE) return;
    exchange.timer = setTimeout(
      () => {
        exchange.timer = null;
        this.#look(exchange, performance.now());
        if (!exchange.isExpired) this.#arm(exchange);
      },
      Math.max(1, exchange.since + timeout - performance.now()),
    );
  }

  #timeoutOf(exchange: Exchange): number {
    // Before the choice of the operation there is none.
    const { operation } = exchange as Partial<Exchange>;
    return operation?.timeout ?? this.#application.timeout;
  }

  #look(exchange: Exchange, now: number): void {
    if (exchange.awaits === 'server') this.#lookAtServer(exchange, now);
    else {
      if (now - exchange.waitsSince >= SLOW_AFTER) stepAside(this.#application, exchange);
      if (exchange.awaits === 'body' && !exchange.isExpired && this.#isTooSlow(exchange, now)) {
        const message = 'The body comes too slowly';
        this.#expire(exchange, new FrameworkError('request-timeout', message, { headers: CLOSE }));
      }
    }
  }

  #lookAtServer(exchange: Exchange, now: number): void {
    const timeout = this.#timeoutOf(exchange);
    const over = now - exchange.since - timeout;
    if (over < 0) return;
    if (!exchange.isExpired) {
      const isQueued = exchange.standing === 'outside';
      const message = isQueued ? 'The server had no time for the request' : 'The answer took too long';
      const headers = { 'Retry-After': '1' };
      const error = isQueued
        ? new FrameworkError('overloaded', message, { headers })
        : new FrameworkError('timed-out', message);
      this.#expire(exchange, error);
    } else if (over >= timeout) {
      // It doesn't listen to its signal, or hangs. Its place would be lost for ever.
      const { ctx, id } = exchange;
      const where = (exchange as Partial<Exchange>).operation?.name ?? 'a stage before the method';
      const message = `${where} has not ended long after its deadline; nobody waits for it any more`;
      this.#application.report(new Error(message), ctx, id);
      this.endLate(exchange);
    }
  }

  /** Of what came since the last look at it. Bytes that nobody has taken yet are not the client's fault. */
  #isTooSlow(exchange: Exchange, now: number): boolean {
    const { req } = exchange.ctx;
    const milliseconds = now - exchange.waitsSince;
    if (milliseconds < this.#application.bodyTimeout) return false;
    const { bytesRead } = req.socket;
    const isOurs = req.complete || req.readableLength > 0 || req.isPaused();
    const isFast = (bytesRead - exchange.bytesBefore) * 1000 >= LEAST_RATE * milliseconds;
    exchange.waitsSince = now;
    exchange.bytesBefore = bytesRead;
    return !isOurs && !isFast;
  }

  /** Answers a request whose time has passed, and tells whoever works for it. */
  #expire(exchange: Exchange, error: FrameworkError): void {
    exchange.isExpired = true;
    exchange.abort(new DOMException(error.message, 'TimeoutError'));
    handleError(this.#application, exchange, error);
    exchange.end?.();
  }
}

const CLOSE = Object.freeze({ Connection: 'close' });
