// What a rate limit costs: a take in memory, a ping with and without, a refusal. Build first (npm run build).
//
//   node bench/rate-limit.mjs            ROUNDS, REQUESTS in the environment
import { planOf } from '../dist/framework/load/gcra.js';
import { MemoryStore } from '../dist/framework/load/memory-store.js';
import { ask, load } from './load.mjs';
import { pinSelf, start } from './process.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const REQUESTS = Number(process.env.REQUESTS ?? 8000);

pinSelf();
takes();
memory();
await pings();

/** ns of a take, by how many clients there are. */
function takes() {
  const plan = planOf(100, 60, 100);
  for (const [what, clients, maxKeys] of [
    ['one client', 1, 100_000],
    ['10,000 clients', 10_000, 100_000],
    ['100,000 clients', 100_000, 100_000],
    ['a new client each time, in a full memory', Number.POSITIVE_INFINITY, 100_000],
  ]) {
    const keys = Array.from(
      { length: 400_000 },
      (_, i) => `default:a:10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    );
    const count = Math.min(clients, keys.length);
    const store = new MemoryStore({ maxKeys });
    for (let i = 0; i < Math.min(count, maxKeys); i++) store.take(keys[i], plan);
    const times = [];
    for (let run = 0; run < 9; run++) {
      const began = process.hrtime.bigint();
      for (let i = 0; i < 400_000; i++) store.take(keys[i % count], plan);
      times.push(Number(process.hrtime.bigint() - began) / 400_000);
    }
    console.log(`take, ${what}: ${Math.round(median(times.slice(2)))} ns`);
  }
}

/** Bytes that a client takes. */
function memory() {
  const plan = planOf(100, 60, 100);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const store = new MemoryStore();
  for (let i = 0; i < 100_000; i++) store.take(`default:a:10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, plan);
  globalThis.gc?.();
  const bytes = process.memoryUsage().heapUsed - before;
  console.log(`memory, ${store.size} clients: ${(bytes / 2 ** 20).toFixed(1)} MiB`);
}

/** µs of server CPU for a request; kinds alternate, and each slice is a process of its own. */
async function pings() {
  const kinds = ['none', 'memory', 'decorator', 'redis', 'refused', 'refused by Redis'];
  const cells = new Map(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) cells.get(kind).push(await slice(kind));
  }
  for (const [kind, all] of cells) {
    const spread = `${Math.min(...all).toFixed(1)}–${Math.max(...all).toFixed(1)}`;
    // Within a round: the machine's own speed cancels out.
    const ratio = median(all.map((cpu, round) => cpu / cells.get('none')[round]));
    console.log(
      `ping, ${kind}: ${ratio.toFixed(2)} of one without a limit, ${median(all).toFixed(1)} µs (${spread})`,
    );
  }
}

async function slice(kind) {
  const server = await start('rate-limit', { args: [kind] });
  const isRefused = kind.startsWith('refused');
  const isRemote = kind.endsWith('edis');
  try {
    if (isRefused) await ask(server.port, [ping(200)]);
    const request = [ping(isRefused ? 429 : 200)];
    await load(server.port, request, 5000, 3000);
    const before = await server.ask('cpu');
    const answered = await load(server.port, request, REQUESTS, 5000);
    const after = await server.ask('cpu');
    if (isRemote) await server.ask('clean');
    return (after.cpu - before.cpu) / answered;
  } finally {
    await server.stop();
  }
}

function ping(status) {
  const path = '/test/ping';
  return {
    path,
    bytes: Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n`),
    status,
  };
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
