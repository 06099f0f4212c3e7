/** Comparing with a limit, as all rules do it that can ask for less. Pure. */
import type { MotionLimits } from '../../ports.ts';
import { AXES, type Axis, lengthOf, type Motion, secondsOf } from '../motion.ts';
import type { Quaternion, Vec3 } from '../rotation.ts';
import { LIMIT_TOLERANCE } from '../rule.ts';

/** The same as `LIMIT_TOLERANCE` for a length that may be 0, m: a nanometre. */
export const SLACK_M = 1e-9;

export const isAtMost = (value: number, limit: number): boolean => value <= limit * (1 + LIMIT_TOLERANCE);

/** What makes `size` the limit; 1 when it is within. NaN in either is no factor, and `review` halts on it. */
export const factorFor = (size: number, limit: number): number => (isAtMost(size, limit) ? 1 : limit / size);

/**
 * The largest factor 0..1 at which what grows with it is within its limit; 1 where it is by all but `slack`. Found by halving, and from
 * below: what is made smaller by it is within the limit whatever rounding does.
 */
export function largestFactor(sizeAt: (factor: number) => number, limit: number, slack: number): number {
  if (sizeAt(1) <= limit + slack) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (sizeAt(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * How much may be left of the way on one axis, m, so that it ends after `roomM` at the most, with the way v2 / 2a that stopping takes
 * reckoned in; Infinity where nothing has to be taken away.
 */
export function leftWithin(roomM: number, axis: Axis, { byM, limits }: Motion): number {
  const way = Math.abs(byM[axis]);
  const aside = Math.hypot(byM[(axis + 1) % 3]!, byM[(axis + 2) % 3]!);
  const stoppingM = 2 * limits.decelerationMPerS2 * secondsOf(limits) ** 2;
  const reachAt = (factor: number) => way * factor * (1 + Math.hypot(way * factor, aside) / stoppingM);
  const factor = largestFactor(reachAt, Math.max(0, roomM), SLACK_M);
  return factor === 1 ? Infinity : way * factor;
}

/** Whether anything has to be taken away of a way. */
export const isTaken = (byM: Vec3, leftM: Vec3): boolean =>
  AXES.some((axis) => !(Math.abs(byM[axis]) <= leftM[axis] + SLACK_M));

/**
 * Share of the full speed for a body that is outside of a limit and on its way back. Chosen: half, so that a way back at full speed is
 * made slow and not denied.
 */
const REDUCED_SHARE = 0.5;

/** What makes a way slow enough for a body that is outside of a limit. */
export const reducedFactor = (byM: Vec3, limits: MotionLimits): number =>
  factorFor(lengthOf(byM), REDUCED_SHARE * limits.maxSpeedMPerS * secondsOf(limits));

/** Whether a quaternion says a rotation. A thousandth is what single precision and rounding in text leave. */
export const isUnit = (q: Quaternion): boolean => Math.abs(Math.hypot(...q) - 1) <= 1e-3;

/** A number for a reason: four digits tell enough. */
export const inWords = (value: number): string => String(Number(value.toPrecision(4)));
