/**
 * Makes a motion smaller: its way by one factor, then axis by axis to what may be left of it; its turn by one factor of its angle; the
 * change of the gripper by one factor. Nothing ever becomes longer or turns around. Pure.
 */
import type { Action, Observation } from '../types.ts';
import { displacementOf, eachAxis, lengthOf, openingBefore } from './motion.ts';
import { rpyOfRotationVector, turned, type Vec3 } from './rotation.ts';
import type { Shrink } from './rule.ts';

/** Nothing is taken away on any axis. */
const ALL: Vec3 = [Infinity, Infinity, Infinity];

/** Only 0..1 makes smaller: more enlarges, less than nothing turns the direction, NaN is no number. Of lengths, any from 0. */
export const isShrink = ({ translation, rotation, gripper = 1, leftM = ALL }: Shrink): boolean =>
  [translation, rotation, gripper].every((factor) => factor >= 0 && factor <= 1) && leftM.every((left) => left >= 0);

/** The smaller of two, in each respect. */
export function combine(a: Shrink, b: Shrink): Shrink {
  const [one, other] = [a.leftM ?? ALL, b.leftM ?? ALL];
  return {
    translation: Math.min(a.translation, b.translation),
    rotation: Math.min(a.rotation, b.rotation),
    gripper: Math.min(a.gripper ?? 1, b.gripper ?? 1),
    leftM: eachAxis((axis) => Math.min(one[axis], other[axis])),
  };
}

/** Only what is known as a difference can be made smaller; anything else comes back as it is, and is then judged again. */
export function shrinkAction(action: Action, shrink: Shrink, observation: Observation): Action {
  const from = observation.proprio?.tcpPose;
  const way = displacementOf(action, from);
  if (!way) return action;
  const byM = shorten(way.byM, shrink);
  const turnRad = scale(way.turnRad, shrink.rotation);
  const isTurnWhole = shrink.rotation === 1;
  if (action.kind === 'eef-delta')
    return {
      ...action,
      dPosM: byM,
      dRpyRad: isTurnWhole ? action.dRpyRad : rpyOfRotationVector(turnRad),
      gripperOpen: openingOf(action.gripperOpen, shrink, observation),
    };
  if (action.kind !== 'eef-pose' || !from) return action;
  return {
    ...action,
    // What stays whole stays exactly what it was.
    pM: eachAxis((axis) => (byM[axis] === way.byM[axis] ? action.pM[axis] : from.pM[axis] + byM[axis])),
    qXyzw: isTurnWhole ? action.qXyzw : turned(from.qXyzw, turnRad),
    gripperOpen: openingOf(action.gripperOpen, shrink, observation),
  };
}

/** How much of the way or of the turn is left, whichever is less; 1 where there was none, or where nobody can tell. */
export function shareLeft(before: Action, after: Action, { proprio }: Observation): number {
  const whole = displacementOf(before, proprio?.tcpPose);
  const left = displacementOf(after, proprio?.tcpPose);
  if (!whole || !left) return 1;
  return Math.min(share(left.byM, whole.byM), share(left.turnRad, whole.turnRad));
}

const share = (part: Vec3, whole: Vec3): number => (lengthOf(whole) === 0 ? 1 : lengthOf(part) / lengthOf(whole));

function shorten(way: Vec3, { translation, leftM = ALL }: Shrink): [number, number, number] {
  return eachAxis((axis) => Math.sign(way[axis]) * Math.min(Math.abs(way[axis]) * translation, leftM[axis]));
}

function openingOf(wanted: number, { gripper = 1 }: Shrink, { history, proprio }: Observation): number {
  if (gripper === 1 || !proprio) return wanted;
  const before = openingBefore(history, proprio);
  // Rounding must not lead out of 0..1.
  return Math.min(1, Math.max(0, before + (wanted - before) * gripper));
}

const scale = (vector: Vec3, factor: number): Vec3 => eachAxis((axis) => vector[axis] * factor);
