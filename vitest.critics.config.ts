import base from './vitest.config.ts';

/** For Stryker: how critics read verdicts, and what critic goal asks, alone. */
export default {
  ...base,
  test: { ...base.test, include: ['test/critics/{cosmos-verdict,goal,goal-facts}.test.ts'] },
};
