/**
 * A chain of joints from base to tool, as a URDF says it: where the tool is for given joints, and which joints bring it to a pose, by damped
 * least squares. Pure. A joint whose `min` is its `max` is locked there: it is told and read like the others and never moves.
 */
import { rotated } from '../../src/chunk/poses.ts';
import { turnBetween, turned, type Vec3 } from '../../src/gate/rotation.ts';
import type { JointProfile } from './profile.ts';
import { type Placed, placedIn } from './tf.ts';

type Pose = Pick<Placed, 'pM' | 'qXyzw'>;

export interface Chain {
  /** The joints that have a number, from the base on; `qRad` below is in this order (m for one that slides). */
  readonly names: readonly string[];
  readonly poseOf: (qRad: readonly number[]) => Pose;
  /**
   * The joints that bring the tool to a pose, or as near as they come: inside their limits, none further from where it begins than it turns
   * in this time.
   */
  readonly towards: (pose: Pose, fromRad: readonly number[], sinceMs: number) => Reached;
}

export interface Reached {
  readonly qRad: readonly number[];
  /** What is missing to the pose, m and rad. */
  readonly gapM: number;
  readonly gapRad: number;
}

/** Damping of the inverse, squared. Chosen, as in the simulator: steady near the edge of reach, exact to 0.2 mm inside it. */
const DAMPING = 5e-4;
/** What is missing below which it is there, m and rad together. Chosen. */
const CLOSE_ENOUGH = 1e-4;
const ITERATIONS = 8;

export function createChain(joints: readonly JointProfile[]): Chain {
  const numbered = joints.filter(({ kind }) => kind !== 'fixed');

  /** The tool, and for each numbered joint where it is and its axis, all in the base frame. */
  const walk = (q: readonly number[]) => {
    let pose: Placed = { pM: [0, 0, 0], qXyzw: [0, 0, 0, 1], atMs: 0 };
    const places: { readonly pM: Vec3; readonly axis: Vec3 }[] = [];
    for (const { kind, originM, originRpyRad, axis: own } of joints) {
      pose = placedIn(pose, { pM: originM, qXyzw: quaternionOf(originRpyRad), atMs: 0 });
      if (kind === 'fixed') continue;
      const axis = rotated(own, pose.qXyzw);
      const way = scaled(axis, q[places.length]!);
      places.push({ pM: pose.pM, axis });
      pose =
        kind === 'revolute'
          ? { ...pose, qXyzw: turned(pose.qXyzw, way) }
          : { ...pose, pM: [pose.pM[0] + way[0], pose.pM[1] + way[1], pose.pM[2] + way[2]] };
    }
    return { pose, places };
  };
  const missing = (from: Pose, to: Pose): readonly number[] => [
    ...minus(to.pM, from.pM),
    ...turnBetween(from.qXyzw, to.qXyzw),
  ];

  return {
    names: numbered.map(({ name }) => name),
    poseOf: (q) => {
      const { pM, qXyzw } = walk(q).pose;
      return { pM, qXyzw };
    },
    towards: (goal, from, sinceMs) => {
      const room = numbered.map(({ min, max, maxPerS }, at) => {
        const most = (maxPerS * sinceMs) / 1000;
        // One that is outside of its limits already is led back in, no faster than it goes.
        const low = Math.min(from[at]! + most, Math.max(min, from[at]! - most));
        return { low, high: Math.max(low, Math.min(max, from[at]! + most)) };
      });
      let q = from;
      for (let iteration = 0; ; iteration++) {
        const { pose, places } = walk(q);
        const gap = missing(pose, goal);
        if (Math.hypot(...gap) < CLOSE_ENOUGH || iteration === ITERATIONS)
          return { qRad: q, gapM: Math.hypot(...gap.slice(0, 3)), gapRad: Math.hypot(...gap.slice(3)) };
        const columns = places.map(({ pM, axis }, at) =>
          numbered[at]!.kind === 'revolute' ? [...cross(axis, minus(pose.pM, pM)), ...axis] : [...axis, 0, 0, 0],
        );
        const squared = gap.map((_, row) =>
          gap.map((_, column) =>
            columns.reduce((sum, one) => sum + one[row]! * one[column]!, row === column ? DAMPING : 0),
          ),
        );
        const weights = solved(squared, gap);
        q = q.map((value, at) => {
          const change = columns[at]!.reduce((sum, part, row) => sum + part * weights[row]!, 0);
          return Math.min(room[at]!.high, Math.max(room[at]!.low, value + change));
        });
      }
    },
  };
}

const scaled = ([x, y, z]: Vec3, by: number): Vec3 => [x * by, y * by, z * by];
const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = ([a, b, c]: Vec3, [x, y, z]: Vec3): Vec3 => [b * z - c * y, c * x - a * z, a * y - b * x];

/** Roll, then pitch, then yaw, about the axes of the parent. */
const quaternionOf = ([roll, pitch, yaw]: Vec3): Placed['qXyzw'] =>
  turned(turned(turned([0, 0, 0, 1], [roll, 0, 0]), [0, pitch, 0]), [0, 0, yaw]);

/** Solves a symmetric, positive definite system, by Cholesky. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const size = right.length;
  const lower = matrix.map(() => new Array<number>(size).fill(0));
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row]![column]!;
      for (let at = 0; at < column; at++) rest -= lower[row]![at]! * lower[column]![at]!;
      lower[row]![column] = row === column ? Math.sqrt(rest) : rest / lower[column]![column]!;
    }
  const forward: number[] = [];
  for (let row = 0; row < size; row++) {
    const known = forward.reduce((sum, value, at) => sum + lower[row]![at]! * value, 0);
    forward.push((right[row]! - known) / lower[row]![row]!);
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = forward[row]!;
    for (let at = row + 1; at < size; at++) rest -= lower[at]![row]! * solution[at]!;
    solution[row] = rest / lower[row]![row]!;
  }
  return solution;
}
