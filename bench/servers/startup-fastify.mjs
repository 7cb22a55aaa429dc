import Fastify from 'fastify';
import { many, serve } from './serve.mjs';

/** One route, or as many as are asked for, each with a schema of its answer. */
const app = Fastify();
const text = { type: 'string' };
const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties) });
app.get('/test/ping', { schema: { response: { 200: object({ ping: text }) } } }, async () => ({
  ping: 'pong',
}));
for (let thing = 1; thing < many; thing++) {
  const schema = { response: { 200: object({ thing: { type: 'integer' }, id: text }) } };
  app.get(`/area${thing % 50}/thing${thing}/:id`, { schema }, async ({ params }) => ({
    thing,
    id: params.id,
  }));
}
await app.listen({ port: 0, host: '127.0.0.1' });
serve(app.server);
