import { ETag, GET, Path, PUT, Context } from 'koanatomy';
import type Koa from 'koa';
import { it } from 'vitest';
import { Readable } from 'node:stream';
import { serve } from '../../support/serve.js';
@Path('/v') class C {
  @GET('/long') @ETag(() => 7) long() { return { text: 'x'.repeat(5000) }; }
  @PUT('/long') plong() { }
  @GET('/web') web() { return new Response('x', { headers: { ETag: '"w"', 'Content-Type': 'text/plain' } }); }
  @PUT('/web') put() {}
  @GET('/koa') koa(@Context() ctx: Koa.Context) { ctx.set('ETag', '"w"'); return { a: 1 }; }
  @PUT('/koa') putk() {}
  @GET('/koab') koab(@Context() ctx: Koa.Context) { ctx.set('ETag', '"w"'); ctx.body = { a: 1 }; }
  @PUT('/koab') putkb() {}
  @GET('/stream') @ETag(() => 'w') stream() { return Readable.from(['x']); }
  @PUT('/stream') puts() {}
}
it('x', async () => {
  process.on('warning', (w) => console.log(w.stack));
  const http = await serve([C]);
  for (const p of ['/v/web', '/v/koa', '/v/koab', '/v/stream', '/v/long'])
  for (const e of ['identity', 'gzip']) {
    const g = await http.get(p).set('Accept-Encoding', e); console.log(p, e, g.headers);
    for (const t of ['"w"', '"w--gzip"', '"7"', '"7--gzip"']) {
    const a = await http.put(p).set('If-Match', t).set('Accept-Encoding', e); console.log(p, e, t, a.status);
    }
  }
});
