/**
 * Fills one triangle, sample by sample. Corners are whole numbers, so the edge sums are exact: triangles that share an
 * edge leave no hole between them, and every machine finds the same samples.
 */

/** Steps between two samples that a corner may lie on. */
export const SUBSTEPS = 64;
/** Numbers of one corner: x and y in substeps, nearness, shade. */
export const CORNER = 4;
/** Levels of shade: the low bits of a code. The bits above tell the surface. */
export const SHADES = 512;

/** A grid of samples; each keeps the nearest thing that covered it. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  /** Grows towards the viewer; 0 where nothing is. */
  readonly nearness: Float32Array;
  /** Surface and shade of the nearest thing. */
  readonly codes: Uint16Array;
}

/** Fills a triangle whose corners run clockwise on a grid with y down; any other faces away and is left out. */
export function fillTriangle(
  samples: Samples,
  corners: Float64Array,
  a: number,
  b: number,
  c: number,
  code: number,
): void {
  const ax = corners[a]!;
  const ay = corners[a + 1]!;
  const bx = corners[b]!;
  const by = corners[b + 1]!;
  const cx = corners[c]!;
  const cy = corners[c + 1]!;
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (!(area > 0)) return;
  const { width, height, nearness, codes } = samples;
  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) / SUBSTEPS));
  const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) / SUBSTEPS));
  const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx) / SUBSTEPS));
  const right = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) / SUBSTEPS));
  if (top > bottom || left > right) return;

  const scale = SUBSTEPS / area;
  const az = corners[a + 2]!;
  const abz = corners[b + 2]! - az;
  const acz = corners[c + 2]! - az;
  const zPerX = (abz * (cy - ay) - acz * (by - ay)) * scale;
  const zPerY = (acz * (bx - ax) - abz * (cx - ax)) * scale;
  const as = corners[a + 3]!;
  const abs = corners[b + 3]! - as;
  const acs = corners[c + 3]! - as;
  const sPerX = (abs * (cy - ay) - acs * (by - ay)) * scale;
  const sPerY = (acs * (bx - ax) - abs * (cx - ax)) * scale;
  const [aDy, bDy, cDy] = [by - ay, cy - by, ay - cy];
  const [aDx, bDx, cDx] = [bx - ax, cx - bx, ax - cx];

  for (let y = top; y <= bottom; y++) {
    const py = y * SUBSTEPS;
    let from = left;
    let to = right;
    // Inside of an edge that runs down is its left side, of one that runs up its right side.
    const aAt = aDx * (py - ay) + aDy * ax;
    if (aDy > 0) to = Math.min(to, Math.floor(aAt / (aDy * SUBSTEPS)));
    else if (aDy < 0) from = Math.max(from, Math.ceil(aAt / (aDy * SUBSTEPS)));
    const bAt = bDx * (py - by) + bDy * bx;
    if (bDy > 0) to = Math.min(to, Math.floor(bAt / (bDy * SUBSTEPS)));
    else if (bDy < 0) from = Math.max(from, Math.ceil(bAt / (bDy * SUBSTEPS)));
    const cAt = cDx * (py - cy) + cDy * cx;
    if (cDy > 0) to = Math.min(to, Math.floor(cAt / (cDy * SUBSTEPS)));
    else if (cDy < 0) from = Math.max(from, Math.ceil(cAt / (cDy * SUBSTEPS)));

    const dx = from - ax / SUBSTEPS;
    const dy = y - ay / SUBSTEPS;
    let z = az + zPerX * dx + zPerY * dy;
    let shade = code + as + sPerX * dx + sPerY * dy;
    const end = y * width + to;
    if (sPerX === 0) {
      for (let k = y * width + from; k <= end; k++, z += zPerX) {
        if (z > nearness[k]!) {
          nearness[k] = z;
          codes[k] = shade | 0;
        }
      }
      continue;
    }
    for (let k = y * width + from; k <= end; k++, z += zPerX, shade += sPerX) {
      if (z > nearness[k]!) {
        nearness[k] = z;
        codes[k] = shade | 0;
      }
    }
  }
}
