import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { DURABLE_START, DurableNodeFS } from './DurableNodeFS.js';
import { lockFolder } from './folder-lock.js';

/** PGlite on a folder, and what closes it and gives the folder back. */
export interface OpenFolder {
  readonly pglite: PGlite;
  close(): Promise<void>;
}

/**
 * Opens the embedded database in a folder, which is made where there is none. What is committed is on the
 * disk: it survives `kill -9` and a power failure.
 *
 * @throws FolderLockedError where another process has it
 * @throws Error where it can't be made, written or read; the message has what PostgreSQL said
 */
export async function openFolder(folder: string): Promise<OpenFolder> {
  makeFolder(folder);
  const unlock = lockFolder(folder);
  try {
    const data = join(folder, 'postgres');
    if (!existsSync(data)) await makeDatabase(data);
    const pglite = await start(data);
    return {
      pglite,
      async close() {
        try {
          if (!pglite.closed) await pglite.close();
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * Not by `recursive`: where the system says ENOENT for a folder whose parent is there (`/proc/x`), Node 20
 * then tries for ever.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    // The database is nobody else's to read.
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function start(data: string): Promise<PGlite> {
  const said: string[] = [];
  const pglite = new PGlite({
    fs: new DurableNodeFS(data),
    startParams: [...DURABLE_START],
    onStderr(line) {
      said.push(line);
      return false;
    },
  });
  try {
    await pglite.waitReady;
    return pglite;
  } catch (error) {
    // PGlite's own error is "Aborted()" at best; PostgreSQL has said why.
    const reasons = said.flatMap((line) => /\b(?:FATAL|PANIC|ERROR):\s*(.*)/.exec(line)?.[1] ?? []);
    const reason = reasons[0] ?? (error instanceof Error ? error.message : String(error));
    throw new Error(`PostgreSQL doesn't start on ${data}: ${reason}`, { cause: error });
  }
}

/**
 * Makes an empty database beside its place and moves it there once it is whole and on the disk, so that a
 * process that is killed meanwhile leaves nothing that looks like a database. It takes some seconds.
 */
async function makeDatabase(data: string): Promise<void> {
  const unfinished = `${data}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const pglite = await PGlite.create(unfinished);
  await pglite.close();
  flush(unfinished);
  renameSync(unfinished, data);
  flushOne(dirname(data));
}

/** Flushes a directory and everything in it to the disk. */
function flush(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) flush(path);
    else flushOne(path);
  }
  flushOne(directory);
}

function flushOne(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
