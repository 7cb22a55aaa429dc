import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { FrameworkError } from '../errors/api-error.js';
import { type Authenticator, InvalidCredentialsError, toPrincipal } from './authenticator.js';
import { extendChallenge } from './challenge.js';
import type { Principal } from './principal.js';

/** The longest credentials that anybody looks at; Node's header section has 16 KiB. */
const LONGEST = 8 * 1024;

/** What a request brought, and who may know it. */
interface Sent {
  readonly credentials: string;
  readonly authenticators: readonly Authenticator[];
}

/** Who can authenticate requests, sorted by where credentials are. */
export class Authentication {
  readonly #all: readonly Authenticator[];
  readonly #byScheme: ReadonlyMap<string, readonly Authenticator[]>;
  readonly #byField: ReadonlyMap<string, readonly Authenticator[]>;
  readonly #others: readonly Authenticator[];

  /** @param authenticators in the order of their challenges */
  constructor(authenticators: readonly Authenticator[]) {
    const own = authenticators.filter(({ credentialsOf }) => credentialsOf === undefined);
    this.#all = authenticators;
    this.#byScheme = grouped(
      own.filter(({ header }) => header === undefined).map((each) => [each.scheme, each]),
    );
    this.#byField = grouped(own.flatMap((each) => (each.header === undefined ? [] : [[each.header, each]])));
    this.#others = authenticators.filter(({ credentialsOf }) => credentialsOf !== undefined);
  }

  /** Whether nobody can be authenticated. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /**
   * Credentials → principal, through the authenticators of their scheme; null where the request has none.
   *
   * @throws FrameworkError 401 where they are not valid, 400 where there are several; whatever an authenticator throws.
   */
  async identify(ctx: Context): Promise<Principal | null> {
    const sent = this.#sent(ctx);
    if (sent.length > 1) throw several();
    const [only] = sent;
    if (only === undefined) return null;
    const refusals = new Map<Authenticator, Readonly<Record<string, string>>>();
    let message = 'The credentials are not valid';
    let unavailable: unknown = null;
    const asked = only.credentials.length > LONGEST ? [] : only.authenticators;
    for (const authenticator of asked) {
      const { refusal = {} } = authenticator;
      refusals.set(authenticator, refusal);
      try {
        const principal = toPrincipal(await authenticator.authenticate(only.credentials, ctx));
        if (principal !== null) return principal;
      } catch (error) {
        if (error instanceof InvalidCredentialsError) {
          refusals.set(authenticator, { ...refusal, ...error.parameters });
          ({ message } = error);
        } else if (isUnavailable(error)) unavailable = error;
        else throw error;
      }
    }
    // Another one might have known them.
    if (unavailable !== null) throw unavailable;
    throw this.#refused(message, refusals);
  }

  /** The 401 of a request that has no credentials. */
  required(message: string): FrameworkError {
    return this.#refused(message, new Map());
  }

  /** The 401, with each scheme's challenge (RFC 9110 §11.6.1). */
  #refused(
    message: string,
    refusals: ReadonlyMap<Authenticator, Readonly<Record<string, string>>>,
  ): FrameworkError {
    const challenges = this.#all.map((each) => extendChallenge(each.challenge, refusals.get(each) ?? {}));
    return new FrameworkError('unauthenticated', message, {
      headers: { 'WWW-Authenticate': [...new Set(challenges)] },
    });
  }

  #sent(ctx: Context): readonly Sent[] {
    const sent = this.#inFields(ctx.req);
    for (const authenticator of this.#others) {
      const credentials = authenticator.credentialsOf?.(ctx);
      if (typeof credentials === 'string') sent.push({ credentials, authenticators: [authenticator] });
    }
    return sent;
  }

  /** Of a repeated `Authorization` Node keeps the first, and a proxy may have checked the other. */
  #inFields({ rawHeaders }: IncomingMessage): Sent[] {
    const sent: Sent[] = [];
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = (rawHeaders[i] ?? '').toLowerCase();
      const value = rawHeaders[i + 1] ?? '';
      if (name === 'authorization') sent.push(this.#withScheme(value));
      const authenticators = this.#byField.get(name);
      if (authenticators !== undefined) sent.push({ credentials: value, authenticators });
    }
    return sent;
  }

  #withScheme(value: string): Sent {
    const space = value.indexOf(' ');
    const scheme = (space === -1 ? value : value.slice(0, space)).toLowerCase();
    const credentials = space === -1 ? '' : value.slice(space + 1).trim();
    return { credentials, authenticators: this.#byScheme.get(scheme) ?? [] };
  }
}

function grouped(
  pairs: readonly (readonly [string, Authenticator])[],
): ReadonlyMap<string, readonly Authenticator[]> {
  const groups = new Map<string, Authenticator[]>();
  for (const [name, authenticator] of pairs) {
    const key = name.toLowerCase();
    groups.set(key, [...(groups.get(key) ?? []), authenticator]);
  }
  return groups;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof FrameworkError && error.code === 'authentication-unavailable';
}

/** Two servers in a row that choose differently among them are an attack (RFC 6750 §2 forbids it for tokens). */
function several(): FrameworkError {
  return new FrameworkError('bad-request', 'Credentials are to be sent once, in one field');
}
