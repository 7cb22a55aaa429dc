// node bench/startup.mjs: from the start of a process to its first answered ping, and its memory at rest; koanatomy
// (as it lies in dist/) and Fastify, in turn.
import { setTimeout } from 'node:timers/promises';
import { ask } from './load.mjs';
import { missingPackages } from './peers.mjs';
import { start } from './process.mjs';
import { median } from './report.mjs';
import { WORKLOADS } from './workloads.mjs';

const RUNS = Number(process.env.RUNS ?? 10);
/** How long a process is left alone before its memory counts (ms). */
const REST = 500;
const PEERS = ['startup-koanatomy', 'startup-fastify'];
const SIZES = [1, 500];
const [PING] = WORKLOADS;

const missing = missingPackages();
if (missing.length > 0) {
  process.stderr.write('The peers are not installed: run  npm ci --prefix bench  first.\n');
  process.exit(1);
}
const runs = [];
for (let run = 0; run < RUNS; run++) {
  for (const routes of SIZES) {
    for (const peer of run % 2 === 0 ? PEERS : PEERS.toReversed()) runs.push(await measure(peer, routes));
  }
}
console.log('| | routes | first ping, ms | RSS at rest, MB |\n| --- | --- | --- | --- |');
for (const peer of PEERS) {
  for (const routes of SIZES) {
    const own = runs.filter((run) => run.peer === peer && run.routes === routes);
    const time = median(own.map(({ time }) => time)).toFixed(0);
    const rss = median(own.map(({ rss }) => rss)).toFixed(0);
    console.log(`| ${peer.replace('startup-', '')} | ${routes} | ${time} | ${rss} |`);
  }
}
console.log(`\nMedians of ${RUNS} processes each, Node ${process.version}.`);

async function measure(peer, routes) {
  const began = performance.now();
  const server = await start(peer, { routes, pinned: false });
  const [text] = await ask(server.port, PING.requests);
  const time = performance.now() - began;
  if (text !== PING.requests[0].answer) throw new Error(`${peer} answered ${text}`);
  await setTimeout(REST);
  const { rss } = await server.ask('memory');
  await server.stop();
  return { peer, routes, time, rss: rss / 1e6 };
}
