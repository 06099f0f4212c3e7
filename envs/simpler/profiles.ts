/**
 * What the runtime has to know of the robots of simulators: limits, frames, rates. What their numbers mean is in `SIM_CONTROLS` of
 * `pumice/codecs`, which the decoders read too. Frame `base`: at the foot of the robot, by its own axes.
 */
import { SIM_CONTROLS, type SimControl, type SimRobot } from 'pumice/codecs';
import { defineRobot, type RobotProfile } from 'pumice/robots';

export const FRAME_ID = 'base';

interface Facts {
  readonly jointNames: readonly string[];
  readonly maxOpeningM: number;
  readonly limits: Omit<RobotProfile['limits'], 'frameId' | 'stepMs' | 'keepOut' | 'maxGripperPerS'>;
}

/** Both ways of a delta are those of the control; all else is of the body. */
function robotOf(control: SimControl, { jointNames, maxOpeningM, limits }: Facts): RobotProfile {
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

/** A robot that was driven end to end; undefined for any other. */
export function simRobot(robot: string): { readonly control: SimControl; readonly profile: RobotProfile } | undefined {
  const control = Object.values(SIM_CONTROLS).find((one) => one.robot === robot);
  const facts = control && FACTS[control.robot];
  return facts && { control, profile: robotOf(control, facts) };
}
