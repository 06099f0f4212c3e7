import base from './vitest.config.ts';

/** They compute by clocks of their own, or wait for what takes its time whatever the load is: two files at a time. */
const TOGETHER = [
  'ask',
  'body-acts',
  'body-open',
  'body-pages',
  'browser-hang',
  'cli-run',
  'cli-usage',
  'critic-damage',
  'dashboard',
  'dashboard-cli',
  'demo-arm',
  'effects-browser',
  'eval-critic',
  'eval-manipulator',
  'eval-suite',
  'faults/mujoco',
  'faults/robot',
  'guard-around',
  'guard-attempts',
  'guard-modes',
  'guard-navigation',
  'marks',
  'marks-locate',
  'marks-pages',
  'miniwob',
  'pack',
  'page-faults',
  'pages-attacks',
  'record-kill',
  'report-page',
  'roles-pages',
  'serve-policy',
  'sim',
  'teleop',
  'ui-navigator-faults',
  'video',
].map((name) => `test/slow/${name}.test.ts`);
// `npm run test:night`: two fetch Python packages, one of them gigabytes, the others play or compute for minutes.
const AT_NIGHT = [
  'model-server',
  'cinder-figures',
  'demo-rewordings',
  'eval-manipulator-files',
  'magma-ember',
  'magma-oracle',
  'realtime/expert',
  'realtime/five-policies',
  'vla-eval-python',
].map((name) => `test/slow/${name}.test.ts`);
const LEFT_OUT = process.env.NIGHT ? [] : AT_NIGHT;

const shared = { ...base.test, isolate: true, testTimeout: 600_000 };

/** What continuous integration adds to `npm test`: packed tarball, foreign readers, real tasks in numbers. */
export default {
  ...base,
  test: {
    reporters: base.test?.reporters ?? [],
    projects: [
      {
        ...base,
        test: {
          ...shared,
          name: 'together',
          include: TOGETHER,
          exclude: [],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...base,
        test: {
          ...shared,
          ...{ name: 'alone', include: ['test/slow/**/*.test.ts'], exclude: [...TOGETHER, ...LEFT_OUT] },
          ...{ fileParallelism: false, sequence: { groupOrder: 2 } },
        },
      },
    ],
  },
};
