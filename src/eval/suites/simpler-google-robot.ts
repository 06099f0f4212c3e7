import type { Suite } from '../suite/suite.ts';

/** SimplerEnv's Google Robot in visual matching: the can, lying, along and standing, each on its grid of 25 places for each of four paints. */
export const simplerGoogleRobot: Suite = {
  name: 'simpler-google-robot',
  summary: "SimplerEnv's Google Robot, visual matching: pick a coke can that lies, lies along or stands",
  env: 'simpler',
  simulator: { backend: 'simpler_env', success: 'final', numberIs: 'episode' },
  tasks: [
    'google_robot_pick_horizontal_coke_can',
    'google_robot_pick_vertical_coke_can',
    'google_robot_pick_standing_coke_can',
  ],
  seeds: '0-99',
  successRule: "final: by the last step, as SimplerEnv's own evaluator counts",
  guards: {
    oracle: { policy: 'expert', atLeast: 0.8 },
    nothing: { policy: 'hold', atMost: 0.1 },
    seedsPerTask: 4,
  },
};
