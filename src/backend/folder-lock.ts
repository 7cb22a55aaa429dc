import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Thrown where another process has the folder. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError';

  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    const who = pid === process.pid ? `this process (pid ${pid})` : `the process with pid ${pid}`;
    super(`the folder ${folder} is open in ${who}: stop it first, or use another folder`);
  }
}

const NAME = /^lock\.(\d+)\.(\d+)$/;

/**
 * Takes a folder for this process alone. PGlite takes no lock itself, and two processes in one folder ruin it
 * (github.com/electric-sql/pglite/issues/1106).
 *
 * A lock is an empty file whose name says who holds it, `lock.<pid>.<start>`, so that it appears whole. Each
 * process first leaves its own and then looks at the others: of two that come at once, at least one sees the
 * other, so never both go on (it may be neither). Those of processes that ended are removed, however they did.
 *
 * @returns what gives the folder back
 * @throws FolderLockedError with the holder's pid
 */
export function lockFolder(folder: string): () => void {
  const own = `lock.${process.pid}.${startOf(process.pid) ?? 0}`;
  const path = join(folder, own);
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Without a start time this may be a predecessor's of the same pid, as process 1 of a container has.
    if (held.has(path)) throw new FolderLockedError(folder, process.pid);
  }
  held.add(path);
  const release = (): void => {
    held.delete(path);
    rmSync(path, { force: true });
  };
  for (const name of readdirSync(folder)) {
    const match = NAME.exec(name);
    if (match === null || name === own) continue;
    const pid = Number(match[1]);
    if (isRunning(pid, Number(match[2]))) {
      release();
      throw new FolderLockedError(folder, pid);
    }
    rmSync(join(folder, name), { force: true });
  }
  return release;
}

const held = new Set<string>();

/** Whether the process that wrote a lock is the one that has its pid now. */
function isRunning(pid: number, start: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === null || start === 0 || now === start;
}

/**
 * When a process started, in clock ticks since boot; null where the system doesn't tell. With the pid it
 * names one process: pids are used again, soon in a container. -1 for one that has ended and waits for its
 * parent to notice, which `kill` still finds.
 */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may have any character in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return -1;
    return Number(fields[19]);
  } catch {
    return null;
  }
}
