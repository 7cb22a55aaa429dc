// npm run bench:overload: what becomes of a server that is asked for five times what it can do, with and without
// admission. Open loop: requests come when they come, whatever the server does; a client waits for two seconds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clients } from './open-loop.mjs';
import { plotOverload } from './overload-plot.mjs';
import { pinSelf, start } from './process.mjs';

const SECONDS = Number(process.env.SECONDS ?? 8);
const PATIENCE = 2000;
const WARM_UP = 2;
/** Node accepts one connection in each turn of its loop, so that new ones would wait for long turns. */
const CONNECTIONS = 500;

pinSelf();
const guarded = await measure('guarded');
const open = await measure('open', guarded.capacity);
report();
if (process.argv.includes('--write')) write();

async function measure(mode, known) {
  process.env.OVERLOAD = mode;
  const rates = known === undefined ? null : known;
  const server = await start('overload');
  try {
    await offer(server, 50, WARM_UP);
    // What it can do: the most answers that come back of more than it can do is found from the side of the queue.
    const capacity = rates ?? (await saturate(server));
    const half = await offer(server, capacity / 2, SECONDS);
    const full = await offer(server, capacity, SECONDS);
    const over = await offer(server, capacity * 5, SECONDS);
    const after = await offer(server, capacity / 2, SECONDS / 2);
    return { capacity, half, full, over, after };
  } finally {
    await server.stop();
  }
}

/** Sixteen clients that ask again as soon as they are answered. */
async function saturate({ port }) {
  const clients = await new Clients(port, '/work', PATIENCE).open(16);
  const until = performance.now() + SECONDS * 500;
  let answers = 0;
  const client = async () => {
    while (performance.now() < until) if ((await clients.ask()).status === 200) answers++;
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: 16 }, client));
  clients.close();
  return (answers / (performance.now() - begin)) * 1000;
}

/** So many requests a second, evenly. */
async function offer(server, rate, seconds) {
  const clients = await new Clients(server.port, '/work', PATIENCE).open(CONNECTIONS);
  const total = Math.round(rate * seconds);
  const { cpu: before } = await server.ask('cpu');
  const begin = performance.now();
  const asked = [];
  while (asked.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * rate));
    while (asked.length < due) asked.push(clients.ask());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const answers = await Promise.all(asked);
  const lasted = (performance.now() - begin) / 1000;
  const { cpu } = await server.ask('cpu');
  const { rss } = await server.ask('memory');
  clients.close();
  const served = answers.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = answers.filter(({ status }) => status === 503).map(({ ms }) => ms);
  return {
    offered: rate,
    lasted,
    goodput: served.length / lasted,
    served: served.length,
    refused: refused.length,
    lost: answers.length - served.length - refused.length,
    median: quantile(served, 0.5),
    p99: quantile(served, 0.99),
    refusal: quantile(refused, 0.5),
    cpu: cpu - before,
    rss: rss / 1024 ** 2,
  };
}

function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function report() {
  console.log(`capacity ${guarded.capacity.toFixed(0)} answers a second\n`);
  console.log('| | offered /s | answered in time /s | refused | lost | median ms | p99 ms | RSS MB |');
  console.log('| - | - | - | - | - | - | - | - |');
  for (const [name, run] of Object.entries({ 'with admission': guarded, without: open })) {
    for (const [at, step] of Object.entries({
      half: run.half,
      full: run.full,
      'five times': run.over,
      after: run.after,
    })) {
      const cells = [step.offered, step.goodput, step.refused, step.lost, step.median, step.p99, step.rss];
      console.log(`| ${name}, ${at} | ${cells.map((cell) => cell.toFixed(0)).join(' | ')} |`);
    }
  }
  const each = guarded.full.cpu / guarded.full.served;
  const refusal = (guarded.over.cpu - each * guarded.over.served) / guarded.over.refused;
  console.log(
    `\ngoodput at five times the capacity: ${percent(guarded.over.goodput, guarded.capacity)} of it, ${percent(open.over.goodput, guarded.capacity)} without admission`,
  );
  console.log(
    `p99 of the answers at five times: ${(guarded.over.p99 / guarded.full.p99).toFixed(2)} times that at capacity`,
  );
  console.log(
    `CPU: ${each.toFixed(0)} µs an answer, ${refusal.toFixed(0)} µs a refusal (${percent(refusal, each)})`,
  );
}

function write() {
  const steps = Object.entries({ 'with admission': guarded, without: open }).flatMap(([name, run]) =>
    Object.entries({ half: run.half, full: run.full, 'five times': run.over }).map(([at, step]) => ({
      name: `${name}, ${at}`,
      answered: step.goodput,
      refused: step.refused / step.lasted,
      lost: step.lost / step.lasted,
      p99: step.p99,
    })),
  );
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'overload.svg'), plotOverload(steps));
}

function percent(part, whole) {
  return `${((100 * part) / whole).toFixed(0)} %`;
}
