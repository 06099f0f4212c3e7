/** What a simulated arm shows of itself, and what it refuses to try: the same in lockstep and in real time. */
import type { Action, Frame, Proprio } from 'pumice';
import type { Arm, ToolPose } from './arm.ts';
import type { CameraName } from './cameras.ts';
import { FRAME_ID } from './profile.ts';
import { type Camera, intrinsicsOf } from './raster/index.ts';
import { toQuaternion } from './rotation.ts';
import { JOINTS } from './scene.ts';

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

/** The arm's own readings. */
export const proprioOf = (arm: Arm, stampMs: number): Proprio => ({
  stampMs,
  jointNames: [...JOINTS],
  qRad: arm.jointPositions(),
  qdRadPerS: arm.jointVelocities(),
  tcpPose: poseOf(arm.measured()),
  commandedTcpPose: poseOf(arm.commanded()),
  gripperOpen: arm.gripperOpen(),
});

const poseOf = ({ pM, rotation }: ToolPose): NonNullable<Proprio['tcpPose']> => ({
  frameId: FRAME_ID,
  pM: [...pM],
  qXyzw: toQuaternion(rotation),
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
