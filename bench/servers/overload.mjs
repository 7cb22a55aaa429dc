// A method that computes for a while and waits for one of a few connections to a database; OVERLOAD=open takes all in.
import { createApp, GET, Path } from '../../dist/framework/index.js';
import { method } from '../decorate.mjs';
import { serve } from './serve.mjs';

const COMPUTES = 2;
const CONNECTIONS = 8;
const ANSWERS_IN = 5;

/** A pool as every driver has one: who finds none free waits, however many do. */
let free = CONNECTIONS;
const waiting = [];

async function query() {
  if (free > 0) free--;
  else await new Promise((resolve) => waiting.push(resolve));
  await new Promise((resolve) => setTimeout(resolve, ANSWERS_IN));
  const next = waiting.shift();
  if (next === undefined) free++;
  else next();
}

function compute() {
  const until = performance.now() + COMPUTES;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum > 0;
}

class WorkController {
  async work() {
    await query();
    return { done: compute() };
  }
}

method(WorkController, 'work', { decorators: [GET, Path('/work')] });
Path('/')(WorkController);

const everything = Number.POSITIVE_INFINITY;
const isOpen = process.env.OVERLOAD === 'open';
const app = await createApp({
  controllers: WorkController,
  logger: false,
  limits: isOpen
    ? { inFlight: everything, delay: everything, heap: 1 }
    : { inFlight: { max: 8, queue: 8, wait: 200 }, delay: 50 },
  timeouts: isOpen ? { answer: everything } : {},
});
serve(app.listen(0, '127.0.0.1'));
