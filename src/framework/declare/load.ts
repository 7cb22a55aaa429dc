import type { PriorityLevel } from '../load/admission.js';
import { type ConcurrencyOptions, readConcurrency } from '../load/concurrency.js';
import { toMilliseconds } from '../load/duration.js';
import { declaredOn } from './record.js';

type LoadDecorator = ClassDecorator & MethodDecorator;

/**
 * How many requests may be in a method at once; on a class, in all of its methods together. Those beyond it wait in a
 * bounded queue, and are answered 503 where that is full, or their time in it has passed.
 *
 * @param options a number, or `{ max, queue, wait }`: the most at once, or `'auto'`, which finds out by itself; the most
 *   that wait, default as many again; the milliseconds that each waits, default 1000, also `'500ms'` or `'2s'`
 * @throws TypeError where they are no such numbers.
 * @example
 * ```ts
 * import { GET, MaxConcurrent, Path } from 'koanatomy';
 *
 * @Path('/reports')
 * export class ReportController {
 *   @GET @MaxConcurrent({ max: 4, queue: 20, wait: 500 })
 *   async build() {
 *     return { pages: 12 };
 *   }
 * }
 * ```
 */
export function MaxConcurrent(options: number | 'auto' | ConcurrencyOptions): LoadDecorator {
  const concurrency = readConcurrency(options, 'MaxConcurrent');
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).maxConcurrent = concurrency;
  };
}

/**
 * The shared resources that a method draws on, by the names that `createApp({ resources })` has limits for: operations
 * that name the same one share its places. A method's own names come on top of its class's.
 *
 * @throws TypeError where no name is given.
 * @example
 * ```ts
 * import { createApp, GET, Path, Uses } from 'koanatomy';
 *
 * @Path('/cases')
 * @Uses('database')
 * export class CaseController {
 *   @GET
 *   async list() {
 *     return [];
 *   }
 * }
 *
 * await createApp({
 *   controllers: CaseController,
 *   resources: { database: { max: 10, queue: 100, wait: 1000 } },
 * });
 * ```
 */
export function Uses(...resources: string[]): LoadDecorator {
  if (resources.length === 0 || resources.some((name) => typeof name !== 'string' || name === '')) {
    throw new TypeError("@Uses takes the names of shared resources, as in @Uses('database')");
  }
  return (target: object, method?: string | symbol) => {
    const declared = declaredOn(target, method);
    declared.uses = [...new Set([...(declared.uses ?? []), ...resources])];
  };
}

/**
 * How long a method may take, counted from when the request is there: then its `AbortSignal` fires, and the client is
 * answered 504. A method's own beats its class's, and that the application's `timeouts.answer`.
 *
 * @param timeout milliseconds, or a text such as `'500ms'`, `'30s'`, `'2m'`; `Infinity` for no deadline
 * @throws TypeError where it is no duration.
 * @example
 * ```ts
 * import { Context, GET, Path, Timeout } from 'koanatomy';
 *
 * @Path('/rates')
 * export class RateController {
 *   @GET @Timeout('2s')
 *   async rates(@Context() signal: AbortSignal) {
 *     const answer = await fetch('https://rates.example/latest', { signal });
 *     return answer.json();
 *   }
 * }
 * ```
 */
export function Timeout(timeout: number | string): LoadDecorator {
  const milliseconds = toMilliseconds(timeout, '@Timeout');
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).timeout = milliseconds;
  };
}

/**
 * How important a method is when the server is at its limit: `critical` is let in whatever happens, as health checks
 * are; `low` is refused first, when three quarters of the places are taken.
 *
 * @throws TypeError where it is none of these.
 * @example
 * ```ts
 * import { GET, Path, Priority } from 'koanatomy';
 *
 * @Path('/exports')
 * @Priority('low')
 * export class ExportController {
 *   @GET
 *   all() {
 *     return [];
 *   }
 * }
 * ```
 */
export function Priority(level: PriorityLevel): LoadDecorator {
  if (level !== 'critical' && level !== 'normal' && level !== 'low') {
    throw new TypeError("@Priority takes 'critical', 'normal' or 'low'");
  }
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).priority = level;
  };
}
