/** The robots that are known, by name. A profile is here only if `ros-sim` can stand in for its robot. */
import type { RosProfile } from '../profile.ts';
import { servoArm } from './servo-arm.ts';

export const PROFILES: Readonly<Record<string, RosProfile>> = { 'servo-arm': servoArm };
