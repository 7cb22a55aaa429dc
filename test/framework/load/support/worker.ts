// A server as a process of its own, whose limit is in Redis: one of several that share it.
import { createClient } from '@redis/client';
import { createApp, GET, Path, redisStore } from 'koanatomy';

const [url = '', prefix = '', limit = ''] = process.argv.slice(2);

class AnyController {
  get() {
    return { a: 1 };
  }
}
const descriptor = Object.getOwnPropertyDescriptor(AnyController.prototype, 'get');
if (descriptor !== undefined) GET(AnyController.prototype, 'get', descriptor);
Path('/a')(AnyController);

const redis = createClient({ url });
await redis.connect();
// Slow machines are slow, and what they count in memory would be counted twice.
const store = redisStore((command) => redis.sendCommand(command), { prefix, timeout: 60_000 });
const app = await createApp({
  controllers: AnyController,
  rateLimit: { limit: Number(limit), window: 86_400, store },
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
process.on('disconnect', () => process.exit());
