import type { Suite } from '../suite/suite.ts';

/** Five tasks of Meta-World 3, by a Sawyer arm. */
export const metaworld: Suite = {
  name: 'metaworld',
  summary: 'Meta-World: reach, pick and place, a drawer, a door, a button',
  env: 'simpler',
  simulator: { backend: 'metaworld', success: 'first', numberIs: 'seed' },
  tasks: ['reach-v3', 'pick-place-v3', 'drawer-open-v3', 'door-open-v3', 'button-press-v3'],
  seeds: '0-49',
  successRule: 'first: a success ends the episode',
  guards: {
    oracle: { policy: 'expert', atLeast: 0.9 },
    nothing: { policy: 'hold', atMost: 0.1 },
    seedsPerTask: 10,
  },
};
