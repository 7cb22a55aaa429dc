import type { Context as KoaContext } from 'koa';
import { ApiError, CacheControl, Context, GET, Path, POST, Reply } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

@Path('/c')
@CacheControl({ private: true, maxAge: 60 })
class CacheController {
  @GET inherited() {
    return {};
  }
  @GET('/own') @CacheControl({ public: true, maxAge: 5, sMaxAge: 10, immutable: true }) own() {
    return {};
  }
  @GET('/text') @CacheControl('no-store') text() {
    return {};
  }
  @GET('/reply') reply() {
    return Reply.ok({}).cacheControl({ noCache: true });
  }
  @GET('/koa') koa(@Context('koa') ctx: KoaContext) {
    ctx.set('Cache-Control', 'max-age=1');
    ctx.set('Expires', 'Thu, 01 Jan 2026 00:00:00 GMT');
    ctx.set('Age', '3');
    return {};
  }
  @GET('/missing') missing() {
    throw new ApiError(404);
  }
  @GET('/kept') kept() {
    throw new ApiError(410, 'gone', { headers: { 'Cache-Control': 'max-age=9' } });
  }
  @GET('/reply-error') replyError() {
    return Reply.status(404, { what: 'x' });
  }
  @POST post() {
    return {};
  }
  @GET('/moved') moved() {
    return Reply.permanentRedirect('/c');
  }
}

describe('Cache-Control', async () => {
  const http = await serve(CacheController);

  it.each([
    ['/c', 'private, max-age=60'],
    ['/c/own', 'public, max-age=5, s-maxage=10, immutable'],
    ['/c/text', 'no-store'],
    ['/c/reply', 'no-cache'],
    ['/c/koa', 'max-age=1'],
    ['/c/moved', 'private, max-age=60'],
  ])('RFC 9111 §5.2.2: %s has %s', async (path, value) => {
    const answer = await http.get(path);
    const parts = (text = '') => text.split(', ').sort();
    expect(parts(answer.headers['cache-control'])).toEqual(parts(value));
  });

  it.each([
    ['/c/missing', 'no-store'],
    ['/c/kept', 'max-age=9'],
    ['/c/reply-error', 'no-store'],
    ['/c/none', 'no-store'],
  ])('of the error at %s is %s, and not the success’s', async (path, value) => {
    expect((await http.get(path)).headers['cache-control']).toBe(value);
  });

  it('of a class is for reading', async () => {
    expect((await http.post('/c')).headers['cache-control']).toBeUndefined();
  });

  it('leaves Expires and Age as they were set', async () => {
    expect((await http.get('/c/koa')).headers).toMatchObject({
      expires: 'Thu, 01 Jan 2026 00:00:00 GMT',
      age: '3',
    });
  });

  it('stays on 304, RFC 9110 §15.4.5', async () => {
    const answer = await http.get('/c').set('If-None-Match', '*');
    expect([answer.status, answer.headers['cache-control']]).toEqual([304, 'private, max-age=60']);
  });
});
