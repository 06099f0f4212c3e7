/** What the rasteriser is given and what it gives. World: metres, right-handed, z up. Rotations are row-major 3x3 and turn local into world axes, as MuJoCo's `geom_xmat` and `cam_xmat` do. */
import type { Mesh } from './mesh.ts';

export type Vector3 = ArrayLike<number>;
export type Matrix3 = ArrayLike<number>;
/** Red, green, blue, each 0..1. */
export type Rgb = ArrayLike<number>;

/** Where a camera is: it looks along its own -z, with x to the right of the picture and y up. */
export interface CameraPose {
  readonly positionM: Vector3;
  readonly rotation: Matrix3;
}

export interface Camera extends CameraPose {
  /** Angle of view from the top to the bottom edge. */
  readonly fovyRad: number;
}

export interface Geom {
  /** What `segmentation` says where this geom is seen, 0..32767. */
  readonly id: number;
  readonly mesh: Mesh;
  readonly positionM: Vector3;
  readonly rotation: Matrix3;
  readonly rgb: Rgb;
  /** Default true. What lies flat on the shadow plane receives shadows and never casts one. */
  readonly castsShadow?: boolean;
}

export interface Light {
  /** Towards the light; any length. */
  readonly direction: Vector3;
  /** Share of the light that comes from everywhere, 0..1. */
  readonly ambient: number;
}

export interface Scene {
  readonly geoms: readonly Geom[];
  readonly camera: Camera;
  readonly light: Light;
  readonly backgroundRgb: Rgb;
  /** Height of the table top, on which shadows fall, m. */
  readonly shadowPlaneZM: number;
}

/** A picture, row by row from the top left. Its arrays are the rasteriser's own: the next `draw` overwrites them. */
export interface Picture {
  /** `[H, W, 3]`. */
  readonly rgb: Uint8Array;
  /** `[H, W]`, the id of the geom at the centre of the pixel, -1 for the background. */
  readonly segmentation: Int16Array;
  /** `[H, W]`, depth along the view at the centre of the pixel, m; infinite for the background. */
  readonly depthM: Float32Array;
}
