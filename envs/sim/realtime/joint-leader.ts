/**
 * Leads the joints of the simulated arm, one physics step a call: to where they are wanted, no faster than they go, or to rest along the
 * way that they are on. Knows no commands, no watchdog and no clock.
 */
import type { World } from '../world.ts';

export interface JointLeader {
  /** Where the joints and fingers are to be, `[8]`, in so many steps. */
  readonly aim: (goal: Float64Array, steps: number) => void;
  /** One physics step: towards the goal, or braking. Answers with how fast the joints are led, rad/s. */
  readonly step: (isFollowing: boolean) => number;
  /** Stands still where the arm was put. */
  readonly restart: () => void;
}

/** Chosen: 0.4 m/s with the arm stretched out, and room for turns of the wrist. */
const MAX_JOINT_RAD_PER_S = 3;
const MAX_FINGER_M_PER_S = 0.5;
/** Its own brakes, rad/s2. Chosen: twice as hard as the driver's 4 m/s2 at 0.4 m. */
const BRAKE_RAD_PER_S2 = 20;
const FIRST_FINGER = 6;
/** How far ahead of a moving joint its servo is led, s: damping by stiffness of the servos in the scene, so that it does not lag behind. */
const LEAD_S = 0.055;

export function createJointLeader({ arm, physics }: World): JointLeader {
  const dtS = physics.timestepS;
  /** Servo targets now, where they are led, and how they change in a step. */
  let now: Float64Array = new Float64Array(8);
  let goal: Float64Array = now;
  let change: Float64Array = new Float64Array(8);
  /** Steps until the goal is due. */
  let due = 0;

  /** The way to the goal, spread over the time until it is due, no faster than the joints go. */
  const lead = () => {
    const gap = goal.map((value, at) => (value - now[at]!) / Math.max(1, due));
    const fastest = gap.subarray(0, FIRST_FINGER).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const share = Math.min(1, (MAX_JOINT_RAD_PER_S * dtS) / fastest || 1);
    const mostFinger = MAX_FINGER_M_PER_S * dtS;
    change = gap.map((value, at) =>
      at < FIRST_FINGER ? value * share : Math.min(mostFinger, Math.max(-mostFinger, value)),
    );
    due = Math.max(0, due - 1);
  };

  /** Slows down along the way that it is on; the fingers stay as they are. Answers with whether it still moved. */
  const brake = (): boolean => {
    const speed = Math.hypot(...change.subarray(0, FIRST_FINGER));
    if (speed === 0) return false;
    const share = Math.max(0, 1 - (BRAKE_RAD_PER_S2 * dtS * dtS) / speed);
    change = change.map((value, at) => (at < FIRST_FINGER ? value * share : 0));
    return true;
  };

  return {
    aim: (wanted, steps) => {
      goal = wanted;
      due = steps;
    },
    step: (isFollowing) => {
      if (isFollowing) lead();
      const isBraking = !isFollowing && brake();
      now = now.map((value, at) => value + change[at]!);
      arm.drive(now.map((value, at) => value + (at < FIRST_FINGER ? (change[at]! / dtS) * LEAD_S : 0)));
      physics.step();
      physics.forward();
      if (isBraking) arm.settle(now);
      return Math.hypot(...change.subarray(0, FIRST_FINGER)) / dtS;
    },
    restart: () => {
      now = Float64Array.from(physics.ctrl().subarray(0, 8));
      goal = now;
      change = new Float64Array(8);
      due = 0;
    },
  };
}
