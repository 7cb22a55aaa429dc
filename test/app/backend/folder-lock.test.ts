import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderLockedError, lockFolder } from '../../../src/backend/folder-lock.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'koanatomy-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that does nothing until it is killed. */
async function idle() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log("up")']);
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a folder', () => {
  it('is given back', () => {
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
    lockFolder(folder)();
  });

  it('is refused to the same process a second time', () => {
    const release = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`${folder} is open in this process (pid ${process.pid})`);
    release();
  });

  it('is refused while another process has it, naming the folder and its pid', async () => {
    const other = await idle();
    try {
      writeFileSync(join(folder, `lock.${other.pid}.0`), '');
      expect(() => lockFolder(folder)).toThrow(FolderLockedError);
      expect(() => lockFolder(folder)).toThrow(
        `the folder ${folder} is open in the process with pid ${other.pid}`,
      );
      // The refused one leaves nothing behind, and the holder's own.
      expect(readdirSync(folder)).toEqual([`lock.${other.pid}.0`]);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is taken over where its pid has been used again', async () => {
    const other = await idle();
    try {
      writeFileSync(join(folder, `lock.${other.pid}.1`), '');
      lockFolder(folder)();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });

  it('is taken over where an earlier process had our pid, as process 1 of a container has', () => {
    const release = lockFolder(folder);
    const [own = ''] = readdirSync(folder);
    release();
    writeFileSync(join(folder, own), '');
    writeFileSync(join(folder, `lock.${process.pid}.1`), '');
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves what is no lock alone', () => {
    for (const name of ['lock', 'lock.1', 'lock.x.y', 'postgres']) writeFileSync(join(folder, name), '');
    lockFolder(folder)();
    expect(readdirSync(folder)).toHaveLength(4);
  });
});
