/**
 * The cameras of the scene: where they are, what they see, and where a point of the world is in their picture.
 * Knows the world's geoms and how the layout lets them look; the pixels are the rasteriser's.
 */
import type { Layout } from './layout.ts';
import type { Geom as PhysicalGeom, Physics } from './physics.ts';
import { randomOf } from './random.ts';
import {
  type Camera,
  cameraLookingAt,
  createRasteriser,
  type Mesh,
  meshOf,
  type Picture,
  projectPoint,
  type Rasteriser,
} from './raster/index.ts';
import { apply, multiply, ofVector } from './rotation.ts';
import { blockName, plateName } from './scene.ts';

export const CAMERAS = ['third', 'wrist'] as const;
export type CameraName = (typeof CAMERAS)[number];

/** The camera in front of the arm, which looks at it over the table; base frame, m. */
const THIRD = { fovyRad: (38 * Math.PI) / 180, ...cameraLookingAt([1.02, 0, 0.78], [0.44, 0, 0.05]) };
/** The camera on the hand, which looks past the fingers; frame of the hand, whose z leads to the fingertips. */
const WRIST = { fovyRad: (62 * Math.PI) / 180, ...cameraLookingAt([0.085, 0, -0.02], [0.005, 0, 0.1]) };

/** Vertical fields of view. */
export const FOVY_RAD: Readonly<Record<CameraName, number>> = { third: THIRD.fovyRad, wrist: WRIST.fovyRad };

/** What is not as usual in an episode. Drawn by the seed of the layout. */
export interface Disturbance {
  /** How far the cameras are shifted in some direction, m, and turned about some axis, rad. */
  readonly cameraM?: number;
  readonly cameraRad?: number;
  /** Factor on the brightness of everything. */
  readonly brightness?: number;
}

export interface Cameras {
  /** How the next episode looks. */
  readonly reset: (layout: Layout, disturbance?: Disturbance) => void;
  readonly poseOf: (name: CameraName) => Camera;
  /** The picture of a camera, square. Its buffers are used again by the next picture of this size. */
  readonly draw: (name: CameraName, sizePx: number) => Picture;
  /** Where a point of the world is seen, in parts of the picture from its top left; undefined behind the camera. */
  readonly project: (name: CameraName, pM: readonly number[]) => readonly [number, number] | undefined;
}

/** MuJoCo's numbers of geom types. */
const SPHERE = 2;
const CAPSULE = 3;
const CYLINDER = 5;
const BOX = 6;

/** What cameras have to know of the world. */
export type Seen = Pick<Physics, 'geoms' | 'id' | 'geomPositions' | 'geomRotations' | 'bodyPosition' | 'bodyRotation'>;

export function createCameras(physics: Seen): Cameras {
  const meshes = physics.geoms.map(meshOfGeom);
  const hand = physics.id('body', 'hand');
  const rasterisers = new Map<number, Rasteriser>();
  let colours: readonly (readonly [number, number, number])[] = physics.geoms.map(({ rgb }) => rgb);
  let light = { direction: [0, 0, 1] as readonly number[], ambient: 0.5 };
  let background: readonly number[] = [0.8, 0.8, 0.8];
  let shift: readonly number[] = [0, 0, 0];
  let turn = ofVector([0, 0, 0]);

  const poseOf = (name: CameraName): Camera => {
    const mount = name === 'third' ? THIRD : WRIST;
    const local = { positionM: Array.from(mount.positionM), rotation: Array.from(mount.rotation) };
    const rotation = multiply(local.rotation, turn);
    const positionM = local.positionM.map((value, at) => value + shift[at]!);
    if (name === 'third') return { fovyRad: mount.fovyRad, positionM, rotation };
    const body = physics.bodyRotation(hand);
    const origin = physics.bodyPosition(hand);
    return {
      fovyRad: mount.fovyRad,
      positionM: apply(body, positionM).map((value, at) => value + origin[at]!),
      rotation: multiply(body, rotation),
    };
  };

  return {
    reset: (layout, { cameraM = 0, cameraRad = 0, brightness = 1 } = {}) => {
      const random = randomOf(layout.seed ^ 0x00ca_3e7a);
      const direction = () => {
        const v = [random.normal(), random.normal(), random.normal()];
        const length = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
        return v.map((value) => value / length);
      };
      shift = direction().map((value) => value * cameraM);
      const [x, y, z] = direction() as [number, number, number];
      turn = ofVector([x * cameraRad, y * cameraRad, z * cameraRad]);
      const { look } = layout;
      const bright = (rgb: readonly number[]) =>
        rgb.map((value) => Math.min(1, value * brightness)) as [number, number, number];
      const named = new Map<string, readonly number[]>([
        ['table', look.table],
        ...look.blocks.map((rgb, at) => [blockName(at), rgb] as const),
        ...look.plates.map((rgb, at) => [plateName(at), rgb] as const),
      ]);
      colours = physics.geoms.map(({ id, name, rgb }) =>
        bright(named.get(name) ?? rgb.map((value) => Math.min(1, value * look.shade(id)))),
      );
      background = bright(look.background);
      light = look.light;
    },
    poseOf,
    draw: (name, sizePx) => {
      const rasteriser = rasterisers.get(sizePx) ?? createRasteriser({ widthPx: sizePx, heightPx: sizePx, samples: 2 });
      rasterisers.set(sizePx, rasteriser);
      const positions = physics.geomPositions();
      const rotations = physics.geomRotations();
      return rasteriser.draw({
        geoms: meshes.map((mesh, id) => ({
          id,
          mesh,
          positionM: positions.subarray(3 * id, 3 * id + 3),
          rotation: rotations.subarray(9 * id, 9 * id + 9),
          rgb: colours[id]!,
        })),
        camera: poseOf(name),
        light,
        backgroundRgb: background,
        shadowPlaneZM: 0,
      });
    },
    project: (name, pM) => {
      const [x, y, depth] = projectPoint(poseOf(name), 1, 1, pM);
      return depth > 0 ? [x, y] : undefined;
    },
  };
}

function meshOfGeom({ type, sizeM: [a, b, c], name }: PhysicalGeom): Mesh {
  switch (type) {
    case SPHERE:
      return meshOf({ type: 'sphere', radiusM: a });
    case CAPSULE:
      return meshOf({ type: 'capsule', radiusM: a, halfLengthM: b });
    case CYLINDER:
      return meshOf({ type: 'cylinder', radiusM: a, halfHeightM: b });
    case BOX:
      return meshOf({ type: 'box', halfSizeM: [a, b, c] });
    default:
      throw new Error(`geom '${name}' is of type ${type}; cameras draw spheres, capsules, cylinders and boxes`);
  }
}

const CENTIMETRES = 100;
const DEGREE = Math.PI / 180;

/** How a world that is made harder looks. */
export function disturbanceOf(
  { camera, light }: { camera: number; light?: number | undefined },
  { seed }: Layout,
): Disturbance {
  // Any even spread will do; this one does not hang on how many numbers a layout took.
  const share = ((seed * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return {
    cameraM: camera,
    cameraRad: camera * CENTIMETRES * DEGREE,
    ...(light !== undefined && { brightness: light + (1.9 - 2 * light) * share }),
  };
}
