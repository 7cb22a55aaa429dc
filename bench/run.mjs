// npm run bench: server CPU per request, each peer a fresh process, peers alternating within a round; and routing
// alone against find-my-way. Figures are ratios within this run: the machine's own speed and noise cancel out.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { benchNegotiation } from './negotiation.mjs';
import { benchRouter } from './router.mjs';

const PEERS = ['node-http', 'koa', 'koa-router', 'koanatomy'];
const WORKLOADS = [
  { name: 'ping', path: '/test/ping', answer: '{"ping":"pong"}' },
  { name: 'params', path: '/cases/7', answer: '{"id":7}' },
];
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const REQUESTS = Number(process.env.REQUESTS ?? 6000);
const WARM_UP = 2000;
const CONNECTIONS = 16;

function send(agent, port, path) {
  return new Promise((resolve, reject) => {
    request({ agent, port, host: '127.0.0.1', path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

async function load(agent, port, { path, answer }, count) {
  let left = count;
  const one = async () => {
    while (left-- > 0) {
      const text = await send(agent, port, path);
      if (text !== answer) throw new Error(`${path} answered ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

async function slice(peer, workload) {
  const child = fork(join(import.meta.dirname, 'servers', `${peer}.mjs`));
  const [{ port }] = await once(child, 'message');
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const cpu = async () => {
    child.send('cpu');
    const [message] = await once(child, 'message');
    return message.cpu;
  };
  try {
    await load(agent, port, workload, WARM_UP);
    const before = await cpu();
    await load(agent, port, workload, REQUESTS);
    return ((await cpu()) - before) / REQUESTS;
  } finally {
    agent.destroy();
    child.disconnect();
    await once(child, 'exit');
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

console.log(
  `server CPU per request, µs (ratio to node:http); median of ${ROUNDS} rounds of ${REQUESTS} requests`,
);
console.log(
  `\n| | ${WORKLOADS.map(({ name }) => name).join(' | ')} |\n| --- | ${WORKLOADS.map(() => '---').join(' | ')} |`,
);
const figures = new Map(PEERS.map((peer) => [peer, new Map(WORKLOADS.map(({ name }) => [name, []]))]));
for (let round = 0; round < ROUNDS; round++) {
  for (const workload of WORKLOADS) {
    for (const peer of PEERS)
      figures
        .get(peer)
        .get(workload.name)
        .push(await slice(peer, workload));
  }
}
for (const peer of PEERS) {
  const cells = WORKLOADS.map(({ name }) => {
    const own = figures.get(peer).get(name);
    const reference = figures.get('node-http').get(name);
    const ratio = median(own.map((value, round) => value / reference[round]));
    return `${median(own).toFixed(1)} (${ratio.toFixed(2)})`;
  });
  console.log(`| ${peer} | ${cells.join(' | ')} |`);
}
console.log();
await benchNegotiation(median(figures.get('koanatomy').get('ping')));
benchRouter();
