/** From samples to the picture: looks up colours, lays the light map on what lies flat, and smooths edges. */
import type { Intrinsics } from './camera.ts';
import { type Samples, SHADES } from './fill.ts';
import { CELLS, FULL_LIGHT, type ShadowMap } from './shadow.ts';
import type { Camera, Picture, Vector3 } from './types.ts';

/** Bits of a code that tell the shade. */
const SHADE_BITS = 31 - Math.clz32(SHADES);
/** Steps between two cells of the light map. Whole numbers, as they are quicker here than fractions. */
const STEPS = 256;
const STEP_BITS = 31 - Math.clz32(STEPS);
/** All the light, as `lightRow` gives it. */
const FULL_SHARE = FULL_LIGHT * 8;
const SHARE_BITS = 31 - Math.clz32(FULL_SHARE);
const HALF_SHARE = FULL_SHARE / 2;
/** Bits of a share and of the 16 parts that a smooth pixel is mixed from. */
const SUM_BITS = SHARE_BITS + 4;
const ROUND_16 = 1 << (SUM_BITS - 1);
/** Bits by which a mix over `STEPS` in both directions exceeds a share. */
const MIX_BITS = 31 - Math.clz32((STEPS * STEPS * FULL_LIGHT) / FULL_SHARE);
/** The farthest place between two cells. */
const LAST_CELL = CELLS - 1 - 1 / STEPS;
/** Numbers that lead from a pixel to the light map, see `flatSurface`. */
const FLAT = 12;

export interface Resolver {
  /** Names a surface on which no shadow falls. */
  surface(surface: number, id: number): void;
  /** Names a surface that lies flat at a height, so that the light map is laid on it. `towardsLight` is of length 1. */
  flatSurface(surface: number, id: number, topZM: number, planeZM: number, towardsLight: Vector3): void;
  /** Starts a picture, after the shadow map has been placed. */
  begin(camera: Camera, intrinsics: Intrinsics): void;
  resolve(colours: Uint32Array): Picture;
}

/** What the light of a row is worked out from, and into. */
interface Shares {
  readonly light: Uint16Array;
  readonly flats: Float64Array;
  readonly shares: Int32Array;
}

export function createResolver(
  samples: Samples,
  { light, place }: ShadowMap,
  { widthPx, heightPx, perPixel }: { widthPx: number; heightPx: number; perPixel: 1 | 2 },
  surfaces: number,
): Resolver {
  const pixels = widthPx * heightPx;
  const picture: Picture = {
    rgb: new Uint8Array(pixels * 3),
    segmentation: new Int16Array(pixels),
    depthM: new Float32Array(pixels),
  };
  const { rgb, segmentation, depthM } = picture;
  const { codes, nearness, width } = samples;
  const ids = new Int16Array(surfaces).fill(-1);
  const isFlat = new Uint8Array(surfaces);
  const flats = new Float64Array(surfaces * FLAT);
  const shares = new Int32Array(widthPx);
  const toShares: Shares = { light, flats, shares };
  let view: Camera | undefined;
  let lens: Intrinsics | undefined;

  function begin(camera: Camera, intrinsics: Intrinsics): void {
    view = camera;
    lens = intrinsics;
  }

  function surface(index: number, id: number): void {
    ids[index] = id;
    isFlat[index] = 0;
  }

  /**
   * The view through pixel (x, y) meets the height `topZM` at the cell
   * `(f0 + (f1 + f2 x + f3 y) / d, f4 + (f5 + f6 x + f7 y) / d)` with `d = f8 + f9 x + f10 y`, if `d * f11 > 0`.
   */
  function flatSurface(index: number, id: number, topZM: number, planeZM: number, towards: Vector3): void {
    ids[index] = id;
    isFlat[index] = 1;
    const { rotation: r, positionM: p } = view!;
    const { fxPx, fyPx, cxPx, cyPx } = lens!;
    const cellsPerM = place[2]!;
    const drop = topZM - p[2]!;
    const rise = (topZM - planeZM) / towards[2]!;
    const first = index * FLAT;
    for (let axis = 0; axis < 3; axis++) {
      const scale = axis === 2 ? 1 : drop * cellsPerM;
      const [right, up, back] = [r[3 * axis]!, r[3 * axis + 1]!, r[3 * axis + 2]!];
      const at = first + 4 * axis + (axis === 2 ? 0 : 1);
      flats[at] = scale * ((right * (0.5 - cxPx)) / fxPx + (up * (cyPx - 0.5)) / fyPx - back);
      flats[at + 1] = (scale * right) / fxPx;
      flats[at + 2] = (-scale * up) / fyPx;
      if (axis < 2) flats[at - 1] = (p[axis]! - towards[axis]! * rise - place[axis]!) * cellsPerM;
    }
    flats[first + 11] = drop;
  }

  /** Sets `shares` wherever the middle of a pixel of row `y` shows a flat surface; `first` is its first sample. */
  function lightFlats(y: number, first: number): void {
    for (let x = 0; x < widthPx; ) {
      const index = codes[first + x * perPixel]! >> SHADE_BITS;
      const from = x++;
      if (isFlat[index] === 0) continue;
      while (x < widthPx && codes[first + x * perPixel]! >> SHADE_BITS === index) x++;
      lightRow(toShares, index, y, from, x);
    }
  }

  /** Mixes the samples about a pixel with weights 1 2 1 in both directions; the light map dims the flat ones. */
  function blend(pixel: number, x: number, y: number, k: number, colours: Uint32Array): void {
    let [otherRedBlue, otherGreen, flatRedBlue, flatGreen, flat] = [0, 0, 0, 0, 0];
    for (let row = -1; row <= 1; row++) {
      const at = k + row * width;
      for (let column = -1; column <= 1; column++) {
        const code = codes[at + column]!;
        const weight = (2 - row * row) * (2 - column * column);
        const colour = colours[code]!;
        if (isFlat[code >> SHADE_BITS] === 1) {
          flat = code >> SHADE_BITS;
          flatRedBlue += (colour & 0xff00ff) * weight;
          flatGreen += (colour & 0xff00) * weight;
        } else {
          otherRedBlue += (colour & 0xff00ff) * weight;
          otherGreen += (colour & 0xff00) * weight;
        }
      }
    }
    if (flat > 0 && isFlat[codes[k]! >> SHADE_BITS] === 0) lightRow(toShares, flat, y, x, x + 1);
    const share = shares[x]!;
    rgb[3 * pixel] = ((otherRedBlue & 0xffff) * FULL_SHARE + (flatRedBlue & 0xffff) * share + ROUND_16) >> SUM_BITS;
    rgb[3 * pixel + 1] = ((otherGreen >> 8) * FULL_SHARE + (flatGreen >> 8) * share + ROUND_16) >> SUM_BITS;
    rgb[3 * pixel + 2] = ((otherRedBlue >> 16) * FULL_SHARE + (flatRedBlue >> 16) * share + ROUND_16) >> SUM_BITS;
  }

  function resolve(colours: Uint32Array): Picture {
    for (let y = 0; y < heightPx; y++) {
      const first = perPixel === 1 ? y * width : (2 * y + 1) * width + 1;
      lightFlats(y, first);
      resolveRow(y, first, colours);
    }
    return picture;
  }

  function resolveRow(y: number, first: number, colours: Uint32Array): void {
    // Names of its own for what the loop reads: the engine then looks them up once a row, not once a pixel.
    const [codesHere, nearnessHere, idsHere, isFlatHere, sharesHere] = [codes, nearness, ids, isFlat, shares];
    const [rgbHere, segmentationHere, depthHere] = [rgb, segmentation, depthM];
    for (let x = 0, pixel = y * widthPx; x < widthPx; x++, pixel++) {
      const k = first + x * perPixel;
      const code = codesHere[k]!;
      const index = code >> SHADE_BITS;
      segmentationHere[pixel] = idsHere[index]!;
      depthHere[pixel] = 1 / nearnessHere[k]!;
      if (perPixel === 2 && !isUniform(codesHere, width, k, code)) {
        blend(pixel, x, y, k, colours);
        continue;
      }
      const colour = colours[code]!;
      const share = isFlatHere[index] === 1 ? sharesHere[x]! : FULL_SHARE;
      rgbHere[3 * pixel] = ((colour & 255) * share + HALF_SHARE) >> SHARE_BITS;
      rgbHere[3 * pixel + 1] = (((colour >> 8) & 255) * share + HALF_SHARE) >> SHARE_BITS;
      rgbHere[3 * pixel + 2] = ((colour >> 16) * share + HALF_SHARE) >> SHARE_BITS;
    }
  }

  return { surface, flatSurface, begin, resolve };
}

/** Sets `shares` for pixels `first` to before `end` of row `y`, as of one flat surface. */
function lightRow(to: Shares, index: number, y: number, first: number, end: number): void {
  const { light, flats, shares } = to;
  const f = index * FLAT;
  const [u0, v0] = [flats[f]!, flats[f + 4]!];
  const [uStep, vStep, dStep] = [flats[f + 2]!, flats[f + 6]!, flats[f + 9]!];
  const uRow = flats[f + 1]! + flats[f + 3]! * y;
  const vRow = flats[f + 5]! + flats[f + 7]! * y;
  const dRow = flats[f + 8]! + flats[f + 10]! * y;
  const drop = flats[f + 11]!;
  for (let x = first; x < end; x++) {
    const d = dRow + dStep * x;
    const inverse = 1 / d;
    if (!(d * drop > 0)) {
      shares[x] = FULL_SHARE;
      continue;
    }
    // On the sides of the table the view meets the plane outside the map: they get the light of the rim.
    const u = Math.max(0, Math.min(LAST_CELL, u0 + (uRow + uStep * x) * inverse));
    const v = Math.max(0, Math.min(LAST_CELL, v0 + (vRow + vStep * x) * inverse));
    // In steps: the cell in the high bits, the place between two cells in the low ones.
    const uSteps = (u * STEPS) | 0;
    const vSteps = (v * STEPS) | 0;
    const k = (vSteps >> STEP_BITS) * CELLS + (uSteps >> STEP_BITS);
    const du = uSteps & (STEPS - 1);
    const dv = vSteps & (STEPS - 1);
    const above = light[k]! * (STEPS - du) + light[k + 1]! * du;
    const below = light[k + CELLS]! * (STEPS - du) + light[k + CELLS + 1]! * du;
    shares[x] = (above * (STEPS - dv) + below * dv) >> MIX_BITS;
  }
}

/** Whether the sample and all eight about it are of one code. */
function isUniform(codes: Uint16Array, width: number, k: number, code: number): boolean {
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
