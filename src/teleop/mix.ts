/**
 * What becomes of the wishes of a person and of a policy in one tick: one velocity of the tool, and from it the pose to be at. Pure;
 * knows no streams, no bodies and no time but what it is told. A velocity is blended, capped and changed no faster than the body may.
 */
import { type Stance, stanceAt, standing } from '../chunk/path.ts';
import { eachAxis, lengthOf } from '../gate/motion.ts';
import { turnBetween, turned, type Vec3 } from '../gate/rotation.ts';
import type { MotionLimits } from '../ports.ts';

export interface Velocity {
  readonly linearMPerS: Vec3;
  /** Axis times rate. */
  readonly turnRadPerS: Vec3;
}

/** The most that a person leads a tool by. */
export interface Pace {
  readonly maxSpeedMPerS: number;
  readonly maxTurnRadPerS: number;
  readonly maxAccelerationMPerS2: number;
  readonly maxTurnAccelerationRadPerS2: number;
}

export const STILL: Velocity = { linearMPerS: [0, 0, 0], turnRadPerS: [0, 0, 0] };

const ZERO_M_PER_S = 1e-6;
export const isStill = ({ linearMPerS, turnRadPerS }: Velocity): boolean =>
  lengthOf(linearMPerS) < ZERO_M_PER_S && lengthOf(turnRadPerS) < ZERO_M_PER_S;

const each = (of: (which: keyof Velocity) => Vec3): Velocity => ({
  linearMPerS: of('linearMPerS'),
  turnRadPerS: of('turnRadPerS'),
});

export const sum = (a: Velocity, b: Velocity): Velocity =>
  each((which) => eachAxis((axis) => a[which][axis] + b[which][axis]));

/** @param share - of the person, 0..1. */
export const blended = (human: Velocity, policy: Velocity, share: number): Velocity =>
  each((which) => eachAxis((axis) => share * human[which][axis] + (1 - share) * policy[which][axis]));

/** The same direction, no faster than it may; what is no number is no motion. */
export function capped(velocity: Velocity, pace: Pace, scale = 1): Velocity {
  const cap = (vector: Vec3, most: number): Vec3 => {
    const length = lengthOf(vector);
    if (!Number.isFinite(length)) return [0, 0, 0];
    const factor = length > most * scale ? (most * scale) / length : 1;
    return eachAxis((axis) => vector[axis] * factor);
  };
  return {
    linearMPerS: cap(velocity.linearMPerS, pace.maxSpeedMPerS),
    turnRadPerS: cap(velocity.turnRadPerS, pace.maxTurnRadPerS),
  };
}

/** From one velocity towards another, as far as it may change in that time. */
export function ramped(from: Velocity, to: Velocity, pace: Pace, overS: number): Velocity {
  const change = (a: Vec3, b: Vec3, most: number): Vec3 => {
    const gap = eachAxis((axis) => b[axis] - a[axis]);
    const length = lengthOf(gap);
    const factor = length > most * overS ? (most * overS) / length : 1;
    return eachAxis((axis) => a[axis] + gap[axis] * factor);
  };
  return {
    linearMPerS: change(from.linearMPerS, to.linearMPerS, pace.maxAccelerationMPerS2),
    turnRadPerS: change(from.turnRadPerS, to.turnRadPerS, pace.maxTurnAccelerationRadPerS2),
  };
}

/** A number on its way to another, no faster than so much a second. */
export function towards(from: number, to: number, perS: number, overS: number): number {
  const most = perS * overS;
  return from + Math.min(most, Math.max(-most, to - from));
}

/** The velocity that leads from one pose to another in that time. */
export const between = (from: Stance, to: Stance, overS: number): Velocity => ({
  linearMPerS: eachAxis((axis) => (to.pM[axis] - from.pM[axis]) / overS),
  turnRadPerS: scaled(turnBetween(from.qXyzw, to.qXyzw), 1 / overS),
});

/** Where it leads in that time. */
export const after = (from: Stance, { linearMPerS, turnRadPerS }: Velocity, overS: number): Stance => ({
  pM: eachAxis((axis) => from.pM[axis] + linearMPerS[axis] * overS),
  qXyzw: turned(from.qXyzw, scaled(turnRadPerS, overS)),
  gripperOpen: from.gripperOpen,
});

/** A motion that was sent: from where, to where, when, and in what time. */
export interface Sent {
  readonly atMs: number;
  readonly spanMs: number;
  readonly from: Stance;
  readonly to: Stance;
}

/** Where a body that was sent is to be by now, and how fast; undefined when its time is over: it stands, or comes to rest by itself. */
export function underWay({ atMs, spanMs, from, to }: Sent, nowMs: number): (Stance & Velocity) | undefined {
  const share = (nowMs - atMs) / spanMs;
  if (!(share >= 0 && share <= 1.5)) return undefined;
  const path = [...standing(from, 0), { ...to, tick: 1 }];
  return { ...stanceAt(path, share), ...between(from, to, spanMs / 1000) };
}

/** How far a place is from the straight way between the ends of a motion, m: bodies say that they were told either of them. */
export function offWayM({ from, to }: Sent, pM: Vec3): number {
  const way = eachAxis((axis) => to.pM[axis] - from.pM[axis]);
  const gap = eachAxis((axis) => pM[axis] - from.pM[axis]);
  const wayM = lengthOf(way);
  const along = wayM > 0 ? (gap[0] * way[0] + gap[1] * way[1] + gap[2] * way[2]) / wayM ** 2 : 0;
  const share = Math.min(1, Math.max(0, along));
  return lengthOf(eachAxis((axis) => gap[axis] - share * way[axis]));
}

/** The nearest place in the workspace: a person slides along its walls. */
export const inside = (target: Stance, { workspace }: Pick<MotionLimits, 'workspace'>): Stance => ({
  ...target,
  pM: eachAxis((axis) => Math.min(workspace.maxM[axis], Math.max(workspace.minM[axis], target.pM[axis]))),
});

export const scaled = (vector: Vec3, by: number): Vec3 => eachAxis((axis) => vector[axis] * by);
