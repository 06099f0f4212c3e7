/**
 * The arm as its controller sees it: follows commanded tool poses by damped-least-squares inverse kinematics and moves the joint servos
 * there, interpolated over the control period. Knows no task. Deltas are on the *commanded* pose, not on the measured one, so that
 * the small sag of the servos does not add up.
 */
import type { Physics } from './physics.ts';
import { multiply, ofRpy, orthonormal, type Rotation, toVector, transpose } from './rotation.ts';
import { FINGER_STROKE_M, FINGERS, JOINTS, STEPS_PER_ACTION } from './scene.ts';

export interface ToolPose {
  readonly pM: readonly [number, number, number];
  readonly rotation: Rotation;
}

/** `[dx, dy, dz, droll, dpitch, dyaw, gripperOpen]`: metres and radians in the base frame, 0 closed .. 1 open. */
export type Delta7 = readonly [number, number, number, number, number, number, number];

/** Looks on while the arm moves, at each step of the physics, numbered from 1. Must change nothing. */
export type Watch = (step: number) => void;

export interface Arm {
  /** Where the controller was told to be: what deltas add to. */
  readonly commanded: () => ToolPose;
  readonly commandedGripper: () => number;
  readonly measured: () => ToolPose;
  readonly gripperOpen: () => number;
  readonly jointPositions: () => number[];
  readonly jointVelocities: () => number[];
  /** Puts the arm into a pose, at rest. Before an episode only. */
  readonly place: (pose: ToolPose, gripperOpen: number) => void;
  /**
   * Moves to a pose during one control period. Answers with the pose that is now commanded: nearer, where it cannot be reached.
   *
   * @param watch - is called after each step of the physics.
   */
  readonly moveTo: (pose: ToolPose, gripperOpen: number, watch?: Watch) => ToolPose;
  /** Keeps what is commanded; the physics keeps where the arm is. What is returned puts it back. */
  readonly save: () => () => void;
  /** Servo targets, `[8]`, that bring the arm to a pose, which is what is commanded from now on: nearer, where it cannot be reached. */
  readonly aim: (pose: ToolPose, gripperOpen: number) => Float64Array;
  /** Sets the servo targets for the physics steps to come. */
  readonly drive: (targets: Float64Array) => void;
  /** Takes servo targets for what is commanded, as after an arm was stopped on its way. */
  readonly settle: (targets: Float64Array) => void;
  /** Servo targets of every physics step since `place`, one row of `[8]` a step, when they are logged. */
  readonly commands: () => readonly Float64Array[];
}

/** Damping of the inverse, squared. Chosen: steady near the edge of reach, exact to 0.2 mm inside it. */
const DAMPING = 5e-4;
/** Error at which the iteration ends, m and rad together. */
const CLOSE_ENOUGH = 2e-4;
/** Error above which a pose counts as out of reach: the command then stays with what is reached. */
const OUT_OF_REACH = 0.03;
const ITERATIONS = 8;
/** The first time the iteration starts from a rough guess. */
const FIRST_ITERATIONS = 80;
/** Most that one iteration turns a joint, rad. */
const MOST_RAD = 0.4;
/** Shares of the control period over which the joints and the fingers are moved; the rest is for settling. */
const MOVING_SHARE = 0.8;
const GRIPPING_SHARE = 0.4;

/** @param logsCommands - whether servo targets are kept, for a bit-exact replay: 5 kB a control step. */
export function createArm(physics: Physics, logsCommands: boolean): Arm {
  const tcp = physics.id('site', 'tcp');
  const ghost = physics.ghost(tcp);
  const joints = JOINTS.map((name) => ({ ...physics.jointAddress(name), range: physics.jointRange(name) }));
  const fingers = FINGERS.map((name) => physics.jointAddress(name));
  let targetQ: number[] = joints.map(() => 0);
  let target: ToolPose = { pM: [0.36, 0, 0.2], rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1] };
  let grip = 1;
  let log: Float64Array[] = [];

  /** Joint positions that bring the tool to a pose, and where the tool then is. */
  const solve = (from: readonly number[], { pM, rotation }: ToolPose, iterations: number) => {
    const q = ghost.qpos();
    joints.forEach(({ qpos }, at) => {
      q[qpos] = from[at]!;
    });
    let error = Number.POSITIVE_INFINITY;
    for (let iteration = 0; ; iteration++) {
      ghost.update();
      const here = ghost.position();
      const turn = toVector(multiply(rotation, transpose(ghost.rotation())));
      const gap = [pM[0] - here[0], pM[1] - here[1], pM[2] - here[2], ...turn];
      error = norm(gap);
      if (error < CLOSE_ENOUGH || iteration === iterations) break;
      const { translation, rotation: turning, nv } = ghost.jacobian();
      const rows = [0, 1, 2, 3, 4, 5].map((row) =>
        joints.map(({ qvel }) => (row < 3 ? translation[row * nv + qvel]! : turning[(row - 3) * nv + qvel]!)),
      );
      const squared = rows.map((a, i) => rows.map((b, k) => dot(a, b) + (i === k ? DAMPING : 0)));
      const weights = solveLinear(squared, gap);
      joints.forEach(({ qpos, range: [low, high] }, at) => {
        const change = rows.reduce((sum, row, i) => sum + row[at]! * weights[i]!, 0);
        q[qpos] = Math.min(high, Math.max(low, q[qpos]! + Math.min(MOST_RAD, Math.max(-MOST_RAD, change))));
      });
    }
    return {
      q: joints.map(({ qpos }) => q[qpos]!),
      pose: { pM: ghost.position(), rotation: ghost.rotation() },
      isReached: error <= OUT_OF_REACH,
    };
  };

  const rowOf = (q: readonly number[], gripperOpen: number) =>
    new Float64Array([...q, FINGER_STROKE_M * gripperOpen, FINGER_STROKE_M * gripperOpen]);
  const drive = (targets: Float64Array) => physics.ctrl().set(targets);
  const aim = (pose: ToolPose, gripperOpen: number) => {
    const found = solve(targetQ, pose, ITERATIONS);
    target = found.isReached ? { pM: pose.pM, rotation: orthonormal(pose.rotation) } : found.pose;
    targetQ = found.q;
    grip = gripperOpen;
    return rowOf(targetQ, grip);
  };

  return {
    commanded: () => target,
    commandedGripper: () => grip,
    measured: () => ({ pM: physics.sitePosition(tcp), rotation: physics.siteRotation(tcp) }),
    gripperOpen: () => {
      const q = physics.qpos();
      const open = fingers.reduce((sum, { qpos }) => sum + q[qpos]!, 0) / (2 * FINGER_STROKE_M);
      return Math.min(1, Math.max(0, open));
    },
    jointPositions: () => joints.map(({ qpos }) => physics.qpos()[qpos]!),
    jointVelocities: () => joints.map(({ qvel }) => physics.qvel()[qvel]!),
    place: (pose, gripperOpen) => {
      const guess = [Math.atan2(pose.pM[1], pose.pM[0]), 0.1, 1.6, 0, 1.4, 0];
      const found = solve(guess, pose, FIRST_ITERATIONS);
      targetQ = found.q;
      target = pose;
      grip = gripperOpen;
      log = [];
      const q = physics.qpos();
      joints.forEach(({ qpos }, at) => {
        q[qpos] = targetQ[at]!;
      });
      for (const { qpos } of fingers) q[qpos] = FINGER_STROKE_M * gripperOpen;
      drive(rowOf(targetQ, gripperOpen));
    },
    aim,
    drive,
    settle: (targets) => {
      targetQ = Array.from(targets.subarray(0, joints.length));
      grip = targets[joints.length]! / FINGER_STROKE_M;
      const q = ghost.qpos();
      joints.forEach(({ qpos }, at) => {
        q[qpos] = targetQ[at]!;
      });
      ghost.update();
      target = { pM: ghost.position(), rotation: ghost.rotation() };
    },
    save: () => {
      const kept = { targetQ, target, grip, logged: log.length };
      return () => {
        ({ targetQ, target, grip } = kept);
        log.length = kept.logged;
      };
    },
    moveTo: (pose, gripperOpen, watch) => {
      const [fromQ, fromGrip] = [targetQ, grip];
      aim(pose, gripperOpen);
      for (let step = 1; step <= STEPS_PER_ACTION; step++) {
        const moved = Math.min(1, step / (MOVING_SHARE * STEPS_PER_ACTION));
        const gripped = Math.min(1, step / (GRIPPING_SHARE * STEPS_PER_ACTION));
        const q = fromQ.map((from, at) => from + (targetQ[at]! - from) * moved);
        const row = rowOf(q, fromGrip + (grip - fromGrip) * gripped);
        drive(row);
        if (logsCommands) log.push(row);
        physics.step();
        watch?.(step);
      }
      physics.forward();
      return target;
    },
    commands: () => log,
  };
}

/** The pose that a delta leads to: added in the base frame, turned about the tool centre point. */
export const poseAfter = ({ pM, rotation }: ToolPose, delta: Delta7): ToolPose => ({
  pM: [pM[0] + delta[0], pM[1] + delta[1], pM[2] + delta[2]],
  rotation: multiply(ofRpy([delta[3], delta[4], delta[5]]), rotation),
});

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
const norm = (values: readonly number[]) => Math.sqrt(dot(values, values));

/** Solves a small system by Gauss elimination with pivots. */
function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const top = rows[column]!;
    for (let row = column + 1; row < size; row++) {
      const share = rows[row]![column]! / top[column]!;
      for (let at = column; at <= size; at++) rows[row]![at]! -= share * top[at]!;
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = rows[row]![size]!;
    for (let at = row + 1; at < size; at++) rest -= rows[row]![at]! * solution[at]!;
    solution[row] = rest / rows[row]![row]!;
  }
  return solution;
}
