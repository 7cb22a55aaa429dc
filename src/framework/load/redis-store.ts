import { createHash } from 'node:crypto';
import { type RateLimitPlan, type Taken, takenAt } from './gcra.js';
import type { RateLimitStore } from './rate-limit.js';

/** Sends one command to Redis, as a list of its name and arguments, and answers a promise of the reply. */
export type SendCommand = (command: string[]) => PromiseLike<unknown>;

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** What its keys begin with. Default `koanatomy:rate:`. */
  readonly prefix?: string;
  /** The milliseconds that an answer may take; then the request is counted in memory. Default 100. */
  readonly timeout?: number;
}

/**
 * What `levelAt` and `admits` do, where the level is. Redis' own clock is the one that all processes share. Lua's
 * numbers are JavaScript's, but their text has 14 digits unless it is asked for all. A refusal leaves the level, and is
 * written only where the clock has stepped back: it would wait until the clock comes by again.
 */
const SCRIPT = `
local cost, drain, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local at, level = now, 0
local state = redis.call('GET', KEYS[1])
if state then
  local first, second = string.match(state, '^(%d+) (%d+)$')
  if first then
    at = tonumber(first)
    level = math.max(0, math.min(tonumber(second), capacity) - math.max(0, now - at) * drain)
  end
end
local admitted = 0
if level + cost <= capacity then
  admitted = 1
  level = level + cost
end
if admitted == 1 or now < at then
  local text = string.format('%.0f %.0f', now, level)
  redis.call('SET', KEYS[1], text, 'PX', string.format('%.0f', math.max(1, math.ceil(level / drain))))
end
return {admitted, string.format('%.0f', level)}
`;

const SHA = createHash('sha1').update(SCRIPT).digest('hex');

class RedisStore implements RateLimitStore {
  readonly timeout: number;
  readonly #send: SendCommand;
  readonly #prefix: string;

  constructor(send: SendCommand, { prefix = 'koanatomy:rate:', timeout = 100 }: RedisStoreOptions) {
    if (typeof send !== 'function') throw new TypeError('redisStore takes a function that sends a command');
    if (typeof prefix !== 'string') throw new TypeError('the prefix of redisStore is a text');
    if (!Number.isFinite(timeout) || timeout <= 0)
      throw new RangeError(`the timeout of redisStore is milliseconds above 0, not ${String(timeout)}`);
    this.timeout = timeout;
    this.#send = send;
    this.#prefix = prefix;
  }

  async take(key: string, plan: RateLimitPlan): Promise<Taken> {
    const { cost, drain, capacity } = plan;
    const rest = ['1', this.#prefix + key, String(cost), String(drain), String(capacity)];
    return takenOf(await this.#evaluate(rest), plan);
  }

  async #evaluate(rest: readonly string[]): Promise<unknown> {
    try {
      return await this.#send(['EVALSHA', SHA, ...rest]);
    } catch (error) {
      // Redis forgets scripts when it starts anew.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    }
    return await this.#send(['EVAL', SCRIPT, ...rest]);
  }
}

/** Clients differ in how they tell numbers: as numbers, bigints, or texts. */
function takenOf(reply: unknown, plan: RateLimitPlan): Taken {
  const [admitted, level] = Array.isArray(reply) ? reply.map(Number) : [];
  if (
    (admitted === 0 || admitted === 1) &&
    Number.isSafeInteger(level) &&
    level !== undefined &&
    level >= 0 &&
    level <= plan.capacity
  )
    return takenAt(plan, admitted === 1, level);
  throw new TypeError('Redis answered something that is no count');
}

/**
 * A store of rate limits in Redis 5 or newer, Valkey and the like, that processes and machines share: one script, so that
 * no two requests are counted as one, by Redis' own clock. Keys leave by themselves when they are as good as new.
 *
 * @param send sends one command; how the connection is made and kept is the client's business
 * @throws TypeError, RangeError for options that mean nothing.
 * @example
 * ```ts
 * import { createClient } from '@redis/client';
 * import { createApp, redisStore } from 'koanatomy';
 *
 * const redis = createClient({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', disableOfflineQueue: true });
 * redis.on('error', (error: unknown) => console.error(error));
 * await redis.connect();
 *
 * await createApp({
 *   controllers: 'src/controllers',
 *   // With ioredis: redisStore(([name = '', ...rest]) => redis.call(name, ...rest))
 *   rateLimit: { limit: 100, window: 60, store: redisStore((command) => redis.sendCommand(command)) },
 * });
 * ```
 */
export function redisStore(send: SendCommand, options: RedisStoreOptions = {}): RateLimitStore {
  return new RedisStore(send, options);
}
