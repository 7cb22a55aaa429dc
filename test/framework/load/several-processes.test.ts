import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPrefix, REDIS_URL, redisIsThere, removeKeys } from './support/redis.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const LIMIT = 137;

describe.skipIf(!(await redisIsThere()))('processes that share a Redis', () => {
  const prefix = newPrefix();
  let folder = '';
  const workers: ChildProcess[] = [];
  let ports: readonly number[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'koanatomy-workers-'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
    const file = join(folder, 'worker.mjs');
    const bundle = await rolldown({
      input: join(import.meta.dirname, 'support/worker.ts'),
      resolve: { conditionNames: ['koanatomy-source', 'node', 'import'] },
      platform: 'node',
      external: (id) => !/^[./]/.test(id) && id !== 'koanatomy',
    });
    await bundle.write({ file, format: 'esm', codeSplitting: false });
    await bundle.close();
    for (let i = 0; i < 2; i++) workers.push(fork(file, [REDIS_URL, prefix, String(LIMIT)]));
    ports = await Promise.all(workers.map(async (worker) => Number((await once(worker, 'message'))[0])));
  });

  afterAll(async () => {
    for (const worker of workers) {
      worker.disconnect();
      await once(worker, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
    await removeKeys(prefix);
  });

  it('admit exactly as many as one limit has, whichever is asked', async () => {
    let next = 0;
    const statuses: number[] = [];
    const remaining = new Set<string>();
    const ask = async (): Promise<void> => {
      while (next < 3 * LIMIT) {
        const answer = await fetch(`http://127.0.0.1:${ports[next++ % ports.length]}/a`);
        await answer.arrayBuffer();
        statuses.push(answer.status);
        if (answer.status === 200) remaining.add(answer.headers.get('RateLimit')?.split(';')[1] ?? '');
      }
    };
    await Promise.all(Array.from({ length: 20 }, ask));
    const count = (status: number) => statuses.filter((each) => each === status).length;
    expect([count(200), count(429), statuses.length]).toEqual([LIMIT, 2 * LIMIT, 3 * LIMIT]);
    // Nobody was told the same number twice.
    expect(remaining.size).toBe(LIMIT);
  });
});
