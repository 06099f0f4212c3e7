/**
 * Draws traces of marks on raw RGB: a line that fades in from its first point to its last, a disc at the end, and the number of the
 * mark beside it. Knows nothing of where the traces come from.
 */
import type { Frame, Trace } from '../types.ts';
import { digitCell, drawDigits, fillRect, labelSize, type Raster } from './raster.ts';
import { requireRgb } from './require-rgb.ts';
import { type Point, paint, type Stroke } from './strokes.ts';
import { traceColour } from './trace-colours.ts';

const BLACK = [0, 0, 0] as const;
const WHITE = [255, 255, 255] as const;

/** Half the width of the line, of the disc, and of the light edge around both, as shares of the image's shorter side. Chosen by eye. */
const LINE_SHARE = 0.005;
const DISC_SHARE = 0.016;
const EDGE_SHARE = 0.004;
/** How much of the line shows at its first point, 0..1. Chosen: the way can still be seen. */
const FIRST_STRENGTH = 0.25;

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
    paint(frame, strokes, WHITE, edge);
    paint(frame, strokes, traceColour(markId));
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
