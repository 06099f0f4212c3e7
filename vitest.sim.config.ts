import base from './vitest.config.ts';

/** Against real simulators, which the tests set up by themselves from PyPI: `npm run test:sim`. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/simpler/real/**/*.test.ts'],
    exclude: [],
    testTimeout: 60_000,
    fileParallelism: false,
  },
};
