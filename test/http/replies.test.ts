import { GET, Path, POST, QueryParam, Reply } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/serve.js';

@Path('/p')
class ReplyController {
  @POST('/created') created() {
    return Reply.created('/p/7', { id: 7 });
  }
  @POST('/relative') relative() {
    return Reply.created('7');
  }
  @GET('/to') to(@QueryParam('to') to: string) {
    return Reply.seeOther(to);
  }
  @GET('/links') links() {
    return Reply.ok([])
      .link('/p?page=2', { rel: 'next' })
      .link('/p', { rel: ['first', 'prev'], title: 'Größe' });
  }
  @GET('/cookies') cookies() {
    return Reply.ok({})
      .cookie('a', '1')
      .cookie('b', 'x y', { httpOnly: false, sameSite: 'strict', maxAge: 5 })
      .clearCookie('c');
  }
  @GET('/all') all() {
    return Reply.ok({})
      .etag('v1', { weak: true })
      .lastModified(new Date(0))
      .language('de')
      .vary('X-A', 'X-B')
      .header('X-N', 5);
  }
  @GET('/205') reset() {
    return Reply.resetContent();
  }
  @GET('/202') accepted() {
    return Reply.accepted();
  }
  @GET('/204') none() {
    return Reply.status(204, 'nothing of this');
  }
  @GET('/304') notModified() {
    return Reply.notModified().etag('x');
  }
  @GET('/299') odd() {
    return Reply.status(299, 'odd');
  }
  @GET('/moved') moved() {
    return Reply.movedPermanently('/p');
  }
  @GET('/found') found() {
    return Reply.found('/p');
  }
  @GET('/307') temporary() {
    return Reply.temporaryRedirect('/p');
  }
  @GET('/308') permanent() {
    return Reply.permanentRedirect('/p');
  }
}

describe('a Reply', async () => {
  const http = await serve(ReplyController);
  const fixed = await serve(ReplyController, { origin: 'https://api.example.com' });

  it.each([
    ['/p/205', 205, '0'],
    ['/p/204', 204, undefined],
    ['/p/304', 304, undefined],
    ['/p/202', 202, '0'],
  ])('%s has status %i and no content, RFC 9110 §15.3', async (path, status, length) => {
    const answer = await http.get(path);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([status, '', undefined]);
    expect(answer.headers['content-length']).toBe(length);
  });

  it.each([
    ['/p/moved', 301],
    ['/p/found', 302],
    ['/p/307', 307],
    ['/p/308', 308],
    ['/p/to?to=/x', 303],
  ])('%s redirects with %i, RFC 9110 §15.4', async (path, status) => {
    const answer = await http.get(path);
    expect([answer.status, answer.headers.location]).toEqual([status, path.includes('to=') ? '/x' : '/p']);
  });

  it.each([
    ['/a b', '/a%20b'],
    ['/a%20b', '/a%20b'],
    ['/größe?q=ü', '/gr%C3%B6%C3%9Fe?q=%C3%BC'],
    ['/%', '/%25'],
    ['/\\evil', '/%5Cevil'],
    ['/x#f', '/x#f'],
  ])('redirects to %s as %s, encoded once', async (to, location) => {
    expect((await http.get('/p/to').query({ to })).headers.location).toBe(location);
  });

  it.each(['/a\r\nSet-Cookie: x=1', '/a\nb', '/a\0b'])('never carries the line break of %j', async (to) => {
    const answer = await http.get('/p/to').query({ to });
    expect([answer.status, answer.headers.location, answer.headers['set-cookie']]).toEqual([
      500,
      undefined,
      undefined,
    ]);
  });

  it('is at a place that the client resolves, or that the origin makes absolute, never Host', async () => {
    const [plain, absolute] = [
      await http.post('/p/created').set('Host', 'evil.example'),
      await fixed.post('/p/created').set('Host', 'evil.example'),
    ];
    expect(plain.headers.location).toBe('/p/7');
    expect(absolute.headers.location).toBe('https://api.example.com/p/7');
    expect((await fixed.post('/p/relative')).headers.location).toBe('https://api.example.com/p/7');
    expect((await fixed.get('/p/links')).headers.link).toContain('<https://api.example.com/p?page=2>');
  });

  it.each([
    'api.example.com',
    'https://a/b',
    'ftp://a',
    'https://u:p@a',
  ])('has no origin %s: that is found at startup', async (origin) => {
    await expect(serve(ReplyController, { origin })).rejects.toThrow('origin');
  });

  it('has links, RFC 8288', async () => {
    const { link } = (await http.get('/p/links')).headers;
    expect(link).toContain('</p?page=2>; rel=');
    expect(link).toMatch(/rel="first prev"/);
    expect(link).toContain("title*=UTF-8''Gr%C3%B6%C3%9Fe");
  });

  it('has cookies that scripts, other sites and plain HTTP don’t get, RFC 6265', async () => {
    const [a, b, c] = (await http.get('/p/cookies')).headers['set-cookie'] as unknown as string[];
    const parts = (text = '') => text.split('; ').sort();
    expect(parts(a)).toEqual(parts('a=1; Path=/; HttpOnly; Secure; SameSite=Lax'));
    expect(parts(b)).toEqual(parts('b=x%20y; Path=/; Max-Age=5; Secure; SameSite=Strict'));
    expect(c).toMatch(/^c=;.*Max-Age=0/);
  });

  it('has validators, a language and what it varies by', async () => {
    const { headers } = await http.get('/p/all');
    expect(headers).toMatchObject({
      etag: 'W/"v1"',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'content-language': 'de',
      'x-n': '5',
    });
    expect(headers.vary).toContain('X-A, X-B');
  });

  it('may have a status that nobody named', async () => {
    expect((await http.get('/p/299')).status).toBe(299);
    for (const status of [100, 199, 600, 2.5, Number.NaN])
      expect(() => Reply.status(status)).toThrow(RangeError);
  });

  it('is refused while it is made where a header could be split', () => {
    expect(() => Reply.ok().header('X', 'a\r\nb')).toThrow(TypeError);
    expect(() => Reply.ok().link('/a\nb', { rel: 'x' })).toThrow(TypeError);
    expect(() => Reply.ok().cookie('a', 'b', { domain: 'a\r\nb' })).toThrow(TypeError);
    expect(() => Reply.ok().cookie('a b', 'b')).toThrow(TypeError);
    expect(() => Reply.ok().language('de\n')).toThrow(TypeError);
  });
});
