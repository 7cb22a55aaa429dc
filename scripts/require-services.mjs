// What .ci/run needs besides Node: says plainly what is missing, all of it at once.
import { connect } from 'node:net';

const services = [
  {
    name: 'PostgreSQL',
    host: '127.0.0.1',
    port: 5432,
    remedy: 'start it there, with trust authentication for postgres',
  },
  {
    name: 'Redis',
    ...redisPlace(),
    remedy:
      'start one of version 5 or newer there, or name another with REDIS_URL; the rate limits are tested with it',
  },
];

/** Where the tests look for it. */
function redisPlace() {
  const { hostname, port } = new URL(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  return { host: hostname, port: Number(port || 6379) };
}

function reachable({ host, port }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const settle = (found) => {
      socket.destroy();
      resolve(found);
    };
    socket
      .on('connect', () => settle(true))
      .on('error', () => settle(false))
      .on('timeout', () => settle(false));
  });
}

let missing = 0;
for (const service of services) {
  if (await reachable(service)) continue;
  missing++;
  console.error(`${service.name} is missing at ${service.host}:${service.port}: ${service.remedy}`);
}
process.exit(missing === 0 ? 0 : 1);
