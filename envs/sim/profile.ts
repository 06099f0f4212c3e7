/** What the gate has to know of the simulated arm. Frame `base`: at its foot on the table top, x forward, y left, z up. */
import type { Limits } from 'pumice';

export const FRAME_ID = 'base';

export const LIMITS: Limits = {
  motion: { frameId: FRAME_ID, maxStepM: 0.07, maxStepRad: 0.35 },
  maxObservationAgeMs: 2000,
  maxPlanAgeMs: 10_000,
};
