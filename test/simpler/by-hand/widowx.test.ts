/**
 * Whether `doctor sim --calibrate` notices a wrong profile of SimplerEnv's WidowX. By hand, since nothing here can install it:
 * docs/simulators.md, and then `SIMPLER_PYTHON=sim/bin/python npm run test:sim widowx`.
 */
import { SIM_CONTROLS } from 'pumice/codecs';
import { noticesWrongProfiles } from './wrong-profiles.ts';

noticesWrongProfiles(SIM_CONTROLS.widowx_bridge, { backend: 'simpler_env', python: process.env.SIMPLER_PYTHON });
