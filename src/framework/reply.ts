import type { Version } from './declare/caching.js';
import { type CacheDirectives, formatCacheControl } from './http/cache-control.js';
import { formatEntityTag, toEntityTag } from './http/entity-tag.js';
import { FileContent, type FileOptions } from './http/file-content.js';
import { checkHeaderValue, uriReference } from './http/header-value.js';
import { formatHttpDate } from './http/http-date.js';
import { formatLink, type LinkParameters } from './http/link.js';
import { type CookieOptions, clearCookie, formatSetCookie } from './http/set-cookie.js';

/** Fields whose value is no list (RFC 9110 §5.3). */
const SINGLE: ReadonlySet<string> = new Set([
  'age',
  'content-disposition',
  'content-length',
  'content-location',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
]);

/** A link of a {@link Reply}: its target may become absolute where the application has an origin. */
export interface ReplyLink {
  readonly target: string;
  readonly parameters: LinkParameters;
}

/**
 * An answer with a status and headers of its own. Each call returns a new one.
 *
 * @example
 * ```ts
 * import { Path, POST, Reply } from 'koanatomy';
 *
 * @Path('/cases')
 * export class CaseController {
 *   @POST
 *   create() {
 *     return Reply.created('/cases/7', { id: 7 })
 *       .etag(1)
 *       .link('/cases', { rel: 'collection' })
 *       .cookie('last-case', '7', { maxAge: 3600 });
 *   }
 * }
 * ```
 */
export class Reply {
  private constructor(
    readonly status: number,
    readonly entity: unknown,
    readonly headers: readonly (readonly [name: string, value: string])[],
    /** The links, which are headers too. */
    readonly links: readonly ReplyLink[] = [],
  ) {}

  /**
   * An answer with any status.
   *
   * @throws RangeError where it is none that a response can have (200 to 599).
   */
  static status(status: number, entity?: unknown): Reply {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`a Reply takes a status from 200 to 599, not ${String(status)}`);
    }
    return new Reply(status, entity, []);
  }

  /** 200 with content. */
  static ok(entity?: unknown): Reply {
    return Reply.status(200, entity);
  }

  /** 201, and where the new resource is (RFC 9110 §15.3.2). */
  static created(location: string, entity?: unknown): Reply {
    return Reply.status(201, entity).location(location);
  }

  /** 202: taken in, and not done yet (RFC 9110 §15.3.3). */
  static accepted(entity?: unknown): Reply {
    return Reply.status(202, entity);
  }

  /** 204: done, and nothing to send (RFC 9110 §15.3.5). */
  static noContent(): Reply {
    return Reply.status(204);
  }

  /** 205: done, and the client shall reset its form (RFC 9110 §15.3.6). */
  static resetContent(): Reply {
    return Reply.status(205);
  }

  /** 301: here from now on; clients may turn POST into GET (RFC 9110 §15.4.2). */
  static movedPermanently(location: string): Reply {
    return Reply.status(301).location(location);
  }

  /** 302: there this time; clients may turn POST into GET (RFC 9110 §15.4.3). */
  static found(location: string): Reply {
    return Reply.status(302).location(location);
  }

  /** 303: the answer is there, to be fetched with GET (RFC 9110 §15.4.4). */
  static seeOther(location: string): Reply {
    return Reply.status(303).location(location);
  }

  /** 304: what the client has is current (RFC 9110 §15.4.5). */
  static notModified(): Reply {
    return Reply.status(304);
  }

  /** 307: there this time, with the same method (RFC 9110 §15.4.8). */
  static temporaryRedirect(location: string): Reply {
    return Reply.status(307).location(location);
  }

  /** 308: there from now on, with the same method (RFC 9110 §15.4.9). */
  static permanentRedirect(location: string): Reply {
    return Reply.status(308).location(location);
  }

  /**
   * A file's content: with its media type, length, ETag and Last-Modified, and ranges where the client asks for them
   * (RFC 9110 §14). A file that isn't there is answered 404. Give `root` where the path is not your own: what is
   * not below it, or hidden, is 404 too. With a wildcard in `@Produces` the client may ask for whatever type
   * the file has; without it the method is taken to answer JSON, and other types are 406. (The backslash is for this
   * comment's sake.)
   *
   * @example
   * ```ts
   * import { GET, Path, PathParam, Produces, Reply } from 'koanatomy';
   *
   * @Path('/reports')
   * export class ReportController {
   *   @GET @Path('/{name}') @Produces('*\/*')
   *   report(@PathParam('name') name: string) {
   *     return Reply.file(name, { root: '/var/reports', downloadAs: name });
   *   }
   * }
   * ```
   */
  static file(path: string, options: FileOptions = {}): Reply {
    return Reply.status(200, new FileContent(path, options));
  }

  /**
   * With one more header. One that is there already gets a second value, except those that have one alone, such as
   * Location: the later one replaces it.
   *
   * @throws TypeError where the value has a line break or another character that headers can't have.
   */
  header(name: string, value: string | number): Reply {
    const text = checkHeaderValue(name, String(value));
    if (SINGLE.has(name.toLowerCase())) return this.#set(name, text);
    return this.#with({ headers: [...this.headers, [name, text]] });
  }

  /** With this content. */
  withEntity(entity: unknown): Reply {
    return this.#with({ entity });
  }

  /** With this media type in place of the negotiated one. */
  type(mediaType: string): Reply {
    return this.header('Content-Type', mediaType);
  }

  /**
   * With `Location`, a URI reference (RFC 9110 §10.2.2); characters that a URI can't have are encoded.
   *
   * @throws TypeError where it has a line break.
   */
  location(reference: string): Reply {
    return this.header('Location', uriReference('Location', reference));
  }

  /**
   * With one more link (RFC 8288), such as `link('/cases?page=2', { rel: 'next' })`.
   *
   * @throws TypeError where target or parameters have a line break.
   */
  link(target: string, parameters: LinkParameters): Reply {
    formatLink(target, parameters);
    return this.#with({ links: [...this.links, { target, parameters }] });
  }

  /** With this entity tag (RFC 9110 §8.8.3), made of a version. */
  etag(version: NonNullable<Version>, options: { readonly weak?: boolean } = {}): Reply {
    return this.#set('ETag', formatEntityTag(toEntityTag(version, options.weak)));
  }

  /** With `Last-Modified` (RFC 9110 §8.8.2), in whole seconds. */
  lastModified(date: Date): Reply {
    return this.#set('Last-Modified', formatHttpDate(date));
  }

  /** With `Cache-Control` (RFC 9111 §5.2.2), in place of what decorators say. */
  cacheControl(directives: CacheDirectives | string): Reply {
    return this.#set(
      'Cache-Control',
      typeof directives === 'string' ? directives : formatCacheControl(directives),
    );
  }

  /** With the language of the content (RFC 9110 §8.5). */
  language(tag: string): Reply {
    return this.#set('Content-Language', tag);
  }

  /** With further request headers that took part in choosing the answer (RFC 9110 §12.5.5). */
  vary(...names: string[]): Reply {
    return this.header('Vary', names.join(', '));
  }

  /**
   * With a cookie (RFC 6265): `HttpOnly`, `Secure`, `SameSite=Lax` and `Path=/` unless the options say otherwise.
   *
   * @throws TypeError for names, values and options that no cookie can have.
   */
  cookie(name: string, value: string, options: CookieOptions = {}): Reply {
    return this.header('Set-Cookie', formatSetCookie(name, value, options));
  }

  /** With a cookie taken back; give the path and domain that it was set with. */
  clearCookie(name: string, options: CookieOptions = {}): Reply {
    return this.header('Set-Cookie', clearCookie(name, options));
  }

  #set(name: string, value: string): Reply {
    const key = name.toLowerCase();
    const others = this.headers.filter(([each]) => each.toLowerCase() !== key);
    return this.#with({ headers: [...others, [name, checkHeaderValue(name, value)]] });
  }

  #with(change: Partial<Pick<Reply, 'entity' | 'headers' | 'links'>>): Reply {
    const entity = 'entity' in change ? change.entity : this.entity;
    return new Reply(this.status, entity, change.headers ?? this.headers, change.links ?? this.links);
  }
}
