import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { accept, caseClasses, makeCases, manyRoutes } from '../classes.mjs';
import { faultsOf, shown } from './by-hand.mjs';
import { many, serve } from './serve.mjs';

const undecorated = { Exclude: () => () => {}, Type: () => () => {} };
const cases = makeCases(caseClasses(undecorated));

const app = new Koa();
const router = new Router();
router.get('/test/ping', (ctx) => {
  ctx.body = { ping: 'pong' };
});
router.get('/cases', (ctx) => {
  ctx.body = cases.map(shown);
});
router.get('/cases/:id/parts/:part', (ctx) => {
  const { limit, open } = ctx.query;
  ctx.body = {
    id: Number(ctx.params.id),
    part: ctx.params.part,
    limit: Number(limit),
    open: open === 'true',
  };
});
router.post('/orders', (ctx) => {
  const value = ctx.request.body;
  const errors = faultsOf(value);
  ctx.status = errors.length > 0 ? 400 : 201;
  ctx.body = errors.length > 0 ? { errors } : accept(value);
});
for (const { area, thing } of manyRoutes(many)) {
  router.get(`/area${area}/thing${thing}/:id`, (ctx) => {
    ctx.body = { thing, id: ctx.params.id };
  });
}
app.use(bodyParser()).use(router.routes()).use(router.allowedMethods());
serve(app.listen(0, '127.0.0.1'));
