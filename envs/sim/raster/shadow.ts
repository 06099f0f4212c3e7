/**
 * Soft shadows on one horizontal plane: the geoms are projected along the light into a map of the plane, which is then
 * blurred. It knows nothing of cameras. A shadow is paler the higher above the plane its caster is, as of a wide lamp.
 */
import { CORNER, fillTriangle, type Samples, SUBSTEPS } from './fill.ts';
import type { Geom, Vector3 } from './types.ts';

/** Cells of the map along its longer side. Chosen: 4 mm on a table of 1 m, a good pixel of the third camera. */
const CELLS = 256;
/** Height at which a shadow has lost half its strength, m. Chosen by eye. */
const HALF_STRENGTH_M = 0.45;
/** Reach of the blur to each side, cells. */
const BLUR = 2;
/** Cells beyond the edge of the ground, so that a shadow reaches it. */
const MARGIN = 2 * BLUR;
/** Weights of the blur; they sum to 1. */
const [BLUR_0, BLUR_1, BLUR_2] = [3 / 9, 2 / 9, 1 / 9] as const;

/** Ground that the map covers, world x and y, m. */
export interface Ground {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export interface ShadowMap {
  /** Starts a picture. `light` is of length 1. */
  begin(ground: Ground, planeZM: number, light: Vector3): void;
  cast(geom: Geom): void;
  /** After the last cast, before the first `at`. */
  finish(): void;
  /** Strength of the shadow at a point of the plane, 0..1; 0 outside the ground. */
  at(x: number, y: number): number;
}

export function createShadowMap(): ShadowMap {
  const samples: Samples = {
    width: CELLS,
    height: CELLS,
    nearness: new Float32Array(CELLS * CELLS),
    codes: new Uint16Array(CELLS * CELLS),
  };
  const strength = samples.nearness;
  const between = new Float32Array(CELLS * CELLS);
  let corners = new Float64Array(0);
  let [originX, originY, cellsPerM, planeZ, slopeX, slopeY] = [0, 0, 1, 0, 0, 0];
  let [columns, rows] = [0, 0];
  let isLit = false;
  /** Cells that hold any shadow, blur included. */
  let [left, top, right, bottom] = [0, 0, -1, -1];

  function begin(ground: Ground, planeZM: number, light: Vector3): void {
    strength.fill(0);
    planeZ = planeZM;
    isLit = light[2]! > 0.05 && ground.maxX > ground.minX && ground.maxY > ground.minY;
    slopeX = light[0]! / light[2]!;
    slopeY = light[1]! / light[2]!;
    cellsPerM = (CELLS - 2 * MARGIN) / Math.max(ground.maxX - ground.minX, ground.maxY - ground.minY);
    originX = ground.minX - MARGIN / cellsPerM;
    originY = ground.minY - MARGIN / cellsPerM;
    columns = Math.ceil((ground.maxX - originX) * cellsPerM) + MARGIN;
    rows = Math.ceil((ground.maxY - originY) * cellsPerM) + MARGIN;
    [left, top, right, bottom] = [CELLS, CELLS, -1, -1];
  }

  function cast({ mesh, positionM: p, rotation: r }: Geom): void {
    if (!isLit) return;
    const { verticesM, triangles } = mesh;
    if (corners.length < (verticesM.length / 3) * CORNER) corners = new Float64Array((verticesM.length / 3) * CORNER);
    const perCell = cellsPerM * SUBSTEPS;
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0, to = 0; i < verticesM.length; i += 3, to += CORNER) {
      const vx = verticesM[i]!;
      const vy = verticesM[i + 1]!;
      const vz = verticesM[i + 2]!;
      const height = Math.max(0, r[6]! * vx + r[7]! * vy + r[8]! * vz + p[2]! - planeZ);
      const x = r[0]! * vx + r[1]! * vy + r[2]! * vz + p[0]! - slopeX * height;
      const y = r[3]! * vx + r[4]! * vy + r[5]! * vz + p[1]! - slopeY * height;
      const column = Math.round((x - originX) * perCell);
      const row = Math.round((y - originY) * perCell);
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
      // From above, the map's y runs away from the viewer as the world's: what faces the light fills clockwise.
      fillTriangle(samples, corners, triangles[t]! * CORNER, triangles[t + 1]! * CORNER, triangles[t + 2]! * CORNER, 0);
    }
  }

  function finish(): void {
    left = Math.max(BLUR, left);
    top = Math.max(BLUR, top);
    right = Math.min(columns - 1 - BLUR, right);
    bottom = Math.min(rows - 1 - BLUR, bottom);
    for (let row = Math.max(0, top - BLUR); row <= bottom + BLUR; row++) {
      blurLine(strength, between, row * CELLS + left, row * CELLS + right, 1);
    }
    for (let row = top; row <= bottom; row++) {
      blurLine(between, strength, row * CELLS + left, row * CELLS + right, CELLS);
    }
  }

  function at(x: number, y: number): number {
    const u = (x - originX) * cellsPerM;
    const v = (y - originY) * cellsPerM;
    if (!(u >= left && u < right && v >= top && v < bottom)) return 0;
    const column = u | 0;
    const row = v | 0;
    const du = u - column;
    const k = row * CELLS + column;
    const above = strength[k]! + (strength[k + 1]! - strength[k]!) * du;
    const below = strength[k + CELLS]! + (strength[k + CELLS + 1]! - strength[k + CELLS]!) * du;
    return above + (below - above) * (v - row);
  }

  return { begin, cast, finish, at };
}

function blurLine(from: Float32Array, to: Float32Array, first: number, last: number, step: number): void {
  for (let k = first; k <= last; k++) {
    const near = from[k - step]! + from[k + step]!;
    const far = from[k - 2 * step]! + from[k + 2 * step]!;
    to[k] = BLUR_0 * from[k]! + BLUR_1 * near + BLUR_2 * far;
  }
}
