/**
 * Draws traces of marks on raw RGB: a line that fades in from its first point to its last, a disc at the end, and the number of the
 * mark beside it. Knows nothing of where the traces come from.
 */
import type { Frame, Trace } from '../types.ts';
import { digitCell, drawDigits, fillRect, labelSize, type Raster, type Rgb } from './raster.ts';
import { requireRgb } from './require-rgb.ts';
import { traceColour } from './trace-colours.ts';

const BLACK = [0, 0, 0] as const;
const WHITE = [255, 255, 255] as const;

/** Half the width of the line, of the disc, and of the light edge around both, as shares of the image's shorter side. Chosen by eye. */
const LINE_SHARE = 0.005;
const DISC_SHARE = 0.016;
const EDGE_SHARE = 0.004;
/** How much of the line shows at its first point, 0..1. Chosen: the way can still be seen. */
const FIRST_STRENGTH = 0.25;

type Point = readonly [number, number];
/** A stroke between two points; its strength, 0..1, changes evenly along it. One point twice is a disc. */
interface Stroke {
  readonly from: Point;
  readonly to: Point;
  readonly strengths: readonly [number, number];
  readonly radius: number;
}

/** Draws traces into `frame.data`, which must be rgb8 and the caller's own. Points are CSS px of the frame; ones that are no numbers are left out. */
export function drawTraces(frame: Frame, traces: readonly Pick<Trace, 'markId' | 'pointsPx'>[]): void {
  requireRgb(frame);
  const scaleX = frame.widthPx / (frame.cssWidthPx ?? frame.widthPx);
  const scaleY = frame.heightPx / (frame.cssHeightPx ?? frame.heightPx);
  const side = Math.min(frame.widthPx, frame.heightPx);
  for (const { markId, pointsPx } of traces) {
    // The middle of pixel 0 is at 0.5.
    const points = pointsPx.map(([x, y]): Point => [x * scaleX - 0.5, y * scaleY - 0.5]);
    const strokes = strokesOf(
      points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
      side,
    );
    const end = strokes.at(-1);
    if (!end) continue;
    const edge = Math.max(1, EDGE_SHARE * side);
    blend(frame, coverage(frame, strokes, edge), WHITE);
    blend(frame, coverage(frame, strokes, 0), traceColour(markId));
    drawLabel(frame, markId, end);
  }
}

function strokesOf(points: readonly Point[], side: number): Stroke[] {
  const last = points.at(-1);
  if (!last) return [];
  const strength = (index: number) => FIRST_STRENGTH + (1 - FIRST_STRENGTH) * (index / Math.max(1, points.length - 1));
  const radius = Math.max(1, LINE_SHARE * side);
  const line = points.slice(1).map((to, index): Stroke => {
    return { from: points[index]!, to, strengths: [strength(index), strength(index + 1)], radius };
  });
  return [...line, { from: last, to: last, strengths: [1, 1], radius: Math.max(3, DISC_SHARE * side) }];
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

/** The number beside the disc, to its right where there is room, always whole inside the picture. */
function drawLabel(image: Raster, markId: number, { to: [x, y], radius }: Stroke): void {
  const cell = digitCell(image);
  const [width, height] = labelSize(markId, cell);
  const right = Math.round(x + radius + cell);
  const wanted = right + width <= image.widthPx ? right : Math.round(x - radius - cell) - width;
  const left = Math.max(0, Math.min(wanted, image.widthPx - width));
  const top = Math.max(0, Math.min(Math.round(y - height / 2), image.heightPx - height));
  fillRect(image, [left, top, left + width, top + height], traceColour(markId));
  drawDigits(image, markId, [left, top], cell, BLACK);
}
