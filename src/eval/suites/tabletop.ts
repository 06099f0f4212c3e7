import type { Suite } from '../suite/suite.ts';

/** The scene that pumice brings: tasks in words with the simulated arm. */
export const tabletop: Suite = {
  name: 'tabletop',
  summary: 'the simulated arm at its table: hover, pick, put, push, stack',
  env: 'sim',
  tasks: ['hover', 'pick', 'put', 'push', 'stack'],
  seeds: '1000-1099',
  successRule: 'held: met for three looks in a row at some time',
  guards: {
    oracle: { policy: 'expert', atLeast: 0.9 },
    nothing: { policy: 'hold', atMost: 0.1 },
    seedsPerTask: 10,
  },
};
