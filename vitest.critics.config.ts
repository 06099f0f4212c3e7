import base from './vitest.config.ts';

/** For Stryker: how critics read verdicts, and what critic goal asks, alone. None of it runs `dist`. */
export default {
  ...base,
  test: { ...base.test, globalSetup: [], include: ['test/critics/{cosmos-verdict,goal,goal-facts}.test.ts'] },
};
