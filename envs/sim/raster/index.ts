/** The simulator's cameras: a small software rasteriser with antialiasing, shadows, segmentation and depth. */
export { cameraLookingAt, intrinsicsOf, projectPoint } from './camera.ts';
export { type Mesh, meshOf, type Shape } from './mesh.ts';
export { createRasteriser, type Rasteriser } from './raster.ts';
export type { Camera, Geom, Picture, Scene } from './types.ts';
