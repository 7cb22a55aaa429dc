import type { Context } from 'koa';
import { checkNames, kindOf } from '../check-options.js';
import { type Finding, finding } from '../errors/startup-error.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../security/principal.js';
import { bounded, clientOf } from './client-key.js';
import type { RateLimitPlan } from './gcra.js';
import { MemoryStore } from './memory-store.js';
import type { CompiledRateLimit, DeclaredRateLimit, RateLimitOption, RateLimitStore } from './rate-limit.js';
import { declaredLimit, faultsOf } from './rate-limit-checks.js';
import { SteadyStore } from './steady-store.js';

const PROPERTIES = [
  'limit',
  'window',
  'burst',
  'name',
  'key',
  'store',
] as const satisfies readonly (keyof RateLimitOption)[];

/** The option `rateLimit`, checked. */
export interface ReadRateLimit {
  /** Null where the option names a store alone, or nothing. */
  readonly application: DeclaredRateLimit | null;
  readonly store: RateLimitStore | null;
}

const NONE: ReadRateLimit = Object.freeze({ application: null, store: null });

/** Holds the option against its type. */
export function readRateLimit(given: unknown, findings: Finding[]): ReadRateLimit {
  if (given === undefined) return NONE;
  const add = (where: string, message: string, remedy: string): void => {
    findings.push(finding('bad-option', where, message, remedy));
  };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    add('rateLimit', `${kindOf(given)} is no limit`, 'give an object, such as { limit: 100, window: 60 }');
    return NONE;
  }
  checkNames(given, PROPERTIES, 'rateLimit.', findings);
  const { store, ...limit } = given as Record<string, unknown>;
  const isStore = isStoreLike(store);
  if (store !== undefined && !isStore)
    add('rateLimit.store', 'it has no function take', 'give memoryStore(), redisStore(…), or the like');
  const isStoreAlone = store !== undefined && Object.values(limit).every((value) => value === undefined);
  const faults = isStoreAlone ? [] : faultsOf(limit);
  for (const { property, message, remedy } of faults) add(`rateLimit.${property}`, message, remedy);
  return {
    application:
      isStoreAlone || faults.length > 0
        ? null
        : declaredLimit(limit as unknown as DeclaredRateLimit['numbers'], 'default'),
    store: isStore ? store : null,
  };
}

function isStoreLike(value: unknown): value is RateLimitStore {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'take') === 'function';
}

/** The limits of an application, by their names: two of one name share what they count. */
export class RateLimits {
  /** The limit of all requests; null where there is none. */
  readonly application: CompiledRateLimit | null;
  readonly #store: RateLimitStore;
  readonly #known = new Map<string, DeclaredRateLimit>();

  constructor({ application, store }: ReadRateLimit, logger: Logger) {
    const memory = store instanceof MemoryStore ? store : new MemoryStore();
    this.#store = store === null || store === memory ? memory : new SteadyStore(store, memory, logger);
    this.application = application === null ? null : this.of(application);
  }

  /** @throws TypeError where another limit has the name. */
  of(declared: DeclaredRateLimit): CompiledRateLimit {
    const clash = this.#clashOf(declared);
    if (clash !== null) throw new TypeError(clash);
    const { name, burst, limit, window } = declared.numbers;
    const label = `"${name}"`;
    // What the client may rely on: the most at once, and the time that it takes until as many may come again.
    const seconds = Math.ceil((burst * window) / limit);
    return Object.freeze({
      policy: `${label};q=${burst};w=${seconds}`,
      label,
      plan: declared.plan,
      store: this.#store,
      keyOf: keyOf(name, declared.key),
    });
  }

  /** Finds two limits of one name that aren't the same one. */
  check(
    operations: readonly { readonly name: string; readonly rateLimit: DeclaredRateLimit | null }[],
    findings: Finding[],
  ): void {
    for (const { name, rateLimit } of operations) {
      const clash = rateLimit === null ? null : this.#clashOf(rateLimit);
      if (clash === null) continue;
      const remedy = 'give each a name of its own, or both the same name, numbers and key';
      findings.push(finding('mixed-limits', name, clash, remedy));
    }
  }

  #clashOf(declared: DeclaredRateLimit): string | null {
    const { name } = declared.numbers;
    const known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, declared);
    if (known === undefined || known === declared) return null;
    const isSame =
      known.isNamed &&
      declared.isNamed &&
      known.key === declared.key &&
      isSamePlan(known.plan, declared.plan);
    return isSame ? null : `another rate limit is called ${name} too, and is not the same`;
  }
}

function isSamePlan(a: RateLimitPlan, b: RateLimitPlan): boolean {
  return a.burst === b.burst && a.cost === b.cost && a.drain === b.drain;
}

/** The kinds are told apart, so that no principal is called like somebody's address. */
function keyOf(name: string, key: DeclaredRateLimit['key']): CompiledRateLimit['keyOf'] {
  const address = `${name}:a:`;
  const user = `${name}:u:`;
  const usual = (ctx: Context, principal: Principal | null): string =>
    principal === null ? address + bounded(clientOf(ctx.ip)) : user + bounded(principal.name);
  if (key === null) return usual;
  const own = `${name}:k:`;
  return (ctx, principal) => {
    const answer: unknown = key(ctx, principal);
    if (answer === undefined) return usual(ctx, principal);
    if (answer === null) return null;
    if (typeof answer === 'string') return own + bounded(answer);
    throw new TypeError(`the key of the rate limit ${name} is ${kindOf(answer)}, and no text`);
  };
}
