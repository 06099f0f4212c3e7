/**
 * A motion as the rules on motion read it: how far it goes and turns, from where, and by which limits. Pure.
 * What cannot be read so is denied by the rules `step` and `pose`, once and with the reason; the others pass it by.
 */
import type { MotionLimits } from '../ports.ts';
import type { Action, ActionOf, Proprio, StepFeedback } from '../types.ts';
import { rotationVectorOfRpy, turnBetween, type Vec3 } from './rotation.ts';
import type { GateContext } from './rule.ts';

export type Pose = NonNullable<Proprio['tcpPose']>;
/** The motions for which there are limits. */
export type ToolAction = ActionOf<'eef-delta' | 'eef-pose'>;

export const isToolAction = (action: Action): action is ToolAction =>
  action.kind === 'eef-delta' || action.kind === 'eef-pose';

/** How far a tool goes, m, and turns, axis times angle in rad; both by the axes of the frame of the action. */
export interface Displacement {
  readonly byM: Vec3;
  readonly turnRad: Vec3;
}

/** How far an action leads, begun at a pose: a target says nothing of that without one in its frame. */
export function displacementOf(action: Action, from: Pose | undefined): Displacement | undefined {
  if (action.kind === 'eef-delta') return { byM: action.dPosM, turnRad: rotationVectorOfRpy(action.dRpyRad) };
  if (action.kind !== 'eef-pose' || from?.frameId !== action.frameId) return undefined;
  return { byM: difference(action.pM, from.pM), turnRad: turnBetween(from.qXyzw, action.qXyzw) };
}

/** A motion that can be judged. */
export interface Motion extends Displacement {
  readonly kind: ToolAction['kind'];
  readonly gripperOpen: number;
  /** What `gripperOpen` is a change from. */
  readonly openBefore: number;
  readonly limits: MotionLimits;
  readonly measured: Pose;
  readonly commanded: Pose;
  /** Where it may begin: bodies differ in whether they add a delta to where they are or to where they were told to be. */
  readonly startsM: readonly Vec3[];
}

export function motionOf(action: Action, { observation, limits: { motion } }: GateContext): Motion | undefined {
  if (!isToolAction(action) || typeof motion !== 'object') return undefined;
  const { history, proprio } = observation;
  const { tcpPose: measured, commandedTcpPose: commanded } = proprio ?? {};
  const { frameId } = motion;
  if (action.frameId !== frameId || measured?.frameId !== frameId || commanded?.frameId !== frameId) return undefined;
  const { kind, gripperOpen } = action;
  const { byM, turnRad } = displacementOf(action, measured)!;
  const openBefore = openingBefore(history, proprio!);
  const startsM = kind === 'eef-delta' ? [measured.pM, commanded.pM] : [measured.pM];
  return { kind, byM, turnRad, gripperOpen, openBefore, limits: motion, measured, commanded, startsM };
}

/** The opening that was commanded last: a hand that holds a thing never gets as far as it was told. Else the measured one. */
export function openingBefore(history: readonly StepFeedback[], proprio: Proprio): number {
  for (let i = history.length - 1; i >= 0; i--) {
    const executed = history[i]!.executed;
    if (executed && 'gripperOpen' in executed) return executed.gripperOpen;
  }
  return proprio.gripperOpen;
}

export const AXES = [0, 1, 2] as const;
export type Axis = (typeof AXES)[number];
/** Each axis from its number. */
export const eachAxis = (of: (axis: Axis) => number): [number, number, number] => [of(0), of(1), of(2)];

export const secondsOf = ({ stepMs }: MotionLimits): number => stepMs / 1000;
export const lengthOf = ([x, y, z]: Vec3): number => Math.hypot(x, y, z);

const difference = (a: Vec3, b: Vec3): Vec3 => eachAxis((axis) => a[axis] - b[axis]);
