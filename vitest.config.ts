import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The application imports the package by its name; this condition points that name at the source.
  ssr: { resolve: { conditions: ['koanatomy-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['koanatomy-source', 'node', 'import', 'default'] },
  test: {
    include: ['test/**/*.test.ts'],
    // One of them stands where discovery must not import it, and throws.
    exclude: ['test/fixtures/**'],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
