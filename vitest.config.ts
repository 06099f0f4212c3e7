import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Source is tested, not `dist`: the `pumice-source` condition makes plugins import the source by self-reference. */
export default defineConfig({
  resolve: { conditions: ['pumice-source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['pumice-source', 'node', 'import', 'default'] } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    globalSetup: ['test/global-setup.ts'],
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/slow/**', 'test/*/real/**', 'test/*/by-hand/**', 'node_modules/**'],
    // How long a test that hangs is waited for; none takes a tenth of it on a machine without other work.
    testTimeout: 60_000,
    // Files share what they import: loading it anew for each of them took as long as their tests.
    isolate: false,
    // Browsers and child processes are waited for more than computed with: two workers pay even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Read by `.ci/run`, which adds up what passed.
    reporters: process.env.TEST_REPORT ? ['default', ['json', { outputFile: process.env.TEST_REPORT }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['{src,agents,envs,policies}/**/*.{ts,tsx}'],
      reporter: ['text-summary'],
    },
  },
});
