import { type Finding, finding } from '../errors/startup-error.js';
import type { Limits, RestOptions, Timeouts } from '../options.js';
import { Admission } from './admission.js';
import { Bulkhead } from './bulkhead.js';
import { Bulkheads } from './bulkheads.js';
import { createBulkhead, readConcurrency } from './concurrency.js';
import { toMilliseconds } from './duration.js';
import { fixedLimit } from './limit.js';
import { Pressure } from './pressure.js';

/** What the options say of load. */
export interface LoadPlan {
  readonly admission: Admission;
  readonly bulkheads: Bulkheads;
  readonly timeouts: Required<{ readonly [Name in keyof Timeouts]: number }>;
}

const IN_FLIGHT = 1000;
const SLOW = 10_000;
const DELAY = 500;
const HEAP = 0.9;

const TIMEOUTS: LoadPlan['timeouts'] = {
  answer: 60_000,
  headers: 20_000,
  body: 20_000,
  request: 300_000,
  keepAlive: 65_000,
};

/** Reads `limits`, `resources` and `timeouts` as far as they are about load. */
export function readLoad(
  limits: Limits,
  { resources, timeouts }: Pick<RestOptions, 'resources' | 'timeouts'>,
  findings: Finding[],
): LoadPlan {
  const attempt = <T>(where: string, remedy: string, fallback: T, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      findings.push(finding('bad-option', where, (error as Error).message, remedy));
      return fallback;
    }
  };
  const { inFlight = IN_FLIGHT, slow = SLOW, delay = DELAY, heap = HEAP } = limits;
  const flight = attempt('limits.inFlight', CONCURRENCY, null, () => flightOf(inFlight));
  const pressure = new Pressure({
    delay: attempt('limits.delay', DURATION, DELAY, () => toMilliseconds(delay, 'it')),
    heap: attempt('limits.heap', 'give a part of 1, such as 0.9; 1 for no limit', HEAP, () => partOf(heap)),
  });
  const mostSlow = attempt('limits.slow', 'give a whole number from 0 up, or Infinity', SLOW, () =>
    countOf(slow),
  );
  const shared = new Map<string, Bulkhead>();
  for (const [name, given] of Object.entries(resources ?? {})) {
    const made = attempt(`resources.${name}`, CONCURRENCY, null, () =>
      createBulkhead(name, readConcurrency(given, 'a resource')),
    );
    if (made !== null) shared.set(name, made);
  }
  const given = timeouts ?? {};
  const duration = (name: keyof Timeouts): number =>
    attempt(`timeouts.${name}`, DURATION, TIMEOUTS[name], () =>
      toMilliseconds(given[name] ?? TIMEOUTS[name], 'it'),
    );
  return {
    admission: new Admission(flight ?? flightOf(IN_FLIGHT), pressure, mostSlow),
    bulkheads: new Bulkheads(shared),
    timeouts: {
      answer: duration('answer'),
      headers: duration('headers'),
      body: duration('body'),
      request: duration('request'),
      keepAlive: duration('keepAlive'),
    },
  };
}

const CONCURRENCY = "give a whole number from 1 up, 'auto', or { max, queue, wait }";
const DURATION = "give milliseconds, or a text such as '30s'";

/** A number alone refuses at once what is beyond it. */
function flightOf(given: Limits['inFlight']): Bulkhead {
  const name = 'requests in flight';
  const concurrency = readConcurrency(given, 'it');
  if (typeof given !== 'number') return createBulkhead(name, concurrency);
  return new Bulkhead(name, { limit: fixedLimit(given), queue: 0, wait: concurrency.wait });
}

function partOf(value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  throw new TypeError(`${String(value)} is no part of 1`);
}

function countOf(value: unknown): number {
  if (
    typeof value === 'number' &&
    value >= 0 &&
    (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
  )
    return value;
  throw new TypeError(`${String(value)} is no limit`);
}
