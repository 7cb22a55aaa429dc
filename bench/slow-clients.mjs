// npm run bench:slow: what a thousand clients that send a byte a second cost those that don't.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Clients } from './open-loop.mjs';
import { pinSelf, start } from './process.mjs';

const SLOW = 1000;
const SECONDS = Number(process.env.SECONDS ?? 5);
const ROUNDS = 3;
const RATE = 1000;

pinSelf();
const server = await start('koanatomy');
const clients = await new Clients(server.port, '/test/ping', 5000).open(50);
await offer(2);
const alone = [];
const beside = [];
for (let round = 0; round < ROUNDS; round++) {
  alone.push(await offer(SECONDS));
  const stop = await slowly();
  // A thousand connections that come or go at once are not what is measured.
  await offer(1);
  beside.push(await offer(SECONDS));
  stop();
  await offer(2);
}
clients.close();
await server.stop();
const [before, after] = [middle(alone), middle(beside)];
console.log(
  `p99 of ${RATE} requests a second: ${before.toFixed(2)} ms alone, ${after.toFixed(2)} ms beside ${SLOW} slow clients`,
);
console.log(
  `ratio ${(after / before).toFixed(2)}; rounds ${alone.map((ms) => ms.toFixed(2))} and ${beside.map((ms) => ms.toFixed(2))}`,
);

/** Half of them send a header section, half a body, a byte a second each, evenly spread. */
async function slowly() {
  const sockets = [];
  for (let i = 0; i < SLOW; i++) {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    const isBody = i % 2 === 0;
    if (isBody)
      socket.write(
        'POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{',
      );
    else socket.write('GET /test/ping HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    sockets.push(socket);
  }
  let at = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < SLOW / 100; i++) sockets[at++ % SLOW].write(' ');
  }, 10);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

async function offer(seconds) {
  const total = RATE * seconds;
  const begin = performance.now();
  const asked = [];
  while (asked.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * RATE));
    while (asked.length < due) asked.push(clients.ask());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const answers = (await Promise.all(asked)).map(({ status, ms }) => {
    if (status !== 200) throw new Error(`a normal client was answered ${status}`);
    return ms;
  });
  return answers.sort((a, b) => a - b)[Math.floor(answers.length * 0.99)];
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
