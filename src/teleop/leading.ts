/** How a person may lead a body, and how much of what its limits allow that is. Pure. */
import type { MotionLimits } from '../ports.ts';
import type { Pace } from './mix.ts';

export interface Leading {
  /** The fastest that a person leads a tool, m/s. */
  readonly leadMPerS: number;
  /** The fastest that they turn it, rad/s. */
  readonly leadRadPerS: number;
  /** Height of the middle of things that marks show, m, in the frame of the limits: the floor of the workspace where it is left out. */
  readonly thingsAtM?: number | undefined;
}

/** Chosen: the reduced speed of ISO 10218-1 for whoever stands beside an arm, and a quarter of a turn in 1.5 s. */
export const LEADING: Leading = { leadMPerS: 0.25, leadRadPerS: 1 };
/** Share of what the limits allow that a person's wish may reach. Chosen: a step is judged from where the tool is, which is a little behind. */
const SHARE = 0.7;

export const paceOf = (limits: MotionLimits, { leadMPerS, leadRadPerS }: Leading): Pace => ({
  maxSpeedMPerS: Math.min(leadMPerS, SHARE * limits.maxSpeedMPerS),
  maxTurnRadPerS: Math.min(leadRadPerS, SHARE * limits.maxTurnRadPerS),
  maxAccelerationMPerS2: SHARE * Math.min(limits.maxAccelerationMPerS2, limits.decelerationMPerS2),
  maxTurnAccelerationRadPerS2: SHARE * limits.maxTurnAccelerationRadPerS2,
});
