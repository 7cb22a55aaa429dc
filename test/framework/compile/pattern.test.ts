import { GET, Path } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { longestFor } from '../../../src/framework/compile/pattern.js';
import { serve } from '../../support/serve.js';

@Path('/p')
class PatternController {
  @GET('/one/{a: .+}/end') one() {
    return 'one';
  }
  @GET('/two/{a: .+}/{b: .+}/end') two() {
    return 'two';
  }
}

describe('expressions that may give back what they took', () => {
  it('are tried on paths of a length that can’t block the server', async () => {
    const http = await serve(PatternController);
    const long = 'x/'.repeat(3000);
    expect((await http.get('/p/two/a/b/c/end')).status).toBe(200);
    expect((await http.get(`/p/two/${long}end`)).status).toBe(404);
    expect((await http.get(`/p/one/${long}end`)).status).toBe(200);
  });

  it('take at most some sixteen million steps together', () => {
    expect(longestFor(1)).toBe(Number.POSITIVE_INFINITY);
    for (const count of [2, 3, 4, 8]) expect(longestFor(count) ** count).toBeLessThanOrEqual(2 ** 24);
  });
});
