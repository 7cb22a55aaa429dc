import type { Context } from 'koa';
import type { CompiledOperation, CompiledResource, Representation } from './compile/records.js';
import { parseCookies } from './http/cookies.js';
import type { MediaType } from './http/media-type.js';
import { onGone } from './http/on-gone.js';
import { parsePairs, type RawPairs } from './http/pairs.js';
import { type RequestPath, targetQuery } from './http/path.js';
import type { Principal } from './security/principal.js';

/**
 * One request and what the stages have found out about it so far. A stage writes what its name says and
 * reads what earlier ones wrote; the order is in `middleware/pipeline.ts`.
 */
export class Exchange {
  /** route */
  path!: RequestPath;
  resource!: CompiledResource;
  pathValues: readonly string[] = [];
  candidates: readonly CompiledOperation[] = [];
  /** authenticate */
  principal: Principal | null = null;
  /** negotiate */
  operation!: CompiledOperation;
  contentType: MediaType | null = null;
  representation!: Representation;
  /** deserialise: the body's value, or undefined where there is none */
  body: unknown = undefined;
  /** validate */
  args: readonly unknown[] = [];
  /** invoke */
  result: unknown = undefined;

  /** What middleware in front had set when the request came to us. */
  readonly front: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: unknown;
    readonly status: number;
  };

  #query: RawPairs | null = null;
  #matrix: RawPairs | null = null;
  #cookies: ReadonlyMap<string, string> | null = null;
  #signal: AbortSignal | null = null;

  constructor(
    readonly ctx: Context,
    readonly id: string,
  ) {
    this.front = { headers: ctx.res.getHeaders(), body: ctx.body, status: ctx.status };
  }

  get query(): RawPairs {
    this.#query ??= parsePairs(targetQuery(this.ctx.req.url ?? ''));
    return this.#query;
  }

  get matrix(): RawPairs {
    this.#matrix ??= parsePairs(
      (this.path.matrix ?? []).join('').replaceAll('+', '%2B').replaceAll('&', '%26').replaceAll(';', '&'),
    );
    return this.#matrix;
  }

  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(this.ctx.req.headers.cookie);
    return this.#cookies;
  }

  /** The form's fields, where the body is one. */
  get form(): ReadonlyMap<string, readonly string[]> {
    return this.body instanceof Map ? this.body : NO_FIELDS;
  }

  /** Fires when the client leaves before its answer was sent. Made when something asks for it. */
  get signal(): AbortSignal {
    if (this.#signal === null) {
      const controller = new AbortController();
      const { req, res } = this.ctx;
      onGone(req, res, () => {
        if (!res.writableFinished) controller.abort(new Error('the client closed the connection'));
      });
      this.#signal = controller.signal;
    }
    return this.#signal;
  }
}

const NO_FIELDS: ReadonlyMap<string, readonly string[]> = new Map();
