import type { Context } from 'koa';
import type { Principal } from '../security/principal.js';
import type { RateLimitPlan, Taken } from './gcra.js';

/**
 * Where the clients' levels are kept: {@link memoryStore}, {@link redisStore}, or one of your own.
 *
 * An answer that is no promise is used at once. One that is late, or fails, is replaced by counting in memory; the
 * request never fails for it.
 */
export interface RateLimitStore {
  /**
   * Counts one request, and says whether it is within the limit; atomic where several processes share the store.
   *
   * @param key the limit's name and the client's, at most 200 characters
   * @param plan the limit's numbers. A level drains by `drain` a millisecond, down to 0; a request is admitted where
   * level + `cost` is at most `capacity`, which then is the new level.
   */
  take(key: string, plan: RateLimitPlan): Taken | Promise<Taken>;
  /** The milliseconds that an answer may take. Default 100. */
  readonly timeout?: number;
}

/** How many requests of one client are answered, in which time. */
export interface RateLimitNumbers {
  /** The requests in a window, and by default the most at once. From 1 up. */
  readonly limit: number;
  /** Whole seconds. */
  readonly window: number;
  /** The most at once, after a pause. Default: as many as `limit`. */
  readonly burst?: number;
  /** What the header fields and the store call it. Letters, digits, `.`, `_` and `-`, at most 64. */
  readonly name?: string;
}

/** The option `rateLimit`: without `limit` and `window` it only names the store of the decorators. */
export interface RateLimitOption extends Partial<RateLimitNumbers> {
  /** Whose requests are counted together: a text, null for those that aren't counted, undefined for the client's address,
   * which is the default. */
  readonly key?: (ctx: Context) => string | null | undefined;
  /** Where to count, for the decorators too. Default: {@link memoryStore}. */
  readonly store?: RateLimitStore;
}

/** Options of {@link RateLimit}. */
export interface RateLimitOptions extends RateLimitNumbers {
  /**
   * Whose requests are counted together: a text, null for those that aren't counted, undefined for the default, which is
   * the principal by its name, where the method has one, else the client's address.
   */
  readonly key?: (ctx: Context, principal: Principal | null) => string | null | undefined;
}

/** A limit as it was declared, checked. */
export interface DeclaredRateLimit {
  readonly numbers: Required<RateLimitNumbers>;
  /** Whether somebody gave it the name; then several may share it. */
  readonly isNamed: boolean;
  readonly plan: RateLimitPlan;
  readonly key: NonNullable<RateLimitOptions['key']> | null;
}

/** A limit as a request meets it. */
export interface CompiledRateLimit {
  /** `RateLimit-Policy`. */
  readonly policy: string;
  /** The name as `RateLimit` has it. */
  readonly label: string;
  readonly plan: RateLimitPlan;
  readonly store: RateLimitStore;
  /** The client as the store knows it; null where it isn't counted. */
  readonly keyOf: (ctx: Context, principal: Principal | null) => string | null;
}
