import { build } from './build.mjs';
import { stopWithParent } from './stop-with-parent.mjs';

// `npm start`: builds what is stale, then runs. The server runs in this process, so that a signal to npm, which
// passes it on to the process that it started, arrives where it is meant to.

process.setSourceMapsEnabled(true);
if (process.env.npm_lifecycle_event !== undefined) stopWithParent();

const stopped = new AbortController();
const stop = () => stopped.abort();
process.on('SIGINT', stop).on('SIGTERM', stop);

const built = await build({ signal: stopped.signal });

process.off('SIGINT', stop).off('SIGTERM', stop);
if (stopped.signal.aborted) process.exit(0);
if (!built) process.exit(1);
await import('../dist/main.js');
