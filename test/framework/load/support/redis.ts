import { randomBytes } from 'node:crypto';
import { createClient } from '@redis/client';

/** Where a Redis is, if there is one. */
export const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';

/** A connection that fails at once where nobody listens. */
export async function connectRedis(url = REDIS_URL) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5000, reconnectStrategy: false },
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Whether Redis answers; in CI it has to, so that its tests can't be left out unnoticed. */
export async function redisIsThere(): Promise<boolean> {
  try {
    const client = await connectRedis();
    await client.close();
    return true;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    console.log(`no Redis at ${new URL(REDIS_URL).host}: its tests are skipped (REDIS_URL names another)`);
    return false;
  }
}

/** What the keys of one run begin with. */
export function newPrefix(): string {
  return `koanatomy-test:${process.pid}-${randomBytes(6).toString('hex')}:`;
}

/** Leaves nothing of a run behind. */
export async function removeKeys(prefix: string): Promise<void> {
  const client = await connectRedis();
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.del(keys);
  }
  await client.close();
}
