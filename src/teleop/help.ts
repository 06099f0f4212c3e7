/**
 * What leads a tool to a thing for a person: from the number of a mark, through the picture that it was drawn on, to a place above what it
 * shows; and straight down from there. Pure. Knows where the camera was and on which plane things lie, and nothing of what they are.
 */

import type { Stance } from '../chunk/path.ts';
import { rotated } from '../chunk/poses.ts';
import type { Vec3 } from '../gate/rotation.ts';
import type { Frame, Mark } from '../types.ts';
import { scaled, type Velocity } from './mix.ts';

/** Height above the plane to which a tool is led over a mark, m. Chosen: two blocks above a block. */
const ABOVE_M = 0.1;
/** Lower than this over the plane a tool first goes up, m, unless it is so near across. */
const CLEAR_M = 0.07;
const NEAR_M = 0.03;
/** How fast it is led, m/s, and how much slower as it comes near, 1/s. */
const ACROSS_M_PER_S = 0.18;
const DOWN_M_PER_S = 0.08;
const EAGERNESS = 2;
/** Within this of the place that it was led to, a descent leads to that, m. */
const SAME_M = 0.05;

type Seen = Pick<Frame, 'intrinsics' | 'cameraInBase' | 'camera'>;
type Place = readonly [number, number];

/**
 * Where the ray through a mark meets the plane.
 *
 * @returns x and y in the frame of `cameraInBase`, m; or why there is no such place.
 */
export function placeOf({ pointPx, id }: Mark, frame: Seen | undefined, planeM: number): Place | string {
  if (!frame?.intrinsics || !frame.cameraInBase)
    return `camera '${frame?.camera ?? '?'}' does not say where it is and how it sees, so mark ${id} is at no place`;
  const { fxPx, fyPx, cxPx, cyPx } = frame.intrinsics;
  const { pM, qXyzw } = frame.cameraInBase;
  // x right, y up, z towards the viewer.
  const ray = rotated([(pointPx[0] - cxPx) / fxPx, -(pointPx[1] - cyPx) / fyPx, -1], qXyzw);
  const along = (planeM - pM[2]) / ray[2];
  if (!(along > 0 && Number.isFinite(along))) return `what mark ${id} shows lies on no plane at ${planeM} m`;
  return [pM[0] + along * ray[0], pM[1] + along * ray[1]];
}

const to = (from: Vec3, target: Vec3, mostMPerS: number): Velocity => {
  const gap: Vec3 = [target[0] - from[0], target[1] - from[1], target[2] - from[2]];
  const length = Math.hypot(...gap);
  const speed = Math.min(mostMPerS, EAGERNESS * length);
  return { linearMPerS: length > 0 ? scaled(gap, speed / length) : [0, 0, 0], turnRadPerS: [0, 0, 0] };
};

/** Up where it is low, then over the place, then there. */
export function ledAbove({ pM }: Pick<Stance, 'pM'>, [x, y]: Place, planeM: number): Velocity {
  const acrossM = Math.hypot(x - pM[0], y - pM[1]);
  const isLow = acrossM > NEAR_M && pM[2] < planeM + CLEAR_M;
  return to(pM, isLow ? [pM[0], pM[1], planeM + ABOVE_M] : [x, y, planeM + ABOVE_M], ACROSS_M_PER_S);
}

/** Straight down to the plane, over the place that it was led to if that is where it is. */
export function ledDown({ pM }: Pick<Stance, 'pM'>, over: Place | undefined, from: Place, planeM: number): Velocity {
  const isOver = over && Math.hypot(over[0] - from[0], over[1] - from[1]) <= SAME_M;
  const [x, y] = isOver ? over : from;
  return to(pM, [x, y, planeM], DOWN_M_PER_S);
}
