import base from './vitest.config.ts';

/** What continuous integration adds to `npm test`: packed tarball, foreign readers, real tasks in numbers. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/slow/**/*.test.ts'],
    // It fetches gigabytes of Python packages: `npm run test:night`.
    exclude: process.env.NIGHT ? [] : ['test/slow/model-server.test.ts'],
    testTimeout: 600_000,
    fileParallelism: false,
  },
};
