import base from './vitest.config.ts';

/** Against a real ROS graph, which the tests set up by themselves from PyPI: `npm run test:ros`. */
export default {
  ...base,
  test: {
    ...base.test,
    isolate: true,
    include: ['test/ros/real/**/*.test.ts'],
    exclude: [],
    testTimeout: 120_000,
    fileParallelism: false,
  },
};
