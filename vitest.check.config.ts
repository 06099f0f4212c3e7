import base from './vitest.config.ts';

/** For Stryker: how a proposal is judged and a person asked, alone. */
export default {
  ...base,
  test: { ...base.test, globalSetup: [], include: ['test/{check,decision,approvals,approvals-loop}.test.ts'] },
};
