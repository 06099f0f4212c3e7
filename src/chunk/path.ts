/**
 * A path: poses of the tool over plan time, which is counted in ticks. Pure; knows nothing of chunks, clocks or bodies.
 * Between two poses the tool goes straight, and turns by the shortest way. A gripper has no between: what the hand is told on the way
 * to a pose is what that pose says, so that it switches at its place on the path however slowly that is played.
 */
import type { Pose } from '../gate/motion.ts';
import { type Quaternion, turnBetween, turned, type Vec3 } from '../gate/rotation.ts';

/** A pose, and the opening of the hand on the way to it. */
export interface Stance {
  readonly pM: Pose['pM'];
  readonly qXyzw: Pose['qXyzw'];
  readonly gripperOpen: number;
}

export interface Knot extends Stance {
  readonly tick: number;
}

/** At least one knot, their ticks rising. */
export type Path = readonly Knot[];

export const endOf = (path: Path): number => path.at(-1)!.tick;

/** A path of one pose: what is told to stay. */
export const standing = (stance: Stance, tick: number): Path => [{ ...stance, tick }];

/** Where a path leads at a tick; before its first pose that one, after its last pose that one. */
export function stanceAt(path: Path, tick: number): Stance {
  const at = path.findIndex((knot) => knot.tick >= tick);
  const to = at < 0 ? path.at(-1)! : path[at]!;
  const from = path[at - 1];
  if (!from) return to;
  return blend(from, to, (tick - from.tick) / (to.tick - from.tick), to.gripperOpen);
}

/** From one pose to another by a share of the way. */
export function blend(from: Stance, to: Stance, share: number, gripperOpen: number): Stance {
  if (share <= 0) return { ...from, gripperOpen };
  if (share >= 1) return { ...to, gripperOpen };
  return { pM: lerp(from.pM, to.pM, share), qXyzw: slerp(from.qXyzw, to.qXyzw, share), gripperOpen };
}

/** What of a path is ahead of a tick, as the knots that are still to come. */
export const ahead = (path: Path, tick: number): readonly Knot[] => path.filter((knot) => knot.tick > tick);

export const distanceM = (a: Stance, b: Stance): number =>
  Math.hypot(...a.pM.map((value, axis) => value - b.pM[axis]!));

export const shifted = (path: Path, byM: Vec3): Path => path.map((knot) => ({ ...knot, pM: sum(knot.pM, byM) }));

const sum = (a: Vec3, b: Vec3): [number, number, number] => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

const lerp = (a: Vec3, b: Vec3, share: number): [number, number, number] => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

function slerp(a: Quaternion, b: Quaternion, share: number): [number, number, number, number] {
  const [x, y, z] = turnBetween(a, b);
  return turned(a, [x * share, y * share, z * share]);
}
