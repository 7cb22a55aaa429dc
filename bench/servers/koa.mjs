import Koa from 'koa';
import { accept, caseClasses, makeCases } from '../classes.mjs';
import { faultsOf, readJson, shown } from './by-hand.mjs';
import { middleware, serve, withMiddleware } from './serve.mjs';

/** Koa with one middleware that knows every path. */
const undecorated = { Exclude: () => () => {}, Type: () => () => {} };
const cases = makeCases(caseClasses(undecorated));

const app = new Koa();
if (withMiddleware) app.use(middleware);
app.use((ctx) => {
  const segments = ctx.path.split('/');
  if (segments[1] === 'test') ctx.body = { ping: 'pong' };
  else if (segments[1] === 'orders') return order(ctx);
  else if (segments[1] !== 'cases') ctx.body = { thing: Number(segments[2].slice(5)), id: segments[3] };
  else if (segments.length === 2) ctx.body = cases.map(shown);
  else {
    const { limit, open } = ctx.query;
    ctx.body = { id: Number(segments[2]), part: segments[4], limit: Number(limit), open: open === 'true' };
  }
});
serve(app.listen(0, '127.0.0.1'));

async function order(ctx) {
  const value = await readJson(ctx.req);
  const errors = faultsOf(value);
  ctx.status = errors.length > 0 ? 400 : 201;
  ctx.body = errors.length > 0 ? { errors } : accept(value);
}
