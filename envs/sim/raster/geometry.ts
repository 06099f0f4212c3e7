/** From geoms to filled samples: turns vertices into the camera, lights them, cuts at the near plane, projects. */
import type { Intrinsics } from './camera.ts';
import { CORNER, fillTriangle, type Samples, SHADES, SUBSTEPS } from './fill.ts';
import { MAX_LIGHT } from './palette.ts';
import type { Camera, Geom, Vector3 } from './types.ts';

/** What is nearer to the camera than this is cut away, m. */
const NEAR_M = 0.01;
/** How far the light reaches round the terminator, as of a wide lamp. */
const WRAP = 0.25;
/** Share of the ambient light that comes from above only. */
const SKY = 0.3;
/** Brightness of the gleam on round things. */
const GLEAM = 0.22;
/** Numbers of one vertex before projection: x right, y up, depth, shade. As many as of a corner, so that one index fits both. */
const VIEW = CORNER;
/** Corners that cutting a triangle may add. */
const SPARE = 4;

export interface Geometry {
  /** Starts a picture. `light` is of length 1. */
  begin(camera: Camera, intrinsics: Intrinsics, light: Vector3, ambient: number): void;
  /** Draws a geom whose samples get `code` plus their shade. */
  draw(geom: Geom, code: number): void;
}

export function createGeometry(samples: Samples, perPixel: number): Geometry {
  let views = new Float64Array(0);
  let corners = new Float64Array(0);
  const turn = new Float64Array(9);
  const offset = new Float64Array(3);
  const lightHere = new Float64Array(3);
  const gleamHere = new Float64Array(3);
  let cameraR: ArrayLike<number> = turn;
  let cameraP: ArrayLike<number> = offset;
  let light: ArrayLike<number> = offset;
  let [ambient, scaleX, scaleY, centreX, centreY] = [0, 1, 1, 0, 0];

  function begin(camera: Camera, { fxPx, fyPx, cxPx, cyPx }: Intrinsics, lightUnit: Vector3, ambientShare: number) {
    cameraR = camera.rotation;
    cameraP = camera.positionM;
    light = lightUnit;
    ambient = ambientShare;
    const substeps = perPixel * SUBSTEPS;
    scaleX = fxPx * substeps;
    scaleY = -fyPx * substeps;
    // A single sample lies in the middle of its pixel; of two, every other lies on a border.
    const shift = perPixel === 1 ? SUBSTEPS / 2 : 0;
    centreX = cxPx * substeps - shift;
    centreY = cyPx * substeps - shift;
  }

  /** Sets `turn` and `offset`: from the geom's axes into the camera's. */
  function placeBeforeCamera({ positionM: p, rotation: r }: Geom): void {
    for (let row = 0; row < 3; row++) {
      const [a, b, c] = [cameraR[row]!, cameraR[3 + row]!, cameraR[6 + row]!];
      for (let column = 0; column < 3; column++) {
        turn[3 * row + column] = a * r[column]! + b * r[3 + column]! + c * r[6 + column]!;
      }
      offset[row] = a * (p[0]! - cameraP[0]!) + b * (p[1]! - cameraP[1]!) + c * (p[2]! - cameraP[2]!);
    }
  }

  /** Sets the direction of the light, and of the normal that gleams, in the geom's axes. */
  function placeLight({ positionM: p, rotation: r }: Geom): void {
    const [x, y, z] = [cameraP[0]! - p[0]!, cameraP[1]! - p[1]!, cameraP[2]! - p[2]!];
    const distance = Math.sqrt(x * x + y * y + z * z) || 1;
    const [hx, hy, hz] = [x / distance + light[0]!, y / distance + light[1]!, z / distance + light[2]!];
    const length = Math.sqrt(hx * hx + hy * hy + hz * hz) || 1;
    for (let i = 0; i < 3; i++) {
      lightHere[i] = r[i]! * light[0]! + r[3 + i]! * light[1]! + r[6 + i]! * light[2]!;
      gleamHere[i] = (r[i]! * hx + r[3 + i]! * hy + r[6 + i]! * hz) / length;
    }
  }

  /** Shade of a surface with this normal, in the geom's axes. */
  function shadeOf(nx: number, ny: number, nz: number, r: ArrayLike<number>, gleams: boolean): number {
    const facing = nx * lightHere[0]! + ny * lightHere[1]! + nz * lightHere[2]!;
    const direct = Math.max(0, (facing + WRAP) / (1 + WRAP));
    const up = r[6]! * nx + r[7]! * ny + r[8]! * nz;
    let sum = ambient * (1 - SKY * (0.5 - 0.5 * up)) + (1 - ambient) * direct;
    if (gleams) {
      const mirror = Math.max(0, nx * gleamHere[0]! + ny * gleamHere[1]! + nz * gleamHere[2]!);
      const square = mirror * mirror;
      const fourth = square * square;
      const eighth = fourth * fourth;
      sum += GLEAM * eighth * eighth;
    }
    return 0.5 + Math.min(1, sum / MAX_LIGHT) * (SHADES - 2);
  }

  function project(from: number, to: number): void {
    const nearness = 1 / views[from + 2]!;
    corners[to] = Math.round(centreX + scaleX * views[from]! * nearness);
    corners[to + 1] = Math.round(centreY + scaleY * views[from + 1]! * nearness);
    corners[to + 2] = nearness;
    corners[to + 3] = views[from + 3]!;
  }

  /** Draws what is left of a triangle that the near plane cuts: a triangle or a quadrangle. */
  function drawCut(a: number, b: number, c: number, spare: number, code: number): void {
    let count = 0;
    for (const [from, to] of [
      [a, b],
      [b, c],
      [c, a],
    ] as const) {
      const [fromM, toM] = [views[from + 2]!, views[to + 2]!];
      if (fromM >= NEAR_M) project(from, spare + count++ * CORNER);
      if (fromM >= NEAR_M === toM >= NEAR_M) continue;
      // From the far end to the near one, so that neighbours which share the edge cut it in the same point.
      const [far, near] = fromM > toM ? [from, to] : [to, from];
      const share = (views[far + 2]! - NEAR_M) / (views[far + 2]! - views[near + 2]!);
      for (let i = 0; i < VIEW; i++) {
        views[spare + i] = views[far + i]! + (views[near + i]! - views[far + i]!) * share;
      }
      views[spare + 2] = NEAR_M;
      project(spare, spare + count++ * CORNER);
    }
    for (let i = 2; i < count; i++) {
      fillTriangle(samples, corners, spare, spare + i * CORNER, spare + (i - 1) * CORNER, code);
    }
  }

  function draw(geom: Geom, code: number): void {
    const { verticesM, normals, triangles, radiusM, gleams } = geom.mesh;
    placeBeforeCamera(geom);
    const centreM = -offset[2]!;
    if (centreM + radiusM < NEAR_M) return;
    placeLight(geom);
    const spare = (verticesM.length / 3) * VIEW;
    if (views.length < spare + SPARE * VIEW) {
      views = new Float64Array(spare + SPARE * VIEW);
      corners = new Float64Array(spare + SPARE * CORNER);
    }
    for (let i = 0, to = 0; i < verticesM.length; i += 3, to += VIEW) {
      const x = verticesM[i]!;
      const y = verticesM[i + 1]!;
      const z = verticesM[i + 2]!;
      views[to] = turn[0]! * x + turn[1]! * y + turn[2]! * z + offset[0]!;
      views[to + 1] = turn[3]! * x + turn[4]! * y + turn[5]! * z + offset[1]!;
      views[to + 2] = -(turn[6]! * x + turn[7]! * y + turn[8]! * z + offset[2]!);
      views[to + 3] = shadeOf(normals[i]!, normals[i + 1]!, normals[i + 2]!, geom.rotation, gleams);
      project(to, to);
    }
    const isWhole = centreM - radiusM >= NEAR_M;
    for (let t = 0; t < triangles.length; t += 3) {
      const a = triangles[t]! * VIEW;
      const b = triangles[t + 1]! * VIEW;
      const c = triangles[t + 2]! * VIEW;
      const inFront = isWhole
        ? 3
        : Number(views[a + 2]! >= NEAR_M) + Number(views[b + 2]! >= NEAR_M) + Number(views[c + 2]! >= NEAR_M);
      // The picture's y runs down, so what runs counter-clockwise in the world is handed over the other way round.
      if (inFront === 3) fillTriangle(samples, corners, a, c, b, code);
      else if (inFront > 0) drawCut(a, b, c, spare, code);
    }
  }

  return { begin, draw };
}
