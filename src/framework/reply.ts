import { checkHeaderValue, uriReference } from './http/header-value.js';

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
 *     return Reply.created('/cases/7', { id: 7 }).header('Cache-Control', 'no-store');
 *   }
 * }
 * ```
 */
export class Reply {
  private constructor(
    readonly status: number,
    readonly entity: unknown,
    readonly headers: readonly (readonly [name: string, value: string])[],
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
  static ok(entity: unknown): Reply {
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

  /**
   * With one more header; one that is there already gets a second value.
   *
   * @throws TypeError where the value has a line break or another character that headers can't have.
   */
  header(name: string, value: string | number): Reply {
    const text = checkHeaderValue(name, String(value));
    return new Reply(this.status, this.entity, [...this.headers, [name, text]]);
  }

  /** With this content. */
  withEntity(entity: unknown): Reply {
    return new Reply(this.status, entity, this.headers);
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
}
