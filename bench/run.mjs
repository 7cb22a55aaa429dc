// npm run bench: server CPU per request of koanatomy and its peers, each slice a fresh process, peers alternating
// within a round. Figures are ratios within this run: the machine's own speed and most of its noise cancel out.
//
//   npm run bench -- [--only koanatomy,fastify] [--workload ping] [--write] [--profile] [--parts]
//   ROUNDS, REQUESTS in the environment
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load } from './load.mjs';
import { missingPackages, PEERS } from './peers.mjs';
import { plot } from './plot.mjs';
import { cores, pinSelf, start } from './process.mjs';
import { noise, summarise, table } from './report.mjs';
import { verify } from './verify.mjs';
import { WORKLOADS } from './workloads.mjs';

const ROUNDS = positive('ROUNDS', 5);
const REQUESTS = positive('REQUESTS', 6000);
/** A count and not a time: a slow peer would be measured before its code is compiled, at many times its cost. */
const WARM_UP = 5000;
/** Warm-up and slice end after this time too (ms). The list needs it: it runs the same code a hundred times each. */
const LONGEST_WARM_UP = 2000;
const LONGEST_SLICE = 600;
/** No round is begun that would end after this time (ms). */
const LONGEST_RUN = 330_000;
const DOCS = join(import.meta.dirname, '..', 'docs');
const MARKERS = ['<!-- bench: begin -->', '<!-- bench: end -->'];

const options = readOptions();
const peers = choose(options.only, [...PEERS.keys()], 'only');
const names = choose(
  options.workload,
  WORKLOADS.map(({ name }) => name),
  'workload',
);
const workloads = WORKLOADS.filter(({ name }) => names.includes(name));
const takesPart = (peer, workload) => workload.peers === undefined || workload.peers.includes(peer);

if (options.write && (options.only !== undefined || options.workload !== undefined)) {
  fail('--write writes the whole table: leave out --only and --workload');
}
const missing = missingPackages();
if (missing.length > 0) {
  fail(`The peers are not installed: run  npm ci --prefix bench  first.\n(missing: ${missing.join(', ')})`);
}
pinSelf();
if (options.profile) await profile();
else await measure();
if (options.parts) {
  const { benchNegotiation } = await import('./negotiation.mjs');
  const { benchCompile } = await import('./compile.mjs');
  const { benchRouter } = await import('./router.mjs');
  await benchNegotiation(await slice('koanatomy', WORKLOADS[0]));
  benchRouter();
  console.log();
  await benchCompile();
}

async function measure() {
  const began = performance.now();
  const sizes = await verifyAll();
  const slices = [];
  let rounds = 0;
  for (let longest = 0; rounds < ROUNDS && performance.now() - began + longest < LONGEST_RUN; rounds++) {
    const roundBegan = performance.now();
    for (const workload of workloads) {
      // Every other round goes backwards, so that nobody is always measured after the same neighbour.
      for (const peer of rounds % 2 === 0 ? peers : peers.toReversed()) {
        if (!takesPart(peer, workload)) continue;
        slices.push({ round: rounds, peer, workload: workload.name, cpu: await slice(peer, workload) });
      }
    }
    longest = Math.max(longest, performance.now() - roundBegan);
    process.stderr.write(`round ${rounds + 1} of ${ROUNDS}: ${Math.round(performance.now() - began)} ms\n`);
  }
  const cells = summarise(slices, peers, workloads);
  const pinning =
    cores === null ? 'not pinned' : `server on core ${cores.server}, load generator on ${cores.load}`;
  const text = [
    table(cells, peers, workloads),
    '',
    'Each cell: **ratio to Fastify** · ratio to node:http · µs of server CPU per request. ' +
      `Medians of ${rounds} rounds of at most ${REQUESTS} requests; Node ${process.version}, ` +
      `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${pinning}.`,
    ...(rounds < ROUNDS ? [`${ROUNDS} rounds were asked for; the time was up after ${rounds}.`] : []),
    noise(cells),
    ...(sizes.length > 0
      ? ['', `Bytes of the answer to the invalid POST, in each peer's own shape: ${sizes.join(', ')}.`]
      : []),
  ].join('\n');
  console.log(text);
  if (options.write) write(text, cells);
}

/**
 * Nothing is timed before every answer of every peer is right.
 *
 * @returns {Promise<string[]>} how long each peer's answer to the invalid body is
 */
async function verifyAll() {
  const sizes = [];
  const expected = new Map();
  // node:http comes first, whoever is measured: the list is compared with its own.
  for (const peer of new Set(['node-http', ...peers])) {
    for (const group of groups(workloads.filter((workload) => takesPart(peer, workload)))) {
      const server = await start(peer, group[0]);
      for (const workload of group) {
        const texts = await verify(server.port, workload, expected.get(workload) ?? null).catch((error) =>
          fail(`${peer}: ${error.message}`),
        );
        if (peer === 'node-http') expected.set(workload, texts);
        if (workload.names !== undefined) sizes.push(`${peer} ${Buffer.byteLength(texts[0])}`);
      }
      await server.stop();
    }
  }
  return sizes;
}

/** Workloads that one server can answer. */
function groups(all) {
  const found = new Map();
  for (const workload of all) {
    const key = `${workload.routes} ${workload.middleware}`;
    found.set(key, [...(found.get(key) ?? []), workload]);
  }
  return [...found.values()];
}

/** CPU time per request (µs) of one peer under one workload, in a process of its own. */
async function slice(peer, workload) {
  const server = await start(peer, workload);
  try {
    await load(server.port, workload.requests, WARM_UP, LONGEST_WARM_UP);
    const before = await server.ask('cpu');
    const answered = await load(server.port, workload.requests, REQUESTS, LONGEST_SLICE);
    const after = await server.ask('cpu');
    return (after.cpu - before.cpu) / answered;
  } finally {
    await server.stop();
  }
}

/** A CPU profile per workload, of koanatomy where --only names nobody. Its requests are not timed. */
async function profile() {
  const chosen = options.only === undefined ? ['koanatomy'] : peers;
  for (const peer of chosen) {
    for (const workload of workloads.filter((one) => takesPart(peer, one))) {
      const server = await start(peer, workload);
      await load(server.port, workload.requests, WARM_UP, LONGEST_WARM_UP);
      await server.ask('profile');
      await load(server.port, workload.requests, REQUESTS, 3000);
      const name = `${workload.name.replaceAll(/\W+/g, '-')}-${peer}.cpuprofile`;
      await server.ask('profiled', join(import.meta.dirname, 'profiles', name));
      await server.stop();
      console.log(join('bench', 'profiles', name));
    }
  }
}

function write(text, cells) {
  const file = join(DOCS, 'performance.md');
  const document = readFileSync(file, 'utf8');
  const [begin, end] = MARKERS.map((marker) => document.indexOf(marker));
  if (begin < 0 || end < begin) fail(`${file} has no ${MARKERS.join(' … ')} to write between`);
  const head = document.slice(0, begin + MARKERS[0].length);
  writeFileSync(file, `${head}\n${text}\n${document.slice(end)}`);
  writeFileSync(join(DOCS, 'performance.svg'), plot(cells, workloads));
}

function readOptions() {
  const flag = { type: 'boolean', default: false };
  const list = { type: 'string' };
  try {
    return parseArgs({
      options: { only: list, workload: list, write: flag, profile: flag, parts: flag },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

function choose(list, known, option) {
  if (list === undefined) return known;
  const chosen = list.split(',').map((name) => name.trim());
  const unknown = chosen.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    fail(`--${option}: there is no ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return known.filter((name) => chosen.includes(name));
}

function positive(name, otherwise) {
  const value = Number(process.env[name] ?? otherwise);
  return Number.isSafeInteger(value) && value > 0 ? value : fail(`${name} has to be a positive integer`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
