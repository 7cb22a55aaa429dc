import { createServer } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import { serve } from './serve.mjs';

const app = new Koa();
const router = new Router();
router.get('/test/ping', (ctx) => {
  ctx.body = { ping: 'pong' };
});
router.get('/cases/:id', (ctx) => {
  ctx.body = { id: Number(ctx.params.id) };
});
app.use(router.routes()).use(router.allowedMethods());
serve(createServer(app.callback()));
