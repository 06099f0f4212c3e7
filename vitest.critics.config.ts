import base from './vitest.config.ts';

/** For Stryker: how critics read verdicts, alone. */
export default { ...base, test: { ...base.test, globalSetup: [], include: ['test/critics/cosmos-verdict.test.ts'] } };
