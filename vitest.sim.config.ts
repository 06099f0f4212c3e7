import base from './vitest.config.ts';

const { SIMPLER_PYTHON, LIBERO_PYTHON, GYMNASIUM_PYTHON } = process.env;

/** Against real simulators, which the tests set up by themselves from PyPI: `npm run test:sim`. */
export default {
  ...base,
  test: {
    ...base.test,
    isolate: true,
    // With a Python that has SimplerEnv or LIBERO, what only that shows too, and what takes long.
    include: ['real', ...(SIMPLER_PYTHON || LIBERO_PYTHON || GYMNASIUM_PYTHON ? ['by-hand'] : [])].map(
      (of) => `test/simpler/${of}/**/*.test.ts`,
    ),
    exclude: [],
    globalSetup: ['test/global-setup.ts', 'test/simpler/real/set-up.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
};
