import { spawn } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
const TSC_STATE = join(DIST, '.tsbuildinfo');
/** What the last good build was made of: each input's time and size. */
const STAMP = join(DIST, '.build.json');
/** Besides src: what else tsc reads. The last one is npm's note of the installed types. */
const INPUTS = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'node_modules/.package-lock.json'];

/** The package's entry as one file, with what is loaded on demand beside it: two hundred files take a process 100 ms. */
const ENTRY = join(DIST, 'framework', 'index.js');
/** The entry as tsc wrote it, of the parts that lie beside it. */
const PARTS = join(DIST, 'framework', 'index.parts.js');
const BANNER = '// Put together by scripts/build.mjs.\n';
const CHUNKS = join(DIST, 'framework', 'chunks');

const SOURCE = /(?<!\.d)\.([mc]?)ts$/;
const OUTPUT = /(?:\.d)?\.([mc]?)(?:js|ts)(?:\.map)?$/;

/**
 * Brings dist/ up to date with src/.
 *
 * tsc, which checks by content, runs only where a file's time or size is another than at the last good build:
 * to find out that nothing changed takes it 300 ms on an idle machine, and this 40.
 *
 * @param {{ signal?: AbortSignal }} [options] `signal` ends tsc
 * @returns {Promise<boolean>} whether it is; else tsc has printed why not
 */
export async function build({ signal } = {}) {
  removeOrphans();
  const inputs = snapshot();
  const complete = outputsAreThere();
  if (complete && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === inputs) return true;
  // tsc's own state knows nothing of outputs that somebody removed.
  if (!complete) rmSync(TSC_STATE, { force: true });
  rmSync(STAMP, { force: true });
  const built = (await tsc(signal)) && (await bundle());
  // What changed while tsc ran is not in `inputs`, so the next build sees it.
  if (built) writeFileSync(STAMP, inputs);
  return built;
}

/** The inputs with their times and sizes, as text that is equal where they are. */
export function snapshot() {
  const files = [...INPUTS.map((name) => join(ROOT, name)), ...filesBelow(SRC)];
  const entries = files.map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return [relative(ROOT, file), stats?.mtimeMs ?? 0, stats?.size ?? 0];
  });
  return JSON.stringify(entries);
}

/** Removes what was built from sources that are gone: a deleted controller must not be served any more. */
function removeOrphans() {
  for (const file of filesBelow(DIST)) {
    const match = OUTPUT.exec(file);
    if (match === null || file.startsWith(CHUNKS) || file === PARTS) continue;
    const source = `${relative(DIST, file).slice(0, match.index - DIST.length - 1)}.${match[1]}ts`;
    if (existsSync(join(SRC, source))) continue;
    rmSync(file);
    removeIfEmpty(dirname(file));
  }
}

/** @param {string} directory */
function removeIfEmpty(directory) {
  if (directory === DIST || readdirSync(directory).length > 0) return;
  rmdirSync(directory);
  removeIfEmpty(dirname(directory));
}

function outputsAreThere() {
  return (
    filesBelow(SRC)
      .filter((file) => SOURCE.test(file))
      .every((file) => existsSync(join(DIST, relative(SRC, file).replace(SOURCE, '.$1js')))) &&
    existsSync(CHUNKS)
  );
}

/**
 * @param {string} directory
 * @returns {string[]}
 */
function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Packages stay outside: their metadata must have one copy. */
async function bundle() {
  rmSync(CHUNKS, { recursive: true, force: true });
  // tsc writes it only when its source is another one.
  if (!readFileSync(ENTRY, 'utf8').startsWith(BANNER)) renameSync(ENTRY, PARTS);
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: { index: PARTS },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    onLog: (level, log, handle) => log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT' && handle(level, log),
  });
  await build.write({
    dir: dirname(ENTRY),
    format: 'esm',
    banner: ({ isEntry }) => (isEntry ? BANNER.trim() : ''),
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
  });
  await build.close();
  return true;
}

/**
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<boolean>}
 */
function tsc(signal) {
  const { resolve: find } = createRequire(import.meta.url);
  const compiler = join(dirname(find('typescript/package.json')), 'bin', 'tsc');
  return new Promise((done, fail) => {
    // bin/tsc starts the compiler as a process of its own, so what is ended is their group.
    const group = process.platform !== 'win32';
    const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: group,
    });
    const abort = () => process.kill(group ? -child.pid : child.pid);
    signal?.addEventListener('abort', abort, { once: true });
    child.once('error', fail);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', abort);
      done(code === 0 && signal?.aborted !== true);
    });
  });
}

if (process.argv[1] !== undefined && pathToFileURL(resolve(process.argv[1])).href === import.meta.url) {
  process.exitCode = (await build()) ? 0 : 1;
}
