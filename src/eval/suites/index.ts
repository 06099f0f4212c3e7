/** Suites, one file each. What stands here has been played from end to end: an env that nobody ran has no suite. */
import type { Suite } from '../suite/suite.ts';
import { liberoObject, liberoSpatial } from './libero.ts';
import { metaworld } from './metaworld.ts';
import { miniwob } from './miniwob.ts';
import { simplerGoogleRobot } from './simpler-google-robot.ts';
import { simplerWidowx } from './simpler-widowx.ts';
import { tabletop } from './tabletop.ts';

export const SUITES: readonly Suite[] = [
  tabletop,
  metaworld,
  simplerWidowx,
  simplerGoogleRobot,
  liberoSpatial,
  liberoObject,
  miniwob,
];
