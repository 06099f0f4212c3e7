import base from './vitest.config.ts';

/** For Stryker: the tests of `src/gate` alone. */
export default { ...base, test: { ...base.test, include: ['test/gate/**/*.test.ts'] } };
