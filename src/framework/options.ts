import type { Codec } from './codecs/codec.js';
import type { Container } from './container.js';
import type { ControllerSource, ModuleLoader } from './discover.js';
import type { RateLimitOption } from './load/rate-limit.js';
import type { Logger } from './logger.js';
import type { Authenticator } from './security/authenticator.js';

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
  /** Imports the modules of directories and globs. Default: `import()`, as seen from this package. */
  readonly load?: ModuleLoader;
}

/** What a request may cost. */
export interface Limits {
  /** The most requests in flight; one more is answered 503. Default 1000. */
  readonly inFlight?: number;
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
