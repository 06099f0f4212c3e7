/**
 * Strokes with soft edges on raw RGB: lines and discs whose strength may change along them, laid over a picture in one colour.
 * Knows nothing of what they show.
 */
import type { Raster, Rgb } from './raster.ts';

/** Pixels, x to the right and y down; the middle of the first pixel is at 0. */
export type Point = readonly [number, number];
/** A stroke between two points; its strength, 0..1, changes evenly along it. One point twice is a disc. */
export interface Stroke {
  readonly from: Point;
  readonly to: Point;
  readonly strengths: readonly [number, number];
  readonly radius: number;
}

/** Lays the strokes over the picture, each wider by `edge` px all around. */
export function paint(image: Raster, strokes: readonly Stroke[], colour: Rgb, edge = 0): void {
  blend(image, coverage(image, strokes, edge), colour);
}

/** How much of each pixel the strokes cover, 0..1: where they meet the strongest counts, so that joints do not show. */
function coverage(image: Raster, strokes: readonly Stroke[], edge: number): Float32Array {
  const covered = new Float32Array(image.widthPx * image.heightPx);
  for (const { from, to, strengths, radius } of strokes) {
    const reach = radius + edge;
    const [x0, x1] = span(from[0], to[0], reach, image.widthPx);
    const [y0, y1] = span(from[1], to[1], reach, image.heightPx);
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const lengthSquared = dx * dx + dy * dy;
    for (let y = y0; y <= y1; y++)
      for (let x = x0; x <= x1; x++) {
        const along = lengthSquared > 0 ? ((x - from[0]) * dx + (y - from[1]) * dy) / lengthSquared : 0;
        const share = Math.max(0, Math.min(1, along));
        const gap = Math.sqrt((x - from[0] - share * dx) ** 2 + (y - from[1] - share * dy) ** 2);
        // A pixel that the rim crosses is covered in part.
        const part =
          Math.max(0, Math.min(1, reach + 0.5 - gap)) * (strengths[0] + share * (strengths[1] - strengths[0]));
        const at = y * image.widthPx + x;
        if (part > covered[at]!) covered[at] = part;
      }
  }
  return covered;
}

/** The pixels, first and last, that a stroke from `a` to `b` may touch. */
const span = (a: number, b: number, reach: number, size: number): readonly [number, number] => [
  Math.max(0, Math.floor(Math.min(a, b) - reach)),
  Math.min(size - 1, Math.ceil(Math.max(a, b) + reach)),
];

function blend({ data }: Raster, covered: Float32Array, colour: Rgb): void {
  for (let pixel = 0; pixel < covered.length; pixel++) {
    const part = covered[pixel]!;
    if (part === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * pixel + channel;
      data[at] = Math.round(data[at]! + part * (colour[channel]! - data[at]!));
    }
  }
}
