/** The pinhole camera: from points in the world to pixels. Pixel `i` covers `i..i+1` from the top left. */
import type { Camera, CameraPose, Vector3 } from './types.ts';

export interface Intrinsics {
  readonly fxPx: number;
  readonly fyPx: number;
  readonly cxPx: number;
  readonly cyPx: number;
}

/** Intrinsics of a picture without distortion and with square pixels. */
export function intrinsicsOf(camera: Pick<Camera, 'fovyRad'>, widthPx: number, heightPx: number): Intrinsics {
  // Engines may differ in the last bits of the tangent; rounded to 1e-9 they agree.
  const halfHeight = Math.round(Math.tan(camera.fovyRad / 2) * 1e9) / 1e9;
  const focalPx = heightPx / 2 / halfHeight;
  return { fxPx: focalPx, fyPx: focalPx, cxPx: widthPx / 2, cyPx: heightPx / 2 };
}

/** The pose of a camera that looks at a point with world z up in the picture (world x, where it looks along z). */
export function cameraLookingAt(positionM: Vector3, targetM: Vector3): CameraPose {
  const back = unit([0, 1, 2].map((i) => positionM[i]! - targetM[i]!));
  const isVertical = back[0]! * back[0]! + back[1]! * back[1]! < 1e-12;
  const right = unit(cross(isVertical ? [1, 0, 0] : [0, 0, 1], back));
  const up = cross(back, right);
  return {
    positionM: Array.from(positionM),
    rotation: [0, 1, 2].flatMap((i) => [right[i]!, up[i]!, back[i]!]),
  };
}

/** Where a point is seen: `[xPx, yPx, depthM]`, depth along the view. Behind the camera, `xPx` and `yPx` mean nothing. */
export function projectPoint(
  camera: Camera,
  widthPx: number,
  heightPx: number,
  pM: Vector3,
): [xPx: number, yPx: number, depthM: number] {
  const { fxPx, fyPx, cxPx, cyPx } = intrinsicsOf(camera, widthPx, heightPx);
  const r = camera.rotation;
  const [dx, dy, dz] = [0, 1, 2].map((i) => pM[i]! - camera.positionM[i]!) as [number, number, number];
  const along = (axis: number) => r[axis]! * dx + r[3 + axis]! * dy + r[6 + axis]! * dz;
  const depth = -along(2);
  return [cxPx + (fxPx * along(0)) / depth, cyPx - (fyPx * along(1)) / depth, depth];
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!];
}

function unit(a: readonly number[]): number[] {
  const length = Math.sqrt(a[0]! * a[0]! + a[1]! * a[1]! + a[2]! * a[2]!);
  return a.map((value) => value / length);
}
