/** The robots that are known, by name. A profile is here only if `ros-sim` can stand in for its robot. */
import type { RosProfile } from '../profile.ts';
import { pandaLike } from './panda-like.ts';
import { servoArm } from './servo-arm.ts';
import { widowxLike } from './widowx-like.ts';

export const PROFILES: Readonly<Record<string, RosProfile>> = {
  'servo-arm': servoArm,
  'widowx-like': widowxLike,
  'panda-like': pandaLike,
};
