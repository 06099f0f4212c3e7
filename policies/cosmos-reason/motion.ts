/**
 * From a next step to motions of the tool: the place in the picture becomes a place on the table by the camera's own geometry, and the
 * step a short chunk of small motions. It assumes a level table at z = 0 with things of one height, and a tool that points down. Pure.
 */
import type { Action, Frame, Proprio } from 'pumice';
import { PumiceError } from 'pumice';
import type { NextStep } from './next-step.ts';

type Point = readonly [number, number, number];
type Pose = NonNullable<Proprio['tcpPose']>;

export interface Surroundings {
  /** Height at which a seen place lies, m: about the middle of a thing. */
  readonly thingM: number;
  /** Height of the tool over the table when it travels, and when it grasps, m. */
  readonly travelM: number;
  readonly graspM: number;
}

/** Most that one motion moves the tool, m. Chosen: below what careful limits allow in one period of 0.2 s. */
const MOST_M = 0.04;
/** Motions of one chunk; what is left of the way is for the next look. */
const MOST_ACTIONS = 12;
/** Periods that a gripper needs to close or open. */
const GRIP_ACTIONS = 3;
/** Height by which a step lifts, m. */
const LIFT_M = 0.15;

const WHO = 'policy cosmos-reason';

/**
 * The place on the plane `z = heightM` that a point of the picture shows.
 *
 * @param at - in parts of the picture.
 * @throws PumiceError `config/misfit` for a camera that does not say where it is; `decode/out-of-range` for a point above the horizon.
 */
export function placeOf(frame: Frame, [u, v]: readonly [number, number], heightM: number): Point {
  const { intrinsics, cameraInBase, widthPx, heightPx } = frame;
  if (!intrinsics || !cameraInBase)
    throw new PumiceError('config/misfit', `camera '${frame.camera}' does not say where it stands`, {
      who: WHO,
      hint: 'Use a body whose frames carry intrinsics and cameraInBase',
    });
  // x right, y up, z towards the viewer: frames give their camera's pose so.
  const ray = turned(cameraInBase.qXyzw, [
    (u * widthPx - intrinsics.cxPx) / intrinsics.fxPx,
    -(v * heightPx - intrinsics.cyPx) / intrinsics.fyPx,
    -1,
  ]);
  const share = (heightM - cameraInBase.pM[2]) / ray[2];
  if (!(share > 0) || !Number.isFinite(share))
    throw new PumiceError('decode/out-of-range', `the point (${u}, ${v}) of the picture is nowhere on the table`, {
      who: WHO,
      hint: 'Look again, or turn the camera towards the table',
    });
  return [cameraInBase.pM[0] + share * ray[0], cameraInBase.pM[1] + share * ray[1], heightM];
}

/** The motions of a step. Empty when there is nothing left to move. */
export function motionsOf(
  { step, at }: NextStep,
  frame: Frame,
  pose: Pose,
  grip: 0 | 1,
  { thingM, travelM, graspM }: Surroundings,
): readonly Action[] {
  const path = pathFrom(pose);
  const place = at ? placeOf(frame, at, thingM) : pose.pM;
  const over = (heightM: number): Point => [place[0], place[1], heightM];
  if (step === 'lift') path.go([pose.pM[0], pose.pM[1], pose.pM[2] + LIFT_M], grip);
  if (step === 'reach' || step === 'grasp' || step === 'place') {
    const isAcross = Math.hypot(place[0] - pose.pM[0], place[1] - pose.pM[1]) > MOST_M;
    if (isAcross && pose.pM[2] < travelM) path.go([pose.pM[0], pose.pM[1], travelM], grip);
    path.go(over(Math.max(travelM, isAcross ? pose.pM[2] : 0)), grip);
  }
  if (step === 'grasp') {
    path.go(over(graspM), 1);
    path.grip(0);
  }
  if (step === 'place') {
    path.go(over(graspM + 0.02), 0);
    path.grip(1);
    path.go(over(travelM), 1);
  }
  return path.actions.slice(0, step === 'reach' || step === 'lift' ? MOST_ACTIONS : undefined);
}

function pathFrom({ frameId, pM }: Pose) {
  const actions: Action[] = [];
  let at: Point = pM;
  const add = (d: Point, gripperOpen: number) =>
    actions.push({ kind: 'eef-delta', frameId, dPosM: [...d], dRpyRad: [0, 0, 0], gripperOpen });
  return {
    actions,
    go: (to: Point, gripperOpen: number) => {
      const way = to.map((value, axis) => value - at[axis]!);
      const motions = Math.ceil(Math.hypot(...way) / MOST_M - 1e-9);
      for (let nth = 0; nth < motions; nth++) add(way.map((value) => value / motions) as unknown as Point, gripperOpen);
      at = to;
    },
    grip: (gripperOpen: number) => {
      for (let nth = 0; nth < GRIP_ACTIONS; nth++) add([0, 0, 0], gripperOpen);
    },
  };
}

function turned([x, y, z, w]: readonly [number, number, number, number], [a, b, c]: Point): Point {
  const t = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)] as const;
  return [a + w * t[0] + y * t[2] - z * t[1], b + w * t[1] + z * t[0] - x * t[2], c + w * t[2] + x * t[1] - y * t[0]];
}
