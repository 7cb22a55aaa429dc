import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the parent asks of this process: how many routes besides the common ones, and whether with middleware. */
export const many = Number(process.argv[2] ?? 0);
export const withMiddleware = process.argv[3] === 'middleware';

/** The middleware of the workload that has one. */
export async function middleware(_ctx, next) {
  await next();
}

/**
 * Tells the parent the port once the server listens, and answers its questions: for CPU time (µs, user and system of
 * the whole process), for memory (bytes), for a profile.
 */
export function serve(server) {
  server.keepAliveTimeout = 60_000;
  if (server.listening) announce(server);
  else server.once('listening', () => announce(server)).listen(0, '127.0.0.1');
}

function announce(server) {
  let session = null;
  process.on('message', async ({ question, file }) => {
    if (question === 'cpu') {
      const { user, system } = process.cpuUsage();
      return process.send({ cpu: user + system });
    }
    if (question === 'memory') return process.send({ rss: process.memoryUsage.rss() });
    if (question === 'profile') {
      session = await startProfile();
      return process.send({ profiling: true });
    }
    if (question !== 'profiled') return;
    const { profile } = await session.post('Profiler.stop');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(profile));
    process.send({ file });
  });
  process.on('disconnect', () => process.exit());
  process.send({ port: server.address().port });
}

async function startProfile() {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return session;
}
