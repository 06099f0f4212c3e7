/**
 * Whether `doctor sim --calibrate` notices a wrong profile of SimplerEnv's Google Robot. By hand, since nothing here can install it:
 * docs/simulators.md, and then `SIMPLER_PYTHON=sim/bin/python npm run test:sim google-robot`.
 */
import { SIM_CONTROLS } from 'pumice/codecs';
import { noticesWrongProfiles } from './wrong-profiles.ts';

const task = 'google_robot_pick_horizontal_coke_can';
noticesWrongProfiles(SIM_CONTROLS.google_robot, { backend: 'simpler_env', python: process.env.SIMPLER_PYTHON, task });
