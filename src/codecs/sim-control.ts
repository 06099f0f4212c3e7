/**
 * What an action is to the robots of simulators: which numbers in which order, in what unit, what a delta is added to, which way a
 * gripper is counted. Data, one entry a robot: the decoders of SimplerEnv's wrappers and env `simpler` read the same. Pure.
 * From simpler-env/SimplerEnv `4ab7178`, simpler-env/ManiSkill2_real2sim `ef7a4d4` and Meta-World 3.1.1 (`sawyer_xyz_env.py`).
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
  /** How a turn is written, in three numbers after those: axis times angle, rad; `none`: the hand cannot turn, and has no such numbers. */
  readonly rotation: 'axis-angle' | 'none';
  readonly delta: {
    readonly axes: 'base' | 'tool';
    readonly reference: 'commanded' | 'measured';
  };
  /** The last number. `share`: these two, or anything between; `change`: the difference to the step before, a large one held. */
  readonly gripper: {
    readonly form: 'share' | 'change';
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
    delta: { axes: 'base', reference: 'commanded' },
    gripper: { form: 'change', open: -1, closed: 1, latchSteps: LATCH_STEPS.magma },
  },
  sawyer: {
    robot: 'sawyer',
    controlMode: 'mocap_delta_xyz_gripper_effort',
    rateHz: 80,
    order: ['x', 'y', 'z'],
    unitM: 0.01,
    rotation: 'none',
    delta: { axes: 'base', reference: 'commanded' },
    gripper: { form: 'share', open: -1, closed: 1 },
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
  if (form === 'change') return latchedGripper(gripperOpen, latch, latchSteps);
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
  const turned = control.rotation === 'none' ? [] : axisAngleOfRpy(...dRpyRad);
  const held = gripperNumber(control.gripper, gripperOpen, latch);
  return { numbers: [...moved, ...turned, held.gripper], latch: held.latch };
}

/**
 * What numbers mean: the way back, for what an expert of a simulator says. The turn comes as axis times angle, rad.
 *
 * @throws PumiceError `decode/token-count` for another count of numbers than the robot takes.
 */
export function simMotion(control: SimControl, numbers: readonly number[]) {
  const { order, unitM, rotation, gripper } = control;
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
  const turnRad = (rotation === 'none' ? [0, 0, 0] : numbers.slice(3, 6)) as [number, number, number];
  const gripperOpen = Math.min(1, Math.max(0, (numbers.at(-1)! - gripper.closed) / (gripper.open - gripper.closed)));
  return { dPosM, turnRad, gripperOpen };
}
