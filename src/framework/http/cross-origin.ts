/** Which pages of other origins may call an operation, and read what it answers. */
export interface CrossOriginOptions {
  /**
   * Their origins: `'*'` for every page; else scheme, host and port as browsers write them (`https://app.example.com`),
   * expressions that match a whole origin, or a function. `'null'`, the origin of sandboxed pages and files, only where it
   * is named.
   */
  readonly origins: '*' | string | RegExp | readonly (string | RegExp)[] | ((origin: string) => boolean);
  /** Whether cookies and the like may come along; never with `'*'`. Default false. */
  readonly credentials?: boolean;
  /** The request headers that may be sent besides the few that always may. Default: those that are asked for. */
  readonly allowHeaders?: readonly string[];
  /** The response headers that the page may see besides the few that it always may, such as `Location`. Default: none. */
  readonly exposeHeaders?: readonly string[];
  /** Seconds for which a browser need not ask again. Default: the browser's, mostly 5. */
  readonly maxAge?: number;
}

/** Header fields, flat: name, value, name, value, … */
type Lines = readonly string[];

const NONE: Lines = Object.freeze([]);
const VARY: Lines = Object.freeze(['Vary', 'Origin']);
/** Also where the answer is no: a cache must not give it to the next one (Fetch §3.2.5). */
const VARY_OF_PREFLIGHT: Lines = Object.freeze([
  'Vary',
  'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
]);

/** What a browser writes (RFC 6454 §6.2): nothing else is worth asking a function or an expression about. */
const SERIALISED = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@,;"'<>\\]{1,280}$/;
const NAMES = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*$/;

/** {@link CrossOriginOptions}, prepared: what it says for a request costs a look into a map. */
export class CrossOriginPolicy {
  /** What every answer has where it is for everybody: it doesn't depend on who asks. */
  readonly #open: Lines | null;
  readonly #exact: ReadonlyMap<string, Lines>;
  readonly #others: readonly ((origin: string) => boolean)[];
  readonly #options: CrossOriginOptions;

  /** @param options without a fault, see {@link crossOriginFault} */
  constructor(options: CrossOriginOptions) {
    this.#options = options;
    const given = typeof options.origins === 'function' ? [] : [options.origins].flat();
    const texts = given.filter((each) => typeof each === 'string');
    this.#open = texts.includes('*') ? ['Access-Control-Allow-Origin', '*', ...this.#exposed()] : null;
    this.#exact = new Map(texts.map((origin) => [origin, this.#linesFor(origin)]));
    this.#others =
      typeof options.origins === 'function'
        ? [options.origins]
        : given.filter((each) => each instanceof RegExp).map(wholly);
  }

  /** What an answer has besides, an error too. Also one to a request without `Origin` says that it depends on it. */
  answer(origin: string | undefined): Lines {
    if (this.#open !== null) return this.#open;
    return (origin === undefined ? null : this.#allowed(origin)) ?? VARY;
  }

  /** @param methods what may be asked for; null where the one that was asked for may not */
  preflight(origin: string, methods: string | null, requested: string | undefined): Lines {
    const allowed = this.#open ?? this.#allowed(origin);
    if (allowed === null || methods === null) return VARY_OF_PREFLIGHT;
    const { credentials, maxAge } = this.#options;
    const headers = this.#headers(requested);
    return [
      ...VARY_OF_PREFLIGHT,
      ...['Access-Control-Allow-Origin', this.#open === null ? origin : '*'],
      ...(credentials === true ? CREDENTIALS : NONE),
      ...['Access-Control-Allow-Methods', methods],
      ...(headers === '' ? NONE : ['Access-Control-Allow-Headers', headers]),
      ...(maxAge === undefined ? NONE : ['Access-Control-Max-Age', String(maxAge)]),
    ];
  }

  #allowed(origin: string): Lines | null {
    const known = this.#exact.get(origin);
    if (known !== undefined) return known;
    if (this.#others.length === 0 || !SERIALISED.test(origin)) return null;
    // A promise is not yes.
    return this.#others.some((fits) => fits(origin) === true) ? this.#linesFor(origin) : null;
  }

  #linesFor(origin: string): Lines {
    const credentials = this.#options.credentials === true ? CREDENTIALS : NONE;
    return [...VARY, 'Access-Control-Allow-Origin', origin, ...credentials, ...this.#exposed()];
  }

  #exposed(): Lines {
    const { exposeHeaders = [] } = this.#options;
    return exposeHeaders.length === 0 ? NONE : ['Access-Control-Expose-Headers', exposeHeaders.join(', ')];
  }

  #headers(requested: string | undefined): string {
    const { allowHeaders } = this.#options;
    if (allowHeaders !== undefined) return allowHeaders.join(', ');
    return requested !== undefined && NAMES.test(requested) ? requested : '';
  }
}

const CREDENTIALS: Lines = Object.freeze(['Access-Control-Allow-Credentials', 'true']);

/** `/example\.com/` shall not let in `https://example.com.evil.net`. */
function wholly({ source, flags }: RegExp): (origin: string) => boolean {
  const whole = new RegExp(`^(?:${source})$`, flags.replace(/[gym]/g, ''));
  return (origin) => whole.test(origin);
}
