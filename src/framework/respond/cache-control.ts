import type { Exchange } from '../exchange.js';

/** What is declared, unless the method set one itself; an error is not kept unless somebody says so. */
export function writeCacheControl({ ctx, operation, front }: Exchange, status: number): void {
  const { cacheControl } = operation.caching;
  const own = ctx.res.getHeader('Cache-Control');
  if (own !== undefined && own !== front.headers['cache-control']) return;
  if (status >= 400) {
    if (own === undefined) ctx.set('Cache-Control', 'no-store');
  } else if (cacheControl !== null) ctx.set('Cache-Control', cacheControl);
}
