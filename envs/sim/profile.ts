/** What the runtime has to know of the simulated arm. Frame `base`: at its foot on the table top, x forward, y left, z up. */
import type { Limits } from 'pumice';
import { defineRobot, type RobotProfile } from 'pumice/robots';
import { CONTROL_HZ, FINGER_STROKE_M, JOINTS } from './scene.ts';
import { REACH } from './world.ts';

export const FRAME_ID = 'base';

/**
 * Chosen: just above what the expert does with the noise of training (0.067 m and 0.25 rad a step), and below what the controller
 * would take (`MOST_STEP`), so that the gate is what says no.
 */
export const PROFILE = profileAt(CONTROL_HZ);

/** The same arm, with the same speeds, given less time for each action. */
export function profileAt(rateHz: number): RobotProfile {
  const stepMs = 1000 / rateHz;
  return defineRobot({
    name: 'pumice-sim-arm',
    hardware: false,
    frameId: FRAME_ID,
    jointNames: [...JOINTS],
    control: { rateHz },
    delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
    gripper: { kind: 'parallel', maxOpeningM: 2 * FINGER_STROKE_M },
    // Chosen: the next motion may come half as late again as one takes.
    driver: { commandRateHz: 50, expiryMs: 1.5 * stepMs, stopDecelerationMPerS2: 4, restSpeedMPerS: 0.005 },
    limits: {
      frameId: FRAME_ID,
      stepMs,
      maxStepM: 0.4 / rateHz,
      maxStepRad: 1.75 / rateHz,
      maxSpeedMPerS: 0.4,
      maxTurnRadPerS: 1.75,
      maxAccelerationMPerS2: 2.5,
      maxTurnAccelerationRadPerS2: 12,
      decelerationMPerS2: 4,
      workspace: REACH,
      keepOut: [],
      maxGripperPerS: rateHz,
      maxFollowingErrorM: 0.02,
    },
  });
}

export const limitsOf = (profile: RobotProfile): Limits => ({
  motion: profile.limits,
  maxObservationAgeMs: 2000,
  maxPlanAgeMs: 10_000,
});
export const LIMITS = limitsOf(PROFILE);
