/**
 * Draws the way that a tool is to go on raw RGB, as the camera that took the picture would see it: a line that fades in from where the
 * tool was told to be, a knot at the end of each motion, a ring where the gripper is then open and a disc where it is shut.
 * By the camera's own geometry (`intrinsics`, `cameraInBase`: x right, y up, z towards the viewer).
 */
import { PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';
import { requireRgb } from './require-rgb.ts';
import { type Point, paint, type Stroke } from './strokes.ts';

export interface PathPoint {
  /** Frame of `cameraInBase`, m. */
  readonly pM: readonly [number, number, number];
  /** 0 shut .. 1 open. */
  readonly gripperOpen: number;
}

const WAY = [255, 80, 0] as const;
const EDGE = [255, 255, 255] as const;
/** Half the width of the line, of a knot, of the hole in a ring, and of the light edge, as shares of the picture's shorter side. Chosen by eye at 224 px. */
const LINE_SHARE = 0.006;
const KNOT_SHARE = 0.022;
const HOLE_SHARE = 0.011;
const EDGE_SHARE = 0.005;
/** How much of the line shows at its beginning, 0..1. Chosen as for traces. */
const FIRST_STRENGTH = 0.35;
/** Nearer to the camera's plane than this is behind it, m. */
const NEAREST_M = 1e-3;

/** Whether a frame says enough of its camera for a way to be drawn on it. */
export const isCalibrated = ({ intrinsics, cameraInBase }: Pick<Frame, 'intrinsics' | 'cameraInBase'>): boolean =>
  intrinsics !== undefined && cameraInBase !== undefined;

/**
 * Where a point of the base frame is in the picture, px from its top left corner; undefined for one behind the camera.
 *
 * @throws PumiceError `config/misfit` for a camera that does not say where it stands.
 */
export function pixelOf(
  { camera, intrinsics, cameraInBase }: Pick<Frame, 'camera' | 'intrinsics' | 'cameraInBase'>,
  pM: readonly [number, number, number],
): Point | undefined {
  if (!intrinsics || !cameraInBase)
    throw new PumiceError('config/misfit', `camera '${camera}' does not say where it stands`, {
      who: 'vision',
      hint: 'Use a body whose frames carry intrinsics and cameraInBase, or do without the way that is drawn',
    });
  const [x, y, z] = cameraInBase.pM;
  const [right, up, back] = turnedBack(cameraInBase.qXyzw, [pM[0] - x, pM[1] - y, pM[2] - z]);
  if (!(-back > NEAREST_M)) return undefined;
  return [intrinsics.cxPx + (intrinsics.fxPx * right) / -back, intrinsics.cyPx - (intrinsics.fyPx * up) / -back];
}

/**
 * Draws a way into `frame.data`, which must be rgb8 and the caller's own.
 *
 * @param path - where the tool was told to be, and where each motion takes it.
 * @returns whether all of it lies within the picture: what does not cannot be judged by it.
 * @throws PumiceError as `pixelOf`, and `vision/invalid`.
 */
export function drawPath(frame: Frame, path: readonly PathPoint[]): boolean {
  requireRgb(frame);
  const side = Math.min(frame.widthPx, frame.heightPx);
  const radius = Math.max(1, LINE_SHARE * side);
  const edge = Math.max(1, EDGE_SHARE * side);
  const places = path.map(({ pM }) => middled(pixelOf(frame, pM)));
  const strength = (at: number) => FIRST_STRENGTH + (1 - FIRST_STRENGTH) * (at / Math.max(1, path.length - 1));
  const lines: Stroke[] = [];
  const knots: Stroke[] = [];
  const holes: Stroke[] = [];
  for (const [at, to] of places.entries()) {
    const from = places[at - 1];
    if (!to) continue;
    if (from) lines.push({ from, to, strengths: [strength(at - 1), strength(at)], radius });
    if (at === 0) continue;
    const disc = (share: number): Stroke => ({ from: to, to, strengths: [1, 1], radius: Math.max(2, share * side) });
    knots.push(disc(KNOT_SHARE));
    if (path[at]!.gripperOpen >= 0.5) holes.push(disc(HOLE_SHARE));
  }
  paint(frame, [...lines, ...knots], EDGE, edge);
  paint(frame, lines, WAY);
  paint(frame, knots, WAY);
  paint(frame, holes, EDGE);
  return places.every((place) => place !== undefined && isWithin(frame, place));
}

/** The middle of pixel 0 is at 0.5. */
const middled = (place: Point | undefined): Point | undefined => place && [place[0] - 0.5, place[1] - 0.5];
const isWithin = ({ widthPx, heightPx }: Frame, [x, y]: Point) =>
  x >= -0.5 && y >= -0.5 && x < widthPx - 0.5 && y < heightPx - 0.5;

/** A vector in the axes of something that is turned by `[x, y, z, w]`. */
function turnedBack(
  [x, y, z, w]: readonly [number, number, number, number],
  [a, b, c]: readonly [number, number, number],
): readonly [number, number, number] {
  // v + 2 w (q x v) + 2 q x (q x v) with q conjugated.
  const [p, q, r] = [z * b - y * c, x * c - z * a, y * a - x * b];
  return [a + 2 * (w * p + z * q - y * r), b + 2 * (w * q + x * r - z * p), c + 2 * (w * r + y * p - x * q)];
}
