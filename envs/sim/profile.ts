/** What the runtime has to know of the simulated arm. Frame `base`: at its foot on the table top, x forward, y left, z up. */
import type { Limits } from 'pumice';
import { defineRobot } from 'pumice/robots';
import { CONTROL_HZ, FINGER_STROKE_M, JOINTS } from './scene.ts';
import { REACH } from './world.ts';

export const FRAME_ID = 'base';

/**
 * Chosen: just above what the expert does with the noise of training (0.067 m and 0.25 rad a step), and below what the controller
 * would take (`MOST_STEP`), so that the gate is what says no.
 */
export const PROFILE = defineRobot({
  name: 'pumice-sim-arm',
  hardware: false,
  frameId: FRAME_ID,
  jointNames: [...JOINTS],
  control: { rateHz: CONTROL_HZ },
  delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
  gripper: { kind: 'parallel', maxOpeningM: 2 * FINGER_STROKE_M },
  // Chosen: a motion takes 200 ms, and the next one may come half as late again.
  driver: { commandRateHz: 50, expiryMs: 300, stopDecelerationMPerS2: 4, restSpeedMPerS: 0.005 },
  limits: {
    frameId: FRAME_ID,
    stepMs: 1000 / CONTROL_HZ,
    maxStepM: 0.08,
    maxStepRad: 0.35,
    maxSpeedMPerS: 0.4,
    maxTurnRadPerS: 1.75,
    maxAccelerationMPerS2: 2.5,
    maxTurnAccelerationRadPerS2: 12,
    decelerationMPerS2: 4,
    workspace: REACH,
    keepOut: [],
    maxGripperPerS: CONTROL_HZ,
    maxFollowingErrorM: 0.02,
  },
});

export const LIMITS: Limits = {
  motion: PROFILE.limits,
  maxObservationAgeMs: 2000,
  maxPlanAgeMs: 10_000,
};
