/** A desk to draw: table, an arm of capsules, blocks and plates, in whole numbers only, so that every engine agrees. */
import { cameraLookingAt, type Geom, meshOf, type Scene, type Shape } from '../../envs/sim/raster/index.ts';

type Triple = readonly [number, number, number];

export const UPRIGHT = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** A turn about z with cosine 0.8 and sine 0.6. */
export const TURNED = [0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, 1];
/** The axis of a geom leans towards x: cosine 0.6, sine 0.8. */
const LEANING = [0.6, 0, 0.8, 0, 1, 0, -0.8, 0, 0.6];

export const box = (x: number, y: number, z: number): Shape => ({ type: 'box', halfSizeM: [x, y, z] });

export function geomOf(id: number, shape: Shape, positionM: Triple, rgb: Triple, rotation = UPRIGHT): Geom {
  return { id, mesh: meshOf(shape), positionM, rotation, rgb };
}

export const TABLE = 0;
export const RED_BLOCK = 7;

const GEOMS: readonly Geom[] = [
  geomOf(TABLE, box(0.5, 0.5, 0.02), [0.35, 0, -0.02], [0.55, 0.42, 0.3]),
  geomOf(1, { type: 'cylinder', radiusM: 0.075, halfHeightM: 0.06 }, [0, 0, 0.06], [0.25, 0.25, 0.28]),
  geomOf(2, { type: 'capsule', radiusM: 0.042, halfLengthM: 0.15 }, [0, 0, 0.25], [0.85, 0.55, 0.2]),
  geomOf(3, { type: 'capsule', radiusM: 0.036, halfLengthM: 0.2 }, [0.16, 0, 0.5], [0.75, 0.75, 0.78], LEANING),
  geomOf(4, { type: 'sphere', radiusM: 0.04 }, [0.34, 0, 0.6], [0.85, 0.55, 0.2]),
  geomOf(5, box(0.02, 0.05, 0.014), [0.4, 0.02, 0.2], [0.2, 0.2, 0.22], TURNED),
  geomOf(6, box(0.014, 0.005, 0.043), [0.43, -0.02, 0.15], [0.2, 0.2, 0.22], TURNED),
  geomOf(RED_BLOCK, box(0.02, 0.02, 0.02), [0.46, 0.05, 0.02], [0.82, 0.12, 0.1], TURNED),
  geomOf(8, box(0.02, 0.02, 0.02), [0.5, -0.16, 0.02], [0.12, 0.25, 0.85]),
  geomOf(9, { type: 'cylinder', radiusM: 0.055, halfHeightM: 0.003 }, [0.54, 0.15, 0.003], [0.2, 0.6, 0.24]),
];

const LOOKS = {
  third: { ...cameraLookingAt([1.02, 0, 0.78], [0.44, 0, 0.05]), fovyRad: 0.7 },
  wrist: { ...cameraLookingAt([0.5, 0.03, 0.25], [0.42, 0.02, 0.05]), fovyRad: 1.2 },
};

export function desk(look: keyof typeof LOOKS, geoms = GEOMS): Scene {
  return {
    geoms,
    camera: LOOKS[look],
    light: { direction: [0.25, 0.35, 0.9], ambient: 0.45 },
    backgroundRgb: [0.78, 0.82, 0.88],
    shadowPlaneZM: 0,
  };
}

/** One thing or more before black, seen along -x from 1 m before the origin. */
export function against(geoms: readonly Geom[]): Scene {
  return {
    geoms,
    camera: { ...cameraLookingAt([1, 0, 0], [0, 0, 0]), fovyRad: 0.6 },
    light: { direction: [1, 0, 0], ambient: 0.5 },
    backgroundRgb: [0, 0, 0],
    shadowPlaneZM: -10,
  };
}
