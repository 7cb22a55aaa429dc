import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';
import type { FormValue } from './codecs/multipart-form.js';
import type { Candidates } from './compile/candidates.js';
import type {
  CompiledApplication,
  CompiledOperation,
  CompiledResource,
  Representation,
} from './compile/records.js';
import type { Issue } from './errors/api-error.js';
import type { Failure } from './errors/failure.js';
import { isCodingSuffix } from './http/content-coding.js';
import { parseCookies } from './http/cookies.js';
import { type EntityTag, withSuffix } from './http/entity-tag.js';
import type { MediaType } from './http/media-type.js';
import { onGone } from './http/on-gone.js';
import { type DeclaredNames, parsePairs, type RawPairs, type RawValue } from './http/pairs.js';
import { type RequestPath, targetQuery } from './http/path.js';
import type { RequestPreconditions } from './http/preconditions.js';
import type { Standing } from './load/admission.js';
import type { Bulkhead } from './load/bulkhead.js';
import type { PreconditionContext } from './preconditions.js';
import { requestIdOf } from './request-id.js';
import { type Current, currentState, stateSource } from './respond/current-state.js';
import { addLasting, type FieldLines, NO_LINES, setLines } from './respond/lasting.js';
import type { Principal } from './security/principal.js';

/**
 * One request and what the stages have found out about it so far. A stage writes what its name says and
 * reads what earlier ones wrote; the order is in `middleware/pipeline.ts`.
 */
export class Exchange {
  /** `performance.now()` when the request came; when its body was there, where one is read. Clocks are set, and would end all. */
  since = 0;
  /** admit: where it stands with the server */
  standing: Standing = 'outside';
  /** admit: `performance.now()` where somebody learns from how long it is inside; else 0 */
  entered = 0;
  /** Whom it waits for, where it waits. */
  awaits: 'server' | 'body' | 'client' = 'server';
  /** When it began to wait for the client, and how many bytes had come by then. */
  waitsSince = 0;
  bytesBefore = 0;
  /** acquire: what it is inside of, and since when where somebody learns from that. */
  held: Held[] | null = null;
  /** Whether it was answered before its method ended, since its time had passed. */
  isExpired = false;
  /** Whether its method has ended after that. */
  hasEnded = false;
  /** The timer of its deadline, where it has one of its own. */
  timer: NodeJS.Timeout | null = null;
  /** Tells whoever waits for the answer that it is there. */
  end: (() => void) | null = null;
  /** route: whether a resource has the path */
  isFound = true;
  /** route */
  path!: RequestPath;
  resource!: CompiledResource;
  pathValues: readonly (string | undefined)[] = [];
  /** route: the object that a locator found, where one was asked; its class has the operations */
  located: object | null = null;
  candidates!: Candidates;
  /** cross-origin: whether the answer has what pages of other origins have to know */
  isOriginTold = false;
  /** authenticate */
  principal: Principal | null = null;
  /** precondition: what the request has of them; null where it has none */
  preconditions: RequestPreconditions | null = null;
  /** invoke: the state that the method told {@link Preconditions} */
  remembered: {
    readonly etag: EntityTag | null;
    readonly lastModified: Date | null;
  } | null = null;
  /** While GET is asked for the current state: what it tells {@link Preconditions}. */
  probe: { etag: EntityTag | null; lastModified: Date | null } | null = null;
  /** negotiate: the language of the answer, where the operation has several */
  language: string | null = null;
  /** negotiate */
  operation!: CompiledOperation;
  contentType: MediaType | null = null;
  representation!: Representation;
  /** deserialise: the body's value, or undefined where there is none */
  body: unknown = undefined;
  /** deserialise: whether all scalars of the body are texts */
  isText = false;
  /** deserialise: the most values that the body can have; null where its size doesn't tell */
  mostValues: number | null = null;
  /** validate */
  args: readonly unknown[] = [];
  /** validate: what is wrong with the request; null where nothing is */
  issues: readonly Issue[] | null = null;
  /** What is answered to a request that goes no further, where nobody has to throw it; null where it goes on. */
  refusal: Failure | null = null;
  /** invoke */
  result: unknown = undefined;

  /** What middleware in front had set when the request came to us. */
  readonly front: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: unknown;
    readonly status: number;
  };

  #names: DeclaredNames | null = null;
  #query: readonly RawValue[] = [];
  #matrix: RawPairs | null = null;
  #cookies: ReadonlyMap<string, string> | null = null;
  #current: Promise<Current> | null = null;
  #controller: AbortController | null = null;

  /** The fields that the answer has, whatever becomes of it. */
  lasting: FieldLines;
  /** Those of them that are on the response. */
  #set: FieldLines;

  /**
   * @param common the fields that every answer of the application has
   * @param isSet whether the response has them already
   */
  constructor(
    readonly ctx: Context,
    common: FieldLines = NO_LINES,
    /** Whether no middleware stands in front, and nobody looks at the context afterwards. */
    readonly isAlone = false,
    isSet = false,
  ) {
    this.lasting = common;
    this.#set = isSet ? common : NO_LINES;
    this.front = isAlone ? NOTHING_IN_FRONT : frontOf(ctx, common);
  }

  /** Adds a field that the answer has, also where it says that the request failed. */
  last(name: string, value: string): void {
    this.lastLines([name, value]);
  }

  /** The same for several: name, value, name, value, … */
  lastLines(lines: FieldLines): void {
    this.lasting = addLasting(this.ctx, this.lasting, lines);
  }

  /** Puts the lasting fields on the response, once, before anything that may have a word of its own. */
  setLasting(): void {
    if (this.#set === this.lasting) return;
    this.#set = this.lasting;
    setLines(this.ctx, this.lasting);
  }

  /** The request's id; made when something asks for it. */
  get id(): string {
    return requestIdOf(this.ctx);
  }

  /** The query's values of declared names, each at its place. */
  query(names: DeclaredNames): readonly RawValue[] {
    if (this.#names !== names) {
      this.#names = names;
      this.#query = names.read(targetQuery(this.ctx.req.url ?? ''));
    }
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

  /** Whether a condition was checked against what GET tells. */
  get hasAskedState(): boolean {
    return this.#current !== null;
  }

  /** What GET tells of the resource; asked once. */
  current(application: CompiledApplication): Promise<Current> {
    this.#current ??= currentState(application, this);
    return this.#current;
  }

  /** What {@link Preconditions} needs of this exchange. */
  preconditionContext(): PreconditionContext {
    const { probe } = this;
    if (probe !== null) {
      // GET is asked for the state alone: what it knows of it is wanted, and no condition is its.
      const remember: PreconditionContext['remember'] = (etag, lastModified) => {
        Object.assign(probe, { etag, lastModified });
      };
      return { preconditions: null, method: 'GET', variantsOf: (tag) => [tag], remember };
    }
    const { operation, representation } = this;
    const reads = this.ctx.method === 'GET' || this.ctx.method === 'HEAD';
    const own = representation.tagSuffix + operation.languageSuffix(this.language);
    const suffixes = reads
      ? operation.tagSuffixes.filter(
          (suffix) => suffix === own || (suffix.startsWith(own) && isCodingSuffix(suffix.slice(own.length))),
        )
      : (stateSource(this.resource) ?? operation).tagSuffixes;
    return {
      preconditions: this.preconditions,
      method: this.ctx.method,
      variantsOf: (tag) => suffixes.map((suffix) => withSuffix(tag, suffix)),
      remember: (etag, lastModified) => {
        if (this.ctx.method === 'GET' || this.ctx.method === 'HEAD') this.remembered = { etag, lastModified };
      },
    };
  }

  /** The form's fields and files, where the body is one. */
  get form(): ReadonlyMap<string, readonly FormValue[]> {
    return this.body instanceof Map ? this.body : NO_FIELDS;
  }

  /** Fires when the client leaves before its answer was sent, and when the time is over. Made when something asks. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      const { req, res } = this.ctx;
      onGone(req, res, () => {
        if (!res.writableFinished) controller.abort(new Error('the client closed the connection'));
      });
      this.#controller = controller;
    }
    return this.#controller.signal;
  }

  /** Whether something is thrown since the request was told to end. */
  isAbortedBy(thrown: unknown): boolean {
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true) return false;
    return thrown === signal.reason || (thrown instanceof Error && thrown.name === 'AbortError');
  }

  /** Tells whoever works for the request that nobody waits for it any more. */
  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }
}

/** A bulkhead that a request is inside of. */
export interface Held {
  readonly bulkhead: Bulkhead;
  /** `performance.now()`; 0 where nobody learns from it. */
  readonly since: number;
}

/** What the application has set itself, before any middleware, is nothing of theirs. */
function frontOf(ctx: Context, common: FieldLines): Exchange['front'] {
  const { res } = ctx;
  const body: unknown = ctx.body;
  let own = 0;
  for (let i = 0; i < common.length; i += 2) if (isOwn(res, common, i)) own += 1;
  const isNothing = res.statusCode === 404 && body === undefined && res.getHeaderNames().length === own;
  if (isNothing) return NOTHING_IN_FRONT;
  const headers = res.getHeaders();
  for (let i = 0; i < common.length; i += 2) {
    if (isOwn(res, common, i)) delete headers[(common[i] ?? '').toLowerCase()];
  }
  return { headers, body, status: res.statusCode };
}

function isOwn(res: ServerResponse, common: FieldLines, at: number): boolean {
  return res.getHeader(common[at] ?? '') === common[at + 1];
}

/** Of a response that nobody has touched. */
export const NO_HEADERS: Exchange['front']['headers'] = Object.freeze({});

const NOTHING_IN_FRONT: Exchange['front'] = Object.freeze({
  headers: NO_HEADERS,
  body: undefined,
  status: 404,
});

const NO_FIELDS: ReadonlyMap<string, readonly FormValue[]> = new Map();
