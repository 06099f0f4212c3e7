/**
 * Draws a scene of geoms with one light by a z-buffer, in plain arithmetic: the same numbers give the same bytes on
 * every machine. It knows no physics and no file formats, and keeps all its buffers from picture to picture.
 */
import { intrinsicsOf } from './camera.ts';
import { type Samples, SHADES } from './fill.ts';
import { createGeometry } from './geometry.ts';
import { createPalette } from './palette.ts';
import { createResolver } from './resolve.ts';
import { createShadowMap, type Ground } from './shadow.ts';
import type { Geom, Picture, Scene, Vector3 } from './types.ts';

export interface RasteriserOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Samples per pixel and axis: 1 draws hard edges, 2 smooth ones. */
  readonly samples: 1 | 2;
}

export interface Rasteriser {
  readonly widthPx: number;
  readonly heightPx: number;
  /** @throws RangeError for more geoms than a picture can tell apart. */
  draw(scene: Scene): Picture;
}

/** Surfaces that 16 bits hold beside the shade; number 0 is the background. */
const MAX_GEOMS = 65536 / SHADES - 1;
/** What rises less than this above the shadow plane lies flat on it: table and plates. m. */
const FLAT_M = 0.012;
/** Share of the direct light that the deepest shadow takes away. Chosen by eye. */
const DEPTH_OF_SHADOW = 0.85;

export function createRasteriser({ widthPx, heightPx, samples: perPixel }: RasteriserOptions): Rasteriser {
  // With two samples per axis there is one at the centre of each pixel, and one on each border that neighbours share.
  const width = perPixel === 1 ? widthPx : 2 * widthPx + 1;
  const height = perPixel === 1 ? heightPx : 2 * heightPx + 1;
  const samples: Samples = {
    width,
    height,
    nearness: new Float32Array(width * height),
    codes: new Uint16Array(width * height),
  };
  const geometry = createGeometry(samples, perPixel);
  const palette = createPalette(MAX_GEOMS + 1);
  const shadow = createShadowMap();
  const resolver = createResolver(samples, shadow, { widthPx, heightPx, perPixel }, MAX_GEOMS + 1);
  const ground: Ground = { minX: 0, minY: 0, maxX: 0, maxY: 0 };
  const towards = new Float64Array(3);

  function draw({ geoms, camera, light, backgroundRgb, shadowPlaneZM }: Scene): Picture {
    if (geoms.length > MAX_GEOMS) throw new RangeError(`expected at most ${MAX_GEOMS} geoms, got ${geoms.length}`);
    const flatBelow = shadowPlaneZM + FLAT_M;
    const intrinsics = intrinsicsOf(camera, widthPx, heightPx);
    toUnit(light.direction, towards);
    measureGround(ground, geoms, flatBelow);
    shadow.begin(ground, shadowPlaneZM, towards, depthOfShadow(towards, light.ambient));
    geometry.begin(camera, intrinsics, towards, light.ambient);
    resolver.begin(camera, intrinsics);
    palette.background(backgroundRgb);
    paintBackground(samples);
    // What lies below comes first in most scenes: drawn last, it hides behind the rest.
    for (let i = geoms.length - 1; i >= 0; i--) {
      const geom = geoms[i]!;
      const topZ = topOf(geom);
      palette.surface(i + 1, geom.rgb);
      geometry.draw(geom, (i + 1) * SHADES);
      if (topZ < flatBelow) resolver.flatSurface(i + 1, geom.id, topZ, shadowPlaneZM, towards);
      else {
        resolver.surface(i + 1, geom.id);
        if (geom.castsShadow !== false) shadow.cast(geom);
      }
    }
    shadow.finish();
    return resolver.resolve(palette.colours);
  }

  return { widthPx, heightPx, draw };
}

/** Share of the light on the ground that comes straight from the lamp, and so is missing in a shadow. */
function depthOfShadow(towards: Vector3, ambient: number): number {
  const direct = (1 - ambient) * Math.max(0, towards[2]!);
  return (DEPTH_OF_SHADOW * direct) / (direct + ambient || 1);
}

/** The background gets a little darker downwards, as a room does. */
function paintBackground({ width, height, nearness, codes }: Samples): void {
  nearness.fill(0);
  for (let y = 0; y < height; y++) {
    codes.fill(Math.floor(((height - 1 - y) / height) * SHADES), y * width, (y + 1) * width);
  }
}

function toUnit(from: Vector3, to: Float64Array): void {
  const [x, y, z] = [from[0]!, from[1]!, from[2]!];
  const length = Math.sqrt(x * x + y * y + z * z) || 1;
  to[0] = x / length;
  to[1] = y / length;
  to[2] = z / length;
}

/** How far a geom reaches from its centre along a world axis, m. */
function reach({ mesh: { extentM }, rotation: r }: Geom, axis: number): number {
  const row = 3 * axis;
  return Math.abs(r[row]!) * extentM[0]! + Math.abs(r[row + 1]!) * extentM[1]! + Math.abs(r[row + 2]!) * extentM[2]!;
}

const topOf = (geom: Geom) => geom.positionM[2]! + reach(geom, 2);

/** The rectangle that holds all that lies flat. */
function measureGround(ground: Ground, geoms: readonly Geom[], flatBelowZ: number): void {
  ground.minX = ground.minY = Infinity;
  ground.maxX = ground.maxY = -Infinity;
  for (const geom of geoms) {
    if (topOf(geom) >= flatBelowZ) continue;
    const [x, y, reachX, reachY] = [geom.positionM[0]!, geom.positionM[1]!, reach(geom, 0), reach(geom, 1)];
    ground.minX = Math.min(ground.minX, x - reachX);
    ground.maxX = Math.max(ground.maxX, x + reachX);
    ground.minY = Math.min(ground.minY, y - reachY);
    ground.maxY = Math.max(ground.maxY, y + reachY);
  }
}
