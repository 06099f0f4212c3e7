/** From samples to the picture: looks up colours, lays shadows on what lies flat, and smooths edges. */
import type { Intrinsics } from './camera.ts';
import { type Samples, SHADES } from './fill.ts';
import type { Picture } from './raster.ts';
import type { ShadowMap } from './shadow.ts';
import type { Camera, Vector3 } from './types.ts';

/** Bits of a code that tell the shade. */
const SHADE_BITS = 31 - Math.clz32(SHADES);
/** Height of a surface that receives no shadow. */
export const NOT_FLAT = -Infinity;
/** Even where only ambient light falls, a shadow keeps this share of its depth. */
const DEPTH_OF_SHADOW = 0.85;

export interface Resolver {
  /** Starts a picture. `darkening` is the share of light that the deepest shadow takes away. */
  begin(camera: Camera, intrinsics: Intrinsics, light: Vector3, planeZM: number, darkening: number): void;
  /** Names a surface; `topZM` is the height of one that receives shadows, `NOT_FLAT` for others. */
  surface(surface: number, id: number, topZM: number): void;
  resolve(colours: Uint32Array, shadow: ShadowMap): Picture;
}

export function createResolver(
  samples: Samples,
  widthPx: number,
  heightPx: number,
  perPixel: number,
  surfaces: number,
): Resolver {
  const pixels = widthPx * heightPx;
  const picture: Picture = {
    rgb: new Uint8Array(pixels * 3),
    segmentation: new Int16Array(pixels),
    depthM: new Float32Array(pixels),
  };
  const ids = new Int16Array(surfaces).fill(-1);
  const tops = new Float64Array(surfaces).fill(NOT_FLAT);
  const { codes, nearness, width } = samples;
  let view: Camera | undefined;
  let lens: Intrinsics = { fxPx: 1, fyPx: 1, cxPx: 0, cyPx: 0 };
  let [slopeX, slopeY, planeZ, deepest] = [0, 0, 0, 0];

  function begin(camera: Camera, intrinsics: Intrinsics, light: Vector3, planeZM: number, darkening: number): void {
    view = camera;
    lens = intrinsics;
    slopeX = light[0]! / light[2]!;
    slopeY = light[1]! / light[2]!;
    planeZ = planeZM;
    deepest = darkening * DEPTH_OF_SHADOW;
  }

  function surface(index: number, id: number, topZM: number): void {
    ids[index] = id;
    tops[index] = topZM;
  }

  /** Light that is left at the point where the view through a pixel meets the height of a surface. */
  function lightAt(xPx: number, yPx: number, topZ: number, shadow: ShadowMap): number {
    const { rotation: r, positionM: p } = view!;
    const right = (xPx + 0.5 - lens.cxPx) / lens.fxPx;
    const up = (lens.cyPx - yPx - 0.5) / lens.fyPx;
    const downwards = r[6]! * right + r[7]! * up - r[8]!;
    const along = (topZ - p[2]!) / downwards;
    if (!(along > 0)) return 1;
    const rise = topZ - planeZ;
    const x = p[0]! + along * (r[0]! * right + r[1]! * up - r[2]!) - slopeX * rise;
    const y = p[1]! + along * (r[3]! * right + r[4]! * up - r[5]!) - slopeY * rise;
    return 1 - deepest * shadow.at(x, y);
  }

  function write(pixel: number, colour: number, light: number): void {
    const { rgb } = picture;
    rgb[3 * pixel] = (colour & 255) * light + 0.5;
    rgb[3 * pixel + 1] = ((colour >> 8) & 255) * light + 0.5;
    rgb[3 * pixel + 2] = ((colour >> 16) & 255) * light + 0.5;
  }

  /** Mixes the samples about a pixel with weights 1 2 1 in both directions: those in the shade dimmed, others not. */
  function blend(pixel: number, xPx: number, yPx: number, k: number, colours: Uint32Array, shadow: ShadowMap): void {
    let [litRedBlue, litGreen, dimRedBlue, dimGreen] = [0, 0, 0, 0];
    let topZ = tops[codes[k]! >> SHADE_BITS]!;
    for (let row = -1; row <= 1; row++) {
      const at = k + row * width;
      for (let column = -1; column <= 1; column++) {
        const code = codes[at + column]!;
        const weight = (2 - row * row) * (2 - column * column);
        const colour = colours[code]!;
        const top = tops[code >> SHADE_BITS]!;
        if (top !== NOT_FLAT) {
          if (topZ === NOT_FLAT) topZ = top;
          dimRedBlue += (colour & 0xff00ff) * weight;
          dimGreen += (colour & 0xff00) * weight;
        } else {
          litRedBlue += (colour & 0xff00ff) * weight;
          litGreen += (colour & 0xff00) * weight;
        }
      }
    }
    const light = topZ !== NOT_FLAT ? lightAt(xPx, yPx, topZ, shadow) : 1;
    const { rgb } = picture;
    rgb[3 * pixel] = ((litRedBlue & 0xffff) + (dimRedBlue & 0xffff) * light) / 16 + 0.5;
    rgb[3 * pixel + 1] = (litGreen + dimGreen * light) / 4096 + 0.5;
    rgb[3 * pixel + 2] = ((litRedBlue >>> 16) + (dimRedBlue >>> 16) * light) / 16 + 0.5;
  }

  function isUniform(k: number, code: number): boolean {
    const above = k - width;
    const below = k + width;
    return (
      codes[k - 1] === code &&
      codes[k + 1] === code &&
      codes[above] === code &&
      codes[below] === code &&
      codes[above - 1] === code &&
      codes[above + 1] === code &&
      codes[below - 1] === code &&
      codes[below + 1] === code
    );
  }

  function resolve(colours: Uint32Array, shadow: ShadowMap): Picture {
    const { segmentation, depthM } = picture;
    for (let y = 0, pixel = 0; y < heightPx; y++) {
      const row = perPixel === 1 ? y * width : (2 * y + 1) * width + 1;
      for (let x = 0; x < widthPx; x++, pixel++) {
        const k = row + x * perPixel;
        const code = codes[k]!;
        const index = code >> SHADE_BITS;
        segmentation[pixel] = ids[index]!;
        depthM[pixel] = 1 / nearness[k]!;
        if (perPixel === 1 || isUniform(k, code)) {
          const top = tops[index]!;
          write(pixel, colours[code]!, top !== NOT_FLAT ? lightAt(x, y, top, shadow) : 1);
        } else blend(pixel, x, y, k, colours, shadow);
      }
    }
    return picture;
  }

  return { begin, surface, resolve };
}
