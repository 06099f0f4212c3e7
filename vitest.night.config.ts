import base from './vitest.config.ts';

/** Long runs: fuzzing, fault campaigns, soak. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/night/**/*.test.ts'],
    exclude: [],
    testTimeout: 3_600_000,
    fileParallelism: false,
  },
};
