import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DURABLE_START, DurableNodeFS } from '../../../src/backend/DurableNodeFS.js';
import { type OpenDatabase, openDatabase } from '../../../src/backend/database.js';
import { openFolder } from '../../../src/backend/open-folder.js';

let parent: string;
let folder: string;

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'koanatomy-folder-'));
  folder = join(parent, 'a', 'b');
  // What a process leaves that was killed while it made the database.
  mkdirSync(join(folder, 'postgres.unfinished', 'base'), { recursive: true });
  writeFileSync(join(folder, 'postgres.unfinished', 'PG_VERSION'), '18');
  const { pglite, close } = await openFolder(folder);
  await pglite.exec('create table notes (text text)');
  await close();
});
afterAll(() => rmSync(parent, { recursive: true }));

function open(dataDir: string): Promise<OpenDatabase> {
  return openDatabase({ databaseUrl: null, databasePoolSize: 1, dataDir }, () => {});
}

describe('a folder with a database', () => {
  it('is made whole, over what an interrupted start left, and is given back when it closes', () => {
    expect(readdirSync(folder)).toEqual(['postgres']);
    expect(existsSync(join(folder, 'postgres', 'global', 'pg_control'))).toBe(true);
  });

  it('keeps what was written when it is opened again', async () => {
    const first = await openFolder(folder);
    await first.pglite.query('insert into notes values ($1)', ['kept']);
    await first.close();
    const second = await openFolder(folder);
    const { rows } = await second.pglite.query('select * from notes');
    await second.close();
    expect(rows).toContainEqual({ text: 'kept' });
  });

  it('has its commits flushed to the disk', async () => {
    const { pglite, close } = await openFolder(folder);
    const { rows } = await pglite.query(
      "select current_setting('fsync') as fsync, current_setting('wal_sync_method') as method",
    );
    await close();
    expect(rows).toEqual([{ fsync: 'on', method: 'fsync' }]);
    let flushes = 0;
    const data = join(folder, 'postgres');
    const counted = new PGlite({
      fs: new DurableNodeFS(data, () => flushes++),
      startParams: [...DURABLE_START],
    });
    await counted.waitReady;
    const before = flushes;
    for (let i = 0; i < 5; i++) await counted.query('insert into notes values ($1)', ['flushed']);
    const after = flushes;
    await counted.close();
    expect(after - before).toBeGreaterThanOrEqual(5);
  });

  it('acknowledges nothing that the disk refused', async () => {
    let broken = false;
    const sync = (): void => {
      if (broken) throw new Error('EIO');
    };
    const copy = join(parent, 'copy');
    cpSync(join(folder, 'postgres'), copy, { recursive: true });
    const pglite = new PGlite({ fs: new DurableNodeFS(copy, sync), startParams: [...DURABLE_START] });
    await pglite.exec("insert into notes values ('kept')");
    broken = true;
    await expect(pglite.query("insert into notes values ('lost')")).rejects.toThrow();
  });

  it('is one process’s at a time', async () => {
    const { close } = await openFolder(folder);
    await expect(open(folder)).rejects.toThrow(
      `the database can't be opened (DATA_DIR ${folder}): the folder ${folder} is open in this process`,
    );
    await close();
  });

  it.skipIf(process.platform === 'win32')('is readable by its owner alone', () => {
    expect(statSync(join(folder, 'postgres')).mode & 0o077).toBe(0);
  });

  it('that can not be made is reported by its setting', async () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    for (const bad of [file, join(file, 'below'), '/proc/koanatomy']) {
      const opening = open(bad);
      await expect(opening).rejects.toThrow(`the database can't be opened (DATA_DIR ${bad}): E`);
      await expect(opening).rejects.toHaveProperty('name', 'DatabaseUnavailableError');
    }
  });

  it('that PostgreSQL can not read is reported with its reason, and given back', async () => {
    const other = join(parent, 'other');
    mkdirSync(join(other, 'postgres'), { recursive: true });
    writeFileSync(join(other, 'postgres', 'PG_VERSION'), '9.6');
    await expect(open(other)).rejects.toThrow(/DATA_DIR .*PostgreSQL doesn't start on .*postgres: \w+/);
    expect(readdirSync(other)).toEqual(['postgres']);
  });
});
