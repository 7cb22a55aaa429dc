// The ping of the other servers with a rate limit, of the kind that is asked for.
import { createApp, GET, memoryStore, Path, RateLimit, redisStore } from '../../dist/framework/index.js';
import { method } from '../decorate.mjs';
import { serve } from './serve.mjs';

const [kind] = process.argv.slice(4);

class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
const MANY = { limit: 1_000_000_000, window: 60 };
const decorators = kind === 'decorator' ? [RateLimit(MANY)] : [];
method(PingController, 'ping', { decorators: [GET, Path('/ping'), ...decorators] });
Path('/test')(PingController);

const OPTIONS = {
  none: () => undefined,
  decorator: () => undefined,
  memory: () => ({ ...MANY, store: memoryStore() }),
  redis: async () => ({ ...MANY, store: await redis() }),
  refused: () => ({ limit: 1, window: 86_400 }),
  'refused by Redis': async () => ({ limit: 1, window: 86_400, store: await redis() }),
};

async function redis() {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' });
  await client.connect();
  const prefix = `koanatomy-bench:${process.pid}:`;
  process.on('message', async ({ question }) => {
    if (question !== 'clean') return;
    await client.del(`${prefix}default:a:127.0.0.1`);
    process.send({ clean: true });
  });
  return redisStore((command) => client.sendCommand(command), { prefix, timeout: 10_000 });
}

const rateLimit = await OPTIONS[kind]();
const app = await createApp({
  controllers: PingController,
  logger: false,
  ...(rateLimit === undefined ? null : { rateLimit }),
});
serve(app.listen(0, '127.0.0.1'));
