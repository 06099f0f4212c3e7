/**
 * What the runtime has to know of the robots of simulators: limits, frames, rates. What their numbers mean is in `SIM_CONTROLS` of
 * `pumice/codecs`, which the decoders read too. Frame `base`: at the foot of the robot, by its own axes.
 */
import { SIM_CONTROLS, type SimControl, type SimRobot } from 'pumice/codecs';
import { defineRobot, type RobotProfile } from 'pumice/robots';
import { z } from 'zod';

export const FRAME_ID = 'base';

export interface Facts {
  readonly jointNames: readonly string[];
  readonly maxOpeningM: number;
  readonly limits: Omit<RobotProfile['limits'], 'frameId' | 'stepMs' | 'keepOut' | 'maxGripperPerS'>;
}
/** Of somebody else's robot. What limits have to be is looked at where all profiles are (`defineRobot`). */
export const factsSchema: z.ZodType<Facts> = z.strictObject({
  jointNames: z.array(z.string()),
  maxOpeningM: z.number(),
  limits: z.record(z.string(), z.unknown()),
}) as never;

/** Both ways of a delta are those of the control; all else is of the body. */
export function robotOf(control: SimControl, { jointNames, maxOpeningM, limits }: Facts): RobotProfile {
  const { robot, rateHz, delta } = control;
  return defineRobot({
    name: robot,
    hardware: false,
    frameId: FRAME_ID,
    jointNames: [...jointNames],
    control: { rateHz },
    delta: { ...delta, rotateAbout: 'tcp' },
    gripper: { kind: 'parallel', maxOpeningM },
    limits: {
      frameId: FRAME_ID,
      stepMs: 1000 / rateHz,
      ...limits,
      keepOut: [],
      // From open to closed in one step: that is how they are driven.
      maxGripperPerS: rateHz,
    },
  });
}

const FACTS: Readonly<Partial<Record<SimRobot, Facts>>> = {
  /** Above what its training data does in a step (`bridge_orig`: 0.064 m, 0.24 rad) and what steps of it in other directions make of that. */
  widowx_bridge: {
    jointNames: ['waist', 'shoulder', 'elbow', 'forearm_roll', 'wrist_angle', 'wrist_rotate'],
    // Fingers of 0.015 to 0.037 m each.
    maxOpeningM: 0.074,
    limits: {
      maxStepM: 0.08,
      maxStepRad: 0.35,
      maxSpeedMPerS: 0.4,
      maxTurnRadPerS: 1.75,
      maxAccelerationMPerS2: 4,
      maxTurnAccelerationRadPerS2: 17.5,
      decelerationMPerS2: 4,
      workspace: { minM: [0.1, -0.35, -0.02], maxM: [0.55, 0.35, 0.45] },
      // The arm is half a second behind what it is told.
      maxFollowingErrorM: 0.12,
    },
  },
  /** As far as LIBERO takes: 5 cm and half a radian along each axis in 50 ms, at once back again. */
  libero_panda: {
    jointNames: [1, 2, 3, 4, 5, 6, 7].map((at) => `robot0_joint${at}`),
    maxOpeningM: 0.08,
    limits: {
      maxStepM: 0.087,
      maxStepRad: 0.87,
      maxSpeedMPerS: 1.74,
      maxTurnRadPerS: 17.4,
      maxAccelerationMPerS2: 70,
      maxTurnAccelerationRadPerS2: 700,
      decelerationMPerS2: 70,
      // A soft hand is told to be below the table that it presses on, which is at 0.
      workspace: { minM: [0, -0.75, -0.1], maxM: [0.95, 0.75, 1] },
      maxFollowingErrorM: 0.15,
    },
  },
  /** As above: `fractal20220817_data` has up to 0.36 m and 0.85 rad in a step, of which the arm does a third. */
  google_robot: {
    jointNames: ['torso', 'shoulder', 'bicep', 'elbow', 'forearm', 'wrist', 'gripper'],
    // Between the tips of fingers at 0, as simulated.
    maxOpeningM: 0.158,
    limits: {
      maxStepM: 0.4,
      maxStepRad: 0.9,
      maxSpeedMPerS: 1.2,
      maxTurnRadPerS: 2.7,
      maxAccelerationMPerS2: 7.2,
      maxTurnAccelerationRadPerS2: 16.2,
      decelerationMPerS2: 7.2,
      // The table is at 0.79 m, and drawers are below it.
      workspace: { minM: [0.1, -0.7, 0.05], maxM: [1.1, 0.7, 1.4] },
      maxFollowingErrorM: 0.4,
    },
  },
  /** As far as gymnasium-robotics takes: 5 cm along each axis in 40 ms, at once back again, around its table, whose top is at 0.4. */
  fetch: {
    jointNames: [
      'shoulder_pan',
      'shoulder_lift',
      'upperarm_roll',
      'elbow_flex',
      'forearm_roll',
      'wrist_flex',
      'wrist_roll',
    ].map((name) => `robot0:${name}_joint`),
    maxOpeningM: 0.1,
    limits: {
      maxStepM: 0.087,
      maxStepRad: 1e-6,
      maxSpeedMPerS: 2.2,
      maxTurnRadPerS: 1e-4,
      maxAccelerationMPerS2: 110,
      maxTurnAccelerationRadPerS2: 1,
      decelerationMPerS2: 110,
      workspace: { minM: [1, 0.35, 0.38], maxM: [1.6, 1.15, 1] },
      maxFollowingErrorM: 0.12,
    },
  },
  /** As far as Meta-World takes: 1 cm along each axis in 12.5 ms, at once back again, inside its own box. */
  sawyer: {
    jointNames: [0, 1, 2, 3, 4, 5, 6].map((at) => `right_j${at}`),
    maxOpeningM: 0.1,
    limits: {
      maxStepM: 0.0174,
      maxStepRad: 1e-6,
      maxSpeedMPerS: 1.4,
      maxTurnRadPerS: 1e-4,
      maxAccelerationMPerS2: 225,
      maxTurnAccelerationRadPerS2: 1,
      decelerationMPerS2: 225,
      workspace: { minM: [-0.55, 0.3, -0.05], maxM: [0.55, 1.1, 0.6] },
      // A soft weld leads the hand, and a door holds it back.
      maxFollowingErrorM: 0.3,
    },
  },
};

export const isShipped = (robot: string): boolean => robot in SIM_CONTROLS;

/** A robot that was driven end to end; undefined for any other. */
export function simRobot(robot: string): { readonly control: SimControl; readonly profile: RobotProfile } | undefined {
  const control = Object.values(SIM_CONTROLS).find((one) => one.robot === robot);
  const facts = control && FACTS[control.robot];
  return facts && { control, profile: robotOf(control, facts) };
}
