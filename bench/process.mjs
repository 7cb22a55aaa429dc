// Servers as processes of their own, on a core of their own where the system can do that.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The cores for server and load generator; null where there are fewer than two, or no taskset. */
export const cores = findCores();

function findCores() {
  if (!existsSync('/proc/self/status') || spawnSync('taskset', ['--version']).status !== 0) return null;
  const [, list] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const allowed = (list ?? '').split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return allowed.length < 2 ? null : { server: allowed[0], load: allowed[1] };
}

/** Keeps this process, the load generator, off the server's core. */
export function pinSelf() {
  if (cores !== null) spawnSync('taskset', ['-a', '-cp', String(cores.load), String(process.pid)]);
}

/**
 * A server that listens. `ask` puts a question to it and waits for its answer; `stop` ends it.
 *
 * @param {string} name a file of servers/, without its ending
 * @param {{ routes?: number, middleware?: boolean, pinned?: boolean, args?: string[] }} [options]
 */
export async function start(name, { routes = 0, middleware = false, pinned = true, args = [] } = {}) {
  const file = join(import.meta.dirname, 'servers', `${name}.mjs`);
  const node = [process.execPath, file, String(routes), middleware ? 'middleware' : '', ...args];
  const [command, ...rest] =
    cores === null || !pinned ? node : ['taskset', '-c', String(cores.server), ...node];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const exited = once(child, 'exit');
  const failed = exited.then(([code]) => {
    throw new Error(`the server ${name} ended with ${code}`);
  });
  failed.catch(() => {});
  const answer = async () => (await Promise.race([once(child, 'message'), failed]))[0];
  const { port } = await answer();
  return {
    port,
    ask(question, file) {
      child.send({ question, file });
      return answer();
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
