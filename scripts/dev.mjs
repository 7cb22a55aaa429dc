import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build, snapshot } from './build.mjs';
import { stopWithParent } from './stop-with-parent.mjs';

// `npm run dev`: builds and runs, and does so again whenever something in src/ changes, comes or goes.

const START = fileURLToPath(new URL('start.mjs', import.meta.url));

/**
 * Milliseconds between two looks at src/. Looking takes some 10 ms, and unlike `fs.watch` it misses nothing: no
 * folder that was just made, no editor that renames, no disk of a virtual machine.
 */
const INTERVAL = 400;

/** Within these milliseconds a second SIGINT is the same Ctrl-C: npm passes on what its terminal sent to all. */
const SAME_INTERRUPT = 500;

/** @type {import('node:child_process').ChildProcess | null} */
let server = null;
let restarting = false;
const stopped = new AbortController();
let since = 0;

/** @param {NodeJS.Signals} signal */
const stop = (signal) => {
  if (!stopped.signal.aborted) {
    since = performance.now();
    stopped.abort();
  } else if (signal === 'SIGINT' && performance.now() - since > SAME_INTERRUPT) {
    server?.kill('SIGKILL');
  }
};
process.on('SIGINT', stop).on('SIGTERM', stop);
if (process.env.npm_lifecycle_event !== undefined) stopWithParent();

try {
  await watch();
} catch (error) {
  if (!stopped.signal.aborted) throw error;
}
await stopServer();
process.exit(0);

async function watch() {
  let built = '';
  for (;;) {
    const seen = await settled(built);
    built = seen;
    if (await build({ signal: stopped.signal })) {
      await stopServer();
      stopped.signal.throwIfAborted();
      startServer();
    } else {
      stopped.signal.throwIfAborted();
      say(
        server === null
          ? 'it does not build; waiting for a change'
          : 'it does not build; the server runs what did',
      );
    }
  }
}

/**
 * Waits until the sources are other ones than `before` and two looks agree: a checkout or a formatter writes
 * many files, one after another.
 *
 * @param {string} before
 */
async function settled(before) {
  /** @type {string | null} */
  let last = before;
  for (;;) {
    const now = look();
    if (now !== null && now !== before && (now === last || before === '')) return now;
    last = now;
    await delay(INTERVAL, undefined, { signal: stopped.signal });
  }
}

/** Null where a folder went away while it was read. */
function look() {
  try {
    return snapshot();
  } catch {
    return null;
  }
}

function startServer() {
  const child = spawn(process.execPath, [START], {
    stdio: 'inherit',
    // Whoever develops waits for the restart. The lifecycle makes it end with this process, however that ends.
    env: { SHUTDOWN_TIMEOUT: '1', npm_lifecycle_event: 'dev', ...process.env },
  });
  server = child;
  child.once('exit', (code, signal) => {
    server = null;
    if (!stopped.signal.aborted && !restarting) {
      say(`the server ended (${signal ?? `code ${code}`}); waiting for a change`);
    }
  });
}

async function stopServer() {
  if (server === null) return;
  restarting = true;
  const exit = once(server, 'exit');
  // Where a terminal's Ctrl-C has told it already, this changes nothing.
  server.kill('SIGTERM');
  await exit;
  restarting = false;
}

/** @param {string} message */
function say(message) {
  console.log(`[dev] ${message}`);
}
