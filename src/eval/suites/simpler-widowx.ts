import type { Suite } from '../suite/suite.ts';

/** SimplerEnv's WidowX tasks in visual matching, each on its grid of 24. */
export const simplerWidowx: Suite = {
  name: 'simpler-widowx',
  summary:
    "SimplerEnv's WidowX, visual matching: a block on a block, carrot on plate, spoon on towel, eggplant in basket",
  env: 'simpler',
  simulator: { backend: 'simpler_env', success: 'final', numberIs: 'episode' },
  tasks: ['widowx_stack_cube', 'widowx_carrot_on_plate', 'widowx_spoon_on_towel', 'widowx_put_eggplant_in_basket'],
  seeds: '0-23',
  successRule: "final: by the last step, as SimplerEnv's own evaluator counts",
  guards: {
    oracle: { policy: 'expert', atLeast: 0.8 },
    nothing: { policy: 'hold', atMost: 0.1 },
    seedsPerTask: 6,
  },
};
