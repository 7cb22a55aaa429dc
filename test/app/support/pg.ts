import { createRequire } from 'node:module';

/*
 * vitest.config.ts has `import` among its conditions, and Vitest hands them to Node. `require('pg-pool')`
 * inside of pg then finds pg-pool's ESM wrapper, which is a namespace and no class. This puts the class in its
 * place, before anything loads pg.
 */
const require = createRequire(import.meta.url);
const inPg = createRequire(require.resolve('pg/package.json'));
const id = inPg.resolve('pg-pool');
const loaded: unknown = inPg('pg-pool');
const cached = inPg.cache[id];
if (typeof loaded !== 'function' && cached !== undefined) {
  cached.exports = (loaded as { default: unknown }).default;
}

export const { default: pg } = await import('pg');
