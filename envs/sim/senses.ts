/** What a simulated arm shows of itself, and what it refuses to try: the same in lockstep and in real time. */
import type { Action, Frame } from 'pumice';
import type { CameraName } from './cameras.ts';
import { FRAME_ID } from './profile.ts';
import { type Camera, intrinsicsOf } from './raster/index.ts';
import { toQuaternion } from './rotation.ts';

/** All that is told of a picture but its pixels. */
export const labelOf = (
  camera: CameraName,
  pose: Camera,
  sizePx: number,
  stampMs: number,
): Omit<Frame, 'data' | 'encoding'> => ({
  widthPx: sizePx,
  heightPx: sizePx,
  stampMs,
  camera,
  frameId: `${camera}-camera`,
  intrinsics: intrinsicsOf(pose, sizePx, sizePx),
  cameraInBase: {
    pM: Array.from(pose.positionM) as [number, number, number],
    qXyzw: toQuaternion(Array.from(pose.rotation)),
  },
});

/** Why the body does not even try: what no gate may have let through. */
export function refusalOf(action: Action): string | undefined {
  if (action.kind === 'hold') return undefined;
  if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose')
    return `expected eef-delta, eef-pose or hold, got ${action.kind}`;
  if (action.frameId !== FRAME_ID) return `expected frame '${FRAME_ID}', got '${action.frameId}'`;
  const numbers = action.kind === 'eef-delta' ? [...action.dPosM, ...action.dRpyRad] : [...action.pM, ...action.qXyzw];
  return [...numbers, action.gripperOpen].every(Number.isFinite) ? undefined : 'expected finite numbers';
}
