/** The simulator's cameras: a small software rasteriser with antialiasing, shadows, segmentation and depth. */
export { cameraLookingAt, type Intrinsics, intrinsicsOf, projectPoint } from './camera.ts';
export { type Mesh, meshOf, type Shape } from './mesh.ts';
export { createRasteriser, type Picture, type Rasteriser, type RasteriserOptions } from './raster.ts';
export type { Camera, CameraPose, Geom, Light, Matrix3, Rgb, Scene, Vector3 } from './types.ts';
