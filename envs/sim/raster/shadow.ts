/**
 * The light that reaches one horizontal plane, as a map of it: soft shadows, and a lamp that is brightest in one place.
 * The geoms are projected along the light into the map, which is then blurred. It knows nothing of cameras.
 */
import { CORNER, fillTriangle, type Samples, SUBSTEPS } from './fill.ts';
import type { Geom, Vector3 } from './types.ts';

/** Cells along each side of the map. Chosen: 5 mm on a table of 1 m, two pixels of the third camera. */
export const CELLS = 192;
/** All the light, in the whole numbers of the map. */
export const FULL_LIGHT = 8192;
/** Height of a caster at which its shadow has half its strength, as of a wide lamp, m. Chosen by eye. */
const HALF_STRENGTH_M = 0.45;
/** Reach of the blur to each side, cells. */
const BLUR = 2;
/** Cells beyond the edge of the ground, so that a shadow reaches it. */
const MARGIN = 2 * BLUR;
/** Weights of the blur, from the middle; all five sum to 1. */
const [BLUR_0, BLUR_1, BLUR_2] = [3 / 9, 2 / 9, 1 / 9] as const;
/** Light that is lost at half the ground's width from where the lamp is brightest. Chosen by eye. */
const FALLOFF = 0.12;
/** How far the brightest place lies from the middle of the ground, per slope of the light, m. */
const LAMP_M = 0.25;

/** Ground that the map covers, world x and y, m. */
export interface Ground {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export interface ShadowMap {
  /** `[CELLS, CELLS]`, share of the light that arrives, 0..`FULL_LIGHT`, rows along y. Complete after `finish`. */
  readonly light: Uint16Array;
  /** World x and y of the first cell, and cells per metre. Set by `begin`. */
  readonly place: Float64Array;
  /** Starts a picture. `towardsLight` is of length 1; `deepest` is the share of light that the deepest shadow takes. */
  begin(ground: Ground, planeZM: number, towardsLight: Vector3, deepest: number): void;
  cast(geom: Geom): void;
  finish(): void;
}

export function createShadowMap(): ShadowMap {
  const samples: Samples = {
    width: CELLS,
    height: CELLS,
    nearness: new Float32Array(CELLS * CELLS),
    codes: new Uint16Array(CELLS * CELLS),
  };
  /** Strength of the shadow before the blur: the nearness of the nearest caster to the plane. */
  const strength = samples.nearness;
  const between = new Float32Array(CELLS * CELLS);
  const unshaded = new Uint16Array(CELLS * CELLS);
  const light = new Uint16Array(CELLS * CELLS);
  const place = new Float64Array(3);
  /** What `unshaded` was made for: width of the ground, and the slope of the light. */
  const made = new Float64Array(3);
  let corners = new Float64Array(0);
  let [planeZ, slopeX, slopeY, depth] = [0, 0, 0, 0];
  let isLit = false;
  /** Cells that hold any shadow, blur included. */
  let [left, top, right, bottom] = [0, 0, -1, -1];

  function begin({ minX, minY, maxX, maxY }: Ground, planeZM: number, towards: Vector3, deepest: number): void {
    const widthM = Math.max(maxX - minX, maxY - minY);
    isLit = towards[2]! > 0.05 && widthM > 0;
    [left, top, right, bottom] = [CELLS, CELLS, -1, -1];
    if (!isLit) {
      light.fill(FULL_LIGHT);
      return;
    }
    strength.fill(0);
    planeZ = planeZM;
    depth = deepest;
    slopeX = towards[0]! / towards[2]!;
    slopeY = towards[1]! / towards[2]!;
    const cellsPerM = (CELLS - 2 * MARGIN) / widthM;
    place[0] = (minX + maxX) / 2 - CELLS / 2 / cellsPerM;
    place[1] = (minY + maxY) / 2 - CELLS / 2 / cellsPerM;
    place[2] = cellsPerM;
    if (made[0] !== widthM || made[1] !== slopeX || made[2] !== slopeY) shineOn(widthM);
    light.set(unshaded);
  }

  /** The lamp on the empty ground. */
  function shineOn(widthM: number): void {
    made[0] = widthM;
    made[1] = slopeX;
    made[2] = slopeY;
    const cellM = widthM / (CELLS - 2 * MARGIN);
    for (let row = 0, k = 0; row < CELLS; row++) {
      const y = ((row - CELLS / 2) * cellM - slopeY * LAMP_M) / (widthM / 2);
      for (let column = 0; column < CELLS; column++, k++) {
        const x = ((column - CELLS / 2) * cellM - slopeX * LAMP_M) / (widthM / 2);
        unshaded[k] = FULL_LIGHT / (1 + FALLOFF * (x * x + y * y));
      }
    }
  }

  function cast({ mesh, positionM: p, rotation: r }: Geom): void {
    if (!isLit) return;
    const { verticesM, triangles } = mesh;
    if (corners.length < (verticesM.length / 3) * CORNER) corners = new Float64Array((verticesM.length / 3) * CORNER);
    const perCell = place[2]! * SUBSTEPS;
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0, to = 0; i < verticesM.length; i += 3, to += CORNER) {
      const vx = verticesM[i]!;
      const vy = verticesM[i + 1]!;
      const vz = verticesM[i + 2]!;
      const height = Math.max(0, r[6]! * vx + r[7]! * vy + r[8]! * vz + p[2]! - planeZ);
      const x = r[0]! * vx + r[1]! * vy + r[2]! * vz + p[0]! - slopeX * height;
      const y = r[3]! * vx + r[4]! * vy + r[5]! * vz + p[1]! - slopeY * height;
      const column = Math.round((x - place[0]!) * perCell);
      const row = Math.round((y - place[1]!) * perCell);
      corners[to] = column;
      corners[to + 1] = row;
      corners[to + 2] = HALF_STRENGTH_M / (HALF_STRENGTH_M + height);
      corners[to + 3] = 0;
      minX = Math.min(minX, column);
      maxX = Math.max(maxX, column);
      minY = Math.min(minY, row);
      maxY = Math.max(maxY, row);
    }
    left = Math.min(left, Math.floor(minX / SUBSTEPS) - BLUR);
    right = Math.max(right, Math.ceil(maxX / SUBSTEPS) + BLUR);
    top = Math.min(top, Math.floor(minY / SUBSTEPS) - BLUR);
    bottom = Math.max(bottom, Math.ceil(maxY / SUBSTEPS) + BLUR);
    for (let t = 0; t < triangles.length; t += 3) {
      // Rows run along the world's y, so what faces the light runs on the map as the filling wants it.
      fillTriangle(samples, corners, triangles[t]! * CORNER, triangles[t + 1]! * CORNER, triangles[t + 2]! * CORNER, 0);
    }
  }

  function finish(): void {
    left = Math.max(BLUR, left);
    top = Math.max(BLUR, top);
    right = Math.min(CELLS - 1 - BLUR, right);
    bottom = Math.min(CELLS - 1 - BLUR, bottom);
    for (let row = top - BLUR; row <= bottom + BLUR; row++) {
      const first = row * CELLS;
      blurLine(strength, between, first + left, first + right, 1);
    }
    for (let row = top; row <= bottom; row++) {
      const first = row * CELLS;
      blurLine(between, strength, first + left, first + right, CELLS);
      for (let k = first + left; k <= first + right; k++) light[k] = unshaded[k]! * (1 - depth * strength[k]!);
    }
  }

  return { light, place, begin, cast, finish };
}

function blurLine(from: Float32Array, to: Float32Array, first: number, last: number, step: number): void {
  for (let k = first; k <= last; k++) {
    const near = from[k - step]! + from[k + step]!;
    const far = from[k - 2 * step]! + from[k + 2 * step]!;
    to[k] = BLUR_0 * from[k]! + BLUR_1 * near + BLUR_2 * far;
  }
}
