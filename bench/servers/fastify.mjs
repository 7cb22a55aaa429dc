import Fastify from 'fastify';
import { accept, caseClasses, makeCases, manyRoutes } from '../classes.mjs';
import { many, serve } from './serve.mjs';

const undecorated = { Exclude: () => () => {}, Type: () => () => {} };
const cases = makeCases(caseClasses(undecorated));

const text = { type: 'string' };
const integer = { type: 'integer' };
const object = (properties, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const ORDER = object(
  {
    reference: { type: 'string', minLength: 3, maxLength: 40 },
    customer: { type: 'string', pattern: '^[A-Z]{2}\\d{6}$' },
    quantity: { type: 'integer', minimum: 1, maximum: 1000 },
    price: { type: 'number', minimum: 0 },
    priority: { type: 'string', enum: ['low', 'normal', 'high'] },
    express: { type: 'boolean' },
    tags: { type: 'array', maxItems: 5, items: text },
    note: { type: 'string', maxLength: 200 },
    address: object({
      street: { type: 'string', minLength: 1, maxLength: 100 },
      city: { type: 'string', minLength: 1, maxLength: 60 },
      postcode: { type: 'string', pattern: '^\\d{4,5}$' },
      country: { type: 'string', minLength: 2, maxLength: 2 },
    }),
  },
  ['reference', 'customer', 'quantity', 'price', 'priority', 'express', 'tags', 'address'],
);
const CASE = object({
  id: integer,
  reference: text,
  title: text,
  status: text,
  priority: integer,
  urgent: { type: 'boolean' },
  createdAt: { type: 'string', format: 'date-time' },
  assignee: object({ id: integer, name: text, team: text }),
  tags: { type: 'array', items: text },
  description: text,
});
const PART = object({ id: integer, part: text, limit: integer, open: { type: 'boolean' } });
const RECEIPT = object({ id: integer, reference: text, total: { type: 'number' }, city: text });

// All errors, as the other peers give them.
const app = Fastify({ ajv: { customOptions: { allErrors: true } } });
app.get('/test/ping', { schema: { response: { 200: object({ ping: text }) } } }, async () => ({
  ping: 'pong',
}));
app.get('/cases', { schema: { response: { 200: { type: 'array', items: CASE } } } }, async () => cases);
const PART_SCHEMA = {
  params: object({ id: integer, part: text }),
  querystring: object({ limit: integer, open: { type: 'boolean' } }),
  response: { 200: PART },
};
app.get('/cases/:id/parts/:part', { schema: PART_SCHEMA }, async ({ params, query }) => ({
  id: params.id,
  part: params.part,
  limit: query.limit,
  open: query.open,
}));
app.post('/orders', { schema: { body: ORDER, response: { 201: RECEIPT } } }, async ({ body }, reply) => {
  reply.code(201);
  return accept(body);
});
for (const { area, thing } of manyRoutes(many)) {
  const schema = { params: object({ id: text }), response: { 200: object({ thing: integer, id: text }) } };
  app.get(`/area${area}/thing${thing}/:id`, { schema }, async ({ params }) => ({ thing, id: params.id }));
}
await app.listen({ port: 0, host: '127.0.0.1' });
serve(app.server);
