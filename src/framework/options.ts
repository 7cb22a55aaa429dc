import type { Codec } from './codecs/codec.js';
import type { Container } from './container.js';
import type { DefaultAccess } from './declare/access.js';
import type { ControllerSource, ModuleLoader } from './discover.js';
import type { CrossOriginOptions } from './http/cross-origin.js';
import type { ConcurrencyOptions } from './load/concurrency.js';
import type { RateLimitOption } from './load/rate-limit.js';
import type { Logger } from './logger.js';
import type { Authenticator } from './security/authenticator.js';
import type { SecurityHeaders } from './security-headers.js';

/** Options of {@link rest}, and of {@link createApp} besides Koa's own. */
export interface RestOptions {
  /** The controllers: directories, globs, files, classes or instances; one or a list. */
  readonly controllers: ControllerSource | readonly ControllerSource[];
  /** A path before every controller's own, such as `/api`. */
  readonly prefix?: string;
  /** Makes the controllers. Default: {@link createContainer}. */
  readonly container?: Container;
  /** Who can authenticate requests, in the order of their challenges. */
  readonly authenticators?: readonly Authenticator[];
  /**
   * Who may call a method where neither it nor its class says so: everybody (`permit`), any principal (`authenticated`), or
   * nobody (`deny`), so that none is open that nobody meant to be. Default `permit`.
   */
  readonly access?: DefaultAccess;
  /** Further codecs; one for a media type that is known already replaces it. */
  readonly codecs?: readonly Codec[];
  /** Where to log; pino's loggers fit, and get a line per request. Default: warnings and errors to stderr. */
  readonly logger?: Logger | false;
  /** What happens to a body's properties that its class doesn't declare. Default `strip`. */
  readonly unknownProperties?: 'strip' | 'refuse';
  /** Whether a path with a trailing slash is another one, which only a regular expression can match. Default false: it
   * answers like the one without. */
  readonly strictSlash?: boolean;
  readonly limits?: Limits;
  /** How long things may take. */
  readonly timeouts?: Timeouts;
  /**
   * The resources that several operations draw on, by the names that `@Uses` takes: how many may use each at once, how
   * many wait for it, and how long.
   */
  readonly resources?: Readonly<Record<string, number | 'auto' | ConcurrencyOptions>>;
  /** How many requests of one client are answered in which time; one more is answered 429. Default: no limit. */
  readonly rateLimit?: RateLimitOption;
  /**
   * The directory in which the files of forms lie while their request is answered. Default: the system's temporary
   * directory.
   */
  readonly uploads?: string;
  /**
   * Whether answers are compressed where the client takes it and it pays; `threshold` is the least bytes. Default
   * true, from 1024 bytes on.
   */
  readonly compression?: boolean | { readonly threshold?: number };
  /**
   * The scheme, host and port that clients see, such as `https://api.example.com`: `Location` and links become
   * absolute with it. Without it they stay as they are; `Host` is never believed.
   */
  readonly origin?: string;
  /**
   * The header fields by which every answer tells browsers what they must not do with it, an error too. Default:
   * `X-Content-Type-Options: nosniff`; `true` is what OWASP recommends for APIs, an object the same with some of them
   * replaced, or left out (`false`). What a method, a Reply or middleware sets itself wins.
   */
  readonly securityHeaders?: boolean | SecurityHeaders;
  /**
   * Which pages of other origins may call the controllers from a browser, and read their answers. `@CrossOrigin` on a
   * class or a method replaces it. Default: none.
   */
  readonly cors?: CrossOriginOptions | false;
  /** Imports the modules of directories and globs. Default: `import()`, as seen from this package. */
  readonly load?: ModuleLoader;
}

/** How long things may take: milliseconds, or texts such as `'30s'`; `Infinity` for as long as they like. */
export interface Timeouts {
  /** A method that has no `@Timeout`, from when the request is there until the answer begins: 504. Default 60 s. */
  readonly answer?: number | string;
  /** The header section of a request, on an application that listens: 408. Default 20 s. */
  readonly headers?: number | string;
  /** In each such time, a body has to come by at least a kibibyte a second: 408. Default 20 s. */
  readonly body?: number | string;
  /** A whole request, on an application that listens: 408. Default 300 s. */
  readonly request?: number | string;
  /**
   * How long an idle connection stays open, on an application that listens. Longer than those of proxies, which are a
   * minute, so that it's the proxy that closes and not the server while a request is on its way. Default 65 s.
   */
  readonly keepAlive?: number | string;
}

/** What a request may cost. */
export interface Limits {
  /**
   * The most requests in flight; one more is answered 503. `'auto'` finds the number by how long answers take;
   * `{ max, queue, wait }` lets some wait. Default 1000.
   */
  readonly inFlight?: number | 'auto' | ConcurrencyOptions;
  /** The most requests that wait for clients which send or read slowly, beside those in flight. Default 10,000. */
  readonly slow?: number;
  /**
   * How long requests may wait for the event loop, again and again, until some are refused: milliseconds, or a text such
   * as `'200ms'`; `Infinity` refuses none. Default 500.
   */
  readonly delay?: number | string;
  /** The part of the heap's limit that may be used until requests are refused; 1 refuses none. Default 0.9. */
  readonly heap?: number;
  /** The most bytes of a request's path and query; more is answered 414. Default 8 KiB. */
  readonly url?: number | string;
  /**
   * The most bytes of a request's header section, request line included; more is answered 431. It is `listen`'s: a server
   * of one's own has its `maxHeaderSize`. Default: Node's, 16 KiB.
   */
  readonly headers?: number | string;
  /** The most bytes of a body, where the operation says nothing: a number, or `'2mb'`. Default 1 MiB. */
  readonly body?: number | string;
  /** The deepest nesting of a body's arrays and objects. Default 100. */
  readonly depth?: number;
  /** The most properties of one object of a body that has a class. Default 1000. */
  readonly members?: number;
  /** The most values in a body that has a class, at every depth. Default 50,000. */
  readonly values?: number;
  /** The most parts of a multipart form, fields and files together. Default 1000. */
  readonly parts?: number;
  /** The most files of a form. Default 100. */
  readonly files?: number;
  /** The most bytes of a multipart form's fields together: they are held in memory. Default 1 MiB. */
  readonly fieldBytes?: number | string;
  /** The most bytes of one file. Default: as many as the body may have. */
  readonly fileBytes?: number | string;
}
