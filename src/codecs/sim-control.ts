/**
 * What an action is to the robots of simulators: which numbers in which order, in what unit, what a delta is added to, which way a
 * gripper is counted. Data, one entry a robot: the decoders of SimplerEnv's wrappers and env `simpler` read the same. Pure.
 * From simpler-env/SimplerEnv `4ab7178`, simpler-env/ManiSkill2_real2sim `ef7a4d4`, Meta-World 3.1.1 (`sawyer_xyz_env.py`) and robosuite 1.4.0
 * (`osc.py`, `panda_gripper.py`), which LIBERO drives; gymnasium-robotics 1.4.2 (`fetch_env.py`).
 */
import { PumiceError } from '../errors.ts';
import { axisAngleOfRpy } from './euler-axis.ts';
import { type Latch, latchedGripper, OPEN_LATCH } from './robot-gripper.ts';

type Three = readonly [number, number, number];

export interface SimControl {
  readonly robot: string;
  /** As the simulator calls it. Another one moves otherwise. */
  readonly controlMode: string;
  readonly rateHz: number;
  /** Which way the first three numbers move. */
  readonly order: readonly ['x' | 'y' | 'z', 'x' | 'y' | 'z', 'x' | 'y' | 'z'];
  /** What a 1 among them is, m. */
  readonly unitM: number;
  /** How a turn is written, in three numbers after those: axis times angle; `none`: the hand cannot turn, and has no such numbers. */
  readonly rotation: 'axis-angle' | 'none';
  /** What a 1 among those is, rad. */
  readonly unitRad: number;
  readonly delta: {
    readonly axes: 'base' | 'tool';
    readonly reference: 'commanded' | 'measured';
  };
  /**
   * The last number. `share`: these two, or anything between; `way`: which of these two it goes to, and in their middle it stays where it is;
   * `change`: the difference to the step before, a large one held.
   */
  readonly gripper: {
    readonly form: 'share' | 'way' | 'change';
    readonly open: number;
    readonly closed: number;
    /** Of `change` alone: for how many steps. */
    readonly latchSteps?: number;
  };
}

/** Steps for which the google robot holds a large change: Magma's wrapper, and those of Octo and OpenVLA. */
export const LATCH_STEPS = { magma: 10, octo: 15 } as const;

export const SIM_CONTROLS = {
  widowx_bridge: {
    robot: 'widowx_bridge',
    controlMode: 'arm_pd_ee_target_delta_pose_align2_gripper_pd_joint_pos',
    rateHz: 5,
    order: ['x', 'y', 'z'],
    unitM: 1,
    rotation: 'axis-angle',
    unitRad: 1,
    delta: { axes: 'base', reference: 'commanded' },
    gripper: { form: 'share', open: 1, closed: -1 },
  },
  google_robot: {
    robot: 'google_robot',
    controlMode:
      'arm_pd_ee_delta_pose_align_interpolate_by_planner_gripper_pd_joint_target_delta_pos_interpolate_by_planner',
    rateHz: 3,
    order: ['x', 'y', 'z'],
    unitM: 1,
    rotation: 'axis-angle',
    unitRad: 1,
    // Its mode says no `target`: `pd_ee_pose.py` goes from where the hand is, which is behind where it was told to be.
    delta: { axes: 'base', reference: 'measured' },
    gripper: { form: 'change', open: -1, closed: 1, latchSteps: LATCH_STEPS.magma },
  },
  sawyer: {
    robot: 'sawyer',
    controlMode: 'mocap_delta_xyz_gripper_effort',
    rateHz: 80,
    order: ['x', 'y', 'z'],
    unitM: 0.01,
    rotation: 'none',
    unitRad: 1,
    delta: { axes: 'base', reference: 'commanded' },
    gripper: { form: 'share', open: -1, closed: 1 },
  },
  fetch: {
    robot: 'fetch',
    controlMode: 'mocap_delta_xyz_gripper_way',
    rateHz: 25,
    order: ['x', 'y', 'z'],
    unitM: 0.05,
    rotation: 'none',
    unitRad: 1,
    // `mocap_set_action` begins where the hand is, which does two thirds of a delta in the time of a step.
    delta: { axes: 'base', reference: 'measured' },
    gripper: { form: 'way', open: 1, closed: -1 },
  },
  libero_panda: {
    robot: 'libero_panda',
    controlMode: 'OSC_POSE_delta',
    rateHz: 20,
    order: ['x', 'y', 'z'],
    unitM: 0.05,
    rotation: 'axis-angle',
    unitRad: 0.5,
    // `set_goal` starts from the pose of the hand, which does a third of a delta in the time of a step.
    delta: { axes: 'base', reference: 'measured' },
    gripper: { form: 'way', open: -1, closed: 1 },
  },
} as const satisfies Record<string, SimControl>;
export type SimRobot = keyof typeof SIM_CONTROLS;

/** A motion as pumice has it: m and rad in the base's axes, opening 0 closed .. 1 open. */
export interface SimMotion {
  readonly dPosM: Three;
  readonly dRpyRad: Three;
  readonly gripperOpen: number;
}

/** The number for the gripper, and the latch after it. */
export function gripperNumber(
  { form, open, closed, latchSteps = 1 }: SimControl['gripper'],
  gripperOpen: number,
  latch: Latch = OPEN_LATCH,
): { gripper: number; latch: Latch } {
  if (form === 'change') {
    const held = latchedGripper(gripperOpen, latch, latchSteps);
    // It counts above 0 as closing.
    return { gripper: closed > open ? held.gripper : -held.gripper, latch: held.latch };
  }
  return { gripper: closed + (open - closed) * gripperOpen, latch };
}

const AXES = { x: 0, y: 1, z: 2 } as const;

/** The numbers of an action, and the latch after it. A turn is nothing to a hand that cannot turn: its env refuses one. */
export function simNumbers(
  control: SimControl,
  { dPosM, dRpyRad, gripperOpen }: SimMotion,
  latch: Latch = OPEN_LATCH,
): { numbers: number[]; latch: Latch } {
  const moved = control.order.map((axis) => dPosM[AXES[axis]] / control.unitM);
  const turned = control.rotation === 'none' ? [] : axisAngleOfRpy(...dRpyRad).map((one) => one / control.unitRad);
  const held = gripperNumber(control.gripper, gripperOpen, latch);
  return { numbers: [...moved, ...turned, held.gripper], latch: held.latch };
}

/**
 * What numbers mean: the way back, for what an expert of a simulator says. The turn comes as axis times angle, rad. An expert says how far
 * a gripper is to be open also where the robot is told changes.
 *
 * @throws PumiceError `decode/token-count` for another count of numbers than the robot takes.
 */
export function simMotion(control: SimControl, numbers: readonly number[]) {
  const { order, unitM, rotation, unitRad, gripper } = control;
  const count = rotation === 'none' ? 4 : 7;
  if (numbers.length !== count)
    throw new PumiceError(
      'decode/token-count',
      `expected ${count} numbers of ${control.robot}, got ${numbers.length}`,
      {
        who: 'codec sim-control',
      },
    );
  const dPosM: [number, number, number] = [0, 0, 0];
  for (const [at, axis] of order.entries()) dPosM[AXES[axis]] = numbers[at]! * unitM;
  const turned = rotation === 'none' ? [0, 0, 0] : numbers.slice(3, 6).map((one) => one * unitRad);
  const turnRad = turned as [number, number, number];
  const gripperOpen = Math.min(1, Math.max(0, (numbers.at(-1)! - gripper.closed) / (gripper.open - gripper.closed)));
  return { dPosM, turnRad, gripperOpen };
}
