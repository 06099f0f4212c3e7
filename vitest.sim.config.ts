import base from './vitest.config.ts';

/** Against real simulators, which the tests set up by themselves from PyPI: `npm run test:sim`. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/simpler/real/**/*.test.ts'],
    exclude: [],
    globalSetup: ['test/global-setup.ts', 'test/simpler/real/set-up.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
};
