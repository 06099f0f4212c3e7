import base from './vitest.config.ts';

/** What continuous integration adds to `npm test`: packed tarball, foreign readers, real tasks in numbers. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/slow/**/*.test.ts'],
    exclude: [],
    testTimeout: 600_000,
    fileParallelism: false,
  },
};
