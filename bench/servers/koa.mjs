import { createServer } from 'node:http';
import Koa from 'koa';
import { serve } from './serve.mjs';

/** Koa with one middleware that knows both paths. */
const app = new Koa();
app.use((ctx) => {
  ctx.body = ctx.path === '/test/ping' ? { ping: 'pong' } : { id: Number(ctx.path.split('/')[2]) };
});
serve(createServer(app.callback()));
