import base from './vitest.config.ts';

/** For Stryker: the tests of `src/gate` alone. They need no build, which each mutant that hangs would make anew. */
export default { ...base, test: { ...base.test, globalSetup: [], include: ['test/gate/**/*.test.ts'] } };
